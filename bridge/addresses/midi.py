"""The OSC table's rows for MIDI: ports, maps, learning, captured chords, clock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

from bridge.addresses import ROOT
from bridge.addresses import arguments as read
from bridge.addresses.row import Address, on_press
from bridge.messages import BridgeError
from bridge.messages import midi as mm
from bridge.parameters import PARAMETERS, Parameter
from bridge.values import MAX_NAME_CHARACTERS, check_name, shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments

MAX_PATTERN_CHARACTERS = 128
MAX_LEARNED_ARGUMENTS = 16
MAX_NUDGE_MS = 500.0


def _use_map(address: str, arguments: Arguments) -> mm.UseMap:
    expected = "a map's name and, if wanted, a port's name with * for any part of it"
    read.expect(address, arguments, 1, 2, expected)
    name = check_name("map", read.text(address, arguments[0], expected, MAX_NAME_CHARACTERS))
    return mm.UseMap(name, _pattern(address, arguments[1:]))


def _learn(address: str, arguments: Arguments) -> mm.Learn:
    expected = "a parameter's name, or an address and its arguments"
    read.expect(address, arguments, 1, 1 + MAX_LEARNED_ARGUMENTS, expected)
    name = read.text(address, arguments[0], expected, MAX_PATTERN_CHARACTERS)
    if not name.startswith("/"):
        turned(name)
        read.expect(address, arguments, 1, 1, "a parameter's name alone; only an address takes arguments")
    return mm.Learn(name, tuple(read.echo(address, "argument", item) for item in arguments[1:]))


def turned(name: str) -> Parameter:
    """Return the named parameter. Raises BridgeError `value` unless a knob can control it."""
    able = [row.name for row in PARAMETERS.values() if row.kind in ("int", "float", "choice")]
    if name not in able:
        raise BridgeError(
            "value",
            f"{shown(name)}: no parameter that a knob can turn, expected one of {', '.join(able)}, "
            f"or an address such as {ROOT}generate; use one of these.",
        )
    return PARAMETERS[name]


def _forget(address: str, arguments: Arguments) -> mm.Forget:
    expected = "what was learned: a parameter's name or an address; or all"
    read.expect(address, arguments, 1, 1, expected)
    return mm.Forget(read.text(address, arguments[0], expected, MAX_PATTERN_CHARACTERS))


def _capture(address: str, arguments: Arguments) -> mm.Capture:
    words = get_args(mm.CaptureMode)
    return mm.Capture(_word(address, arguments, words))  # type: ignore[arg-type]


def _timing(address: str, arguments: Arguments) -> mm.CaptureTiming:
    words = get_args(mm.Timing)
    return mm.CaptureTiming(_word(address, arguments, words))  # type: ignore[arg-type]


def _word(address: str, arguments: Arguments, words: tuple[str, ...]) -> str:
    expected = "one of " + ", ".join(words)
    read.expect(address, arguments, 1, 1, expected)
    word = read.text(address, arguments[0], expected, MAX_NAME_CHARACTERS)
    if word not in words:
        raise BridgeError("value", f"{address}: got {shown(word)}, expected {expected}; send one of these.")
    return word


def _clock_in(address: str, arguments: Arguments) -> mm.ClockIn:
    read.expect(address, arguments, 1, 1, "1 or 0")
    return mm.ClockIn(read.is_pressed(address, arguments[0], "1 or 0"))


def _clock_out(address: str, arguments: Arguments) -> mm.ClockOut:
    read.expect(address, arguments, 1, 2, "1 or 0 and, if wanted, a port's name with * for any part of it")
    on = read.is_pressed(address, arguments[0], "1 or 0")
    return mm.ClockOut(on, _pattern(address, arguments[1:]))


def _nudge(address: str, arguments: Arguments) -> mm.NudgeClock:
    expected = f"milliseconds from {-MAX_NUDGE_MS:g} to {MAX_NUDGE_MS:g}"
    read.expect(address, arguments, 1, 1, expected)
    value = read.echo(address, "nudge", arguments[0])
    if isinstance(value, str) or not -MAX_NUDGE_MS <= value <= MAX_NUDGE_MS:
        raise BridgeError("value", f"{address}: got {shown(value)}, expected {expected}; send such a number.")
    return mm.NudgeClock(float(value))


def _pattern(address: str, rest: Arguments) -> str:
    expected = "a port's name, with * for any part of it"
    return read.text(address, rest[0], expected, MAX_PATTERN_CHARACTERS) if rest else "*"


def rows() -> tuple[Address, ...]:
    """Return the rows, their paths without the root."""
    row = Address
    return (
        row("midi/ports", "", "lists the MIDI ports and the map of each",
            "midi/ports.reply state virtual_port problem, then midi/port.reply in_or_out name map",
            on_press(mm.ListMidiPorts), True),
        row("midi/controls", "", "lists what each knob, pad and key does",
            "midi/control.reply port control does map, then midi/controls.reply count",
            on_press(mm.ListControls)),
        row("midi/maps", "", "lists the names of the maps", "midi/maps.reply name ...",
            on_press(mm.ListMaps), True),
        row("midi/map", "name [port]", "uses a map for the matching ports, for this session",
            "midi/map.reply name port", _use_map),
        row("midi/reload", "", "reloads the maps after an edit", "midi/maps.reply name ...",
            on_press(mm.ReloadMaps), cost=8),
        row("midi/learn", "name [argument ...]",
            "maps a parameter or an address to the next knob or pad that moves",
            "midi/event/learning, then midi/event/learned", _learn),
        row("midi/learn/cancel", "", "cancels a pending MIDI learn", "midi/event/unarmed",
            on_press(mm.CancelLearn)),
        row("midi/forget", "name or all", "removes learned controls from your map", "midi/event/forgotten",
            _forget, cost=2),
        row("midi/capture", "chords, notes or off", "captures what is played on the keys",
            "midi/event/capturing", _capture),
        row("midi/capture/timing", "free or bar",
            "sets the length of captured chords: one bar each, or as played in whole beats",
            "midi/event/capturing", _timing),
        row("midi/capture/undo", "", "removes the last captured chord or note",
            "midi/event/progression or notes", on_press(partial(mm.EditCapture, "undo"))),
        row("midi/capture/clear", "", "removes all captured chords and notes",
            "midi/event/progression or notes", on_press(partial(mm.EditCapture, "clear"))),
        row("midi/clock/in", "1 or 0", "follows MIDI clock", "midi/event/clock", _clock_in),
        row("midi/clock/out", "1 or 0 [port]", "sends MIDI clock", "midi/event/clock", _clock_out),
        row("midi/clock/nudge_ms", "milliseconds", "delays the clock; negative values send it earlier",
            "midi/event/clock", _nudge),
        row("midi/panic", "", "releases every note and key", "midi/event/capturing",
            on_press(mm.MidiPanic)),
    )  # fmt: skip
