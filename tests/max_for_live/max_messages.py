"""A small Max: sends messages along the cords of a patcher file, as far as the device's own objects need.

A message is a tuple of atoms; its first atom is the selector when it is a word. Objects that the device only
talks to (the script, the face, udpsend, Live's) are where a message ends, and `heard` tells what came there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Atom = str | int | float
Message = tuple[Atom, ...]
BANG: Message = ("bang",)


class MaxPatch:
    """A patcher whose messages run; signals do not (see `max_signals`)."""

    def __init__(self, patcher: Mapping[str, Any]) -> None:
        body = patcher["patcher"]
        self.boxes: dict[str, Mapping[str, Any]] = {
            entry["box"]["id"]: entry["box"] for entry in body["boxes"]
        }
        self._cords: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for line in body["lines"]:
            (source, outlet), (target, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
            self._cords[source, outlet].append((target, inlet))
        self._kept: dict[str, Message] = {}
        self._typed: dict[str, str] = {}
        self._heard: list[tuple[str, int, Message]] = []

    def find(self, name: str) -> str:
        """The id of the one box with this scripting name, or whose text begins with these words."""
        found = [
            identity
            for identity, box in self.boxes.items()
            if box.get("varname") == name or f"{box.get('text', '')} ".startswith(f"{name} ")
        ]
        assert len(found) == 1, (name, found)
        return found[0]

    def say(self, name: str, *atoms: Atom, outlet: int = 0) -> list[tuple[str, Message]]:
        """Lets a box send a message; returns what arrived at objects outside, as (box, message), in order."""
        self._heard.clear()
        self._send(self.find(name), outlet, atoms)
        return [(self.title(identity), message) for identity, _, message in self._heard]

    def arrivals(self) -> list[tuple[str, int, Message]]:
        """What arrived since the last `say`, as (id, inlet, message)."""
        return list(self._heard)

    def type_text(self, name: str, text: str) -> None:
        """Types into a textedit without closing it."""
        self._typed[self.find(name)] = text

    def title(self, identity: str) -> str:
        """How tests call a box: its scripting name, or the first word of what it is."""
        box = self.boxes[identity]
        words = str(box.get("text") or box["maxclass"]).split()
        return str(box.get("varname") or (words[0] if box["maxclass"] == "newobj" else box["maxclass"]))

    def _send(self, source: str, outlet: int, message: Message) -> None:
        assert outlet < self.boxes[source]["numoutlets"]
        for target, inlet in self._cords[source, outlet]:
            self._receive(target, inlet, message)

    def _receive(self, identity: str, inlet: int, message: Message) -> None:
        box = self.boxes[identity]
        text = str(box.get("text", ""))
        name, *arguments = text.split() if box["maxclass"] == "newobj" else [box["maxclass"]]
        method = getattr(self, f"_{name}", None) or {
            "*": self._times,
            "!/": self._divided,
            "+": self._plus,
        }.get(name)
        if method is None or inlet:
            self._heard.append((identity, inlet, message))
        elif name == "message":
            self._message(identity, text, message)
        else:
            method(identity, arguments, message)

    # --- one method per object: id, typed arguments, message ----------------------------------------------

    def _route(self, identity: str, arguments: list[str], message: Message) -> None:
        if str(message[0]) in arguments:
            self._send(identity, arguments.index(str(message[0])), message[1:] or BANG)
        else:
            self._send(identity, len(arguments), message)

    def _deferlow(self, identity: str, _arguments: list[str], message: Message) -> None:
        self._send(identity, 0, message)

    def _prepend(self, identity: str, arguments: list[str], message: Message) -> None:
        self._send(identity, 0, (*arguments, *message))

    def _t(self, identity: str, arguments: list[str], _message: Message) -> None:
        assert set(arguments) == {"b"}
        for outlet in reversed(range(len(arguments))):
            self._send(identity, outlet, BANG)

    def _sel(self, identity: str, arguments: list[str], message: Message) -> None:
        found = [outlet for outlet, word in enumerate(arguments) if float(word) == message[0]]
        self._send(identity, found[0] if found else len(arguments), BANG if found else message)

    def _unpack(self, identity: str, arguments: list[str], message: Message) -> None:
        for outlet in reversed(range(min(len(arguments), len(message)))):
            self._send(identity, outlet, (message[outlet],))

    def _message(self, identity: str, text: str, message: Message) -> None:
        filled = re.sub(r"\$(\d)", lambda found: str(message[int(found[1]) - 1]), text)
        self._send(identity, 0, tuple(_atom(word) for word in filled.split()))

    def _expr(self, identity: str, arguments: list[str], message: Message) -> None:
        (expression,) = arguments
        if expression == "$f2/$f1":
            self._send(identity, 0, (float(message[1]) / float(message[0]),))
            return
        taken = {int(number) for number in re.findall(r"\(\$i1==(\d)\)", expression)}
        assert expression == "||".join(f"($i1=={number})" for number in sorted(taken)), expression
        self._send(identity, 0, (int(message[0] in taken),))

    def _times(self, identity: str, arguments: list[str], message: Message) -> None:
        self._send(identity, 0, (float(message[0]) * float(arguments[0]),))

    def _divided(self, identity: str, arguments: list[str], message: Message) -> None:
        self._send(identity, 0, (float(arguments[0]) / float(message[0]),))

    def _plus(self, identity: str, arguments: list[str], message: Message) -> None:
        self._send(identity, 0, (int(message[0]) + int(arguments[0]),))

    def _int(self, identity: str, arguments: list[str], message: Message) -> None:
        if message != BANG:
            self._kept[identity] = message
        self._send(identity, 0, self._kept.get(identity, (int(arguments[0]),)))

    def _pattr(self, identity: str, _arguments: list[str], message: Message) -> None:
        initial = self.boxes[identity]["saved_attribute_attributes"]["valueof"]["parameter_initial"]
        if message[0] == "assign":  # as plain storing, but no undo step
            message = message[1:]
        if message[0] == "init":  # a word that pattr obeys
            self._kept.pop(identity, None)
        elif message != BANG:
            self._kept[identity] = message
        self._send(identity, 0, self._kept.get(identity, tuple(initial)))

    def _textedit(self, identity: str, _arguments: list[str], message: Message) -> None:
        if message == BANG:
            self._send(identity, 0, ("text", self._typed.get(identity, "")))
        else:
            self._heard.append((identity, 0, message))


def _atom(word: str) -> Atom:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return word
