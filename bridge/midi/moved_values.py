"""The values that knobs and buttons move: session parameters, values of decks and stage, faders of both."""

from __future__ import annotations

from collections.abc import Callable

from bridge.addresses import ROOT
from bridge.addresses.faders import FADER, PARAM, PARAM01, SCALES, Steps, position_of
from bridge.parameters import PARAMETERS

_FADERS = {ROOT + PARAM01: PARAM, ROOT + FADER: ""}


class MovedValues:
    """Reads values by the name of a parameter or by a full address.

    `of_parameter` returns a session parameter's value, `of_stage` that at an address without its root.
    """

    def __init__(
        self, of_parameter: Callable[[str], object], of_stage: Callable[[str], object] = lambda _path: None
    ) -> None:
        self._of_parameter = of_parameter
        self._of_stage = of_stage

    def now(self, name: str) -> object:
        """Return the value that holds, a position from 0 to 1 for a fader; None if there is none."""
        if not name.startswith(ROOT):
            return self._of_parameter(name)
        if (path := _path_of_fader(name)) is not None:
            value = self._at(path)
            return position_of(path, value) if isinstance(value, str | int | float) else None
        return self._at(name.removeprefix(ROOT))

    def as_read(self, name: str, value: object) -> object:
        """Return how a value that is sent will be read: a fader has only the positions of its values."""
        scale = SCALES.get(_path_of_fader(name) or "")
        return value if scale is None else scale.position_of(scale.value_at(float(str(value))))

    def _at(self, path: str) -> object:
        parameter = path.removeprefix(PARAM)
        return self._of_parameter(parameter) if parameter in PARAMETERS else self._of_stage(path)


def clicks_across(name: str) -> int | None:
    """Return how many clicks of an encoder lead through the few values of a fader; None for a range."""
    scale = SCALES.get(_path_of_fader(name) or "")
    return len(scale.values) if isinstance(scale, Steps) else None


def _path_of_fader(name: str) -> str | None:
    for root, prefix in _FADERS.items():
        if name.startswith(root):
            return prefix + name.removeprefix(root)
    return None
