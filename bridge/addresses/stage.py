"""The OSC table's rows for the stage: decks, transport, master, recording, stream."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bridge.addresses import arguments as read
from bridge.addresses.row import NEW_PROCESS_COST, RENDER_COST, Address, on_press
from bridge.deck_values import DECIBELS, DECK_VALUES, Choice, DeckValue, Kind, Number, Switch
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.meter import meter_values
from bridge.parameters import PARAMETERS
from bridge.values import as_typed, number_of, number_remedy, shown

if TYPE_CHECKING:
    from bridge.addresses.arguments import Arguments
    from bridge.messages import Message, Render

DECK = "<n>"

MAX_NUDGE_MS = 500.0
MAX_BEATS = 1_000_000.0
MOST_CAUGHT_BARS = 64

_Generate = Callable[[str, "Arguments"], "Render | None"]


# --- builders ----------------------------------------------------------------------------------------


def _load(deck: int, address: str, arguments: Arguments) -> s.LoadDeck:
    expected = "a take's name or an audio file's path and, if its tempo is known to you alone, its bpm"
    read.expect(address, arguments, 1, 2, expected)
    take = read.take(address, arguments[0], expected)
    bpm = read_number(address, arguments[1], TEMPO) if len(arguments) > 1 else None
    return s.LoadDeck(deck, take, bpm)


def _await(deck: int, address: str, arguments: Arguments) -> s.AwaitJob:
    read.expect(address, arguments, 1, 1, "a job id")
    job_id = read.text(address, arguments[0], "a job id", read.MAX_JOB_ID_CHARACTERS)
    return s.AwaitJob(deck, job_id)


def _generate(deck: int, render: _Generate, address: str, arguments: Arguments) -> s.RenderToDeck | None:
    asked = render(address, arguments)
    return None if asked is None else s.RenderToDeck(deck, asked)


def _set_deck(deck: int, value: DeckValue, address: str, arguments: Arguments) -> Message:
    if not _has_value(address, arguments, value.kind):
        return s.ReadDeck(deck, value.name)
    return s.SetDeck(deck, value.name, _read_value(address, arguments[0], value.kind))


def _set_stage(name: str, kind: Kind, address: str, arguments: Arguments) -> Message:
    if not _has_value(address, arguments, kind):
        return s.ReadStage(name)
    return s.SetStage(name, _read_value(address, arguments[0], kind))


def _meter(address: str, arguments: Arguments) -> s.SetMeter | s.ReadStage:
    read.expect(
        address, arguments, 0, 2, "two whole numbers, as 6 8, one text, as 6/8, or nothing to read it"
    )
    if not arguments:
        return s.ReadStage("meter")
    if len(arguments) == 1:
        return s.SetMeter(*meter_values(arguments[0]).values())
    numerator = PARAMETERS["numerator"].check(arguments[0])
    return s.SetMeter(int(numerator), int(PARAMETERS["denominator"].check(arguments[1])))


def _locate(address: str, arguments: Arguments) -> s.Locate:
    read.expect(address, arguments, 1, 1, "a beat, counted in quarter notes from 0")
    return s.Locate(read_number(address, arguments[0], _BEATS))


def _record(deck: int | None, address: str, arguments: Arguments) -> s.Record:
    read.expect(address, arguments, 1, 1, "1 or 0")
    return s.Record(read.is_pressed(address, arguments[0], "1 or 0"), deck)


def _device(
    kind: type[s.ChooseDevice | s.ChooseInput], address: str, arguments: Arguments
) -> s.ChooseDevice | s.ChooseInput:
    expected = "a device's name or number"
    read.expect(address, arguments, 1, 1, expected)
    wanted = arguments[0]
    if isinstance(wanted, str):
        return kind(read.text(address, wanted, expected, 256) if wanted else "")
    return kind(int(read_number(address, wanted, Number(expected, 0.0, 10_000.0))))


def _catch(address: str, arguments: Arguments) -> s.Catch | None:
    read.expect(address, arguments, 1, 2, "a number of bars and, to launch them, a deck")
    bars, *deck = (
        int(read_number(address, value, kind)) for value, kind in zip(arguments, _CAUGHT, strict=False)
    )
    if not bars:
        return None  # a button is let go
    return s.Catch(bars, deck[0] if deck and deck[0] else None)


# --- values -------------------------------------------------------------------------------------------

_BPM = PARAMETERS["bpm"]
TEMPO = Number("a tempo in quarter notes a minute", float(_BPM.low or 0), float(_BPM.high or 0), "bpm")
_BEATS = Number("a beat", 0.0, MAX_BEATS)
_CAUGHT = (
    Number("a whole number of bars", 0, MOST_CAUGHT_BARS, is_whole=True),
    Number("a deck's number", 0, s.MAX_DECKS, is_whole=True),
)
NUDGE = Number("milliseconds", -MAX_NUDGE_MS, MAX_NUDGE_MS, "ms")


def _has_value(address: str, arguments: Arguments, kind: Kind) -> bool:
    read.expect(address, arguments, 0, 1, f"{kind.expected}, or nothing to read it")
    return bool(arguments)


def _read_value(address: str, value: object, kind: Kind) -> s.Setting:
    match kind:
        case Number():
            return read_number(address, value, kind)
        case Switch():
            return read.is_pressed(address, value, kind.expected)
        case Choice():
            return _word(address, value, kind)


def read_number(address: str, value: object, kind: Number) -> float:
    """Return a number inside the range of its kind. Raises BridgeError `type` or `value`."""
    number = number_of(value)
    if number is None:
        remedy = number_remedy(value, "send an OSC int or float")
        raise BridgeError("type", f"{address}: got {shown(value)}, expected {kind.quantity}; {remedy}.")
    if not kind.low <= number <= kind.high:  # also rejects NaN
        raise BridgeError(
            "value",
            f"{address}: got {shown(value)}, expected {kind.quantity} from {kind.low:g} to {kind.high:g}; "
            "choose one inside.",
        )
    if kind.is_whole and number != int(number):
        raise BridgeError(
            "value", f"{address}: got {shown(value)}, expected {kind.quantity}; send a whole number."
        )
    return as_typed(float(number))


def _word(address: str, value: object, kind: Choice) -> str:
    word = f"{value:g}" if isinstance(value, int | float) else value
    if word in kind.words:
        return str(word)
    known = ", ".join(kind.words)
    raise BridgeError("value", f"{address}: got {shown(value)}, expected one of {known}; send one of these.")


def _launch(deck: int, address: str, arguments: Arguments) -> Message:
    launches = on_press(partial(s.LaunchDeck, deck))(address, arguments)
    return s.ReleaseDeck(deck) if launches is None else launches


# --- the rows -----------------------------------------------------------------------------------------

_STATE = "deck n activity take line"


def deck_rows(deck: int, render: _Generate) -> tuple[Address, ...]:
    """Return the rows of one deck, with `<n>` in their paths; `render` parses the arguments of generate."""
    row, at = Address, f"deck/{DECK}/"
    return (
        row(at + "load", "take [bpm]",
            "loads a take on deck n; a playing deck changes to it at its next launch boundary",
            "deck/n/load.reply take, then " + _STATE, partial(_load, deck), cost=2),
        row(at + "launch", "[1 or 0]", "starts deck n at its next launch boundary; 0 lets go of a gate",
            "deck/n/launch.reply take, then " + _STATE, partial(_launch, deck), True),
        row(at + "stop", "[1]", "stops deck n at its next launch boundary",
            "deck/n/stop.reply take, then " + _STATE, on_press(partial(s.StopDeck, deck)), True),
        *(
            row(at + value.name, f"[{value.kind.argument}]", f"{value.help} ({value.kind.expected})",
                f"deck/n/{value.name}.reply {value.kind.argument}",
                partial(_set_deck, deck, value), True)
            for value in DECK_VALUES
        ),
        row(at + "state", "", "returns the state of deck n",
            "deck/n/state.reply activity take launch_beat ... bpm bpm line beat",
            on_press(partial(s.ReadDeck, deck, "state")), True),
        row(at + "generate", "[job_id] key value ...",
            "renders new music and launches it on deck n at the first bar line after it is ready",
            "as generate, then " + _STATE, partial(_generate, deck, render), cost=RENDER_COST),
        row(at + "await", "job_id", "does the same with the first take of any job already sent",
            "deck/n/await.reply job_id, then " + _STATE, partial(_await, deck)),
        row(at + "record", "1 or 0", "records deck n to a file",
            "deck/n/record.reply on path; at the end recorded n path seconds", partial(_record, deck)),
    )  # fmt: skip


def rows() -> tuple[Address, ...]:
    """Return the rows of the transport, the master and the stream."""
    row = Address
    return (
        row("record/master", "1 or 0", "records the master to a file",
            "record/master.reply on path; at the end recorded 0 path seconds", partial(_record, None)),
        row("master/gain", "[dB]", f"sets the master gain ({DECIBELS.expected})",
            "master/gain.reply dB", partial(_set_stage, "gain", DECIBELS), True),
        *(
            row(value.name, f"[{value.kind.argument}]", f"{value.help_for_all} ({value.kind.expected})",
                f"{value.name}.reply {value.kind.argument}",
                partial(_set_stage, value.name, value.kind))
            for value in DECK_VALUES if value.help_for_all
        ),
        row("transport/play", "[1]", "starts the transport, and the decks that its stop silenced",
            "transport/play.reply; to subscribers transport playing bpm beat bar_beats",
            on_press(s.PlayTransport)),
        row("transport/stop", "[1]", "stops the transport and all decks",
            "transport/stop.reply; to subscribers transport ...", on_press(s.StopTransport)),
        row("transport/tempo", "[bpm]", "sets the tempo in quarter notes a minute",
            "transport/tempo.reply bpm; to subscribers transport ...",
            partial(_set_stage, "tempo", TEMPO), True),
        row("transport/meter", "[numerator denominator]", "sets the meter, such as 6 8, or in one text 6/8",
            "transport/meter.reply meter; to subscribers transport ...", _meter, True),
        row("transport/locate", "beat", "moves to a beat, counted in quarter notes from 0",
            "transport/locate.reply beat; to subscribers transport ...", _locate),
        row("panic", "[1]", "silences every deck at once, until one is launched, and ends endless music; the "
            "transport keeps running", "panic.reply, panic/event 1, then " + _STATE, on_press(s.Panic)),
        row("undo", "[1]", "undoes the last launch; a deck that was stopped since stays silent",
            "undo.reply, then " + _STATE, on_press(s.Undo)),
        row("stream/status", "", "returns the state of the stream", "stream/status.reply name value ...",
            on_press(s.StreamStatus), True),
        row("stream/levels", "", "returns the peaks of the master and of each deck in dBFS, for meters: they "
            "fall by 20 dB a second, -120 is silence", "stream/levels.reply master deck_1 ...",
            on_press(s.ReadLevels), True),
        row("stream/devices", "", "lists the audio devices; channels are the outputs, 0 for an input alone",
            "stream/devices.reply index name host channels rate default inputs default_input, then "
            "stream/devices/end.reply count",
            on_press(s.ListDevices), cost=2),
        row("stream/device", "name or number", "plays through another device; an empty name is the default",
            "stream/device.reply device; to subscribers stream state device reason",
            partial(_device, s.ChooseDevice), cost=NEW_PROCESS_COST),
        row("stream/input", "name or number", "listens to another input, in a stream that begins anew as for "
            "another device; `default` is the system's, an empty name is none",
            "stream/input.reply device; to subscribers input/event state device reason",
            partial(_device, s.ChooseInput), cost=NEW_PROCESS_COST),
        row("input/level", "", "returns the peak of the input in dBFS, as stream/levels does",
            "input/level.reply dB", on_press(s.ReadInputLevel), True),
        row("catch", "bars [deck]", "makes the last bars that the input has played, up to the last bar line, "
            "an audio file of the library and a source; with a deck it is launched there",
            "catch.reply path bars bpm note; to subscribers caught path bars bpm meter note", _catch, cost=4),
        row("stream/nudge_ms", "[ms]", "delays the sound against the clock; negative values make it earlier",
            "stream/nudge_ms.reply ms", partial(_set_stage, "nudge_ms", NUDGE), True),
    )  # fmt: skip
