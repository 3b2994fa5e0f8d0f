"""`msanii reference`: what models are held against, made on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.cli.options import progress_bar
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.evaluation.prompts import Prompt
    from msanii.metrics.harmony import Audio


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(reference)


def reference(
    archive: Annotated[Path, typer.Argument(help="pop909.tar.xz")],
    data: Annotated[
        Path,
        typer.Argument(
            help="A folder made by `msanii data pop909`: to train the judge; or a reference, for its judge."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="The folder to write.")],
    soundfont: Annotated[Path | None, typer.Option(help="A .sf2 file; FluidR3 GM if left out.")] = None,
    prompts: Annotated[int, typer.Option(min=1, help="How many for each row.")] = 32,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Draws the prompts.")] = 1,
    steps: Annotated[int | None, typer.Option(min=1, help="How long the judge learns.")] = None,
    clips: Annotated[Path | None, typer.Option(help="A folder to keep the real renders in.")] = None,
) -> None:
    """Make what `msanii evaluate` holds models against: prompts, real metrics, a judge, melodies."""
    from msanii.evaluation.clip_folder import ClipFolder, make_folder
    from msanii.evaluation.reference import has_classifier, read_classifier, write_reference
    from msanii.evaluation.reference_building import RATE, build_reference
    from msanii.evaluation.sound_training import STEPS, train_classifier

    if clips is not None:
        make_folder(clips)
    if has_classifier(data):
        if steps is not None:
            raise MsaniiError(
                f"steps: the judge of {data} has learned; leave --steps out, or name other data"
            )
        judge = read_classifier(data)
    else:
        with progress_bar("learning the sounds") as on_step:
            judge = train_classifier(data / "train", steps=steps or STEPS, seed=seed, on_step=on_step)
    renders: list[tuple[Prompt, Audio]] = []
    with progress_bar("rendering prompts") as on_step:
        made = build_reference(
            archive,
            judge,
            soundfont=soundfont,
            count=prompts,
            seed=seed,
            jobs=jobs,
            on_step=on_step,
            on_clip=None if clips is None else lambda prompt, audio: renders.append((prompt, audio)),
        )
    write_reference(out, made)
    if clips is not None:
        kept = ClipFolder(clips, "real", RATE, made.prompts)
        for prompt, audio in renders:
            kept.keep(prompt, audio)
        kept.write_index()
    typer.echo(f"{out}: {len(made.prompts)} prompts; the judge names {made.accuracy:.1%} of real sounds")
