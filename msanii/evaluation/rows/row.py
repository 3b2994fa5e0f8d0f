"""Rows of a metrics table: name, value, target, and whether the target is reached."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Row:
    """A metric in the table; `target` and `reached` are None if it has no target."""

    name: str
    value: float | None
    target: str | None = None
    reached: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON, which has no NaN."""
        return asdict(self)


def make_row(
    name: str, value: float, target: str | None = None, low: float = -math.inf, high: float = math.inf
) -> Row:
    """A row whose target is reached from `low` to `high`; a value that is not finite reaches none."""
    if not math.isfinite(value):
        return Row(name, None, target, None if target is None else False)
    return Row(name, round(value, 4), target, None if target is None else bool(low <= value <= high))


def beside(row: Row, label: str) -> Row:
    """Label a row as a baseline's, without a target."""
    return replace(row, name=f"{row.name} [{label}]", target=None, reached=None)


def mean_of_known(values: Iterable[float]) -> float:
    """The mean of the values that are not NaN; NaN if there are none."""
    known = [float(value) for value in values if value == value]
    return sum(known) / len(known) if known else math.nan


def ratio(value: float, reference: float) -> float:
    """A value relative to a reference; NaN if the reference is not positive."""
    return value / reference if reference > 0 else math.nan
