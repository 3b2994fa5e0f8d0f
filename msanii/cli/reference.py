"""The command `msanii reference`: builds the reference that models are evaluated against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.cli.options import progress_bar
from msanii.errors import MsaniiError
from msanii.music.families import FAMILIES, FAMILY_OF
from msanii.music.palette import SOUNDS_OF_PALETTE, PaletteName

if TYPE_CHECKING:
    from msanii.evaluation.prompts import Prompt
    from msanii.metrics.harmony import Audio


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(reference)


def reference(
    archive: Annotated[Path, typer.Argument(help="pop909.tar.xz")],
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder from `msanii data pop909`, to train the classifier; or a reference, to reuse its."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    palette: Annotated[
        PaletteName, typer.Option(help="Sounds: all, or those of the default model as it learned them.")
    ] = "full",
    soundfont: Annotated[Path | None, typer.Option(help="An .sf2 file. Default: FluidR3 GM.")] = None,
    prompts: Annotated[int, typer.Option(min=1, help="Prompts per row.")] = 32,
    jobs: Annotated[int, typer.Option(min=1, help="Parallel processes.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the prompts.")] = 1,
    steps: Annotated[int | None, typer.Option(min=1, help="Training steps of the classifier.")] = None,
    clips: Annotated[Path | None, typer.Option(help="Folder for the real renders.")] = None,
) -> None:
    """Build the reference for `msanii evaluate`: prompts, metrics of real renders, classifier, melodies."""
    from msanii.evaluation.clip_folder import ClipFolder, make_folder
    from msanii.evaluation.reference import has_classifier, read_classifier, write_reference
    from msanii.evaluation.reference_building import RATE, build_reference
    from msanii.evaluation.sound_training import STEPS, train_classifier

    if clips is not None:
        make_folder(clips)
    if has_classifier(data):
        if steps is not None:
            raise MsaniiError(
                f"steps: the classifier of {data} is already trained; leave --steps out, or give other data"
            )
        classifier = read_classifier(data)
    else:
        with progress_bar("training the classifier") as on_step:
            classifier = train_classifier(
                data / "train",
                names=SOUNDS_OF_PALETTE[palette],
                steps=steps or STEPS,
                seed=seed,
                on_step=on_step,
            )
    renders: list[tuple[Prompt, Audio]] = []
    with progress_bar("rendering prompts") as on_step:
        made = build_reference(
            archive,
            classifier,
            palette=palette,
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
    typer.echo(
        f"{out}: {len(made.prompts)} prompts; the classifier recognises {made.accuracy:.1%} of real sounds"
    )
    for family in FAMILIES:
        right = {name: share for name, share in made.accuracy_by_sound.items() if FAMILY_OF[name] == family}
        if right:
            each = ", ".join(f"{name} {share:.2f}" for name, share in right.items())
            typer.echo(f"{family} {sum(right.values()) / len(right):.2f}: {each}")
