"""The OSC table's rows for the stage: decks, transport, master, recording, stream."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from bridge.addresses import arguments as read
from bridge.addresses.row import Address
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.parameters import PARAMETERS
from bridge.values import as_typed, shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments
    from bridge.messages import Message, Peer, Render

ROOT = "/msanii/"
EVENTS = frozenset(ROOT + name for name in s.STAGE_ANSWERS)
DECK = "<n>"

QUIETEST_DB, LOUDEST_DB = -60.0, 12.0
MAX_NUDGE_MS = 500.0
MAX_BEATS = 1_000_000.0

_DECK_NUMBER = re.compile(r"/deck/(\d+)/")
_Generate = Callable[[str, "Arguments", "Peer | None"], "Render | None"]


def expanded(path: str) -> tuple[str, ...]:
    """The addresses that a row of the table stands for: `<n>` is each deck's number."""
    return tuple(path.replace(DECK, str(n)) for n in range(1, s.MAX_DECKS + 1)) if DECK in path else (path,)


def subject(message: s.StageMessage) -> str:
    """The address that a failure of this message is about."""
    deck = getattr(message, "deck", None)
    match message:
        case s.SetDeck(_, name) | s.ReadDeck(_, name):
            word: str = name
        case s.SetStage(place) | s.ReadStage(place):
            return ROOT + _PLACES[place]
        case s.Record(_, None):
            return ROOT + "record/master"
        case _:
            word = _WORDS[type(message)]
    return f"{ROOT}deck/{deck}/{word}" if deck is not None else ROOT + word


_PLACES = {
    "gain": "master/gain", "quantise": "quantise", "stretch": "stretch", "tempo": "transport/tempo",
    "nudge_ms": "stream/nudge_ms",
}  # fmt: skip
_WORDS: dict[type, str] = {
    s.LoadDeck: "load", s.LaunchDeck: "launch", s.StopDeck: "stop", s.AwaitJob: "await",
    s.RenderToDeck: "generate", s.Record: "record", s.SetMeter: "transport/meter",
    s.Transport: "transport/play",
    s.Locate: "transport/locate", s.Panic: "panic", s.Undo: "undo", s.StreamStatus: "stream/status",
    s.ListDevices: "stream/devices", s.ChooseDevice: "stream/device",
}  # fmt: skip


# --- builders ----------------------------------------------------------------------------------------


def _deck(address: str) -> int:
    found = _DECK_NUMBER.search(address)
    return int(found[1]) if found else 0


def _pressed(address: str, arguments: Arguments) -> bool:
    read.expect(address, arguments, 0, 1, "nothing, or a button's 1")
    return not arguments or read.is_pressed(address, arguments[0], "nothing, or a button's 1")


def _button(
    kind: type[s.Panic | s.Undo | s.StreamStatus | s.ListDevices],
    address: str,
    arguments: Arguments,
    sender: Peer | None,
) -> Message | None:
    return kind(sender) if _pressed(address, arguments) else None


def _deck_button(
    kind: type[s.LaunchDeck | s.StopDeck], address: str, arguments: Arguments, sender: Peer | None
) -> Message | None:
    return kind(_deck(address), sender) if _pressed(address, arguments) else None


def _play(playing: bool, address: str, arguments: Arguments, sender: Peer | None) -> Message | None:
    return s.Transport(playing, sender) if _pressed(address, arguments) else None


def _load(address: str, arguments: Arguments, sender: Peer | None) -> s.LoadDeck:
    expected = "a take's name or an audio file's path and, if its tempo is known to you alone, its bpm"
    read.expect(address, arguments, 1, 2, expected)
    take = read.text(address, arguments[0], expected, PARAMETERS["source"].max_characters)
    bpm = _number(address, arguments[1], *_TEMPO) if len(arguments) > 1 else None
    return s.LoadDeck(_deck(address), take, bpm, sender)


def _await(address: str, arguments: Arguments, sender: Peer | None) -> s.AwaitJob:
    read.expect(address, arguments, 1, 1, "a job id")
    job_id = read.text(address, arguments[0], "a job id", read.MAX_JOB_ID_CHARACTERS)
    return s.AwaitJob(_deck(address), job_id, sender)


def _generate(
    render: _Generate, address: str, arguments: Arguments, sender: Peer | None
) -> s.RenderToDeck | None:
    asked = render(address, arguments, sender)
    return None if asked is None else s.RenderToDeck(_deck(address), asked, sender)


