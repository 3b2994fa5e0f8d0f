"""The loaded MIDI maps, the choice of a map for each port, and what MIDI learn adds.

Learned controls are saved in the user's map `learned.yaml`, which overrides all others.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge.addresses.midi import turned
from bridge.messages import BridgeError
from bridge.midi.control import VALUE, Control, path_of
from bridge.midi.learning import Found
from bridge.midi.map import MidiMap, NamedMap, check_map, load_map
from bridge.midi.moved_values import clicks_across
from bridge.midi_child.wire import ControlId, Moved
from bridge.system.disk import write_whole
from bridge.system.yaml_files import dump_yaml
from bridge.values import shown

LEARNED = "learned"
DEFAULT_MAP = "pads"
_MOST_REMEMBERED = 10_000
MOST_CHOSEN = 64


class MidiMaps:
    """The factory maps, overridden by the user's, and both by the learned controls.

    `reload` reads them from disk.
    """

    def __init__(self, factory_folder: Path, user_folder: Path) -> None:
        self._factory_folder = factory_folder
        self._user_folder = user_folder
        self._maps: dict[str, NamedMap] = {}
        self._learned = MidiMap()
        self._is_learned_broken = False
        self._chosen: dict[str, str] = {}  # the map of each pattern, the latest choice first
        # A cache, since a knob sends many messages and searching the maps is slow.
        self._found: dict[tuple[str, ControlId, int, bool], Control | None] = {}

    def reload(self) -> list[BridgeError]:
        """Read all map files again and return the errors. A broken map stays in use as last read, if ever."""
        problems: list[BridgeError] = []
        found: dict[str, NamedMap] = {}
        is_learned_broken = False
        for folder in (self._factory_folder, self._user_folder):
            for path in _yaml_files(folder):
                try:
                    read = load_map(path)
                except BridgeError as error:
                    problems.append(error)
                    if path.stem == LEARNED:
                        is_learned_broken = True
                    if path.stem in self._maps:
                        found[path.stem] = self._maps[path.stem]
                    continue
                found[path.stem] = NamedMap(path.stem, read, folder == self._factory_folder)
        self._is_learned_broken = is_learned_broken
        learned = found.pop(LEARNED, None)
        self._learned = learned.map if learned is not None else self._learned
        self._maps = found
        self._found.clear()
        return problems + self._missing_layers()

    def _missing_layers(self) -> list[BridgeError]:
        return [
            BridgeError(
                "value",
                f"MIDI map `{named.name}`: `layers`: there is no map {shown(layer)}, expected some of "
                f"{', '.join(self._maps)}.",
            )
            for named in self._maps.values()
            for layer in named.map.layers
            if layer not in self._maps
        ]

    def names(self) -> list[str]:
        """Return the names of all maps."""
        return [*self._maps, *([LEARNED] if self._learned.controls else [])]

    def use(self, name: str, pattern: str) -> None:
        """Use a map for the ports that match, until the daemon ends; `*` replaces all earlier choices.

        Raises BridgeError `value` for an unknown map, `busy` after `MOST_CHOSEN` patterns.
        """
        if name not in self._maps:
            known = ", ".join(self._maps) or "none"
            raise BridgeError("value", f"`map`: there is no {shown(name)}, expected one of {known}.")
        pattern = pattern.casefold()
        kept = {} if pattern == "*" else {key: kept for key, kept in self._chosen.items() if key != pattern}
        if len(kept) >= MOST_CHOSEN:
            why = f"`port`: maps are chosen for {MOST_CHOSEN} ports already"
            raise BridgeError("busy", f"{why}; choose one for `*`, which replaces them all.")
        self._chosen = {pattern: name, **kept}
        self._found.clear()

    def map_for(self, port: str) -> NamedMap:
        """Return a port's map: the one chosen for it, else one whose `ports` match, else the default map."""
        for pattern, name in self._chosen.items():
            if _matches(port, pattern) and name in self._maps:
                return self._maps[name]
        for is_factory in (False, True):
            for named in self._maps.values():
                fits = any(_matches(port, pattern) for pattern in named.map.ports)
                if fits and named.is_factory == is_factory:
                    return named
        return self._maps.get(DEFAULT_MAP, NamedMap("none", MidiMap(), True))

    def controls_for(self, port: str) -> Iterator[tuple[str, Control]]:
        """Yield a port's controls, each with the name of its map; earlier ones take precedence."""
        layers = ((named.name, named.map.controls) for named in self._with_layers(self.map_for(port)))
        for source, controls in ((LEARNED, self._learned.controls), *layers):
            yield from ((source, control) for control in controls if _matches(port, control.port))

    def _with_layers(self, named: NamedMap) -> list[NamedMap]:
        """Return a map and those beneath it, and beneath those; each once, the uppermost first."""
        found = {named.name: named}
        waiting = list(named.map.layers)
        while waiting:
            beneath = self._maps.get(waiting.pop(0))
            if beneath is not None and beneath.name not in found:
                found[beneath.name] = beneath
                waiting = [*beneath.map.layers, *waiting]
        return list(found.values())

    def find(self, port: str, moved: Moved, *, shifted: bool = False) -> Control | None:
        """Return the map's entry for a control that moved, or None.

        While the port is `shifted`, an entry for that comes before all others.
        """
        program = moved.value if moved.control.kind == "program" else 0
        key = (port, moved.control, program, shifted)
        if key not in self._found:
            if len(self._found) > _MOST_REMEMBERED:
                self._found.clear()
            fits = [control for _, control in self.controls_for(port) if control.fits(moved.control, program)]
            plain = next((control for control in fits if not control.shifted), None)
            above = next((control for control in fits if shifted and control.shifted), None)
            # The shift button itself must hear its own release.
            is_shift = plain is not None and plain.shift
            self._found[key] = plain if is_shift else above or plain
        return self._found[key]

    def clashes(self, ports: Sequence[str]) -> list[str]:
        """Return a warning for each parameter that has knobs in several maps or on several of the ports."""
        turners: dict[str, set[str]] = {}
        for port in ports:
            for source, control in self.controls_for(port):
                if control.parameter and control.is_continuous:
                    turners.setdefault(control.parameter, set()).add(f"{source} on `{port}`")
        return [
            f"two knobs turn `{name}`: {' and '.join(sorted(places))}; the last one moved counts"
            for name, places in turners.items()
            if len(places) > 1
        ]

    def learn(self, found: Found, name: str, arguments: Sequence[str | int | float]) -> None:
        """Save an action for a control. Earlier learned entries of the control or the action are removed.

        Raises BridgeError if no control can do this, or if the file cannot be written.
        """
        row = _row(found, name, arguments)
        check_map({"controls": [row]}, f"{LEARNED}.yaml")
        kept = [
            old for old in self._rows() if _action(old) != _action(row) and not _is_same_control(old, found)
        ]
        self._write([*kept, row])

    def forget(self, name: str) -> int:
        """Remove the learned controls of a parameter or address, or `all`. Return how many there were.

        Raises BridgeError `value` if there are none.
        """
        rows = self._rows()
        named = path_of(name)
        kept = [row for row in rows if name != "all" and name != row.get("parameter") and named != _path(row)]
        if len(kept) == len(rows):
            raise BridgeError("value", f"{shown(name)}: nothing was learned for it; see midi/controls.")
        self._write(kept)
        return len(rows) - len(kept)

    def _rows(self) -> list[Mapping[str, Any]]:
        return [control.model_dump(exclude_defaults=True, mode="json") for control in self._learned.controls]

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if self._is_learned_broken:
            raise BridgeError(
                "value",
                f"`{LEARNED}.yaml` cannot be read, and what is in it would be lost: mend it or move it away, "
                "then send midi/reload.",
            )
        content = {"description": "what was taught by MIDI learn", "controls": list(rows)}
        checked = check_map(content, f"{LEARNED}.yaml")
        write_whole(self._user_folder / f"{LEARNED}.yaml", dump_yaml(content).encode())
        self._learned = checked
        self._found.clear()


