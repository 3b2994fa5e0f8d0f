"""The five verbs on the command line: `msanii generate|vary|interpolate|inpaint|outpaint ... -o FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.choices import RepaintName, Side
from msanii.cli.options import ComposeOption, Loudness, SharedOptions, Style, with_shared_options
from msanii.cli.render import composing, file_samples, load_pipeline, read_source, rendering, write_takes
from msanii.errors import MsaniiError
from msanii.limits import (
    DEFAULT_BARS,
    DEFAULT_RATIO,
    DEFAULT_REPAINT,
    DEFAULT_SIDE,
    DEFAULT_STRENGTH,
    LOUDNESS_LUFS,
)

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline

# The length of the paper's own samples (section 4.2, Appendix B).
PAPER_SECONDS = 190.0

Source = Annotated[Path, typer.Argument(help="The audio file to start from.")]
Strength = Annotated[
    float, typer.Option(help="Distance from the source, in even steps: just above 0 keeps it, 1 ignores it.")
]
Loop = Annotated[bool, typer.Option("--loop", help="Make a seamless loop; vary treats its source as one.")]
Repaint = Annotated[
    RepaintName | None,
    typer.Option(
        help="RePaint plan for a model without context; the default is draft, or paper with that preset. "
        "A model with context ignores it and uses --steps."
    ),
]
Count = Annotated[
    int, typer.Option(min=1, max=16, help="Variations, rendered together: a_1.wav, a_2.wav for -o a.wav.")
]


def register(app: typer.Typer) -> None:
    """Add the five verbs to a command line."""
    over_source = "Cut at the end, or fade before it: cut or fade."
    app.command()(with_shared_options(generate, "Cut at the bar line, fade before it, or ring past it."))
    app.command()(with_shared_options(vary, over_source))
    app.command()(with_shared_options(interpolate, over_source))
    app.command()(with_shared_options(inpaint))
    app.command()(with_shared_options(outpaint))


def generate(
    ask: SharedOptions,
    loop: Loop = False,
    count: Count = 1,
    loudness_lufs: Loudness = LOUDNESS_LUFS,
    compose: ComposeOption = None,
    style: Style = "",
) -> None:
    """Make new music from chords, a tempo and a length."""
    bars, seconds = ask.bars, ask.seconds
    if bars is None and seconds is None and ask.notes is None:
        bars, seconds = (None, PAPER_SECONDS) if ask.preset == "paper" else (DEFAULT_BARS, None)
    score = ask.score(bars=bars, seconds=seconds)
    with rendering(ask, load_pipeline(ask), loop=loop, count=count, loudness_lufs=loudness_lufs) as takes:
        made = composing(ask, takes, compose, style).generate(score)
    write_takes(ask, made, count)


def vary(
    ask: SharedOptions,
    source: Source,
    strength: Strength = DEFAULT_STRENGTH,
    loop: Loop = False,
    count: Count = 1,
    loudness_lufs: Loudness = LOUDNESS_LUFS,
) -> None:
    """Make a variation of an audio file, close or distant; with a length, only of its start."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    clip = read_source(source, ask)
    score = ask.score_over(clip.seconds)
    samples = file_samples(ask, clip, ask.rate or pipeline.rate)
    with rendering(ask, pipeline, loop=loop, count=count, loudness_lufs=loudness_lufs) as takes:
        made = takes.vary(clip, score, strength=strength, samples=samples)
    write_takes(ask, made, count)


