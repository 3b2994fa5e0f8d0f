"""Metrics of single verbs: `msanii measure-loops` and `msanii measure-vary`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

ModelName = Annotated[str | None, typer.Option(help="Model folder, or the name of a shipped model.")]
SHORTEST_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add both commands to the app."""
    app.command("measure-loops")(measure_loops)
    app.command("measure-vary")(measure_vary)


def measure_loops(
    model: ModelName = None,
    seeds: Annotated[int, typer.Option(min=1, help="Number of loops, with seeds 0, 1 and so on.")] = 16,
    bars: Annotated[float, typer.Option(help="Length of the loops, in bars.")] = 4.0,
    bpm: Annotated[float, typer.Option(help="Tempo of the loops.")] = 113.0,
    tuning: Annotated[
        bool, typer.Option(help="Also measure tuning at 1, 2, 4 bars and three tempos.")
    ] = False,
) -> None:
    """Measure the seams of a model's loops, compared with takes cut at the bar line."""
    from msanii.checkpoint.folder import find_model
    from msanii.evaluation.verb_metrics import loop_tuning_error_cents, seam_metrics, tuning_scores
    from msanii.pipelines import Pipeline

    pipeline = Pipeline.load(find_model(model))
    table = _table("takes", "spectral step, mean", "largest", "sample jump, mean", "largest")
    for name, loop in (("loops", True), ("cut", False)):
        found = seam_metrics(pipeline, range(seeds), loop=loop, bars=bars, bpm=bpm)
        metrics = (found.step_mean, found.step_max, found.jump_mean, found.jump_max)
        table.add_row(name, *(f"{metric:.2f}" for metric in metrics))
    _print(table)
    if not tuning:
        return
    table = _table("bars", "bpm", "pitch error, cents")
    for score in tuning_scores():
        error = loop_tuning_error_cents(pipeline, score, range(seeds))
        table.add_row(f"{score.bars:g}", f"{score.bpm:g}", f"{error:.2f}")
    _print(table)


def measure_vary(
    source: Annotated[Path, typer.Argument(help="Audio file to vary: a few seconds of music.")],
    model: ModelName = None,
    seconds: Annotated[float, typer.Option(min=SHORTEST_SECONDS, help="Seconds of it to use.")] = 6.0,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the variations.")] = 0,
) -> None:
    """Measure how far variations are from their source at six strengths, compared with the paper's way."""
    import torch

    from msanii.checkpoint.folder import find_model, load_model
    from msanii.devices import choose_placement
    from msanii.evaluation.verb_metrics import STRENGTHS, vary_metrics
    from msanii.signal.audio_files import read_clip

    loaded = load_model(find_model(model))
    rate = loaded.config.transforms.sample_rate
    clip = read_clip(source)
    audio = torch.from_numpy(clip.first(round(seconds * clip.rate)).at(rate)).numpy()
    table = _table("strength", "method", "spectral convergence", "log-spectral distance, dB")
    for found in vary_metrics(loaded, choose_placement(None, None), audio, STRENGTHS, seed=seed):
        table.add_row(
            f"{found.strength:g}", found.method, f"{found.convergence:.3f}", f"{found.distance_db:.2f}"
        )
    _print(table)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    Console().print(table)
