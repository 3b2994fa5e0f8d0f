"""What the verbs on the command line share: a model and its sampling, sources read, takes written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from msanii.cli.options import SharedOptions, make_asked_score

if TYPE_CHECKING:
    from torch import Tensor

    from msanii.music.score import Score
    from msanii.pipelines import Pipeline, Sampling
    from msanii.signal.audio_files import Clip

# The paper's own sampling (section 4.2, Appendix B).
PAPER_SAMPLING: dict[str, Any] = {
    "steps": 200,
    "scheduler": "ddim",
    "guidance": 1.0,
    "guidance_rule": "plain",
    "iterations": 200,
    "phase": "griffin-lim",
}


def load_pipeline(ask: SharedOptions) -> Pipeline:
    """The model asked for, once the output's name is known to be one that can be written."""
    from msanii.checkpoint.folder import find_model
    from msanii.signal.audio_files import check_output_path

    check_output_path(ask.output)
    folder = find_model(ask.model)
    from msanii.pipelines import Pipeline

    return Pipeline.load(folder)


def sampling_for(ask: SharedOptions, pipeline: Pipeline) -> Sampling:
    """The model's own sampling, or the preset's, with what was asked for instead."""
    from dataclasses import replace

    from msanii.rendering.job import Sampling, own_sampling

    base = Sampling(**PAPER_SAMPLING) if ask.preset == "paper" else own_sampling(pipeline.config)
    asked = {name: getattr(ask, name) for name in PAPER_SAMPLING}
    said = {name: value for name, value in asked.items() if value is not None}
    sampling = replace(base, guidance_of=ask.guidance_of, **said)
    _tell_cost(sampling, pipeline)
    return sampling


def _tell_cost(sampling: Sampling, pipeline: Pipeline) -> None:
    """Say on stderr what guidance of their own costs."""
    from msanii.diffusion.guidance import branches, group_scales

    own = group_scales(sampling.guidance_of, pipeline.config.unet.controls)
    now, plain = branches(sampling.guidance, own), branches(sampling.guidance, ())
    if now > plain:
        typer.echo(f"guidance: {now} branches a step, {now / plain:.2g} times the network's work", err=True)


def read_source(path: Path, ask: SharedOptions) -> Clip:
    """A source, or its start of the length asked for."""
    from msanii.signal.audio_files import read_clip

    clip = read_clip(path)
    return clip.first(asked_samples(ask, clip, clip.rate))


def asked_samples(ask: SharedOptions, source: Clip, rate: int) -> int:
    """The length asked for, exact at any rate, or the source's."""
    if ask.bars is None and ask.seconds is None:
        return _samples_at(source, rate)
    return make_asked_score(ask, bars=ask.bars, seconds=ask.seconds).samples(rate)


def _samples_at(clip: Clip, rate: int) -> int:
    return round(clip.samples * rate / clip.rate)


def tensor_of(clip: Clip, pipeline: Pipeline) -> Tensor:
    """The source (C, L) as the pipeline takes it."""
    import torch

    return torch.from_numpy(clip.at(pipeline.rate))


def loop_tensor_of(clip: Clip, pipeline: Pipeline) -> Tensor:
    """A source that is a loop (C, L) as the pipeline takes it."""
    import torch

    from msanii.signal.loop_finishing import resample_loop

    return torch.from_numpy(resample_loop(clip.audio, _samples_at(clip, pipeline.rate)))


def finish_file(ask: SharedOptions, made: Tensor, pipeline: Pipeline, *, rate: int, samples: int) -> None:
    """Write a take that is new from end to end."""
    from msanii.signal.audio_files import Clip, write_clip
    from msanii.signal.finishing import finish

    audio = made[0].cpu().numpy()
    line = finish(audio, samples=samples, source_rate=pipeline.rate, rate=rate, end=ask.end)
    write_clip(ask.output, Clip(line, rate))
    typer.echo(str(ask.output))


def finish_file_beside(
    ask: SharedOptions,
    made: Tensor,
    pipeline: Pipeline,
    source: Clip,
    *,
    new: slice,
    added: Score | None = None,
) -> None:
    """Write a take that keeps its source: at the source's rate and level, `new` being what is not kept."""
    from msanii.signal.audio_files import Clip, write_clip
    from msanii.signal.finishing import check_output, resample, shape_end, soft_edges
    from msanii.signal.splicing import splice

    def samples_at(rate: int) -> int:
        return _samples_at(source, rate) + (added.samples(rate) if added else 0)

    audio, samples = made[0].cpu().numpy(), samples_at(source.rate)
    if source.rate != pipeline.rate:
        line = shape_end(resample(audio, pipeline.rate, source.rate), samples, source.rate, "cut")
        offset = 0 if new.start > 0 else samples - source.samples
        audio = splice(line, source.audio, start=new.start, end=new.stop, rate=source.rate, offset=offset)
    # A file that begins or ends with what is new does so without a click; what is kept stays as it is.
    audio = soft_edges(audio, source.rate, start=new.start == 0, end=new.stop >= samples)
    rate = ask.rate or source.rate
    check_output(audio)
    line = shape_end(resample(audio, source.rate, rate), samples_at(rate), rate, "cut")
    write_clip(ask.output, Clip(line, rate))
    typer.echo(str(ask.output))
