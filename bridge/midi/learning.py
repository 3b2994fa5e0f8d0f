"""A pending MIDI learn: finds out which control is moved, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.midi.encoders import Encoder, encoders_like
from bridge.midi_child.wire import ControlId, Kind, Moved

LEARN_WINDOW_SECONDS = 0.3
"""time for both halves of a 14-bit knob"""
ENCODER_WINDOW_SECONDS = 2.0
"""time to turn an endless encoder the other way too"""

_WIDEST_FIRST: tuple[Kind, ...] = ("nrpn", "cc14", "bend", "cc", "note", "program")


@dataclass(frozen=True, slots=True)
class Found:
    """The control that was moved; `encoder` is the coding of an endless encoder."""

    port: str
    control: ControlId
    encoder: Encoder | None = None


@dataclass(slots=True)
class Learning:
    """A pending MIDI learn: what to learn, and the controls that have moved since it was armed."""

    name: str
    arguments: tuple[str | int | float, ...]
    began_seconds: float | None = None
    _seen: dict[tuple[str, ControlId], list[int]] = field(default_factory=dict, init=False)

    def offer(self, port: str, moved: Moved, at_seconds: float) -> None:
        """Note a movement of a control; note-offs are ignored."""
        if moved.control.kind == "note" and moved.value == 0:
            return
        if self.began_seconds is None:
            self.began_seconds = at_seconds
        self._seen.setdefault((port, moved.control), []).append(moved.value)

    def done(self, now_seconds: float) -> Found | None:
        """Return what to learn, or None if it is not clear yet.

        A note or program change decides at once; for others the widest kind seen within
        `LEARN_WINDOW_SECONDS` wins, so that a 14-bit knob is not taken for two 7-bit ones. An endless encoder
        that was turned one way only is waited for: the other way tells its coding.
        """
        if self.began_seconds is None:
            return None
        at_once = [seen for seen in self._seen if seen[1].kind in ("note", "program")]
        if at_once:
            return Found(*at_once[0])
        waited_seconds = now_seconds - self.began_seconds
        if waited_seconds < LEARN_WINDOW_SECONDS:
            return None
        port, control = min(
            self._seen, key=lambda seen: (_WIDEST_FIRST.index(seen[1].kind), -len(self._seen[seen]))
        )
        encoders = encoders_like(self._seen[port, control]) if control.kind == "cc" else []
        if len(encoders) > 1 and waited_seconds < ENCODER_WINDOW_SECONDS:
            return None
        return Found(port, control, encoders[0] if encoders else None)
