"""Means of what was heard, as a Markdown table and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tests.outside_ears.clips import PURPOSES
from tests.outside_ears.hearing import Heard

# purpose -> figure -> folder -> (mean, clips that it is the mean of)
Means = dict[str, dict[str, dict[str, tuple[float, int]]]]


def means(columns: dict[str, Sequence[Heard]]) -> Means:
    """The mean of every figure, a purpose and a folder, of the clips that have it."""
    found: Means = {}
    for purpose in PURPOSES:
        heard = {
            name: [item for item in items if item.clip.purpose == purpose] for name, items in columns.items()
        }
        # A dict keeps the order in which the judges spoke, and each figure once.
        names = dict.fromkeys(figure for some in heard.values() for item in some for figure in item.figures)
        rows = {figure: {name: _mean(some, figure) for name, some in heard.items()} for figure in names}
        if rows:
            found[purpose] = rows
    return found


def markdown(found: Means, counts: dict[str, dict[str, int]]) -> str:
    """A table: purpose, figure, then a column a folder. `counts` are the clips by folder and purpose.

    A mean of fewer clips than there are says of how many; nothing measured is a dash.
    """
    folders = list(counts)
    lines = [f"| | figure | {' | '.join(folders)} |", "|---|---|" + "---|" * len(folders)]
    for purpose, rows in found.items():
        lines.append(f"| {purpose} | clips | {' | '.join(str(counts[name][purpose]) for name in folders)} |")
        for figure, cells in rows.items():
            texts = [_text(figure, *cells[name], counts[name][purpose]) for name in folders]
            lines.append(f"| {purpose} | {figure} | {' | '.join(texts)} |")
    return "\n".join(lines) + "\n"


def plain(found: Means) -> dict[str, Any]:
    """The means for a JSON file: null where nothing was measured."""
    return {
        purpose: {
            figure: {
                name: {"mean": mean if math.isfinite(mean) else None, "clips": clips}
                for name, (mean, clips) in cells.items()
            }
            for figure, cells in rows.items()
        }
        for purpose, rows in found.items()
    }


def _mean(heard: Sequence[Heard], figure: str) -> tuple[float, int]:
    values = [item.figures.get(figure, math.nan) for item in heard]
    known = [value for value in values if math.isfinite(value)]
    return (sum(known) / len(known) if known else math.nan), len(known)


def _text(figure: str, mean: float, measured: int, clips: int) -> str:
    if not measured:
        return "-"
    digits = 1 if figure.endswith((", dB", ", ms", ", LUFS")) else 3
    return f"{mean:.{digits}f}" + (f" ({measured} of {clips})" if measured < clips else "")
