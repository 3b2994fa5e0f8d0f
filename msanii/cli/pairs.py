"""The command `msanii pairs`: pictures of a model's sounds beside the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from msanii.cli.options import progress_bar
from msanii.cli.vocoder import model_and_vocoder
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.evaluation.prompts import Prompt


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(pairs)


def pairs(
    folder: Annotated[Path, typer.Argument(help="Model folder, or the name of a shipped model.")],
    out: Annotated[Path, typer.Argument(help="Folder to write: index.html, and a PNG for each sound.")],
    reference: Annotated[
        Path | None, typer.Option(help="Folder from `msanii reference`. Default: the shipped one.")
    ] = None,
    sounds: Annotated[str, typer.Option(help="Names of sounds with commas. Default: all.")] = "",
    soundfont: Annotated[Path | None, typer.Option(help="An .sf2 file. Default: FluidR3 GM.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="First random seed.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Sampling steps. Default: the model's.")] = None,
    guidance: Annotated[float | None, typer.Option(help="Guidance. Default: the model's.")] = None,
) -> None:
    """Draw every sound of a model beside the real instrument and the vocoder alone, on the same notes."""
    from dataclasses import replace

    from msanii.data.synthesizer import find_soundfont
    from msanii.evaluation.clips import ClipRenderer
    from msanii.evaluation.pairs_page import PairsPage, prompt_of_each_sound
    from msanii.evaluation.played import MODEL, Judges, play, playable
    from msanii.evaluation.reference import read_reference, shipped_reference
    from msanii.listening.listener import Listener
    from msanii.rendering.job import own_sampling

    font = find_soundfont(soundfont)
    pipeline, vocoder = model_and_vocoder(folder)
    asked: dict[str, Any] = {"steps": steps, "guidance": guidance}
    sampling = replace(
        own_sampling(pipeline.config), **{name: value for name, value in asked.items() if value is not None}
    )
    renderer = ClipRenderer(pipeline=pipeline, sampling=sampling, seed=seed)
    held = read_reference(reference or shipped_reference(pipeline.config))
    chosen = _chosen(prompt_of_each_sound(playable(held.prompts, [renderer])), sounds)
    if not chosen or not renderer.has_control("notes"):
        raise MsaniiError(f"model: {pipeline.config.name} plays no notes or no sounds; choose another")
    page = PairsPage(out, pipeline.config.name)
    judges = Judges(reference=held, listener=Listener.load())
    with progress_bar("playing") as on_step:
        for number, clip in enumerate(play({MODEL: renderer}, chosen, judges, font, vocoder), start=1):
            page.add(clip)
            on_step(number / len(chosen))
    typer.echo(str(page.write()))


def _chosen(prompts: Sequence[Prompt], sounds: str) -> list[Prompt]:
    """The prompts of the sounds that are named with commas; all if none is. Raises MsaniiError."""
    wanted = [name.strip() for name in sounds.split(",") if name.strip()]
    known = [prompt.score.sounds[0] for prompt in prompts]
    for name in wanted:
        if name not in known:
            raise MsaniiError(f"sounds: got {name[:40]!r}, expected some of {', '.join(known)}")
    return [prompt for prompt in prompts if not wanted or prompt.score.sounds[0] in wanted]
