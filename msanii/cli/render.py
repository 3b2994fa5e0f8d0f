"""Shared by the commands that make music: loading models and sources, sampling, writing takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from msanii.cli.options import SharedOptions, progress_bar
from msanii.errors import MsaniiError
from msanii.limits import DEFAULT_COMPOSE, LOUDNESS_LUFS

if TYPE_CHECKING:
    from msanii.choices import Compose
    from msanii.pipelines import Pipeline, Sampling
    from msanii.signal.audio_files import Clip
    from msanii.takes import Take, TakeRenderer

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
    """Check that the output can be written, then load the chosen model."""
    from msanii.checkpoint.folder import find_model
    from msanii.signal.audio_files import check_output_path

    check_output_path(ask.output, ask.file_format)
    folder = find_model(ask.model)
    return pipeline_of(ask, folder)


def pipeline_of(ask: SharedOptions, folder: Path) -> Pipeline:
    """Load a model, and the taught sounds that are asked for."""
    from msanii.music.taught.folder import default_folder, find_file, missing_file
    from msanii.pipelines import Pipeline

    taught = ask.taught_sounds()
    pipeline = Pipeline.load(folder)
    for name, ref in taught.items():
        path = find_file(default_folder(), ref.sha256)
        if path is None:
            raise missing_file(name, ref.sha256)
        pipeline.add_taught_sound(ref.sha256, path)
    return pipeline


def sampling_for(ask: SharedOptions, pipeline: Pipeline) -> Sampling:
    """Return the model's sampling, or the preset's, overridden by the options given."""
    from dataclasses import replace

    from msanii.rendering.job import Sampling, own_sampling

    base = Sampling(**PAPER_SAMPLING) if ask.preset == "paper" else own_sampling(pipeline.config)
    asked = {name: getattr(ask, name) for name in PAPER_SAMPLING}
    said = {name: value for name, value in asked.items() if value is not None}
    sampling = replace(base, guidance_of=ask.guidance_of, **said)
    _tell_cost(sampling, pipeline)
    return sampling


def _tell_cost(sampling: Sampling, pipeline: Pipeline) -> None:
    """Print on stderr what a separate guidance of some controls costs."""
    from msanii.diffusion.guidance import branches, group_scales

    own = group_scales(sampling.guidance_of, pipeline.config.unet.controls)
    now, plain = branches(sampling.guidance, own), branches(sampling.guidance, ())
    if now > plain:
        typer.echo(f"guidance: {now} branches a step, {now / plain:.2g} times the network's work", err=True)


@contextmanager
def rendering(
    ask: SharedOptions,
    pipeline: Pipeline,
    *,
    loop: bool = False,
    count: int = 1,
    loudness_lufs: float = LOUDNESS_LUFS,
) -> Iterator[TakeRenderer]:
    """Yield a renderer of takes with these options, and show its progress."""
    from msanii.music.sounds import hint_on_sounds, known_sounds
    from msanii.music.taught.asked import read_asked, without_pins
    from msanii.takes import TakeRenderer

    asked = read_asked(without_pins(ask.sound), ask.taught_sounds())
    known = known_sounds(pipeline.config.unet.controls)
    if hint := hint_on_sounds(ask.part, [sound.like for sound in asked if not sound.mix], known):
        typer.echo(hint, err=True)
    with progress_bar("rendering") as on_step:
        yield TakeRenderer(
            pipeline=pipeline,
            seed=ask.seed,
            count=count,
            sampling=sampling_for(ask, pipeline),
            rate=ask.rate,
            end=ask.end,
            loop=loop,
            loudness_lufs=loudness_lufs,
            allow_clipping=ask.file_format == "float",
            on_step=on_step,
        )


def composing(ask: SharedOptions, takes: TakeRenderer, compose: Compose | None, style: str) -> TakeRenderer:
    """Return the renderer with the options of composing; the paper's preset composes only if asked."""
    from dataclasses import replace

    return replace(
        takes, compose=compose or ("off" if ask.preset == "paper" else DEFAULT_COMPOSE), style=style
    )


def read_source(path: Path, ask: SharedOptions) -> Clip:
    """Read a source, cut to the length of the options, if any."""
    from msanii.signal.audio_files import read_clip

    clip = read_clip(path)
    return clip.first(file_samples(ask, clip, clip.rate))


def file_samples(ask: SharedOptions, source: Clip, rate: int) -> int:
    """The length in samples at `rate`: exactly that of the options, else the source's."""
    if ask.bars is None and ask.seconds is None:
        return source.samples_at(rate)
    return ask.score(bars=ask.bars, seconds=ask.seconds).samples(rate)


def write_takes(ask: SharedOptions, takes: Iterable[Take], count: int) -> None:
    """Write takes to the output; several have numbers behind its name. Print their paths."""
    for number, take in enumerate(takes, start=1):
        path = ask.output
        if count > 1:
            path = path.with_name(f"{path.stem}_{number}{path.suffix}")
        write_take(ask, path, take)


def write_take(ask: SharedOptions, path: Path, take: Take) -> None:
    """Write a take, with its tail and its notes beside it, and print the paths of what can be heard.

    The file that the notes were read from stays as it is.
    """
    from msanii.signal.audio_files import Clip, write_clip

    write_clip(path, Clip(take.audio, take.rate), ask.file_format)
    typer.echo(str(path))
    if take.tail is not None:
        tail_path = path.with_name(f"{path.stem}_tail{path.suffix}")
        write_clip(tail_path, Clip(take.tail, take.rate), ask.file_format)
        typer.echo(str(tail_path))
    midi_path = path.with_suffix(".mid")
    if take.midi is not None and not (ask.notes and ask.notes.resolve() == midi_path.resolve()):
        write_midi(midi_path, take.midi)


def write_midi(path: Path, data: bytes) -> None:
    """Write a MIDI file atomically. Raises MsaniiError."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MsaniiError(
            f"output: `{path}` cannot be written ({error}); check the folder and the disk"
        ) from error
