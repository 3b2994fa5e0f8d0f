"""Rows of a table of metrics: a name, a value, what it should be, and whether it is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure of the table; `target` and `reached` are None where nothing is asked of it."""

    name: str
    value: float | None
    target: str | None = None
    reached: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, which has no NaN."""
        return asdict(self)


def make_row(
    name: str, value: float, target: str | None = None, low: float = -math.inf, high: float = math.inf
) -> Row:
    """A row whose target is reached from `low` to `high`; a value that is no number reaches none."""
    if not math.isfinite(value):
        return Row(name, None, target, None if target is None else False)
    return Row(name, round(value, 4), target, None if target is None else bool(low <= value <= high))


def beside(row: Row, label: str) -> Row:
    """A baseline's row: nothing is asked of it."""
    return replace(row, name=f"{row.name} [{label}]", target=None, reached=None)


def mean_of_known(values: Iterable[float]) -> float:
    """The mean of the values that are numbers; NaN where none is."""
    known = [float(value) for value in values if value == value]
    return sum(known) / len(known) if known else math.nan


def ratio(value: float, reference: float) -> float:
    """One figure over another; NaN where there is nothing to compare with."""
    return value / reference if reference > 0 else math.nan
