"""The OSC table's rows for endless mode and Ableton Link."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from bridge.addresses import arguments as read
from bridge.addresses.row import RENDER_COST, Address, on_press
from bridge.messages import BridgeError
from bridge.messages import endless as e
from bridge.parameters import OF_MODEL, PARAMETERS
from bridge.values import shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments
    from bridge.messages import PartialRequest

MOST_AHEAD, MOST_KEPT = 16, 64
MOST_POINTS, MOST_CURVE_BARS = 64, 4_096
TURN_BARS, DEFAULT_TURN_BARS = (1, 2, 4, 8), 2
# Parameters that may change while an endless deck plays.
FOLLOWED = frozenset(
    ("chords", "key", *OF_MODEL, "guidance_of", "phase", "sound", "part", "swing", "density",
     "register_pitch", "dynamics", "compose", "style")
)  # fmt: skip
# Parameters that make no sense for endless music, rendered bar by bar.
REFUSED = (
    "bars", "seconds", "count", "candidates", "keep", "batch", "end", "loop", "notes", "notes_from_beats",
    "parts", "level_db", "format", "name_template", "rate",
)  # fmt: skip
# Parameters that cannot change while an endless deck plays, and what to do instead.
KEPT = {
    "model": "stop it, and start it with another",
    "bpm": "its tempo is the stage's, set `/msanii/transport/tempo`",
    "numerator": "its meter is the stage's, set `/msanii/transport/meter` and start it again",
    "denominator": "its meter is the stage's, set `/msanii/transport/meter` and start it again",
    "loudness_lufs": "set the deck's gain",
}

# How far a morph goes from what lies between its takes, if nothing else is said.
MORPH_STRENGTH = 0.5

_DECK = "a deck's number"


def rows() -> tuple[Address, ...]:
    """Return the rows, their paths without the root."""
    row = Address
    return (
        row("endless/start", "deck key value ...", "starts endless music on a deck; takes the parameters "
            "of generate, and `ahead`, the number of bars to keep ready", "endless/start.reply deck seed",
            _start, cost=RENDER_COST + 1),
        row("answer", "deck key value ...", "makes a deck answer what you play on a MIDI keyboard: the "
            "first `bars` bars are yours (1, 2, 4 or 8; 2 if you do not say), the next its own, and so on; "
            "takes the parameters of generate", "endless/start.reply deck seed; for each turn "
            "answer/event/turn deck player or deck bar, then answer/event/heard deck notes chords", _answer,
            cost=RENDER_COST + 1),
        row("morph", "deck take take key value ...", "starts endless music on a deck that lies between two "
            "takes, where the deck's `morph` says; takes `strength`, how far it may go from them, and what "
            "endless/start takes", "morph.reply deck seed", _morph, cost=RENDER_COST + 1),
        row("endless/set", "[deck] key value ...", "changes an endless deck, or without a number all of "
            "them, from the next unrendered bar on, which the answer names",
            "endless/set.reply deck bar", _set, cost=2),
        row("curve", "[deck] name bars value ...", "changes a parameter of an endless deck, or without a "
            "number of all of them, over the coming bars; `name` alone ends it", "curve.reply deck name bar",
            _curve, cost=2),
        row("endless/stop", "deck", "stops an endless deck at its next launch boundary",
            "endless/stop.reply deck", _stop),
        row("endless/keep", "deck bars", "saves the last bars played to a file; `recipe` is 0 if they "
            "cannot be rendered again", "endless/keep.reply deck path first_bar bars recipe", _keep,
            cost=RENDER_COST),
        row("endless/status", "", "returns the state of each endless deck",
            "endless/status.reply deck bar rendered margin behind seconds_per_bar ...",
            on_press(e.EndlessStatus), True),
        row("link", "1 or 0", "joins or leaves the network's Ableton Link session", "link.reply on", _link),
    )  # fmt: skip


def _start(address: str, arguments: Arguments) -> e.StartEndless:
    read.expect(address, arguments, 1, None, f"{_DECK}, and then `key value` pairs")
    values, ahead = _values(address, arguments[1:])
    return e.StartEndless(_deck(address, arguments[0]), values, ahead)


def _answer(address: str, arguments: Arguments) -> e.StartEndless:
    read.expect(address, arguments, 1, None, f"{_DECK}, and then `key value` pairs")
    words, bars = list(arguments[1:]), DEFAULT_TURN_BARS
    if "bars" in words[::2]:
        at = 2 * words[::2].index("bars")
        bars = _turn_bars(words[at + 1] if at + 1 < len(words) else None)
        del words[at : at + 2]
    values, ahead = _values(address, words)
    return e.StartEndless(_deck(address, arguments[0]), values, ahead, bars)


def _turn_bars(value: object) -> int:
    if isinstance(value, bool) or value not in TURN_BARS:
        expected = ", ".join(map(str, TURN_BARS[:-1]))
        raise BridgeError(
            "value", f"`bars`: got {shown(value)}, expected {expected} or {TURN_BARS[-1]}; send one."
        )
    return int(value)


def _morph(address: str, arguments: Arguments) -> e.StartMorph:
    expected = f"{_DECK}, two takes, and then `key value` pairs"
    read.expect(address, arguments, 3, None, expected)
    deck = _deck(address, arguments[0])
    first, second = (read.take(address, one, expected) for one in arguments[1:3])
    words, strength = list(arguments[3:]), MORPH_STRENGTH
    if "strength" in words[::2] and len(words) % 2 == 0:
        at = 2 * words[::2].index("strength")
        strength = float(PARAMETERS["strength"].check(words[at + 1]))
        del words[at : at + 2]
    values, ahead = _values(address, words)
    return e.StartMorph(deck, first, second, values, ahead, strength)


def _set(address: str, arguments: Arguments) -> e.SetEndless:
    read.expect(address, arguments, 2, None, "a deck's number if wanted, and then `key value` pairs")
    deck = _deck(address, arguments[0]) if len(arguments) % 2 else None
    values, ahead = _values(address, arguments[len(arguments) % 2 :])
    for name, instead in KEPT.items():
        if name in values:
            raise BridgeError("value", f"`{name}`: an endless deck keeps it while it plays; {instead}.")
    return e.SetEndless(deck, values, ahead)


def _curve(address: str, arguments: Arguments) -> e.DrawCurve:
    expected = "a deck's number if wanted, a parameter's name, and then pairs of bars and values"
    read.expect(address, arguments, 1, None, expected)
    has_deck = not isinstance(arguments[0], str)
    read.expect(address, arguments, 1 + has_deck, None, expected)
    deck = _deck(address, arguments[0]) if has_deck else None
    name, *rest = arguments[has_deck:]
    if not isinstance(name, str) or name not in FOLLOWED:
        raise BridgeError(
            "value", f"{address}: got {shown(name)}, expected one of {', '.join(sorted(FOLLOWED))}; send one."
        )
    if len(rest) % 2 or len(rest) > 2 * MOST_POINTS:
        raise BridgeError(
            "missing", f"{address}: expected pairs of bars and values, at most {MOST_POINTS}; send those."
        )
    points = tuple(
        (_bars(address, bars), PARAMETERS[name].check(value))
        for bars, value in zip(rest[::2], rest[1::2], strict=True)
    )
    if any(bars >= after for (bars, _), (after, _) in pairwise(points)):
        raise BridgeError("value", f"{address}: expected bars in ascending order; sort the pairs.")
    return e.DrawCurve(deck, name, points)


def _bars(address: str, value: object) -> float:
    # Written so that NaN fails the comparison.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_CURVE_BARS:
        raise BridgeError(
            "value", f"{address}: got {shown(value)}, expected bars from 0 to {MOST_CURVE_BARS}; send those."
        )
    return float(value)


def _stop(address: str, arguments: Arguments) -> e.StopEndless:
    read.expect(address, arguments, 1, 1, _DECK)
    return e.StopEndless(_deck(address, arguments[0]))


def _keep(address: str, arguments: Arguments) -> e.KeepEndless:
    read.expect(address, arguments, 2, 2, f"{_DECK} and a number of bars")
    return e.KeepEndless(_deck(address, arguments[0]), _whole("bars", arguments[1], MOST_KEPT))


def _link(address: str, arguments: Arguments) -> e.UseLink:
    read.expect(address, arguments, 1, 1, "1 or 0")
    return e.UseLink(read.is_pressed(address, arguments[0], "1 or 0"))


def _values(address: str, words: Arguments) -> tuple[PartialRequest, int | None]:
    if len(words) % 2:
        raise BridgeError("missing", f"{address}: {shown(words[-1])} has no value; send `key value` pairs.")
    pairs, ahead = list(words), None
    if "ahead" in pairs[::2]:
        at = 2 * pairs[::2].index("ahead")
        ahead = _whole("ahead", pairs[at + 1], MOST_AHEAD)
        del pairs[at : at + 2]
    for key in pairs[::2]:
        if isinstance(key, str) and key in REFUSED:
            raise BridgeError("value", f"`{key}`: endless mode does not take it; leave it out.")
    return read.pairs(pairs, "generate"), ahead


def _deck(address: str, value: object) -> int:
    if isinstance(value, str) or value is None:
        raise BridgeError("type", f"{address} deck: got {shown(value)}, expected {_DECK}; send that first.")
    return _whole("deck", value, 16)


def _whole(field: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BridgeError("type", f"`{field}`: got {shown(value)}, expected a whole number from 1 to {most}.")
    # Written so that NaN fails the comparison.
    if not (1 <= value <= most and value == int(value)):
        raise BridgeError(
            "value", f"`{field}`: got {shown(value)}, expected a whole number from 1 to {most}."
        )
    return int(value)
