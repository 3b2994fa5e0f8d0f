"""The parts of an arrangement and their levels, parsed from text. Pure Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msanii.errors import ScoreError
from msanii.limits import LEVEL_DB, MOST_PARTS
from msanii.music.sounds import require_part

_LEVEL = re.compile(r"([a-z]+(?:_[0-9]+)?)[\s=:]+([+-]?[0-9]*\.?[0-9]+)(?:\s*db)?")
_SUCH_AS = "such as `bass 2, lead -3`"


def read_parts(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of parts. Raises ScoreError."""
    parts = tuple(require_part(name) for name in text.split(",") if name.strip())
    if not 1 <= len(parts) <= MOST_PARTS:
        raise ScoreError(f"parts: got {len(parts)}, expected 1 to {MOST_PARTS}, such as keys,bass,drums,lead")
    return parts


def part_names(parts: Sequence[str]) -> tuple[str, ...]:
    """A name for each part; repeated parts are numbered: keys, keys_2."""
    names: list[str] = []
    for place, part in enumerate(parts):
        before = parts[:place].count(part)
        names.append(f"{part}_{before + 1}" if before else part)
    return tuple(names)


def part_of_name(name: str) -> str:
    """The part of a name that `part_names` may have numbered: keys for keys_2."""
    return name.partition("_")[0]


def read_levels(text: str) -> Mapping[str, float]:
    """Parse levels in dB by part, such as `bass 2, lead -3`. Raises ScoreError."""
    low, high = LEVEL_DB
    levels: dict[str, float] = {}
    for item in filter(None, (item.strip().lower() for item in text.split(","))):
        match = _LEVEL.fullmatch(item)
        if match is None:
            raise ScoreError(f"level_db: got `{item[:40]}`, expected a part and a number of dB, {_SUCH_AS}")
        name, level = match[1], float(match[2])
        if not low <= level <= high:
            raise ScoreError(f"level_db: got {match[2][:40]} for {name}, expected {low:g} to {high:g} dB")
        if name in levels:
            raise ScoreError(f"level_db: {name} is named twice; name each part once, {_SUCH_AS}")
        levels[name] = level
    return levels


def levels_of(text: str, parts: Sequence[str]) -> tuple[float, ...]:
    """Parse levels, in dB, in the parts' order; 0 for parts without one.

    Raises ScoreError for text that cannot be parsed, and for a part that does not play.
    """
    names, levels = part_names(parts), read_levels(text)
    for name in levels:
        if name not in names:
            playing = ", ".join(names)
            raise ScoreError(f"level_db: no part here is called {name[:40]}, expected one of {playing}")
    return tuple(levels.get(name, 0.0) for name in names)


def levels_that_count(text: str, parts: Sequence[str]) -> str:
    """Drop the levels of parts that do not play. Raises ScoreError for text that cannot be parsed.

    A name that is no part at all is a typing error, and raises too.
    """
    levels, names = read_levels(text), part_names(parts)
    for name in levels:
        require_part(part_of_name(name))
    return ", ".join(f"{name} {level:.10g}" for name, level in levels.items() if name in names)
