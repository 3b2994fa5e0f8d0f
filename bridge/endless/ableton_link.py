"""Ableton Link in the daemon: a child process joins the session, and the transport follows it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Protocol

from bridge.endless.ableton_link_child import LinkMissing, LinkReport, link_main
from bridge.messages import BridgeError
from bridge.messages.endless import LinkChanged
from bridge.system.child_process import ChildProcess

_MISSING = 'Ableton Link needs aalink: `pip install "msanii-bridge[link]"`, then start the daemon again'


class Follower(Protocol):
    """Whatever can follow an external clock."""

    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None:
        """Follow a clock's tempo, and its beat at a time of time.monotonic."""

    def unfollow(self) -> None:
        """Stop following the clock."""


class LinkSession:
    """Joins and leaves the Link session. Without peers the transport keeps its own tempo.

    `bar_beats` tells how many quarter notes a bar has: the session's bar lines are the transport's.
    """

    def __init__(
        self, follower: Follower, deliver: Callable[[LinkChanged], None], bar_beats: Callable[[], float]
    ) -> None:
        self._follower = follower
        self._deliver = deliver
        self._bar_beats = bar_beats
        self._quantum = 0.0
        self._child: ChildProcess | None = None
        self._told: tuple[int, float] = (0, 0.0)
        self._follows = False

    @property
    def pid(self) -> int:
        """The child's process id; 0 without one."""
        return 0 if self._child is None else self._child.pid or 0

    def use(self, on: bool, bpm: float) -> None:
        """Join the session, or leave it. `bpm` is the session's tempo if there are no peers.

        Raises BridgeError `missing` if the `link` extra is not installed.
        """
        if not on:
            self.close()
            return
        if self._child is not None:
            return
        if importlib.util.find_spec("aalink") is None:
            raise BridgeError("missing", _MISSING)
        self._quantum = self._bar_beats()
        child = ChildProcess(link_main, (bpm, self._quantum), name="link", on_message=self._heard)
        child.ended.add_done_callback(lambda ended: self._lost(child, ended.result()))
        self._child, self._told = child, (0, 0.0)

    def close(self) -> None:
        """Leave the session."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._deliver(LinkChanged(-1, 0.0, ""))
        self._lead(False)

    def _heard(self, report: object) -> None:
        if self._child is None:
            return
        if isinstance(report, LinkMissing):
            self._deliver(LinkChanged(-1, 0.0, f"{_MISSING} ({report.reason})"))
        elif isinstance(report, LinkReport):
            self._tell_bar(self._child)
            self._lead(report.peers > 0)
            if report.peers > 0:
                self._follower.follow("link", report.bpm, report.beat, report.at_seconds)
            now = (report.peers, round(report.bpm, 2))
            if now != self._told:
                self._told = now
                self._deliver(LinkChanged(report.peers, report.bpm, ""))

    def _tell_bar(self, child: ChildProcess) -> None:
        if self._quantum != (bar_beats := self._bar_beats()):
            self._quantum = bar_beats
            child.send(bar_beats)

    def _lead(self, follows: bool) -> None:
        if self._follows and not follows:
            self._follower.unfollow()
        self._follows = follows

    def _lost(self, child: ChildProcess, reason: str) -> None:
        if self._child is not child:
            return
        self._child = None
        self._lead(False)
        self._deliver(
            LinkChanged(-1, 0.0, f"the Link session was lost: {reason}; send /msanii/link 1 to join again")
        )
