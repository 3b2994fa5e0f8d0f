"""Measuring on the command line: `msanii evaluate` and `msanii bench`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from msanii.cli_options import progress_bar
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.bench import Timing
    from msanii.evaluation import Row

JsonPath = Annotated[Path | None, typer.Option("--json", help="Write the rows to this file as well.")]


def register(app: typer.Typer) -> None:
    """Add both commands to a command line."""
    app.command()(evaluate)
    app.command()(bench)


def evaluate(
    folder: Annotated[Path, typer.Argument(help="A model folder, or the name of a model that ships.")],
    data: Annotated[
        Path | None, typer.Option(help="Test data to choose prompts from; else the ones that ship.")
    ] = None,
    prompts: Annotated[int, typer.Option(min=1, help="How many to choose from the data.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Draws the prompts and every take.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Instead of the model's own.")] = None,
    guidance: Annotated[float | None, typer.Option(help="Instead of the model's own.")] = None,
    write_prompts: Annotated[Path | None, typer.Option(help="Keep the chosen prompts in this file.")] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file as well.")
    ] = None,
) -> None:
    """Measure a model on prompts from songs that it never heard: chords, onsets, spectrum, speed."""
    from dataclasses import replace

    from msanii.checkpoint import find_model
    from msanii.evaluation import evaluate as measure
    from msanii.pipelines import Pipeline
    from msanii.prepared import own_sampling
    from msanii.prompts import choose_prompts, read_prompts
    from msanii.prompts import write_prompts as keep_prompts

    chosen = read_prompts() if data is None else choose_prompts(data, prompts, seed)
    if write_prompts is not None:
        keep_prompts(write_prompts, chosen)
    pipeline = Pipeline.load(find_model(folder))
    given: dict[str, Any] = {"steps": steps, "guidance": guidance}
    asked = {name: value for name, value in given.items() if value is not None}
    with progress_bar("evaluating") as on_step:
        rows = measure(
            pipeline,
            chosen,
            seed=seed,
            sampling=replace(own_sampling(pipeline.config), **asked),
            on_step=on_step,
        )
    if json_path is not None:
        _write_json(json_path, [row.to_dict() for row in rows])
    _print_rows(rows, len(chosen))


def bench(
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="How much stereo to work on.")] = 12.0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps.")] = None,
    older: Annotated[bool, typer.Option(help="Also as a processor with AVX2 alone would do it.")] = True,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the rows to this file as well.")
    ] = None,
) -> None:
    """Time every part of a model on this machine."""
    from dataclasses import asdict

    from msanii.bench import bench as time_parts
    from msanii.checkpoint import find_model

    timings = time_parts(find_model(model), seconds=seconds, device=device, older=older)
    if json_path is not None:
        _write_json(json_path, [asdict(timing) for timing in timings])
    _print_timings(timings, seconds)


def _print_rows(rows: Sequence[Row], prompts: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{prompts} prompts from songs never trained on")
    for column in ("figure", "value", "target", "reached"):
        table.add_column(column, justify="right" if column == "value" else "left")
    for row in rows:
        value = "none" if row.value is None else f"{row.value:.3f}"
        reached = "" if row.reached is None else "yes" if row.reached else "NO"
        table.add_row(row.name, value, row.target or "", reached)
    Console().print(table)


def _print_timings(timings: Sequence[Timing], seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    from msanii.bench import ratios

    reference = timings[0].setting
    against = ratios(timings, reference)
    table = Table(title=f"{seconds:g} seconds of stereo")
    for column in ("setting", "part", "seconds", "times real time", f"against {reference}"):
        table.add_column(column, justify="left" if column in ("setting", "part") else "right")
    for item in timings:
        ratio = against.get((item.setting, item.part))
        compared = "" if ratio is None else f"{ratio:.2f}"
        table.add_row(
            item.setting, item.part, f"{item.seconds:.4f}", f"{item.real_time_factor:.1f}", compared
        )
    Console().print(table)


def _write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise MsaniiError(f"json: `{path}` cannot be written ({error}); check the folder") from error
