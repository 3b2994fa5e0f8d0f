"""The command `msanii bench`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.cli.json_file import JsonPath, write_json
from msanii.cli.options import progress_bar
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.bench.chain import ChainTiming
    from msanii.bench.parts import Timing


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(bench)


def bench(
    model: Annotated[str | None, typer.Option(help="Model folder, or the name of a shipped model.")] = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="Length of the stereo audio.")] = 12.0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps.")] = None,
    older: Annotated[bool, typer.Option(help="Also time with AVX2 only, as on an older processor.")] = True,
    chain: Annotated[bool, typer.Option("--chain", help="The whole chain: verbs, batches, lengths.")] = False,
    quick: Annotated[bool, typer.Option(help="With --chain: leave out cases that take minutes.")] = False,
    ablation: Annotated[bool, typer.Option("--speed-ups", help="Ablation of the U-Net's speed-ups.")] = False,
    layers: Annotated[
        bool, typer.Option("--layers", help="Kinds of layers of the U-Net, in both memory layouts.")
    ] = False,
    composing: Annotated[bool, typer.Option("--compose", help="Composing, beside performing.")] = False,
    hearing: Annotated[bool, typer.Option("--hear", help="Hearing a take, beside rendering it.")] = False,
    json_path: JsonPath = None,
) -> None:
    """Time every part of a model on this machine."""
    asked = [
        name
        for name, is_asked in (
            ("--chain", chain),
            ("--speed-ups", ablation),
            ("--layers", layers),
            ("--compose", composing),
            ("--hear", hearing),
        )
        if is_asked
    ]
    if len(asked) > 1:
        raise MsaniiError(f"bench: got {' and '.join(asked)}, expected one of them at a time")
    if chain:
        _bench_chain(model, device, json_path, quick=quick)
        return
    if ablation:
        _bench_speed_ups(model, device, json_path)
        return
    if layers:
        _bench_layers(model, device, json_path)
        return
    if composing:
        _bench_composing(model, device, json_path)
        return
    if hearing:
        _bench_hearing(model, device, json_path)
        return
    from dataclasses import asdict

    from msanii.bench.parts import bench as time_parts
    from msanii.checkpoint.folder import find_model

    timings = time_parts(find_model(model), seconds=seconds, device=device, older=older)
    write_json(json_path, [asdict(timing) for timing in timings])
    _print_timings(timings, seconds)


def _bench_chain(model: str | None, device: str | None, json_path: Path | None, *, quick: bool) -> None:
    from dataclasses import asdict

    from msanii.bench.chain import bench_chain, chain_cases
    from msanii.checkpoint.folder import find_model

    folder = find_model(model)
    cases = list(chain_cases(device, quick=quick))
    timings: list[ChainTiming] = []
    with progress_bar("timing") as on_step:
        for case in cases:
            timings.append(bench_chain(folder, case))
            on_step(len(timings) / len(cases))
    write_json(json_path, [asdict(timing) for timing in timings])
    # Plain lines: a rich table would be squeezed in a narrow terminal or a file.
    typer.echo(
        f"{'from request to file':34}{'setting':18}{'start s':>8}{'step s':>8}{'sound s':>8}{'file s':>8}"
        f"{'whole s':>9}{'x real':>8}{'MiB':>7}"
    )
    for item in timings:
        what = f"{item.verb} {item.batch} x {item.seconds:g} s, {item.steps} steps"
        phase = "" if item.phase == "auto" else " GL"
        typer.echo(
            f"{what + phase:34}{item.setting:18}{item.start_seconds:8.2f}{item.step_seconds:8.3f}"
            f"{item.vocoder_seconds:8.2f}{item.file_seconds:8.2f}{item.whole_seconds:9.2f}"
            f"{item.real_time_factor:8.1f}{item.peak_mib:7.0f}"
        )


def _bench_speed_ups(model: str | None, device: str | None, json_path: Path | None) -> None:
    from dataclasses import asdict

    from msanii.bench.speed_ups import SIZES, speed_ups
    from msanii.checkpoint.folder import find_model

    folder = find_model(model)
    sizes = [speed_ups(folder, batch=batch, seconds=seconds, device=device) for batch, seconds in SIZES]
    write_json(json_path, [asdict(item) for found in sizes for item in found])
    for found in sizes:
        title = f"one guided step, {found[0].batch} x {found[0].seconds:g} s"
        typer.echo(f"{title:36}{'seconds':>9}{'ratio':>7}")
        for item in found:
            typer.echo(f"{item.instead:36}{item.step_seconds:9.4f}{item.ratio:7.2f}")


def _bench_layers(model: str | None, device: str | None, json_path: Path | None) -> None:
    from dataclasses import asdict

    from msanii.bench import layers
    from msanii.checkpoint.folder import find_model

    folder = find_model(model)
    found = [
        layers.bench_layers(folder, seconds=seconds, device=device) for seconds in layers.LENGTHS_SECONDS
    ]
    write_json(json_path, [asdict(item) for timings in found for item in timings])
    for timings in found:
        title = f"one guided step, {timings[0].seconds:g} s"
        typer.echo(f"{title:28}{'contiguous s':>14}{'channels_last s':>17}{'ratio':>7}{'TFLOP/s':>9}")
        for item in timings:
            flops = f"{item.teraflops:9.2f}" if item.teraflops else ""
            typer.echo(
                f"{item.kind:28}{item.contiguous_seconds:14.4f}{item.channels_last_seconds:17.4f}"
                f"{item.ratio:7.2f}{flops}"
            )


def _bench_composing(model: str | None, device: str | None, json_path: Path | None) -> None:
    from dataclasses import asdict

    from msanii.bench.composing import BARS, PARTS, bench_composing
    from msanii.checkpoint.folder import find_model

    found = bench_composing(find_model(model), device)
    write_json(json_path, [asdict(found)])
    took = found.composing
    typer.echo(
        f"{len(PARTS)} parts of {BARS} bars: composed in {took.seconds:.3f} s (the first in "
        f"{took.first_seconds:.2f} s), {took.mib:.0f} MiB more; performed in "
        f"{found.performing_seconds:.1f} s ({found.setting}); composing takes {found.share:.1%} of that"
    )


def _bench_hearing(model: str | None, device: str | None, json_path: Path | None) -> None:
    from dataclasses import asdict

    from msanii.bench.hearing import SECONDS, bench_hearing
    from msanii.checkpoint.folder import find_model

    found = bench_hearing(find_model(model), device)
    write_json(json_path, [asdict(found)])
    typer.echo(
        f"a take of {SECONDS:g} s: rendered in {found.rendering_seconds:.2f} s ({found.setting}), heard in "
        f"{found.seconds:.3f} s, which is {found.share:.1%} of that; the first in {found.first_seconds:.2f} "
        f"s, with {found.mib:.0f} MiB more"
    )


def _print_timings(timings: Sequence[Timing], seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    from msanii.bench.parts import ratios

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
