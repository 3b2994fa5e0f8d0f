"""`python -m max_for_live.build_device`: writes the device, its script, version and picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from max_for_live.container import pack, patcher_text
from max_for_live.join_script import SCRIPT, joined
from max_for_live.linter import lint
from max_for_live.picture import draw
from max_for_live.version import RECORD, due, recorded, stamp
from max_for_live.wiring import build_patcher

FOLDER = Path(__file__).parent


def device_files() -> Mapping[str, bytes]:
    """Return every generated file by name: the same bytes on every machine.

    Raises:
        ValueError: if the linter finds faults; it lists them.
    """
    patcher = build_patcher()
    problems = lint(patcher)
    if problems:
        raise ValueError("\n".join(problems))
    script = joined()
    version = due(recorded(), patcher_text(patcher), script)
    stamp(patcher, version.number)
    return {
        SCRIPT.name: script.encode("utf-8"),
        RECORD.name: version.text().encode("ascii"),
        "Msanii.maxpat": patcher_text(patcher).encode("ascii"),
        "Msanii.amxd": pack(patcher),
        "Msanii.svg": draw(patcher).encode("utf-8"),
    }


def main() -> None:
    """Write the files into this folder."""
    for name, data in device_files().items():
        (FOLDER / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