def check_learnable(name: str, arguments: Sequence[str | int | float]) -> None:
    """Raise BridgeError unless a knob or pad can be mapped to this."""
    if not name.startswith("/"):
        turned(name)
        return
    kind = "cc" if VALUE in arguments else "note"
    check_map({"controls": [{kind: 0, "address": name, "arguments": list(arguments)}]}, "MIDI learn")


def _row(found: Found, name: str, arguments: Sequence[str | int | float]) -> Mapping[str, object]:
    control = found.control
    number: int | str = "wheel" if control.kind == "bend" else control.number
    row: dict[str, object] = {control.kind: "any" if control.kind == "program" else number}
    row.update(channel=control.channel, port=_literal(found.port))
    if found.encoder is not None:
        row["encoder"] = found.encoder
        if (clicks := clicks_across(name)) is not None:
            row["detents"] = clicks
    if not name.startswith("/"):
        return {**row, "parameter": name}
    return {**row, "address": name, **({"arguments": list(arguments)} if arguments else {})}


def _is_same_control(row: Mapping[str, Any], found: Found) -> bool:
    control, port = found.control, found.port
    named = row.get(control.kind)
    number = "wheel" if control.kind == "bend" else "any" if control.kind == "program" else control.number
    return bool(
        named == number and row.get("channel") == control.channel and row.get("port") == _literal(port)
    )


def _action(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row.get("parameter"), _path(row), tuple(row.get("arguments", ()))


def _path(row: Mapping[str, Any]) -> str:
    return path_of(str(row["address"])) if "address" in row else ""


def _literal(port: str) -> str:
    """Escape a port's name as a pattern, since names may contain brackets."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in port)


def _matches(port: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(port.casefold(), pattern.casefold())


def _yaml_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError:
        return []
