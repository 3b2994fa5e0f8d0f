"""Thins out changes of values: a fader that somebody moves sends more of them than a surface can draw."""

from __future__ import annotations

from collections.abc import Callable

from bridge.messages import ValueChanged

SECONDS_BETWEEN_VALUES = 1 / 30

Schedule = Callable[[float, Callable[[], None]], object]


class LatestValues:
    """Passes each control's latest value to `send`, at most thirty times a second; the last one always.

    `schedule(seconds, action)` calls `action` later.
    """

    def __init__(self, send: Callable[[ValueChanged], None], schedule: Schedule) -> None:
        self._send = send
        self._schedule = schedule
        self._waiting: dict[str, ValueChanged] = {}
        self._is_resting = False

    def changed(self, event: ValueChanged) -> None:
        """Pass on a value: at once, or with the others that came since the last ones were sent."""
        if self._is_resting:
            self._waiting[event.path] = event
            return
        self._send(event)
        self._rest()

    def _rest(self) -> None:
        self._is_resting = True
        self._schedule(SECONDS_BETWEEN_VALUES, self._flush)

    def _flush(self) -> None:
        self._is_resting = False
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._rest()
        for event in waiting.values():
            self._send(event)
