"""The command `msanii evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from msanii.cli.json_file import JsonPath, write_json
from msanii.cli.options import progress_bar
from msanii.cli.vocoder import generated_rows, model_and_vocoder, vocoder_rows
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.evaluation.clip_folder import ClipFolder
    from msanii.evaluation.reference import Reference
    from msanii.evaluation.rows.row import Row

VOCODER_CLIPS = 64
GROUPS_HELP = (
    "Groups of rows with commas, default all: prompts, notes, played, velocity, feel, perform, loop, long, "
    "inpaint, level, arrange, signal, unconditional, compose."
)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(evaluate)


def evaluate(
    folder: Annotated[
        Path | None, typer.Argument(help="Model folder, or the name of a shipped model.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="With --vocoder: folder from `msanii data`, with audio. For the rows `compose`: file from "
            "`msanii data composer`, to compare with phrases of its songs."
        ),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Folder from `msanii reference`. Default: the shipped one.")
    ] = None,
    rows: Annotated[str, typer.Option(help=GROUPS_HELP)] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A few prompts per row: a rough look only.")] = False,
    prompts: Annotated[
        int | None, typer.Option(min=1, help="Prompts, and sounds of the rows `velocity`, per part.")
    ] = None,
    soundfont: Annotated[
        Path | None, typer.Option(help="An .sf2 file for real renders. Default: FluidR3 GM.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="Model to compare with.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="First random seed.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Sampling steps. Default: the model's.")] = None,
    guidance: Annotated[float | None, typer.Option(help="Guidance. Default: the model's.")] = None,
    vocoder: Annotated[
        bool, typer.Option("--vocoder", help="Evaluate the vocoder alone, on --data.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(help="With --vocoder: model with the paper's vocoder, to compare with.")
    ] = None,
    generated: Annotated[
        bool, typer.Option("--generated", help="With --vocoder: on the model's own mels, not on --data.")
    ] = False,
    clips: Annotated[
        str,
        typer.Option(
            help="Folder for the prompts' clips. With --vocoder: the number of clips instead, 64 by default."
        ),
    ] = "",
    pictures: Annotated[
        Path | None, typer.Option(help="With --vocoder: folder for spectrograms of all clips.")
    ] = None,
    json_path: JsonPath = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as Markdown.")] = False,
) -> None:
    """Evaluate a model on prompts from songs that it was not trained on, compared with real renders."""
    given: dict[str, Any] = {"steps": steps, "guidance": guidance}
    asked = {name: value for name, value in given.items() if value is not None}
    if vocoder:
        many = _how_many(clips)
        common: dict[str, Any] = {"clips": many, "seed": seed, "pictures": pictures}
        if generated:
            metrics = generated_rows(folder, against, reference, asked=asked, **common)
        elif data is None:
            raise MsaniiError(
                "data: --vocoder needs --data, a folder from `msanii data` with audio, or --generated"
            )
        else:
            metrics = vocoder_rows(folder, against, data, **common)
        title = "mels made of prompts" if generated else f"{many} clips"
        _report(metrics, json_path, f"{title} from songs never trained on", markdown=markdown)
        return
    if generated or pictures is not None:
        raise MsaniiError("vocoder: --generated and --pictures need --vocoder; add it")
    from dataclasses import replace

    from msanii.checkpoint.folder import find_model
    from msanii.evaluation import table as evaluation
    from msanii.evaluation.reference import check_sounds, read_reference, shipped_reference
    from msanii.pipelines import Pipeline
    from msanii.rendering.job import own_sampling

    groups = evaluation.read_groups(rows)
    if clips and "prompts" not in groups:
        raise MsaniiError("clips: these are of the rows `prompts`; add them to --rows")
    pipeline, resynthesis = model_and_vocoder(folder)
    other = None if baseline is None else Pipeline.load(find_model(baseline))
    models = [pipeline.config, *([] if other is None else [other.config])]
    held_against = read_reference(reference or shipped_reference(*models))
    for config in models:
        check_sounds(held_against, config)
    amount = evaluation.QUICK if quick else evaluation.FULL
    if prompts is not None:
        amount = replace(amount, prompts=prompts, velocities=prompts)
    kept = _clip_folder(clips, pipeline.rate, held_against)
    with progress_bar("evaluating") as on_step:
        table = evaluation.evaluate(
            pipeline,
            held_against,
            amount=amount,
            groups=groups,
            seed=seed,
            sampling=replace(own_sampling(pipeline.config), **asked),
            baseline=other,
            on_step=on_step,
            on_clip=None if kept is None else kept.keep,
            phrases=data,
            vocoder=resynthesis,
            soundfont=soundfont,
        )
    if kept is not None:
        kept.write_index()
    _report(table, json_path, "prompts from songs never trained on", markdown=markdown)


def _how_many(clips: str) -> int:
    """Parse the number of clips for --vocoder. Raises MsaniiError."""
    if clips and not (clips.isascii() and clips.isdecimal() and int(clips)):
        raise MsaniiError(f"clips: got {clips!r}, with --vocoder expected a whole number above 0")
    return int(clips or VOCODER_CLIPS)


def _clip_folder(clips: str, rate: int, reference: Reference) -> ClipFolder | None:
    """Open the folder for the prompts' clips; None without one. Raises MsaniiError."""
    from msanii.evaluation.clip_folder import ClipFolder

    if clips.isdecimal():
        raise MsaniiError(f"clips: got {clips}, expected a folder; a number needs --vocoder")
    return ClipFolder(Path(clips), "made", rate, reference.prompts) if clips else None


def _report(rows: Sequence[Row], json_path: Path | None, title: str, *, markdown: bool = False) -> None:
    from rich.console import Console
    from rich.table import Table

    write_json(json_path, [row.to_dict() for row in rows])
    if markdown:
        typer.echo(_as_markdown(rows))
        return
    table = Table(title=title)
    for column in ("metric", "value", "target", "reached"):
        table.add_column(column, justify="right" if column == "value" else "left")
    for row in rows:
        value = "none" if row.value is None else f"{row.value:.3f}"
        reached = "" if row.reached is None else "yes" if row.reached else "NO"
        table.add_row(row.name, value, row.target or "", reached)
    Console().print(table)


def _as_markdown(rows: Sequence[Row]) -> str:
    lines = ["| metric | value | target | reached |", "|---|---|---|---|"]
    for row in rows:
        value = "none" if row.value is None else f"{row.value:.3f}"
        reached = "" if row.reached is None else "yes" if row.reached else "no"
        lines.append(f"| {row.name} | {value} | {row.target or ''} | {reached} |")
    return "\n".join(lines)
