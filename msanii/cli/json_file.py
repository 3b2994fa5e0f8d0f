"""The option `--json` of commands that print rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from msanii.errors import MsaniiError

JsonPath = Annotated[Path | None, typer.Option("--json", help="Also write the rows to this file.")]


def write_json(path: Path | None, rows: list[dict[str, Any]]) -> None:
    """Write rows to a file, if one was asked for. Raises MsaniiError if it cannot be written."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise MsaniiError(f"json: `{path}` cannot be written ({error}); check the folder") from error