def interpolate(
    ask: SharedOptions,
    source: Source,
    other: Annotated[Path, typer.Argument(help="The second audio file.")],
    ratio: Annotated[float, typer.Option(help="0 is the first file, 1 the second.")] = DEFAULT_RATIO,
    strength: Strength = DEFAULT_STRENGTH,
    count: Count = 1,
    loudness_lufs: Loudness = LOUDNESS_LUFS,
) -> None:
    """Blend two audio files, to the length of the shorter."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    first, second = (read_source(path, ask) for path in (source, other))
    shorter = min(first, second, key=lambda clip: clip.seconds)
    score = ask.score_over(shorter.seconds)
    samples = file_samples(ask, shorter, ask.rate or pipeline.rate)
    with rendering(ask, pipeline, count=count, loudness_lufs=loudness_lufs) as takes:
        made = takes.interpolate(first, second, ratio, score, strength=strength, samples=samples)
    write_takes(ask, made, count)


def inpaint(
    ask: SharedOptions,
    source: Source,
    from_seconds: Annotated[
        float,
        typer.Option("--from-seconds", "--from", help="Start of the new music, in seconds."),
    ] = 0.0,
    to_seconds: Annotated[
        float | None,
        typer.Option(
            "--to-seconds",
            "--to",
            help="End of the new music, in seconds; or a length: --bars or --seconds. "
            "Default: the end of the source.",
        ),
    ] = None,
    repaint: Repaint = None,
    count: Count = 1,
) -> None:
    """Replace a region of an audio file; the rest stays the same, sample for sample."""
    from msanii.signal.audio_files import read_clip

    _refuse_end(ask)
    to_seconds = _region_end(ask, from_seconds, to_seconds)
    pipeline = load_pipeline(ask)
    _refuse_scheduler(ask, pipeline)
    clip = read_clip(source)
    score = ask.score_over(clip.seconds)
    plan = _repaint(ask, repaint)
    with rendering(ask, pipeline, count=count) as takes:
        region = from_seconds, to_seconds
        made = takes.inpaint(clip, *region, score, repaint=plan, repaint_steps=ask.steps)
    write_takes(ask, made, count)


def outpaint(
    ask: SharedOptions,
    source: Source,
    side: Annotated[Side, typer.Option(help="Where the new music goes.")] = DEFAULT_SIDE,
    repaint: Repaint = None,
    count: Count = 1,
) -> None:
    """Continue an audio file after its end, or lead up to its start; the length is that of the new music."""
    from msanii.signal.audio_files import read_clip

    _refuse_end(ask)
    bars = DEFAULT_BARS if ask.bars is None and ask.seconds is None else ask.bars
    new = ask.score(bars=bars, seconds=ask.seconds)
    pipeline = load_pipeline(ask)
    _refuse_scheduler(ask, pipeline)
    clip = read_clip(source)
    score = ask.score_over(new.seconds)
    plan = _repaint(ask, repaint)
    with rendering(ask, pipeline, count=count) as takes:
        made = takes.outpaint(clip, new, side, score, repaint=plan, repaint_steps=ask.steps)
    write_takes(ask, made, count)


def _refuse_ring(ask: SharedOptions) -> None:
    if ask.end == "ring":
        raise MsaniiError("end: got ring, expected cut or fade; only generate can let the last chord ring on")


def _refuse_end(ask: SharedOptions) -> None:
    if ask.end != "cut":
        raise MsaniiError(f"end: got {ask.end}, expected cut; in- and outpainting keep the source as it is")


def _refuse_scheduler(ask: SharedOptions, pipeline: Pipeline) -> None:
    if ask.scheduler is not None and not pipeline.config.unet.context:
        raise MsaniiError("scheduler: in- and outpainting have their own, RePaint; leave it out")


def _region_end(ask: SharedOptions, from_seconds: float, to_seconds: float | None) -> float | None:
    """The end of the region in seconds: --to, or a length after its start; None is the source's end."""
    if ask.bars is None and ask.seconds is None:
        return to_seconds
    if to_seconds is not None:
        raise MsaniiError("to: got a length too, --bars or --seconds; keep one of them")
    return from_seconds + ask.score(bars=ask.bars, seconds=ask.seconds).seconds


def _repaint(ask: SharedOptions, repaint: RepaintName | None) -> RepaintName:
    return repaint or ("paper" if ask.preset == "paper" else DEFAULT_REPAINT)
