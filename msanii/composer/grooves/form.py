"""Form: which bars of a piece play the pattern of a groove, a variation or a fill. Pure Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from msanii.composer.grooves.groove import Groove, Lines, Sort

if TYPE_CHECKING:
    import numpy as np

PHRASE_BARS = 8
_LEAST_BARS_FOR_A_FILL = 4

Role = Literal["pattern", "variation", "fill"]


@dataclass(frozen=True, slots=True)
class GrooveForm:
    """A groove over `bars` bars. A phrase of eight comes again with the same variations, and another fill."""

    groove: Groove
    bars: int
    roles: tuple[Role, ...]
    """of each bar in a phrase"""
    choices: tuple[int, ...]
    """which variation or fill, counted on from phrase to phrase for fills"""
    loop: bool

    @classmethod
    def drawn(cls, groove: Groove, bars: int, loop: bool, random: np.random.Generator) -> GrooveForm:
        """Draw a form. A longer piece begins as a shorter one does."""
        main: Role = "pattern" if random.random() < 0.7 else "variation"
        answer: Role = "pattern" if main == "variation" or random.random() < 0.5 else "variation"
        half: Role = "fill" if random.random() < 0.3 else "variation"
        first, third, fourth, last = (int(choice) for choice in random.integers(0, 8, 4))
        roles: tuple[Role, ...] = (main, main, answer, half, main, main, answer, "fill")
        choices = (first, first, third, fourth, first, first, third, last)
        return cls(groove, bars, roles, choices, loop)

    def role(self, bar: int) -> Role:
        """The role of a bar, counted from 0; the last bar of a piece of four or more is a fill."""
        is_last = bar == self.bars - 1
        if is_last and self.bars >= _LEAST_BARS_FOR_A_FILL:
            return "fill"
        if is_last and self.bars > 1:
            return "variation"
        return self.roles[bar % PHRASE_BARS]

    def starts_after_fill(self, bar: int) -> bool:
        """Whether a bar follows the fill of a phrase, or of a loop of at least a phrase."""
        if bar == 0:
            return self.loop and self.bars >= PHRASE_BARS
        return bar % PHRASE_BARS == 0

    def strokes(self, lines: Lines[Sort], bar: int) -> Sequence[Sort]:
        """The strokes of a bar of the drums or the bass."""
        role = self.role(bar)
        others = {"pattern": (), "variation": lines.variations, "fill": lines.fills}[role]
        if not others:
            bars = lines.pattern
        else:
            turn = bar // PHRASE_BARS if role == "fill" else 0
            bars = others[(self.choices[bar % PHRASE_BARS] + turn) % len(others)]
        return bars[bar % len(bars)]
