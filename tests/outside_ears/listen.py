"""Lets programs from outside the project listen to clips, and says what they heard beside real music.

`make ears REAL=FOLDER MADE=FOLDER` starts it; README.md beside it tells what each figure means.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A script's own folder comes first otherwise, and `music` or `table` would hide other people's modules.
sys.path[0] = str(ROOT)

from tests.outside_ears import judges, table  # noqa: E402
from tests.outside_ears.clips import PURPOSES, ClipsError, Folder, read_folder  # noqa: E402
from tests.outside_ears.hearing import Heard, add_keys, hear_all  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Run the script; 0 when every folder was heard, 1 when a judge or a folder is missing."""
    started = time.monotonic()
    options = _options(arguments)
    missing = [name for package, name in judges.PACKAGES.items() if importlib.util.find_spec(package) is None]
    if missing:
        print(
            f"{', '.join(missing)}: not installed for {sys.executable}; run `make ears`, or install "
            "tests/outside_ears/requirements.txt into a Python 3.11 environment of its own with "
            "`pip install --no-deps -r`, and start this script with that Python.",
            file=sys.stderr,
        )
        return 1
    try:
        folders = [read_folder(path, options.limit) for path in [options.real, *options.made]]
    except ClipsError as error:
        print(error, file=sys.stderr)
        return 1
    heard = hear_all(folders, options.jobs, notes_asked=options.notes_asked)
    for made in heard[1:]:
        add_keys(heard[0], made, judges.key_score)
    _tell(_named(folders, heard), options.out, options.json, started)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Outside judges on real and made clips: a table of means.")
    parser.add_argument("--real", type=Path, required=True, help="folder of `msanii reference --clips`")
    made = "folder of `msanii evaluate --clips`; may be given again"
    parser.add_argument("--made", type=Path, action="append", required=True, help=made)
    parser.add_argument("--limit", type=_positive, help="clips a purpose in each folder (all)")
    parser.add_argument("--jobs", type=_positive, default=2, help="clips heard at once (2)")
    parser.add_argument("--notes-asked", action="store_true", help="made clips were asked for notes: note F")
    parser.add_argument("--out", type=Path, help="write the table here too")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, not {value}")
    return value


def _named(folders: list[Folder], heard: list[list[Heard]]) -> dict[str, list[Heard]]:
    """What was heard by the name of its column: `real`, then the folders' own names, numbered if alike."""
    columns = {"real": heard[0]}
    for number, (folder, some) in enumerate(zip(folders[1:], heard[1:], strict=True), start=1):
        columns[folder.name if folder.name not in columns else f"{folder.name} {number}"] = some
    return columns


def _tell(columns: dict[str, list[Heard]], out: Path | None, figures: Path | None, started: float) -> None:
    means = table.means(dict(columns))
    counts = {
        name: {purpose: sum(item.clip.purpose == purpose for item in heard) for purpose in PURPOSES}
        for name, heard in columns.items()
    }
    text = table.markdown(means, counts)
    untaken = [
        f"{name}/{item.clip.path.name}: {reason}"
        for name, heard in columns.items()
        for item in heard
        for reason in item.untaken
    ]
    seconds = round(time.monotonic() - started, 1)
    print(text)
    for line in untaken:
        print(f"Not taken, counted as NaN: {line}")
    print(f"{sum(map(len, columns.values()))} clips in {seconds:.0f} s.")
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if figures is not None:
        values = {"figures": table.plain(means), "clips": counts, "untaken": untaken, "seconds": seconds}
        figures.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
