"""The loaded MIDI maps, the choice of a map for each port, and MIDI learn.

Learned controls are saved in the user's map `learned.yaml`, which overrides all others.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.addresses.midi import turned
from bridge.messages import BridgeError
from bridge.midi.map import VALUE, Control, MidiMap, NamedMap, check_map, load_map, path_of
from bridge.midi_child.wire import ControlId, Kind, Moved
from bridge.system.disk import write_whole
from bridge.values import shown

LEARNED = "learned"
DEFAULT_MAP = "pads"
_MOST_REMEMBERED = 10_000
MOST_CHOSEN = 64
LEARN_WINDOW_SECONDS = 0.3  # time for both halves of a 14-bit knob
_WIDEST_FIRST: tuple[Kind, ...] = ("nrpn", "cc14", "bend", "cc", "note", "program")


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
        self._found: dict[tuple[str, ControlId, int], Control | None] = {}

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
        return problems

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
        named = self.map_for(port)
        for source, controls in ((LEARNED, self._learned.controls), (named.name, named.map.controls)):
            yield from ((source, control) for control in controls if _matches(port, control.port))

    def find(self, port: str, moved: Moved) -> Control | None:
        """Return the map's entry for a control that moved, or None."""
        program = moved.value if moved.control.kind == "program" else 0
        key = (port, moved.control, program)
        if key not in self._found:
            if len(self._found) > _MOST_REMEMBERED:
                self._found.clear()
            fits = (control for _, control in self.controls_for(port) if control.fits(moved.control, program))
            self._found[key] = next(fits, None)
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

    def learn(self, port: str, control: ControlId, name: str, arguments: Sequence[str | int | float]) -> None:
        """Save an action for a control. Earlier learned entries of the control or the action are removed.

        Raises BridgeError if no control can do this, or if the file cannot be written.
        """
        row = _row(port, control, name, arguments)
        check_map({"controls": [row]}, f"{LEARNED}.yaml")
        kept = [
            old
            for old in self._rows()
            if _action(old) != _action(row) and not _is_same_control(old, control, port)
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
        import yaml

        if self._is_learned_broken:
            raise BridgeError(
                "value",
                f"`{LEARNED}.yaml` cannot be read, and what is in it would be lost: mend it or move it away, "
                "then send midi/reload.",
            )
        content = {"description": "what was taught by MIDI learn", "controls": list(rows)}
        checked = check_map(content, f"{LEARNED}.yaml")
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        write_whole(self._user_folder / f"{LEARNED}.yaml", text.encode())
        self._learned = checked
        self._found.clear()


@dataclass(slots=True)
class Learning:
    """A pending MIDI learn: what to learn, and the controls that have moved since it was armed."""

    name: str
    arguments: tuple[str | int | float, ...]
    began_seconds: float | None = None
    _seen: dict[tuple[str, ControlId], int] = field(default_factory=dict, init=False)

    def offer(self, port: str, moved: Moved, at_seconds: float) -> None:
        """Count a movement of a control; note-offs are ignored."""
        if moved.control.kind == "note" and moved.value == 0:
            return
        if self.began_seconds is None:
            self.began_seconds = at_seconds
        self._seen[port, moved.control] = self._seen.get((port, moved.control), 0) + 1

    def done(self, now_seconds: float) -> tuple[str, ControlId] | None:
        """Return the port and control to learn, or None if it is not clear yet.

        A note or program change decides at once; for others the widest kind seen within
        `LEARN_WINDOW_SECONDS` wins, so that a 14-bit knob is not taken for two 7-bit ones.
        """
        if self.began_seconds is None:
            return None
        at_once = [seen for seen in self._seen if seen[1].kind in ("note", "program")]
        if at_once:
            return at_once[0]
        if now_seconds - self.began_seconds < LEARN_WINDOW_SECONDS:
            return None
        return min(self._seen, key=lambda seen: (_WIDEST_FIRST.index(seen[1].kind), -self._seen[seen]))


def check_learnable(name: str, arguments: Sequence[str | int | float]) -> None:
    """Raise BridgeError unless a knob or pad can be mapped to this."""
    if not name.startswith("/"):
        turned(name)
        return
    kind = "cc" if VALUE in arguments else "note"
    check_map({"controls": [{kind: 0, "address": name, "arguments": list(arguments)}]}, "MIDI learn")


def _row(
    port: str, control: ControlId, name: str, arguments: Sequence[str | int | float]
) -> Mapping[str, object]:
    number: int | str = "wheel" if control.kind == "bend" else control.number
    row: dict[str, object] = {control.kind: "any" if control.kind == "program" else number}
    row.update(channel=control.channel, port=_literal(port))
    if not name.startswith("/"):
        return {**row, "parameter": name}
    return {**row, "address": name, **({"arguments": list(arguments)} if arguments else {})}


def _is_same_control(row: Mapping[str, Any], control: ControlId, port: str) -> bool:
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
