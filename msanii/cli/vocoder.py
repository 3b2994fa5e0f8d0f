"""Vocoders on the command line: `msanii resynthesize`, and what `msanii evaluate --vocoder` measures."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from msanii.cli.options import progress_bar
from msanii.errors import CheckpointError, MsaniiError

if TYPE_CHECKING:
    from msanii.checkpoint.folder import LoadedModel
    from msanii.devices import Placement
    from msanii.evaluation.rows.row import Row
    from msanii.evaluation.vocoder_table import OnClip
    from msanii.metrics.harmony import Audio
    from msanii.rendering.resynthesis import Resynthesis

Phase = Literal["auto", "griffin-lim"]


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(resynthesize)


def resynthesize(
    source: Annotated[Path, typer.Argument(help="The audio file to encode and decode.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .wav, .aiff or .flac.")],
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None,
    phase: Annotated[Phase, typer.Option(help="Who finds the phase: auto: the vocoder if it can.")] = "auto",
    iterations: Annotated[
        int | None, typer.Option(min=0, max=10_000, help="Griffin-Lim iterations; the model's own number.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Draws Griffin-Lim's first phase.")] = 0,
) -> None:
    """Put a sound through the model's mel and vocoder: what you hear is all that a take could be."""
    import numpy as np
    import torch

    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.rendering.job import gives_phase
    from msanii.rendering.resynthesis import Resynthesis
    from msanii.signal.audio_files import Clip, check_output_path, read_clip, write_clip
    from msanii.signal.finishing import check_output, resample

    check_output_path(output)
    loaded = load_model(find_model(model))
    own = phase == "auto" and gives_phase(loaded.config)
    wanted = loaded.config.sampling.iterations if iterations is None else iterations
    way = Resynthesis(loaded, choose_placement(), iterations=None if own else wanted)
    clip = read_clip(source)
    audio = clip.at(way.rate)
    if audio.shape[1] <= loaded.config.transforms.n_fft:
        raise MsaniiError(f"source: {source.name} is {clip.seconds:.3f} seconds long; give a longer piece")
    if not np.isfinite(audio).all():
        raise MsaniiError(f"source: {source.name} holds samples that are not finite; export it again")
    made = way(torch.from_numpy(audio), seed=seed).numpy()
    back = resample(made, way.rate, clip.rate)[:, : clip.samples]
    check_output(back, clipping=False)
    write_clip(output, Clip(np.pad(back, ((0, 0), (0, clip.samples - back.shape[1]))), clip.rate))
    typer.echo(str(output))


def vocoder_rows(
    model: str | Path | None,
    against: str | Path | None,
    data: Path,
    *,
    clips: int,
    seed: int,
    pictures: Path | None = None,
) -> tuple[Row, ...]:
    """The table of a model's vocoder on true mels, beside that of `against` with the paper's 200 iterations.

    Where `against` has no trained vocoder of the paper's kind, the mel bank's inverse takes its place.
    Raises CheckpointError for a model whose own vocoder was never trained, or of another mel.
    """
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.evaluation.vocoder_clips import CLIP_SECONDS, choose_clips
    from msanii.evaluation.vocoder_table import evaluate_vocoder
    from msanii.rendering.job import gives_phase
    from msanii.rendering.resynthesis import Resynthesis

    placement = choose_placement()
    ours = load_model(find_model(model))
    if "vocoder" not in ours.config.trained:
        raise CheckpointError("model: its vocoder was never trained; train it, or choose another model")
    own = gives_phase(ours.config)
    vocoder = Resynthesis(ours, placement, iterations=None if own else ours.config.sampling.iterations)
    paper = _paper(against, ours, placement)
    chosen = choose_clips(data, clips, CLIP_SECONDS, seed=seed)
    on_clip = _drawn(pictures, vocoder.rate)
    with progress_bar("evaluating") as on_step:
        return evaluate_vocoder(vocoder, paper, chosen, on_step=on_step, on_clip=on_clip)


def generated_rows(
    model: str | Path | None,
    against: str | Path | None,
    reference: Path | None,
    *,
    clips: int,
    seed: int,
    asked: Mapping[str, Any],
    pictures: Path | None = None,
) -> tuple[Row, ...]:
    """The table of a model's vocoder on mels that its own U-Net makes of the evaluation's prompts.

    `asked` holds settings of the sampling to take instead of the model's own. Raises CheckpointError for a
    model without a trained U-Net or without a vocoder that makes the sound in one pass, or of another mel.
    """
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.evaluation.clips import ClipRenderer
    from msanii.evaluation.reference import REFERENCE_FOLDER, read_reference
    from msanii.evaluation.vocoder_on_generated import evaluate_generated
    from msanii.pipelines import Pipeline
    from msanii.rendering.job import gives_phase, own_sampling
    from msanii.rendering.resynthesis import Resynthesis

    placement = choose_placement()
    ours = load_model(find_model(model))
    if not gives_phase(ours.config):
        raise CheckpointError(
            "model: it has no trained vocoder that makes the sound in one pass, which --generated holds "
            "against Griffin-Lim; join one to its U-Net with `msanii combine`"
        )
    held_against = read_reference(reference or REFERENCE_FOLDER)
    renderer = ClipRenderer(
        pipeline=Pipeline(ours, placement),
        sampling=dataclasses.replace(own_sampling(ours.config), **asked),
        seed=seed,
    )
    vocoder, paper = Resynthesis(ours, placement), _paper(against, ours, placement)
    on_clip = _drawn(pictures, vocoder.rate)
    with progress_bar("evaluating") as on_step:
        return evaluate_generated(
            renderer,
            vocoder,
            paper,
            held_against,
            clips=clips,
            on_step=on_step,
            on_clip=on_clip,
        )


def _paper(against: str | Path | None, ours: LoadedModel, placement: Placement) -> Resynthesis:
    """The paper's way for the same mel as that of `ours`."""
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.evaluation.vocoder_table import PAPER_ITERATIONS
    from msanii.rendering.job import gives_phase
    from msanii.rendering.resynthesis import Resynthesis

    theirs = load_model(find_model(against))
    mels = [
        (config.sample_rate, config.n_fft, config.hop_length, config.n_mels)
        for config in (ours.config.transforms, theirs.config.transforms)
    ]
    if mels[0] != mels[1]:
        raise CheckpointError(
            f"against: {theirs.config.name} has another mel than {ours.config.name}; give a model of the same"
        )
    if gives_phase(theirs.config):
        theirs = dataclasses.replace(theirs, config=dataclasses.replace(theirs.config, trained=()))
    return Resynthesis(theirs, placement, iterations=PAPER_ITERATIONS)


def _drawn(folder: Path | None, rate: int) -> OnClip | None:
    """What draws each clip as it was heard, into a picture of its own; nothing without a folder."""
    if folder is None:
        return None
    from msanii.signal.spectrogram_picture import Panel, write_comparison

    numbers = itertools.count()

    def draw(title: str, heard: Mapping[str, Audio]) -> None:
        name = re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_")
        panels = [Panel(what, audio) for what, audio in heard.items()]
        write_comparison(folder / f"{next(numbers):03d}_{name}.png", title, panels, rate)

    return draw
