"""The five verbs on the command line: `msanii generate|vary|interpolate|inpaint|outpaint ... -o FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from msanii.cli.loop import finish_loop_file
from msanii.cli.options import (
    SharedOptions,
    make_asked_score,
    optional_score,
    progress_bar,
    with_shared_options,
)
from msanii.cli.render import (
    asked_samples,
    finish_file,
    finish_file_beside,
    load_pipeline,
    loop_tensor_of,
    read_source,
    sampling_for,
    tensor_of,
)
from msanii.errors import MsaniiError

DEFAULT_BARS = 4.0
# The length of the paper's own samples (section 4.2, Appendix B).
PAPER_SECONDS = 190.0

Source = Annotated[Path, typer.Argument(help="The audio file to start from.")]
Strength = Annotated[float, typer.Option(help="Above 0 (keeps the source) to 1 (forgets it).")]
Loop = Annotated[bool, typer.Option("--loop", help="Let the end go on into the start, without a seam.")]
PlanName = Literal["draft", "normal", "paper"]
Repaint = Annotated[
    PlanName | None,
    typer.Option(help="How much work goes into what is new: draft, or paper with that preset."),
]


def register(app: typer.Typer) -> None:
    """Add the five verbs to a command line."""
    for verb in (generate, vary, interpolate, inpaint, outpaint):
        app.command()(with_shared_options(verb))


def generate(ask: SharedOptions, loop: Loop = False) -> None:
    """Make new music on the chords, in the tempo and of the length asked for."""
    bars, seconds = ask.bars, ask.seconds
    if bars is None and seconds is None and ask.notes is None:
        bars, seconds = (None, PAPER_SECONDS) if ask.preset == "paper" else (DEFAULT_BARS, None)
    score = make_asked_score(ask, bars=bars, seconds=seconds)
    pipeline = load_pipeline(ask)
    rate = ask.rate or pipeline.rate
    samples = score.samples(rate)
    with progress_bar("rendering") as on_step:
        made = pipeline.generate(
            score,
            seeds=[ask.seed],
            sampling=sampling_for(ask, pipeline),
            end=ask.end,
            loop=loop,
            on_step=on_step,
        )
    if loop:
        own_samples = score.samples(pipeline.rate)
        finish_loop_file(ask, made, pipeline, rate=rate, samples=samples, loop_samples=own_samples)
    else:
        finish_file(ask, made, pipeline, rate=rate, samples=samples)


def vary(ask: SharedOptions, source: Source, strength: Strength = 0.6, loop: Loop = False) -> None:
    """Make a variation of an audio file, near to it or far; a length given takes its start alone."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    audio = read_source(source, ask)
    score = optional_score(ask, audio.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.vary(
            loop_tensor_of(audio, pipeline) if loop else tensor_of(audio, pipeline),
            score,
            seeds=[ask.seed],
            strength=strength,
            loop=loop,
            sampling=sampling_for(ask, pipeline),
            on_step=on_step,
        )
    rate = ask.rate or pipeline.rate
    samples = asked_samples(ask, audio, rate)
    if loop:
        finish_loop_file(ask, made, pipeline, rate=rate, samples=samples, loop_samples=made.shape[-1])
    else:
        finish_file(ask, made, pipeline, rate=rate, samples=samples)


def interpolate(
    ask: SharedOptions,
    source: Source,
    other: Annotated[Path, typer.Argument(help="The second audio file.")],
    ratio: Annotated[float, typer.Option(help="0 is the first file, 1 the second.")] = 0.5,
    strength: Strength = 0.6,
) -> None:
    """Make what lies between two audio files, as long as the shorter."""
    _refuse_ring(ask)
    pipeline = load_pipeline(ask)
    first, second = (read_source(path, ask) for path in (source, other))
    shorter = min(first, second, key=lambda clip: clip.seconds)
    score = optional_score(ask, shorter.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.interpolate(
            tensor_of(first, pipeline),
            tensor_of(second, pipeline),
            ratio,
            score,
            seeds=[ask.seed],
            strength=strength,
            sampling=sampling_for(ask, pipeline),
            on_step=on_step,
        )
    rate = ask.rate or pipeline.rate
    finish_file(ask, made, pipeline, rate=rate, samples=asked_samples(ask, shorter, rate))


def inpaint(
    ask: SharedOptions,
    source: Source,
    from_seconds: Annotated[float, typer.Option("--from", help="Where new music starts, in seconds.")],
    to_seconds: Annotated[
        float | None,
        typer.Option("--to", help="Where the old goes on; or say its length as --bars or --seconds."),
    ] = None,
    repaint: Repaint = None,
) -> None:
    """Replace one part of an audio file; all the rest stays as it is, sample for sample."""
    _refuse_beside(ask)
    to_seconds = _region_end(ask, from_seconds, to_seconds)
    pipeline = load_pipeline(ask)
    from msanii.signal.audio_files import read_clip

    audio = read_clip(source)
    score = optional_score(ask, audio.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.inpaint(
            tensor_of(audio, pipeline),
            from_seconds,
            to_seconds,
            score,
            seeds=[ask.seed],
            repaint=_repaint(ask, repaint),
            repaint_steps=ask.steps,
            sampling=sampling_for(ask, pipeline),
            on_step=on_step,
        )
    end = min(round(to_seconds * audio.rate), audio.samples)
    new = slice(round(from_seconds * audio.rate), end)
    finish_file_beside(ask, made, pipeline, audio, new=new)


def outpaint(
    ask: SharedOptions,
    source: Source,
    side: Annotated[Literal["before", "after"], typer.Option(help="Where the new music goes.")] = "after",
    repaint: Repaint = None,
) -> None:
    """Go on where an audio file ends, or lead up to it; the length given is that of the new music."""
    _refuse_beside(ask)
    bars = DEFAULT_BARS if ask.bars is None and ask.seconds is None else ask.bars
    score = make_asked_score(ask, bars=bars, seconds=ask.seconds)
    pipeline = load_pipeline(ask)
    from msanii.signal.audio_files import read_clip

    audio = read_clip(source)
    with progress_bar("rendering") as on_step:
        made = pipeline.outpaint(
            tensor_of(audio, pipeline),
            score.samples(pipeline.rate) / pipeline.rate,
            side,
            optional_score(ask, score.seconds),
            seeds=[ask.seed],
            repaint=_repaint(ask, repaint),
            repaint_steps=ask.steps,
            sampling=sampling_for(ask, pipeline),
            on_step=on_step,
        )
    start, length = audio.samples if side == "after" else 0, score.samples(audio.rate)
    new = slice(start, start + length)
    finish_file_beside(ask, made, pipeline, audio, new=new, added=score)


def _refuse_ring(ask: SharedOptions) -> None:
    if ask.end == "ring":
        raise MsaniiError("end: got ring, expected cut or fade; only generate can let the last chord ring on")


def _refuse_beside(ask: SharedOptions) -> None:
    """Refuse what a verb that keeps its source cannot do."""
    if ask.end != "cut":
        raise MsaniiError(f"end: got {ask.end}, expected cut; in- and outpainting keep the source as it is")
    if ask.scheduler is not None:
        raise MsaniiError("scheduler: in- and outpainting have their own, RePaint; leave it out")


def _region_end(ask: SharedOptions, from_seconds: float, to_seconds: float | None) -> float:
    """Where inpainting ends: said, or a length in bars or seconds after its start."""
    lengthless = ask.bars is None and ask.seconds is None
    if (to_seconds is None) == lengthless:
        raise MsaniiError(
            "to: say where the old goes on, either with --to or as a length, --bars or --seconds"
        )
    if to_seconds is not None:
        return to_seconds
    return from_seconds + make_asked_score(ask, bars=ask.bars, seconds=ask.seconds).seconds


def _repaint(ask: SharedOptions, repaint: PlanName | None) -> PlanName:
    return repaint or ("paper" if ask.preset == "paper" else "draft")
