"""Prints what the doctor found: purpose by purpose, and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.options import safe
from bridge.messages import BridgeError
from bridge.system.machine_checks import PURPOSES, Check

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.cli.doctor.measure import Row


def print_checks(checks: Sequence[Check], console: Console) -> bool:
    """Print each purpose with its checks; return whether everything that is needed works.

    A purpose works if all of its checks do.
    """
    for purpose in PURPOSES:
        found = [check for check in checks if check.purpose == purpose]
        if not found:
            continue
        missing = [check.name for check in found if not check.works]
        verdict = f"[yellow]missing: {safe(', '.join(missing))}[/]" if missing else "[green]works[/]"
        console.print(f"[bold]{safe(purpose)}[/]: {verdict}", soft_wrap=True, highlight=False)
        for check in found:
            _print_check(check, console)
    return all(check.works or not check.needed for check in checks)


def _print_check(check: Check, console: Console) -> None:
    mark = (
        "[green]works [/]" if check.works else "[bold red]broken[/]" if check.needed else "[yellow]absent[/]"
    )
    console.print(f"  {mark} {safe(check.name)}: {safe(check.detail)}", soft_wrap=True, highlight=False)
    if not check.works and check.remedy:
        console.print(f"         remedy: {safe(check.remedy)}", soft_wrap=True, highlight=False)


def print_rows(rows: Sequence[Row], console: Console) -> None:
    """Print the measurements as a table."""
    from rich.table import Table

    table = Table("figure", "value", "target", "reached", box=None)
    for row in rows:
        target = "" if row.target is None else f"under {row.target:g} {row.unit}"
        reached = {None: "", True: "yes", False: "no"}[row.reached]
        table.add_row(row.name, f"{row.value:.4g} {row.unit}", target, reached)
    console.print(table)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write the measurements as a JSON list of {name, value, target, reached}.

    Raises BridgeError `folder` if the file cannot be written.
    """
    listed = [
        {"name": f"{row.name} ({row.unit})", "value": row.value, "target": row.target, "reached": row.reached}
        for row in rows
    ]
    try:
        path.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BridgeError(
            "folder", f"`{path}` cannot be written ({error.strerror}); choose another file"
        ) from error
