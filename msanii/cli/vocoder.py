"""The command `msanii resynthesize`, and the tables of `msanii evaluate --vocoder`."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from msanii.choices import Phase
from msanii.cli.options import progress_bar
from msanii.errors import CheckpointError, MsaniiError

if TYPE_CHECKING:
    from msanii.checkpoint.folder import LoadedModel
    from msanii.devices import Placement
    from msanii.evaluation.rows.row import Row
    from msanii.evaluation.vocoder_table import OnClip
    from msanii.metrics.harmony import Audio
    from msanii.pipelines import Pipeline
    from msanii.rendering.resynthesis import Resynthesis


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(resynthesize)


def resynthesize(
    source: Annotated[Path, typer.Argument(help="Audio file to encode and decode.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .wav, .aiff or .flac.")],
    model: Annotated[str | None, typer.Option(help="Model folder, or the name of a shipped model.")] = None,
    phase: Annotated[
        Phase, typer.Option(help="Phase reconstruction; auto: the vocoder's if it has one.")
    ] = "auto",
    iterations: Annotated[
        int | None, typer.Option(min=0, max=10_000, help="Griffin-Lim iterations. Default: the model's.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of Griffin-Lim's initial phase.")] = 0,
) -> None:
    """Encode audio to the model's mel and decode it: an upper bound for the quality of its takes."""
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
    codec = Resynthesis(loaded, choose_placement(), iterations=None if own else wanted)
    clip = read_clip(source)
    audio = clip.at(codec.rate)
    if audio.shape[1] <= loaded.config.transforms.n_fft:
        raise MsaniiError(f"source: {source.name} is {clip.seconds:.3f} seconds long; give a longer piece")
    if not np.isfinite(audio).all():
        raise MsaniiError(f"source: {source.name} holds samples that are not finite; export it again")
    made = codec(torch.from_numpy(audio), seed=seed).numpy()
    back = resample(made, codec.rate, clip.rate)[:, : clip.samples]
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
    """The table of a model's vocoder on real mels, and of `against` with the paper's 200 iterations.

    If `against` has no trained vocoder of the paper's kind, the inverse of the mel bank is used. Raises
    CheckpointError if the model's vocoder was never trained, or the mels differ.
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
    """The table of a model's vocoder on mels that its own U-Net generates from the evaluation's prompts.

    `asked` are sampling settings that replace the model's. Raises CheckpointError if the model has no trained
    U-Net or no one-pass vocoder, or the mels differ.
    """
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.evaluation.clips import ClipRenderer
    from msanii.evaluation.reference import check_sounds, read_reference, shipped_reference
    from msanii.evaluation.vocoder_on_generated import evaluate_generated
    from msanii.pipelines import Pipeline
    from msanii.rendering.job import gives_phase, own_sampling
    from msanii.rendering.resynthesis import Resynthesis

    placement = choose_placement()
    ours = load_model(find_model(model))
    if not gives_phase(ours.config):
        raise CheckpointError(
            "model: --generated compares a trained one-pass vocoder with Griffin-Lim; this model has none; "
            "join one to its U-Net with `msanii combine`"
        )
    held_against = read_reference(reference or shipped_reference(ours.config))
    check_sounds(held_against, ours.config)
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


def model_and_vocoder(folder: Path | None) -> tuple[Pipeline, Resynthesis]:
    """Load a model (None: the default one), and its vocoder for use alone, as its takes are decoded."""
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.pipelines import Pipeline
    from msanii.rendering.job import gives_phase
    from msanii.rendering.resynthesis import Resynthesis

    loaded, placement = load_model(find_model(folder)), choose_placement()
    iterations = None if gives_phase(loaded.config) else loaded.config.sampling.iterations
    return Pipeline(loaded, placement), Resynthesis(loaded, placement, iterations=iterations)


def _paper(against: str | Path | None, ours: LoadedModel, placement: Placement) -> Resynthesis:
    """The paper's vocoder and Griffin-Lim, for the same mel as that of `ours`."""
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
            f"against: {theirs.config.name} has another mel than {ours.config.name}; choose another model"
        )
    if gives_phase(theirs.config):
        theirs = dataclasses.replace(theirs, config=dataclasses.replace(theirs.config, trained=()))
    return Resynthesis(theirs, placement, iterations=PAPER_ITERATIONS)


def _drawn(folder: Path | None, rate: int) -> OnClip | None:
    """Return a callback that draws all versions of each clip into a picture; None without a folder."""
    if folder is None:
        return None
    from msanii.signal.spectrogram_picture import Panel, write_comparison

    numbers = itertools.count()

    def draw(title: str, versions: Mapping[str, Audio]) -> None:
        name = re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_")
        panels = [Panel(name, audio) for name, audio in versions.items()]
        write_comparison(folder / f"{next(numbers):03d}_{name}.png", title, panels, rate)

    return draw
