"""The five verbs on the command line: `msanii generate|vary|interpolate|inpaint|outpaint ... -o FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from msanii.cli_options import Ask, make_asked_score, optional_score, progress_bar, with_shared_options
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from torch import Tensor

    from msanii.audio_files import Clip
    from msanii.pipelines import Pipeline, Sampling
    from msanii.score import Score

DEFAULT_BARS = 4.0
# The paper's own sampling and length (section 4.2, Appendix B).
PAPER_SAMPLING: dict[str, Any] = {"steps": 200, "scheduler": "ddim", "guidance": 1.0, "iterations": 200}
PAPER_SECONDS = 190.0

Source = Annotated[Path, typer.Argument(help="The audio file to start from.")]
Strength = Annotated[float, typer.Option(help="Above 0 (keeps the source) to 1 (forgets it).")]
PlanName = Literal["draft", "normal", "paper"]
Repaint = Annotated[
    PlanName | None,
    typer.Option(help="How much work goes into what is new: draft, or paper with that preset."),
]


def register(app: typer.Typer) -> None:
    """Add the five verbs to a command line."""
    for verb in (generate, vary, interpolate, inpaint, outpaint):
        app.command()(with_shared_options(verb))


def generate(ask: Ask) -> None:
    """Make new music on the chords, in the tempo and of the length asked for."""
    bars, seconds = ask.bars, ask.seconds
    if bars is None and seconds is None:
        bars, seconds = (None, PAPER_SECONDS) if ask.preset == "paper" else (DEFAULT_BARS, None)
    score = make_asked_score(ask, bars=bars, seconds=seconds)
    pipeline = _load(ask)
    rate = ask.rate or pipeline.rate
    samples = score.samples(rate)
    with progress_bar("rendering") as on_step:
        made = pipeline.generate(
            score, seeds=[ask.seed], sampling=_sampling(ask, pipeline), end=ask.end, on_step=on_step
        )
    _finish(ask, made, pipeline, rate=rate, samples=samples)


def vary(ask: Ask, source: Source, strength: Strength = 0.6) -> None:
    """Make a variation of an audio file, near to it or far; a length given takes its start alone."""
    _refuse_ring(ask)
    pipeline = _load(ask)
    audio = _read(source, ask)
    score = optional_score(ask, audio.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.vary(
            _tensor(audio, pipeline),
            score,
            seeds=[ask.seed],
            strength=strength,
            sampling=_sampling(ask, pipeline),
            on_step=on_step,
        )
    rate = ask.rate or pipeline.rate
    _finish(ask, made, pipeline, rate=rate, samples=_samples(ask, audio, rate))


def interpolate(
    ask: Ask,
    source: Source,
    other: Annotated[Path, typer.Argument(help="The second audio file.")],
    ratio: Annotated[float, typer.Option(help="0 is the first file, 1 the second.")] = 0.5,
    strength: Strength = 0.6,
) -> None:
    """Make what lies between two audio files, as long as the shorter."""
    _refuse_ring(ask)
    pipeline = _load(ask)
    first, second = (_read(path, ask) for path in (source, other))
    shorter = min(first, second, key=lambda clip: clip.seconds)
    score = optional_score(ask, shorter.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.interpolate(
            _tensor(first, pipeline),
            _tensor(second, pipeline),
            ratio,
            score,
            seeds=[ask.seed],
            strength=strength,
            sampling=_sampling(ask, pipeline),
            on_step=on_step,
        )
    rate = ask.rate or pipeline.rate
    _finish(ask, made, pipeline, rate=rate, samples=_samples(ask, shorter, rate))


def inpaint(
    ask: Ask,
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
    pipeline = _load(ask)
    from msanii.audio_files import read_clip

    audio = read_clip(source)
    score = optional_score(ask, audio.seconds)
    with progress_bar("rendering") as on_step:
        made = pipeline.inpaint(
            _tensor(audio, pipeline),
            from_seconds,
            to_seconds,
            score,
            seeds=[ask.seed],
            repaint=_repaint(ask, repaint),
            repaint_steps=ask.steps,
            sampling=_sampling(ask, pipeline),
            on_step=on_step,
        )
    end = min(round(to_seconds * audio.rate), audio.samples)
    new = slice(round(from_seconds * audio.rate), end)
    _finish_beside(ask, made, pipeline, audio, new=new)


def outpaint(
    ask: Ask,
    source: Source,
    side: Annotated[Literal["before", "after"], typer.Option(help="Where the new music goes.")] = "after",
    repaint: Repaint = None,
) -> None:
    """Go on where an audio file ends, or lead up to it; the length given is that of the new music."""
    _refuse_beside(ask)
    bars = DEFAULT_BARS if ask.bars is None and ask.seconds is None else ask.bars
    score = make_asked_score(ask, bars=bars, seconds=ask.seconds)
    pipeline = _load(ask)
    from msanii.audio_files import read_clip

    audio = read_clip(source)
    with progress_bar("rendering") as on_step:
        made = pipeline.outpaint(
            _tensor(audio, pipeline),
            score.samples(pipeline.rate) / pipeline.rate,
            side,
            optional_score(ask, score.seconds),
            seeds=[ask.seed],
            repaint=_repaint(ask, repaint),
            repaint_steps=ask.steps,
            sampling=_sampling(ask, pipeline),
            on_step=on_step,
        )
    start, length = audio.samples if side == "after" else 0, score.samples(audio.rate)
    new = slice(start, start + length)
    _finish_beside(ask, made, pipeline, audio, new=new, added=score)


def _refuse_ring(ask: Ask) -> None:
    if ask.end == "ring":
        raise MsaniiError("end: got ring, expected cut or fade; only generate can let the last chord ring on")


def _refuse_beside(ask: Ask) -> None:
    """Refuse what a verb that keeps its source cannot do."""
    if ask.end != "cut":
        raise MsaniiError(f"end: got {ask.end}, expected cut; in- and outpainting keep the source as it is")
    if ask.scheduler is not None:
        raise MsaniiError("scheduler: in- and outpainting have their own, RePaint; leave it out")


def _region_end(ask: Ask, from_seconds: float, to_seconds: float | None) -> float:
    """Where inpainting ends: said, or a length in bars or seconds after its start."""
    lengthless = ask.bars is None and ask.seconds is None
    if (to_seconds is None) == lengthless:
        raise MsaniiError(
            "to: say where the old goes on, either with --to or as a length, --bars or --seconds"
        )
    if to_seconds is not None:
        return to_seconds
    return from_seconds + make_asked_score(ask, bars=ask.bars, seconds=ask.seconds).seconds


def _repaint(ask: Ask, repaint: PlanName | None) -> PlanName:
    return repaint or ("paper" if ask.preset == "paper" else "draft")


def _load(ask: Ask) -> Pipeline:
    from msanii.audio_files import check_output_path
    from msanii.checkpoint import find_model

    check_output_path(ask.output)
    folder = find_model(ask.model)
    from msanii.pipelines import Pipeline

    return Pipeline.load(folder)


def _sampling(ask: Ask, pipeline: Pipeline) -> Sampling:
    """The model's own sampling, or the preset's, with what was asked for instead."""
    from dataclasses import replace

    from msanii.prepared import Sampling, own_sampling

    base = Sampling(**PAPER_SAMPLING) if ask.preset == "paper" else own_sampling(pipeline.config)
    asked = {name: getattr(ask, name) for name in PAPER_SAMPLING}
    return replace(base, **{name: value for name, value in asked.items() if value is not None})


def _read(path: Path, ask: Ask) -> Clip:
    """A source, or its start of the length asked for."""
    from msanii.audio_files import read_clip

    clip = read_clip(path)
    return clip.first(_samples(ask, clip, clip.rate))


def _samples(ask: Ask, source: Clip, rate: int) -> int:
    """The length asked for, exact at any rate, or the source's."""
    if ask.bars is None and ask.seconds is None:
        return _samples_at(source, rate)
    return make_asked_score(ask, bars=ask.bars, seconds=ask.seconds).samples(rate)


