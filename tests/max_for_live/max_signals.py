"""The value of a signal in a real patcher, at one sample, from given values of what Live feeds into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any


class Signals:
    """`sources` gives values to outlets, as {(first word of the object, outlet): value}.

    `control` gives what a right or control inlet was last told, as {(id, inlet): value}.
    """

    def __init__(
        self,
        patcher: Mapping[str, Any],
        sources: Mapping[tuple[str, int], float],
        control: Mapping[tuple[str, int], float] | None = None,
    ) -> None:
        body = patcher["patcher"]
        self.boxes = {entry["box"]["id"]: entry["box"] for entry in body["boxes"]}
        self.inputs: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for line in body["lines"]:
            (source, outlet), (target, inlet) = line["patchline"]["source"], line["patchline"]["destination"]
            self.inputs[target, inlet].append((source, outlet))
        self._sources, self._control = sources, control or {}

    def only(self, text: str) -> str:
        """The id of the one object of this text."""
        (found,) = [identity for identity, box in self.boxes.items() if box.get("text") == text]
        return str(found)

    def into(self, identity: str, inlet: int = 0) -> float:
        """The sum of what flows into an inlet."""
        if (identity, inlet) in self._control:
            return self._control[identity, inlet]
        return sum(self._out(source, outlet) for source, outlet in self.inputs[identity, inlet])

    def _out(self, identity: str, outlet: int) -> float:
        name, *arguments = str(self.boxes[identity]["text"]).split()
        if (name, outlet) in self._sources:
            return self._sources[name, outlet]
        left, right = self.into(identity, 0), self.into(identity, 1)
        if name == "selector~":
            return 0.0 if not left else self.into(identity, int(left))
        if name == "sig~":
            return left
        if name == "+":
            return left + int(arguments[0])
        results = {"+~": left + right, "-~": left - right, "*~": left * right}
        if name in results:
            return results[name]
        if name == "round~":
            step = float(arguments[0])
            return step * round(left / step)
        assert name == "%~", name
        return left % right
