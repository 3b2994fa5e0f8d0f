"""A valid message for every row of the OSC table, from what the row says about its arguments."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.addresses import ROOT
from bridge.addresses.row import Address
from bridge.addresses.stage import DECK
from bridge.messages import Argument
from bridge.meter import METER
from bridge.parameters import PARAMETERS

QUICK: tuple[Argument, ...] = ("bars", 1, "steps", 2, "iterations", 2)

# For each text in the table's column of arguments. A row with a new text needs one here.
_ARGUMENTS: Mapping[str, tuple[Argument, ...]] = {
    "": (),
    "[1]": (),
    "[job_id] key value ...": QUICK,
    "[job_id] take key value ...": ("no_such_take.wav", "recompose", "1"),
    "[job_id] part name notes or source path key value ...": ("part", "bass", "source", "no_such_file.wav"),
    "job_id or all": ("no-such-job",),
    "job_id": ("no-such-job",),
    "nonce [reply_port]": ("nonce",),
    "1 or 0 [reply_port]": (1,),
    "1 or 0 [port]": (0,),
    "1 or 0": (0,),
    "[1 or 0]": (),
    "id": (1,),
    "text [key] [meter]": ("Am F C G",),
    "name": ("piano_loop",),
    "name [replace 1] key value ...": ("mine", "replace", 1, "bpm", 90),
    "path_or_name [1 or 0]": ("no_such_take.wav",),
    "path_or_name": ("no_such_take.wav",),
    "path_or_name [label]": ("no_such_take.wav", "Chorus"),
    "name [port]": ("pads", "no such port*"),
    "name [argument ...]": ("bpm",),
    "name or all": ("all",),
    "chords, notes or off": ("off",),
    "free or bar": ("bar",),
    "milliseconds": (0.0,),
    "[ms]": (),
    "[dB]": (),
    "[position]": (0.5,),
    "[number]": (),
    "[word]": (),
    "[text]": (),
    "[bpm or 0]": (),
    "[bars]": (),
    "deck take name [bpm], deck stop or deck leave": (1, "stop"),
    "[bpm]": (),
    "take [bpm]": ("no_such_take.wav",),
    "[numerator denominator]": (4, 4),
    "beat": (0.0,),
    "name or number": ("",),
    "deck key value ...": (1, *QUICK[2:]),
    "[deck] key value ...": (1, "density", 1.0),
    "[deck] name bars value ...": (1, "density", 0, 1.0),
    "deck": (1,),
    "deck bars": (1, 1),
    "deck take take key value ...": (1, "no_such_take.wav", "no_such_take.wav", *QUICK[2:]),
    "bars [deck]": (4,),
}
# Rows whose text alone does not say what is valid.
_OWN: Mapping[str, tuple[Argument, ...]] = {
    "preset/save": ("mine", "replace", 1, "bpm", 90),
    "vary": ("source", "no_such_take.wav"),
    "interpolate": ("source", "no_such_take.wav", "source_b", "no_such_take.wav"),
    "inpaint": ("source", "no_such_take.wav", "from_seconds", 0, "to_seconds", 1),
    "outpaint": ("source", "no_such_take.wav"),
}


def message_to(row: Address) -> tuple[str, tuple[Argument, ...]]:
    """Return an address and arguments that the row takes, for deck 1 where it is a deck's.

    Raises KeyError for a text that has no arguments here yet.
    """
    name = row.path.removeprefix(ROOT)
    path = row.path.replace(DECK, "1").replace("<address>", "master/gain").replace("<name>", "bpm")
    parameter = name.removeprefix("param/")
    if parameter != name and parameter in (*PARAMETERS, METER):
        return path, _value(parameter)
    return path, _OWN[name] if name in _OWN else _ARGUMENTS[row.arguments]


def _value(name: str) -> tuple[Argument, ...]:
    if name == METER:
        return ("7/8",)
    parameter = PARAMETERS[name]
    usual = parameter.default
    if parameter.kind == "path":
        return ()  # to set it would make every later request fail
    if usual is None:
        usual = parameter.choices[0] if parameter.choices else parameter.low
    return (usual,) if isinstance(usual, str | int | float) and usual != "" else ()
