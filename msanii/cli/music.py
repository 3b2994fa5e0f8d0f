"""The five verbs on the command line: `msanii generate|vary|interpolate|inpaint|outpaint ... -o FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.choices import RepaintName, Side
from msanii.cli.options import SharedOptions, with_shared_options
from msanii.cli.render import file_samples, load_pipeline, read_source, rendering, write_take
from msanii.errors import MsaniiError
from msanii.limits import DEFAULT_BARS, DEFAULT_RATIO, DEFAULT_REPAINT, DEFAULT_SIDE, DEFAULT_STRENGTH

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


def register(app: typer.Typer) -> None:
    """Add the five verbs to a command line."""
    for verb in (generate, vary, interpolate, inpaint, outpaint):
        app.command()(with_shared_options(verb))


def generate(ask: SharedOptions, loop: Loop = False) -> None:
    """Make new music from chords, a tempo and a length."""
    bars, seconds = ask.bars, ask.seconds
    if bars is None and seconds is None and ask.notes is None:
        bars, seconds = (None, PAPER_SECONDS) if ask.preset == "paper" else (DEFAULT_BARS, None)
    score = ask.score(bars=bars, seconds=seconds)
    with rendering(ask, load_pipeline(ask), loop=loop) as takes:
        take = next(takes.generate(score))
    write_take(ask.output, take)


def vary(
    ask: SharedOptions, source: Source, strength: Strength = DEFAULT_STRENGTH, loop: Loop = False
) -> None:
    """Make a variation of an audio file, close or distant; with a length, only of its start."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    clip = read_source(source, ask)
    score = ask.score_over(clip.seconds)
    samples = file_samples(ask, clip, ask.rate or pipeline.rate)
    with rendering(ask, pipeline, loop=loop) as takes:
        take = next(takes.vary(clip, score, strength=strength, samples=samples))
    write_take(ask.output, take)


def interpolate(
    ask: SharedOptions,
    source: Source,
    other: Annotated[Path, typer.Argument(help="The second audio file.")],
    ratio: Annotated[float, typer.Option(help="0 is the first file, 1 the second.")] = DEFAULT_RATIO,
    strength: Strength = DEFAULT_STRENGTH,
) -> None:
    """Blend two audio files, to the length of the shorter."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    first, second = (read_source(path, ask) for path in (source, other))
    shorter = min(first, second, key=lambda clip: clip.seconds)
    score = ask.score_over(shorter.seconds)
    samples = file_samples(ask, shorter, ask.rate or pipeline.rate)
    with rendering(ask, pipeline) as takes:
        take = next(takes.interpolate(first, second, ratio, score, strength=strength, samples=samples))
    write_take(ask.output, take)


def inpaint(
    ask: SharedOptions,
    source: Source,
    from_seconds: Annotated[float, typer.Option("--from", help="Start of the new music, in seconds.")],
    to_seconds: Annotated[
        float | None,
        typer.Option("--to", help="End of the new music, in seconds; or a length: --bars or --seconds."),
    ] = None,
    repaint: Repaint = None,
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
    with rendering(ask, pipeline) as takes:
        region = from_seconds, to_seconds
        take = next(takes.inpaint(clip, *region, score, repaint=plan, repaint_steps=ask.steps))
    write_take(ask.output, take)


def outpaint(
    ask: SharedOptions,
    source: Source,
    side: Annotated[Side, typer.Option(help="Where the new music goes.")] = DEFAULT_SIDE,
    repaint: Repaint = None,
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
    with rendering(ask, pipeline) as takes:
        take = next(takes.outpaint(clip, new, side, score, repaint=plan, repaint_steps=ask.steps))
    write_take(ask.output, take)


def _refuse_ring(ask: SharedOptions) -> None:
    if ask.end == "ring":
        raise MsaniiError("end: got ring, expected cut or fade; only generate can let the last chord ring on")


def _refuse_end(ask: SharedOptions) -> None:
    if ask.end != "cut":
        raise MsaniiError(f"end: got {ask.end}, expected cut; in- and outpainting keep the source as it is")


def _refuse_scheduler(ask: SharedOptions, pipeline: Pipeline) -> None:
    if ask.scheduler is not None and not pipeline.config.unet.context:
        raise MsaniiError("scheduler: in- and outpainting have their own, RePaint; leave it out")


def _region_end(ask: SharedOptions, from_seconds: float, to_seconds: float | None) -> float:
    """The end of the region in seconds: --to, or a length in bars or seconds after its start."""
    lengthless = ask.bars is None and ask.seconds is None
    if (to_seconds is None) == lengthless:
        raise MsaniiError(
            "to: say where the old goes on, either with --to or as a length, --bars or --seconds"
        )
    if to_seconds is not None:
        return to_seconds
    return from_seconds + ask.score(bars=ask.bars, seconds=ask.seconds).seconds


def _repaint(ask: SharedOptions, repaint: RepaintName | None) -> RepaintName:
    return repaint or ("paper" if ask.preset == "paper" else DEFAULT_REPAINT)