def _set_deck(name: s.DeckValue, address: str, arguments: Arguments, sender: Peer | None) -> Message:
    value_of, expected = _DECK_VALUES[name]
    read.expect(address, arguments, 0, 1, f"{expected}, or nothing to read it")
    if not arguments:
        return s.ReadDeck(_deck(address), name, sender)
    return s.SetDeck(_deck(address), name, value_of(address, arguments[0]), sender)


def _read_deck(address: str, arguments: Arguments, sender: Peer | None) -> Message | None:
    return s.ReadDeck(_deck(address), "state", sender) if _pressed(address, arguments) else None


def _set_stage(name: s.MasterValue, address: str, arguments: Arguments, sender: Peer | None) -> Message:
    value_of, expected = _STAGE_VALUES[name]
    read.expect(address, arguments, 0, 1, f"{expected}, or nothing to read it")
    if not arguments:
        return s.ReadStage(name, sender)
    return s.SetStage(name, value_of(address, arguments[0]), sender)


def _meter(address: str, arguments: Arguments, sender: Peer | None) -> s.SetMeter:
    read.expect(address, arguments, 2, 2, "two whole numbers, as 6 8")
    numerator = PARAMETERS["numerator"].check(arguments[0])
    return s.SetMeter(int(numerator), int(PARAMETERS["denominator"].check(arguments[1])), sender)


def _locate(address: str, arguments: Arguments, sender: Peer | None) -> s.Locate:
    read.expect(address, arguments, 1, 1, "a beat, counted in quarter notes from 0")
    return s.Locate(_number(address, arguments[0], "a beat", 0.0, MAX_BEATS), sender)


def _record(address: str, arguments: Arguments, sender: Peer | None) -> s.Record:
    read.expect(address, arguments, 1, 1, "1 or 0")
    return s.Record(read.is_pressed(address, arguments[0], "1 or 0"), _deck(address) or None, sender)


def _device(address: str, arguments: Arguments, sender: Peer | None) -> s.ChooseDevice:
    expected = "a device's name or number"
    read.expect(address, arguments, 1, 1, expected)
    wanted = arguments[0]
    if isinstance(wanted, str):
        return s.ChooseDevice(read.text(address, wanted, expected, 256) if wanted else "", sender)
    return s.ChooseDevice(int(_number(address, wanted, expected, 0.0, 10_000.0)), sender)


# --- values -------------------------------------------------------------------------------------------

_TEMPO = (
    "a tempo in quarter notes a minute",
    float(PARAMETERS["bpm"].low or 0),
    float(PARAMETERS["bpm"].high or 0),
)


