"""The OSC table's rows for the stage: decks, transport, master, recording, stream."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from bridge.addresses import arguments as read
from bridge.addresses.row import Address, on_press
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.parameters import PARAMETERS
from bridge.values import as_typed, shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments
    from bridge.messages import Message, Render

DECK = "<n>"

QUIETEST_DB, LOUDEST_DB = -60.0, 12.0
MAX_NUDGE_MS = 500.0
MAX_BEATS = 1_000_000.0

_Generate = Callable[[str, "Arguments"], "Render | None"]


# --- builders ----------------------------------------------------------------------------------------


def _load(deck: int, address: str, arguments: Arguments) -> s.LoadDeck:
    expected = "a take's name or an audio file's path and, if its tempo is known to you alone, its bpm"
    read.expect(address, arguments, 1, 2, expected)
    take = read.text(address, arguments[0], expected, PARAMETERS["source"].max_characters)
    bpm = _number(address, arguments[1], *_TEMPO) if len(arguments) > 1 else None
    return s.LoadDeck(deck, take, bpm)


def _await(deck: int, address: str, arguments: Arguments) -> s.AwaitJob:
    read.expect(address, arguments, 1, 1, "a job id")
    job_id = read.text(address, arguments[0], "a job id", read.MAX_JOB_ID_CHARACTERS)
    return s.AwaitJob(deck, job_id)


def _generate(deck: int, render: _Generate, address: str, arguments: Arguments) -> s.RenderToDeck | None:
    asked = render(address, arguments)
    return None if asked is None else s.RenderToDeck(deck, asked)


def _set_deck(deck: int, name: s.DeckValue, address: str, arguments: Arguments) -> Message:
    value_of, expected = _DECK_VALUES[name]
    read.expect(address, arguments, 0, 1, f"{expected}, or nothing to read it")
    if not arguments:
        return s.ReadDeck(deck, name)
    return s.SetDeck(deck, name, value_of(address, arguments[0]))


def _set_stage(name: s.MasterValue, address: str, arguments: Arguments) -> Message:
    value_of, expected = _STAGE_VALUES[name]
    read.expect(address, arguments, 0, 1, f"{expected}, or nothing to read it")
    if not arguments:
        return s.ReadStage(name)
    return s.SetStage(name, value_of(address, arguments[0]))


def _meter(address: str, arguments: Arguments) -> s.SetMeter:
    read.expect(address, arguments, 2, 2, "two whole numbers, as 6 8")
    numerator = PARAMETERS["numerator"].check(arguments[0])
    return s.SetMeter(int(numerator), int(PARAMETERS["denominator"].check(arguments[1])))


def _locate(address: str, arguments: Arguments) -> s.Locate:
    read.expect(address, arguments, 1, 1, "a beat, counted in quarter notes from 0")
    return s.Locate(_number(address, arguments[0], "a beat", 0.0, MAX_BEATS))


def _record(deck: int | None, address: str, arguments: Arguments) -> s.Record:
    read.expect(address, arguments, 1, 1, "1 or 0")
    return s.Record(read.is_pressed(address, arguments[0], "1 or 0"), deck)


def _device(address: str, arguments: Arguments) -> s.ChooseDevice:
    expected = "a device's name or number"
    read.expect(address, arguments, 1, 1, expected)
    wanted = arguments[0]
    if isinstance(wanted, str):
        return s.ChooseDevice(read.text(address, wanted, expected, 256) if wanted else "")
    return s.ChooseDevice(int(_number(address, wanted, expected, 0.0, 10_000.0)))


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

_STATE = "deck n activity take"


def deck_rows(deck: int, render: _Generate) -> tuple[Address, ...]:
    """The rows of one deck, `<n>` in their paths; `render` reads the arguments of a generate."""
    row, at = Address, f"deck/{DECK}/"
    return (
        row(at + "load", "take [bpm]", "puts a take on deck n; if it plays it changes on its next line",
            _STATE, partial(_load, deck)),
        row(at + "launch", "[1]", "starts deck n on its next line", _STATE,
            on_press(partial(s.LaunchDeck, deck)), True),
        row(at + "stop", "[1]", "stops deck n on its next line", _STATE,
            on_press(partial(s.StopDeck, deck)), True),
        row(at + "gain", "[dB]", f"its loudness ({_DECIBELS_HELP}; the lowest is silence)",
            "deck/n/gain.reply dB, when read", partial(_set_deck, deck, "gain"), True),
        row(at + "mute", "[1 or 0]", "plays on unheard", "deck/n/mute.reply, when read",
            partial(_set_deck, deck, "mute"), True),
        row(at + "loop", "[1 or 0]", "begins again at its end, or plays once",
            "deck/n/loop.reply, when read", partial(_set_deck, deck, "loop"), True),
        row(at + "quantise", "[word]", f"which lines it starts and stops on ({_QUANTISE_HELP})",
            "deck/n/quantise.reply, when read", partial(_set_deck, deck, "quantise"), True),
        row(at + "stretch", "[1 or 0]", "at another tempo: 1 stretches its take, 0 plays it as it is",
            "deck/n/stretch.reply, when read", partial(_set_deck, deck, "stretch"), True),
        row(at + "state", "", "asks what deck n does", "deck/n/state.reply activity take launch_beat ...",
            on_press(partial(s.ReadDeck, deck, "state")), True),
        row(at + "generate", "[job_id] key value ...",
            "makes new music and launches it on deck n at the first bar line after it is ready",
            "as generate; then " + _STATE, partial(_generate, deck, render)),
        row(at + "await", "job_id", "the same for the first take of a job that any verb is making",
            _STATE, partial(_await, deck)),
        row(at + "record", "1 or 0", "records deck n to a file", "recorded n path seconds",
            partial(_record, deck)),
    )  # fmt: skip


def rows() -> tuple[Address, ...]:
    """The rows of the transport, the master and the stream."""
    row = Address
    return (
        row("record/master", "1 or 0", "records what is heard to a file", "recorded 0 path seconds",
            partial(_record, None)),
        row("master/gain", "[dB]", f"the loudness of all ({_DECIBELS_HELP})", "master/gain.reply, when read",
            partial(_set_stage, "gain"), True),
        row("quantise", "[word]", f"the lines of every deck ({_QUANTISE_HELP})", "quantise.reply, when read",
            partial(_set_stage, "quantise")),
        row("stretch", "[1 or 0]", "stretches the takes of every deck at another tempo, or not",
            "stretch.reply, when read", partial(_set_stage, "stretch")),
        row("transport/play", "[1]", "starts the clock, and what its stop has silenced",
            "transport playing bpm beat bar_beats", on_press(partial(s.Transport, True))),
        row("transport/stop", "[1]", "stops the clock and what plays", "transport ...",
            on_press(partial(s.Transport, False))),
        row("transport/tempo", "[bpm]", "sets the tempo in quarter notes a minute",
            "transport/tempo.reply, when read", partial(_set_stage, "tempo"), True),
        row("transport/meter", "numerator denominator", "sets the meter, as 6 8", "transport ...", _meter),
        row("transport/locate", "beat", "goes to a beat, counted in quarter notes from 0", "transport ...",
            _locate),
        row("panic", "[1]", "silences every deck at once; the clock goes on", _STATE,
            on_press(s.Panic)),
        row("undo", "[1]", "takes the last launch back", _STATE, on_press(s.Undo)),
        row("stream/status", "", "asks how the stream is", "stream/status.reply name value ...",
            on_press(s.StreamStatus), True),
        row("stream/devices", "", "asks what can be played through",
            "stream/devices.reply index name host channels rate default", on_press(s.ListDevices)),
        row("stream/device", "name or number", "plays through another device; an empty name is the default",
            "stream state device reason", _device),
        row("stream/nudge_ms", "[ms]", "lets sound come so much later than the clock, or earlier",
            "stream/nudge_ms.reply, when read", partial(_set_stage, "nudge_ms"), True),
    )  # fmt: skip