def _samples_at(clip: Clip, rate: int) -> int:
    return round(clip.samples * rate / clip.rate)


def _tensor(clip: Clip, pipeline: Pipeline) -> Tensor:
    """The source (C, L) as the pipeline takes it."""
    import torch

    return torch.from_numpy(clip.at(pipeline.rate))


def _finish(ask: Ask, made: Tensor, pipeline: Pipeline, *, rate: int, samples: int) -> None:
    """Write a take that is new from end to end."""
    from msanii.audio_files import Clip, write_clip
    from msanii.finishing import finish

    audio = made[0].cpu().numpy()
    line = finish(audio, samples=samples, source_rate=pipeline.rate, rate=rate, end=ask.end)
    write_clip(ask.output, Clip(line, rate))
    typer.echo(str(ask.output))


def _finish_beside(
    ask: Ask, made: Tensor, pipeline: Pipeline, source: Clip, *, new: slice, added: Score | None = None
) -> None:
    """Write a take that keeps its source: at the source's rate and level, `new` being what is not kept."""
    from msanii.audio_files import Clip, write_clip
    from msanii.finishing import check_output, resample, shape_end
    from msanii.splicing import splice

    def samples_at(rate: int) -> int:
        return _samples_at(source, rate) + (added.samples(rate) if added else 0)

    audio, samples = made[0].cpu().numpy(), samples_at(source.rate)
    if source.rate != pipeline.rate:
        line = shape_end(resample(audio, pipeline.rate, source.rate), samples, source.rate, "cut")
        offset = 0 if new.start > 0 else samples - source.samples
        audio = splice(line, source.audio, start=new.start, end=new.stop, rate=source.rate, offset=offset)
    rate = ask.rate or source.rate
    check_output(audio)
    line = shape_end(resample(audio, source.rate, rate), samples_at(rate), rate, "cut")
    write_clip(ask.output, Clip(line, rate))
    typer.echo(str(ask.output))