def _number(address: str, value: object, what: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BridgeError(
            "type", f"{address}: got {shown(value)}, expected {what}; send an OSC int or float."
        )
    if not low <= value <= high:  # NaN is not between them either
        raise BridgeError(
            "value",
            f"{address}: got {shown(value)}, expected {what} from {low:g} to {high:g}; choose one inside.",
        )
    return as_typed(float(value))


def _decibels(address: str, value: object) -> float:
    return _number(address, value, "decibels", QUIETEST_DB, LOUDEST_DB)


def _switch(address: str, value: object) -> bool:
    return read.is_pressed(address, value, "1 or 0")


def _quantise(address: str, value: object) -> str:
    word = f"{value:g}" if isinstance(value, int | float) else value
    if word in get_args(s.Quantise):
        return str(word)
    known = ", ".join(get_args(s.Quantise))
    raise BridgeError("value", f"{address}: got {shown(value)}, expected one of {known}; send one of these.")


def _milliseconds(address: str, value: object) -> float:
    return _number(address, value, "milliseconds", -MAX_NUDGE_MS, MAX_NUDGE_MS)


def _bpm(address: str, value: object) -> float:
    return _number(address, value, *_TEMPO)


_Value = Callable[[str, object], Any]
_QUANTISE_HELP = "off, beat, 1, 2, 4 or 8 (bars)"
_DECIBELS_HELP = f"{QUIETEST_DB:g} to {LOUDEST_DB:g} dB"
_DECK_VALUES: dict[s.DeckValue, tuple[_Value, str]] = {
    "gain": (_decibels, _DECIBELS_HELP),
    "mute": (_switch, "1 or 0"),
    "loop": (_switch, "1 or 0"),
    "stretch": (_switch, "1 or 0"),
    "quantise": (_quantise, _QUANTISE_HELP),
}
_STAGE_VALUES: dict[s.MasterValue, tuple[_Value, str]] = {
    "gain": (_decibels, _DECIBELS_HELP),
    "quantise": (_quantise, _QUANTISE_HELP),
    "stretch": (_switch, "1 or 0"),
    "nudge_ms": (_milliseconds, f"-{MAX_NUDGE_MS:g} to {MAX_NUDGE_MS:g} ms"),
    "tempo": (_bpm, f"{_TEMPO[1]:g} to {_TEMPO[2]:g} bpm"),
}


# --- the rows -----------------------------------------------------------------------------------------


def rows(render: _Generate) -> tuple[Address, ...]:
    """The stage's rows; `render` reads the arguments of a generate."""
    row, deck, state = Address, f"deck/{DECK}/", "deck n activity take"
    return (
        row(deck + "load", "take [bpm]", "puts a take on deck n; if it plays it changes on its next line",
            state, _load),
        row(deck + "launch", "[1]", "starts deck n on its next line", state,
            partial(_deck_button, s.LaunchDeck), True),
        row(deck + "stop", "[1]", "stops deck n on its next line", state,
            partial(_deck_button, s.StopDeck), True),
        row(deck + "gain", "[dB]", f"its loudness ({_DECIBELS_HELP}; the lowest is silence)",
            "deck/n/gain.reply dB, when read", partial(_set_deck, "gain"), True),
        row(deck + "mute", "[1 or 0]", "plays on unheard", "deck/n/mute.reply, when read",
            partial(_set_deck, "mute"), True),
        row(deck + "loop", "[1 or 0]", "begins again at its end, or plays once",
            "deck/n/loop.reply, when read", partial(_set_deck, "loop"), True),
        row(deck + "quantise", "[word]", f"which lines it starts and stops on ({_QUANTISE_HELP})",
            "deck/n/quantise.reply, when read", partial(_set_deck, "quantise"), True),
        row(deck + "stretch", "[1 or 0]", "at another tempo: 1 stretches its take, 0 plays it as it is",
            "deck/n/stretch.reply, when read", partial(_set_deck, "stretch"), True),
        row(deck + "state", "", "asks what deck n does", "deck/n/state.reply activity take launch_beat ...",
            _read_deck, True),
        row(deck + "generate", "[job_id] key value ...",
            "makes new music and launches it on deck n at the first bar line after it is ready",
            "as generate; then " + state, partial(_generate, render)),
        row(deck + "await", "job_id", "the same for the first take of a job that any verb is making",
            state, _await),
        row(deck + "record", "1 or 0", "records deck n to a file", "recorded n path seconds", _record),
        row("record/master", "1 or 0", "records what is heard to a file", "recorded 0 path seconds", _record),
        row("master/gain", "[dB]", f"the loudness of all ({_DECIBELS_HELP})", "master/gain.reply, when read",
            partial(_set_stage, "gain"), True),
        row("quantise", "[word]", f"the lines of every deck ({_QUANTISE_HELP})", "quantise.reply, when read",
            partial(_set_stage, "quantise")),
        row("stretch", "[1 or 0]", "stretches the takes of every deck at another tempo, or not",
            "stretch.reply, when read", partial(_set_stage, "stretch")),
        row("transport/play", "[1]", "starts the clock, and what its stop has silenced",
            "transport playing bpm beat bar_beats", partial(_play, True)),
        row("transport/stop", "[1]", "stops the clock and what plays", "transport ...",
            partial(_play, False)),
        row("transport/tempo", "[bpm]", "sets the tempo in quarter notes a minute",
            "transport/tempo.reply, when read", partial(_set_stage, "tempo"), True),
        row("transport/meter", "numerator denominator", "sets the meter, as 6 8", "transport ...", _meter),
        row("transport/locate", "beat", "goes to a beat, counted in quarter notes from 0", "transport ...",
            _locate),
        row("panic", "[1]", "silences every deck at once; the clock goes on", state,
            partial(_button, s.Panic)),
        row("undo", "[1]", "takes the last launch back", state, partial(_button, s.Undo)),
        row("stream/status", "", "asks how the stream is", "stream/status.reply name value ...",
            partial(_button, s.StreamStatus), True),
        row("stream/devices", "", "asks what can be played through",
            "stream/devices.reply index name host channels rate default", partial(_button, s.ListDevices)),
        row("stream/device", "name or number", "plays through another device; an empty name is the default",
            "stream state device reason", _device),
        row("stream/nudge_ms", "[ms]", "lets sound come so much later than the clock, or earlier",
            "stream/nudge_ms.reply, when read", partial(_set_stage, "nudge_ms"), True),
    )  # fmt: skip
