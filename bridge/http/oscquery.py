"""OSCQuery: the OSC table as a tree of JSON (the proposal of Vidvox, https://github.com/Vidvox/OSCQueryProposal).

Types, ranges and units come from the tables of parameters and deck values, all else from the OSC table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.addresses import ROOT
from bridge.addresses.faders import PARAM, SCALES, fader_paths
from bridge.addresses.row import Address
from bridge.addresses.stage import NUDGE, TEMPO
from bridge.addresses.table import BY_PATH
from bridge.deck_values import DECIBELS, DECK_VALUES, Choice, Kind, Number
from bridge.messages import Argument, BridgeError
from bridge.messages.stage import MAX_DECKS
from bridge.meter import METER
from bridge.parameters import PARAMETERS, Parameter

NAME = "msanii-bridge"
NO_VALUE, WRITE, READ_WRITE = 0, 2, 3
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT")
_EXTENSIONS = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "LISTEN")
# Some rows take one argument of a fixed type that is no value; a button takes none, or its 1.
_TAGS = {
    "[1]": "I", "": "I", "1 or 0": "i", "name": "s", "job_id": "s", "beat": "f", "milliseconds": "f",
}  # fmt: skip

Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Valued:
    """What the value at an address is: its OSC type tag, its range and its unit."""

    tag: str
    range: Mapping[str, object] | None = None
    unit: str = ""


class Tree:
    """The tree of all addresses of a daemon with so many decks."""

    def __init__(self, decks: int) -> None:
        self._valued = dict(_valued(decks))
        hidden = tuple(f"deck/{deck}/" for deck in range(decks + 1, MAX_DECKS + 1))
        self._rows = {
            path: row
            for path, row in BY_PATH.items()
            if not path.removeprefix(ROOT).removeprefix("fader/").startswith(hidden)
        }

        self._names_below: dict[str, dict[str, None]] = {}
        for path in self._rows:
            while path != "/":
                parent, _, name = path.rpartition("/")
                self._names_below.setdefault(parent or "/", {})[name] = None
                path = parent or "/"

    def addresses_with_values(self, path: str) -> list[str]:
        """Return the addresses at or below a path whose values are read by asking for them.

        Positions of faders are worked out from the values, and are asked for where no value is.
        """
        below = path.rstrip("/") + "/"
        inside = (address for address in self._valued if address == path or address.startswith(below))
        return list(dict.fromkeys(_value_address(address) for address in inside))

    def node(self, path: str, values: Mapping[str, Argument]) -> Node | None:
        """Return the node at a path with all below it; None if there is none. `values` are by address."""
        path = path.rstrip("/") or "/"
        row = self._rows.get(path)
        names = self._names_below.get(path, {})
        if row is None and not names:
            return None
        node: Node = {"FULL_PATH": path, "ACCESS": NO_VALUE}
        if row is not None:
            node |= self._method(row, values)
        if names:
            below = path.rstrip("/")
            node["CONTENTS"] = {name: self.node(f"{below}/{name}", values) for name in names}
        return node

    def attribute(self, path: str, name: str, values: Mapping[str, Argument]) -> Node | None:
        """Return one attribute of a node, and nothing else; None for a value that cannot be read.

        Raises BridgeError `value` for an attribute that is not known, `missing` if there is no such node.
        """
        node = self.node(path, values)
        if node is None:
            raise BridgeError("missing", f"{path[:120]}: no such address; ask for {ROOT.rstrip('/')}")
        if name not in ATTRIBUTES:
            raise BridgeError("value", f"{name[:40]!r}: no such attribute; there are {', '.join(ATTRIBUTES)}")
        if name == "VALUE" and node["ACCESS"] != READ_WRITE:
            return None
        return {name: node[name]} if name in node else {}

    def _method(self, row: Address, values: Mapping[str, Argument]) -> Node:
        node: Node = {"DESCRIPTION": row.help, "ACCESS": WRITE}
        valued = self._valued.get(row.path)
        if valued is None:
            tag = _TAGS.get(row.arguments)
            return node if tag is None else node | {"TYPE": tag}
        node |= {"ACCESS": READ_WRITE, "TYPE": valued.tag}
        if valued.range is not None:
            node["RANGE"] = [valued.range]
        if valued.unit:
            node["UNIT"] = [valued.unit]
        value = _value(row.path, values)
        if value is not None:
            node["VALUE"] = [value]
        return node


def host_info(osc_host: str | None, osc_port: int, http_port: int) -> Node:
    """Return the attribute HOST_INFO; an `osc_host` of None is the host that the client asked."""
    place: Node = {} if osc_host is None else {"OSC_IP": osc_host}
    return {
        "NAME": NAME,
        **place,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_PORT": http_port,
        "EXTENSIONS": dict.fromkeys(_EXTENSIONS, True),
    }


def _value(address: str, values: Mapping[str, Argument]) -> Argument:
    """The value at an address, or the position of its fader; None if there is none."""
    source = _value_address(address)
    value = values.get(source)
    if source == address or value is None:
        return value
    return SCALES[source.removeprefix(ROOT)].position_of(value)


def _value_address(address: str) -> str:
    """The address of the value that is moved by the fader at an address; of all others the address itself."""
    return _OF_FADER.get(address, address)


def _valued(decks: int) -> Iterator[tuple[str, Valued]]:
    """All addresses with values."""
    for path, valued in _values(decks):
        yield ROOT + path, valued
        if path in SCALES:
            for fader in fader_paths(path):
                yield ROOT + fader, Valued("f", {"MIN": 0.0, "MAX": 1.0})


def _values(decks: int) -> Iterable[tuple[str, Valued]]:
    yield f"{PARAM}{METER}", Valued("s")
    for row in PARAMETERS.values():
        yield PARAM + row.name, _of_parameter(row)
    for value in DECK_VALUES:
        for deck in range(1, decks + 1):
            yield f"deck/{deck}/{value.name}", _of_kind(value.kind)
        if value.help_for_all:
            yield value.name, _of_kind(value.kind)
    yield "transport/meter", Valued("s")
    for path, kind in (("master/gain", DECIBELS), ("transport/tempo", TEMPO), ("stream/nudge_ms", NUDGE)):
        yield path, _of_kind(kind)


def _of_parameter(row: Parameter) -> Valued:
    if row.kind == "choice":
        tag = "s" if any(isinstance(choice, str) for choice in row.choices) else "i"
        return Valued(tag, {"VALS": list(row.choices)}, row.unit)
    ends = {"MIN": row.low, "MAX": row.high}
    known = {name: end for name, end in ends.items() if end is not None}
    return Valued({"int": "i", "float": "f"}.get(row.kind, "s"), known or None, row.unit)


def _of_kind(kind: Kind) -> Valued:
    match kind:
        case Number():
            return Valued("f", {"MIN": kind.low, "MAX": kind.high}, kind.unit)
        case Choice():
            return Valued("s", {"VALS": list(kind.words)})
        case _:
            return Valued("i", {"VALS": [0, 1]})


_OF_FADER = {ROOT + fader: ROOT + path for path in SCALES for fader in fader_paths(path)}
