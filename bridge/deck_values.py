"""The table of deck parameters: everything that can be set on a deck, with its type, range and default.

The OSC addresses, the daemon's deck state, the commands to the audio process and its decks all derive from
`DECK_VALUES`. In the audio process each value sets the attribute of that name on
`bridge.audio_child.decks.deck.Deck`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from bridge.messages.stage import FollowAction, LaunchMode, Quantise, Setting

QUIETEST_DB, LOUDEST_DB = -60.0, 12.0
LOW_HERTZ, HIGH_HERTZ = 250.0, 2_500.0
"""where a deck's low band ends and its high band begins, as on most mixers"""


@dataclass(frozen=True, slots=True)
class Number:
    """A float from `low` to `high`, in `unit`, perhaps whole; error messages call it `quantity`."""

    quantity: str
    low: float
    high: float
    unit: str = ""
    is_whole: bool = False

    @property
    def argument(self) -> str:
        """The argument's name in the OSC table."""
        return self.unit or "number"

    @property
    def expected(self) -> str:
        """The range, for help texts and error messages."""
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    argument: str = "1 or 0"
    expected: str = "1 or 0"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; `expected` lists them."""

    words: tuple[str, ...]
    expected: str
    argument: str = "word"


Kind = Number | Switch | Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckValue:
    """A row of the table. With `help_for_all`, a further address sets the value on every deck."""

    name: str
    kind: Kind
    default: Setting
    help: str
    help_for_all: str = ""


DECIBELS = Number("decibels", QUIETEST_DB, LOUDEST_DB, "dB")
BAND = Number("decibels", QUIETEST_DB, 6.0, "dB")
FOLLOW_ACTION = Choice(get_args(FollowAction), ", ".join(get_args(FollowAction)))
FOLLOW_BARS = Number("whole bars", 1.0, 128.0, "bars", is_whole=True)
LAUNCH_MODE = Choice(get_args(LaunchMode), "trigger, gate or toggle")
QUANTISE = Choice(get_args(Quantise), "off, beat, 1, 2, 4 or 8 bars")

DECK_VALUES = (
    DeckValue(name="gain", kind=DECIBELS, default=0.0, help="sets its gain; the lowest is silence"),
    DeckValue(
        name="pan",
        kind=Number("a position", -1.0, 1.0),
        default=0.0,
        help="moves it between left, -1, and right, 1, by turning the other side down",
    ),
    DeckValue(name="mute", kind=Switch(), default=False, help="mutes it; a muted deck plays on"),
    *(
        DeckValue(
            name=f"eq_{band}", kind=BAND, default=0.0, help=f"sets its {words}; the lowest kills the band"
        )
        for band, words in (
            ("low", f"bass, below {LOW_HERTZ:,.0f} Hz"),
            ("mid", f"middle, {LOW_HERTZ:,.0f} to {HIGH_HERTZ:,.0f} Hz"),
            ("high", f"treble, above {HIGH_HERTZ:,.0f} Hz"),
        )
    ),
    DeckValue(
        name="filter",
        kind=Number("a position", -1.0, 1.0),
        default=0.0,
        help="closes a low-pass towards -1 and a high-pass towards 1; 0 lets everything through",
    ),
    DeckValue(name="loop", kind=Switch(), default=True, help="repeats its take, or plays it once"),
    DeckValue(
        name="quantise",
        kind=QUANTISE,
        default="1",
        help="sets the boundaries on which it starts and stops",
        help_for_all="sets the launch quantisation of every deck",
    ),
    DeckValue(
        name="launch_mode",
        kind=LAUNCH_MODE,
        default="trigger",
        help="sets what a launch button does too: a gate stops as it is let go, a toggle stops what plays",
    ),
    DeckValue(
        name="legato",
        kind=Switch(),
        default=False,
        help="launches a take at the place that the one before it has reached, or at its beginning",
    ),
    DeckValue(
        name="follow_action",
        kind=FOLLOW_ACTION,
        default="none",
        help="sets what it does by itself after `follow_bars` of a take, among its takes in the scenes",
    ),
    DeckValue(
        name="follow_bars",
        kind=FOLLOW_BARS,
        default=4.0,
        help="sets after how many bars of a take its follow action comes",
    ),
    DeckValue(
        name="morph",
        kind=Number("a position", 0.0, 1.0),
        default=0.5,
        help="moves its endless music between the first take of a morph, 0, and the second, 1",
    ),
    DeckValue(
        name="stretch",
        kind=Switch(),
        default=False,
        help="stretches its take to the stage's tempo, or plays it at its own",
        help_for_all="sets `stretch` on every deck",
    ),
)
BY_NAME = {value.name: value for value in DECK_VALUES}


def defaults() -> dict[str, Setting]:
    """Return the initial values of a deck, by name."""
    return {value.name: value.default for value in DECK_VALUES}
