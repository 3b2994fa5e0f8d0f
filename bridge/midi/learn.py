"""The maps in use, which of them answers for which port, and what the user teaches by moving a knob.

What is learned lies in one map of the user's, `learned.yaml`, which stands over every other.
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
LEARN_WINDOW_SECONDS = 0.3  # time for both halves of a 14-bit knob
_WIDEST_FIRST: tuple[Kind, ...] = ("nrpn", "cc14", "bend", "cc", "note", "program")


class MidiMaps:
    """Factory maps, the user's over them, and what was learned over all. Read at start and when asked."""

    def __init__(self, factory_folder: Path, user_folder: Path) -> None:
        self._factory_folder = factory_folder
        self._user_folder = user_folder
        self._maps: dict[str, NamedMap] = {}
        self._learned = MidiMap()
        self._is_learned_broken = False
        self._chosen: list[tuple[str, str]] = []
        # A flood of one knob should not search the maps each time.
        self._found: dict[tuple[str, ControlId, int], Control | None] = {}

    def reload(self) -> list[BridgeError]:
        """Reads every file again; a broken one is left out, and what was read from it before stays."""
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
        """Every map's name."""
        return [*self._maps, *([LEARNED] if self._learned.controls else [])]

    def use(self, name: str, pattern: str) -> None:
        """Uses a map for the ports that match, until the daemon ends. Raises BridgeError `value`."""
        if name not in self._maps:
            known = ", ".join(self._maps) or "none"
            raise BridgeError("value", f"`map`: there is no {shown(name)}, expected one of {known}.")
        self._chosen.insert(0, (pattern, name))
        self._found.clear()

    def map_for(self, port: str) -> NamedMap:
        """The map that answers for a port: the one chosen, else one made for it, else the usual one."""
        for pattern, name in self._chosen:
            if _matches(port, pattern) and name in self._maps:
                return self._maps[name]
        for is_factory in (False, True):
            for named in self._maps.values():
                fits = any(_matches(port, pattern) for pattern in named.map.ports)
                if fits and named.is_factory == is_factory:
                    return named
        return self._maps.get(DEFAULT_MAP, NamedMap("none", MidiMap(), True))

    def controls_for(self, port: str) -> Iterator[tuple[str, Control]]:
        """What the knobs of a port do, and in which map that stands; the first that fits is meant."""
        named = self.map_for(port)
        for source, controls in ((LEARNED, self._learned.controls), (named.name, named.map.controls)):
            yield from ((source, control) for control in controls if _matches(port, control.port))

    def find(self, port: str, moved: Moved) -> Control | None:
        """What a control that moved does, if anything."""
        program = moved.value if moved.control.kind == "program" else 0
        key = (port, moved.control, program)
        if key not in self._found:
            if len(self._found) > _MOST_REMEMBERED:
                self._found.clear()
            fits = (control for _, control in self.controls_for(port) if control.fits(moved.control, program))
            self._found[key] = next(fits, None)
        return self._found[key]

    def clashes(self, ports: Sequence[str]) -> list[str]:
        """Sentences about parameters that knobs of two maps turn, on the ports that are connected."""
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
        """Keeps what a knob is to do from now on; it does nothing else, and nothing else does this.

        Raises BridgeError for what no knob can do, and when the file cannot be written.
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
        """Takes out what was learned for a parameter or an address, or `all`; returns how many rows."""
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
    """What is armed, and what has moved since; `done` picks the control that was meant."""

    name: str
    arguments: tuple[str | int | float, ...]
    began_seconds: float | None = None
    _seen: dict[tuple[str, ControlId], int] = field(default_factory=dict, init=False)

    def offer(self, port: str, moved: Moved, at_seconds: float) -> None:
        """Notes that a control moved; keys that are let go do not count."""
        if moved.control.kind == "note" and moved.value == 0:
            return
        if self.began_seconds is None:
            self.began_seconds = at_seconds
        self._seen[port, moved.control] = self._seen.get((port, moved.control), 0) + 1

    def done(self, now_seconds: float) -> tuple[str, ControlId] | None:
        """The control, once it is clear which; a note and a program are clear at once."""
        if self.began_seconds is None:
            return None
        at_once = [seen for seen in self._seen if seen[1].kind in ("note", "program")]
        if at_once:
            return at_once[0]
        if now_seconds - self.began_seconds < LEARN_WINDOW_SECONDS:
            return None
        return min(self._seen, key=lambda seen: (_WIDEST_FIRST.index(seen[1].kind), -self._seen[seen]))


def check_learnable(name: str, arguments: Sequence[str | int | float]) -> None:
    """Raises BridgeError unless a knob or a pad can do this."""
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
    """A port's name as a pattern that fits it alone: names may hold brackets."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in port)


def _matches(port: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(port.casefold(), pattern.casefold())


def _yaml_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError:
        return []
