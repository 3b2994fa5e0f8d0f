"""Writes what goes with a pack's sounds: contact sheet, CSV, rights report and the model's card."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from bridge.pack.journal import Journal, Outcome
from bridge.pack.lists.contact_sheet import contact_sheet
from bridge.pack.lists.rights import Maker, rights_report
from bridge.pack.planning.recipe import PackRecipe
from bridge.system.disk import write_whole

CONTACT_SHEET, TABLE, RIGHTS, CARD = "contact_sheet.html", "files.csv", "rights.md", "model_card.md"
REJECTED = "rejected.csv"
COLUMNS = (
    "path", "tail", "midi", "kind", "part", "sound", "style", "bpm", "key", "chords", "bars", "meter", "note",
    "velocity", "seed", "seconds", "rate", "peak_db", "heard_chords", "heard_onsets", "model",
    "model_fingerprint",
)  # fmt: skip
_REJECTED_COLUMNS = (
    "name",
    "part",
    "sound",
    "style",
    "bpm",
    "key",
    "chords",
    "note",
    "velocity",
    "seed",
    "reason",
)
# Spreadsheets take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_lists(folder: Path, recipe: PackRecipe, makers: Sequence[Maker], journal: Journal) -> None:
    """Write the lists of what a pack holds now. Raises BridgeError `disk` or `folder`."""
    outcomes = list(journal.outcomes())
    kept = sorted((one for one in outcomes if one.state == "kept"), key=lambda one: one.path)
    rejected = [one for one in outcomes if one.state == "rejected"]
    write_whole(folder / TABLE, _table(kept, COLUMNS))
    write_whole(folder / REJECTED, _table(rejected, _REJECTED_COLUMNS))
    write_whole(folder / RIGHTS, rights_report(recipe, makers, kept).encode())
    if card := makers[0].card():
        write_whole(folder / CARD, card.encode())
    write_whole(folder / CONTACT_SHEET, contact_sheet(recipe, kept).encode())


def _table(outcomes: Sequence[Outcome], columns: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(columns)
    for outcome in outcomes:
        facts = {"path": outcome.path, **outcome.facts}
        rows.writerow([_cell(facts.get(column)) for column in columns])
    # With a byte order mark, spreadsheets read it as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
