"""Joins `script/*.js` into the single file that Max loads; run `python max_for_live/join_script.py`."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "MsaniiLive.js"


def joined() -> str:
    """Return the script: its sections in the order of their names, separated by blank lines."""
    sections = sorted((HERE / "script").glob("[0-9][0-9]_*.js"))
    return "\n".join(section.read_text(encoding="utf-8") for section in sections)


if __name__ == "__main__":
    SCRIPT.write_text(joined(), encoding="utf-8", newline="\n")
