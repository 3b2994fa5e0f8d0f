"""The rows of the OSC table about takes and other audio that is there."""

from __future__ import annotations

from bridge import messages as m
from bridge.addresses import arguments as read
from bridge.addresses.arguments import Arguments
from bridge.addresses.row import NEW_PROCESS_COST, Address
from bridge.messages import BridgeError
from bridge.values import check_label, name_of, shown

_TAKE = "a take's path or file name"


def rows() -> tuple[Address, ...]:
    """Return the rows, their paths without the root."""
    row = Address
    return (
        row("listen", "path_or_name", "hears tempo, meter, first downbeat in samples, key and chords of an "
            "audio file or a take; of what is not known it says 0, for the downbeat -1, or an empty text",
            "heard path_or_name bpm numerator denominator first_beat key chords confidence", _listen,
            cost=NEW_PROCESS_COST),
        row("take/name", "path_or_name [label]",
            "gives a take a name that the list shows and that stands for it; its file keeps its own",
            "take/name.reply name label", _name, cost=4),
        row("take/reveal", "path_or_name", "shows a take in the file manager of the daemon's computer; for "
            "clients on it alone", "take/reveal.reply name", _reveal, cost=NEW_PROCESS_COST),
        row("take/star", "path_or_name [1 or 0]", "marks a take as one to keep", "take/star.reply name on",
            _star, cost=4),
    )  # fmt: skip


def _listen(address: str, arguments: Arguments) -> m.Listen:
    expected = "an audio file's path, or a take's name"
    read.expect(address, arguments, 1, 1, expected)
    return m.Listen(read.take(address, arguments[0], expected))


def _name(address: str, arguments: Arguments) -> m.NameTake:
    expected = f"{_TAKE}, and the name to give it in one string"
    read.expect(address, arguments, 1, 2, expected)
    take = read.take(address, arguments[0], expected)
    label = name_of(arguments[1]) if len(arguments) > 1 else ""
    if not isinstance(label, str):
        raise BridgeError("type", f"{address}: got {shown(label)}, expected {expected}; send an OSC string.")
    return m.NameTake(take, check_label(label))


def _reveal(address: str, arguments: Arguments) -> m.RevealTake:
    read.expect(address, arguments, 1, 1, _TAKE)
    return m.RevealTake(read.take(address, arguments[0], _TAKE))


def _star(address: str, arguments: Arguments) -> m.StarTake:
    expected = f"{_TAKE} and, to take the star away, 0"
    read.expect(address, arguments, 1, 2, expected)
    take = read.take(address, arguments[0], expected)
    on = len(arguments) == 1 or read.is_pressed(address, arguments[1], "1 or 0")
    return m.StarTake(take, on)
