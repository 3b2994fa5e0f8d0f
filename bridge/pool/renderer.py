"""One renderer of the pool as the pool process sees it: started, fed with pieces, watched, replaced."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bridge.messages import BridgeError, Progress
from bridge.outputs.drop import discard_unfinished
from bridge.pool import cluster
from bridge.pool.actor import NodeFacts, PieceDone, PieceEvent, PieceFailed, TakeSent
from bridge.pool.luggage import Luggage
from bridge.pool.messages import Node, PoolPlan
from bridge.pool.schedule import Schedule
from bridge.pool.splitting import Piece
from bridge.pool.taking import write_sent_take
from bridge.worker.loop import ModelReady

_log = logging.getLogger(__name__)

_WAIT_SECONDS = 5.0
_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 30.0


class _RefusedError(Exception):
    """This node cannot render for us, however often it is tried."""


class PoolRenderer:
    """Runs in a thread of its own, for as long as its node is there."""

    def __init__(
        self,
        slot: cluster.Slot,
        name: str,
        plan: PoolPlan,
        schedule: Schedule,
        luggage: Luggage,
        on_change: Callable[[], None],
    ) -> None:
        self.slot = slot
        self.node = Node(name, "starting")
        self._plan = plan
        self._schedule = schedule
        self._luggage = luggage
        self._on_change = on_change
        self.is_there = True
        self._handle: Any = None
        self._piece: Piece | None = None
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        """Start the renderer in the background."""
        self._thread.start()

    def leave(self) -> None:
        """Its node has left the cluster: render nothing more."""
        self.is_there = False
        self._show(state="lost", job_id="", problem="its node has left the cluster")

    def cancel(self, names: list[str]) -> None:
        """Stop the piece that is being rendered, if it is one of these; kill the renderer if it does not."""
        import ray

        piece, handle = self._piece, self._handle
        if piece is None or piece.name not in names or handle is None:
            return
        handle.cancel.remote(piece.name)

        def kill_if_deaf() -> None:
            if self._piece is piece and self._handle is handle:
                ray.kill(handle)

        timer = threading.Timer(self._plan.cancel_grace_seconds, kill_if_deaf)
        timer.daemon = True
        timer.start()

    def _live(self) -> None:
        delay_seconds = _FIRST_DELAY_SECONDS
        while self.is_there:
            began = time.monotonic()
            try:
                self._show(state="starting", job_id="")
                self._set_up()
                with self._schedule.renderer():
                    while (piece := self._schedule.next_piece(lambda: self.is_there)) is not None:
                        self._render(piece)
                return
            except _RefusedError as error:
                self._show(state="refused", job_id="", problem=str(error))
                self._end()
                return
            except Exception as error:
                reason = _words(error)
                _log.warning("%s: %s", self.node.name, reason)
                if self.is_there:
                    self._show(state="lost", job_id="", problem=reason)
            self._end()
            if time.monotonic() - began > _LONGEST_DELAY_SECONDS:
                delay_seconds = _FIRST_DELAY_SECONDS
            time.sleep(delay_seconds)
            delay_seconds = min(2 * delay_seconds, _LONGEST_DELAY_SECONDS)

    def _set_up(self) -> None:
        """Start the renderer and load its first model. Raises _RefusedError, or whatever Ray raises."""
        import ray

        self._handle = cluster.start_renderer(self.slot, self._plan)
        facts: NodeFacts = ray.get(self._handle.facts.remote(), timeout=self._plan.start_seconds)
        self._check_versions(facts)
        if self._plan.first_model is not None:
            try:
                place = self._luggage.place(self._plan.first_model, self._handle)
                self._loaded(ray.get(self._handle.load.remote(place), timeout=self._plan.start_seconds))
            except Exception as error:
                failure = _bridge_error(error)
                if failure is None:
                    raise
                # A request may name another model, or this one be installed later.
                _log.warning("%s: %s", self.node.name, failure)
        self._show(state="ready", problem="")

    def _check_versions(self, facts: NodeFacts) -> None:
        there, here = facts.versions.get("msanii-bridge", ""), cluster.own_version()
        if there != here:
            raise _RefusedError(
                f"msanii-bridge {there or 'of no version'} is installed on {facts.host}, and {here} here; "
                f"install the same there: {cluster.INSTALL}"
            )

    def _render(self, piece: Piece) -> None:
        """Render a piece. Raises what Ray raises if the renderer dies; the piece is then somebody else's."""
        self._piece = piece
        self._show(state="rendering", job_id=piece.order.job_id)
        try:
            self._follow(piece)
        except Exception as error:
            failure = _bridge_error(error)
            if failure is None:
                self._schedule.orphaned(piece, _words(error))
                raise
            self._schedule.failed(piece, failure)
        finally:
            self._piece = None
        self._show(state="ready", job_id="")

    def _follow(self, piece: Piece) -> None:
        import ray

        if self._schedule.is_cancelled(piece):
            raise BridgeError("cancelled", "cancelled on request; takes that were finished before stay")
        places = self._luggage.places(piece.order, self._handle)
        sources = self._luggage.sources(piece.order)
        self._handle.begin.remote(piece, places, *sources)
        seen, heard, is_stopped = 0, time.monotonic(), False
        while True:
            asked = self._handle.events.remote(piece.name, seen, _WAIT_SECONDS)
            events: list[PieceEvent] = ray.get(asked, timeout=self._plan.start_seconds)
            for event in events:
                if isinstance(event, PieceDone | PieceFailed):
                    self._handle.forget.remote(piece.name)
                    self._settle(piece, event)
                    return
                self._happened(piece, event)
            if not is_stopped and self._schedule.is_cancelled(piece):
                is_stopped = True
                self.cancel([piece.name])
            seen += len(events)
            heard = time.monotonic() if events else heard
            if time.monotonic() - heard > self._plan.stall_seconds:
                raise TimeoutError(f"it reported nothing for {self._plan.stall_seconds:.0f} s")

    def _settle(self, piece: Piece, event: PieceDone | PieceFailed) -> None:
        if isinstance(event, PieceDone):
            self._show(seconds=self.node.seconds + event.seconds)
            self._schedule.done(piece)
            return
        discard_unfinished(piece.order.paths[index] for index in piece.takes)
        error = BridgeError(event.code, event.message)
        self._schedule.failed(piece, error, needs_memory=event.needs_memory)

    def _happened(self, piece: Piece, event: PieceEvent) -> None:
        if isinstance(event, ModelReady):
            self._loaded(event)
        elif isinstance(event, Progress):
            self._schedule.progressed(piece, event.fraction)
        elif isinstance(event, TakeSent):
            self._schedule.finished(piece, write_sent_take(piece.order, event))

    def _loaded(self, model: ModelReady) -> None:
        self._show(device=model.device, processor=model.processor, model=model.model)

    def _show(self, **values: Any) -> None:
        changed = replace(self.node, **values)
        if changed != self.node:
            self.node = changed
            self._on_change()

    def _end(self) -> None:
        import ray

        handle, self._handle = self._handle, None
        if handle is not None:
            try:
                ray.kill(handle)
            except Exception as error:
                _log.info("%s: %r", self.node.name, error)


def _bridge_error(error: Exception) -> BridgeError | None:
    """Return the BridgeError that was raised here, or in a renderer and passed on by Ray."""
    cause = getattr(error, "cause", None)
    return next((one for one in (error, cause) if isinstance(one, BridgeError)), None)


def _words(error: Exception) -> str:
    """Describe what became of a renderer, in a line."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if "GetTimeoutError" in names:
        return "it does not answer"
    if "OutOfMemoryError" in names:
        return "its node ran out of memory"
    if "ModuleNotFoundError" in str(error):
        return f"a package is missing on its node; install the same there: {cluster.INSTALL}"
    if names & {"RayActorError", "ActorDiedError", "ActorUnavailableError"}:
        return "its process or node ended"
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
