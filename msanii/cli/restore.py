"""`msanii restore`: a recording with less noise, by partial diffusion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from msanii.cli.options import progress_bar

Strength = Annotated[
    float | None,
    typer.Option(help="Above 0 (keeps all) to 1 (forgets it); from the noise if left out."),
]


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(restore)


def restore(
    source: Annotated[Path, typer.Argument(help="The noisy recording.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .wav, .aiff or .flac.")],
    strength: Strength = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Draws the noise of diffusion.")] = 0,
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None,
) -> None:
    """Take steady noise off a recording: bands are turned down to what the model hears as music, never up."""
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
    line = shape_end(resample(made.numpy(), restorer.rate, clip.rate), clip.samples, clip.rate, "cut")
    check_output(line, clipping=False)
    write_clip(output, Clip(line, clip.rate))
    typer.echo(f"{output}: at strength {chosen:.2f}")
