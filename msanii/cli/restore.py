"""The command `msanii restore`: removes noise from a recording by partial diffusion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from msanii.cli.options import progress_bar

Strength = Annotated[
    float | None,
    typer.Option(help="Above 0 (keeps everything) to 1 (replaces it). Default: chosen by the noise level."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(restore)


def restore(
    source: Annotated[Path, typer.Argument(help="Noisy recording.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .wav, .aiff or .flac.")],
    strength: Strength = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the diffusion noise.")] = 0,
    model: Annotated[str | None, typer.Option(help="Model folder, or the name of a shipped model.")] = None,
) -> None:
    """Reduce steady noise in a recording, by lowering bands to the level that the model takes for music."""
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.signal.audio_files import Clip, check_output_path, read_clip, write_clip

    check_output_path(output)
    clip = read_clip(source)
    folder = find_model(model)
    import torch

    from msanii.devices import choose_placement
    from msanii.rendering.denoising import Restorer
    from msanii.signal.finishing import check_output, resample, shape_end

    restorer = Restorer(load_model(folder), choose_placement())
    with progress_bar("restoring") as on_step:
        made, chosen = restorer.restore(
            torch.from_numpy(clip.at(restorer.rate)), strength=strength, seed=seed, on_step=on_step
        )
    audio = shape_end(resample(made.numpy(), restorer.rate, clip.rate), clip.samples, clip.rate, "cut")
    check_output(audio, clipping=False)
    write_clip(output, Clip(audio, clip.rate))
    typer.echo(f"{output}: at strength {chosen:.2f}")
