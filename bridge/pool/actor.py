"""Renders on a node of the pool: a model stays loaded there, one piece is rendered at a time.

The class knows nothing of Ray, which makes an actor of it in `bridge.pool.cluster`. Its methods are called by
several threads; the renderer lives in one of its own, since PyTorch's settings are those of a thread.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.library.take_files import TakeFiles
from bridge.library.versions import versions
from bridge.messages import BridgeError, Progress, TakeReady
from bridge.pool.scratch import remove_abandoned, scratch_folder
from bridge.pool.shipping import FolderRef, NodeCache, SentFile, write_files
from bridge.pool.splitting import Piece
from bridge.system.priority import yield_to_others
from bridge.worker.loop import (
    Answer,
    ModelReady,
    Order,
    Renderer,
    WorkerSettings,
    failure_of,
    is_out_of_memory,
)


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What a renderer runs on."""

    host: str
    pid: int
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class TakeSent:
    """A finished take with its files, the audio last; `ready` has paths of the node."""

    ready: TakeReady
    files: tuple[SentFile, ...]


@dataclass(frozen=True, slots=True)
class PieceDone:
    """A piece is rendered, in so many `seconds` of this renderer."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PieceFailed:
    """A piece cannot be rendered."""

    code: str
    message: str
    needs_memory: bool = False


PieceEvent = ModelReady | Progress | TakeSent | PieceDone | PieceFailed


@dataclass(frozen=True, slots=True)
class Places:
    """Folders that a piece needs: paths on a disk that the node shares, or refs of what it was sent."""

    model: Path | FolderRef
    grooves: Path | FolderRef | None = None
    sounds: Path | FolderRef | None = None
    listener: Path | FolderRef | None = None


class RenderActor:
    """Holds a renderer, made by `make_renderer` from the settings, and renders pieces of jobs."""

    def __init__(
        self,
        make_renderer: Callable[[WorkerSettings], Renderer],
        settings: WorkerSettings,
        cache_folder: str,
        is_polite: bool,
    ) -> None:
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        if is_polite:
            yield_to_others()
        remove_abandoned()
        self._cache = NodeCache(cache_folder)
        self._events: dict[str, list[PieceEvent]] = {}
        self._cancelled: set[str] = set()
        self._changed = threading.Condition()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")
        self._renderer = self._thread.submit(make_renderer, settings).result()

    def facts(self) -> NodeFacts:
        """Return what this renderer runs on."""
        return NodeFacts(platform.node(), os.getpid(), versions())

    def lacks(self, refs: list[FolderRef]) -> list[FolderRef]:
        """Return those of the folders that were never sent to this node."""
        return [ref for ref in refs if not self._cache.has(ref)]

    def keep(self, ref: FolderRef, files: tuple[SentFile, ...]) -> None:
        """Keep a folder on this node. Raises BridgeError `render`."""
        self._cache.keep(ref, files)

    def load(self, model: Path | FolderRef) -> ModelReady:
        """Load a model. Raises BridgeError."""
        try:
            return self._thread.submit(self._renderer.load, self._place(model)).result()
        except Exception as error:
            raise failure_of(error) from None

    def begin(self, piece: Piece, places: Places, *sources: SentFile) -> None:
        """Begin to render a piece; `events` tells how it goes."""
        self._thread.submit(self._render, piece, places, sources)

    def events(self, name: str, seen: int, wait_seconds: float) -> list[PieceEvent]:
        """Return what has happened to a piece after the first `seen` events; wait for something to happen."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._events.get(name, ())) > seen, wait_seconds)
            return self._events.get(name, [])[seen:]

    def cancel(self, name: str) -> None:
        """Stop to render a piece, at its next step."""
        self._cancelled.add(name)

    def forget(self, name: str) -> None:
        """Drop the events of a piece that has ended."""
        with self._changed:
            self._events.pop(name, None)
            self._cancelled.discard(name)

    def _render(self, piece: Piece, places: Places, sources: tuple[SentFile, ...]) -> None:
        def emit(answer: Answer) -> None:
            if isinstance(answer, TakeReady):
                self._tell(piece.name, TakeSent(answer, _sent_files(answer)))
            elif isinstance(answer, Progress | ModelReady):
                self._tell(piece.name, answer)

        def stop_if_cancelled() -> None:
            if piece.name in self._cancelled:
                raise BridgeError("cancelled", "cancelled on request; takes that were finished before stay")

        began = time.monotonic()
        try:
            with scratch_folder() as folder:
                stop_if_cancelled()
                order = self._order(piece, places, Path(folder), sources)
                emit(self._renderer.load(order.model_folder))
                self._renderer.render(order, emit, stop_if_cancelled)
        except Exception as error:
            failure = failure_of(error)
            self._tell(piece.name, PieceFailed(failure.code, failure.message, is_out_of_memory(error)))
        else:
            self._tell(piece.name, PieceDone(time.monotonic() - began))

    def _order(self, piece: Piece, places: Places, folder: Path, sources: tuple[SentFile, ...]) -> Order:
        takes = folder / "takes"
        takes.mkdir()
        (folder / "sources").mkdir()
        return replace(
            piece.order,
            model_folder=self._place(places.model),
            grooves_folder=None if places.grooves is None else self._place(places.grooves),
            sounds_folder=None if places.sounds is None else self._place(places.sounds),
            listener_folder=None if places.listener is None else self._place(places.listener),
            sources=tuple(write_files(folder / "sources", sources)),
            paths=tuple(takes / path.name for path in piece.order.paths),
        )

    def _place(self, place: Path | FolderRef) -> Path:
        return self._cache.path(place) if isinstance(place, FolderRef) else place

    def _tell(self, name: str, event: PieceEvent) -> None:
        with self._changed:
            self._events.setdefault(name, []).append(event)
            self._changed.notify_all()


def _sent_files(ready: TakeReady) -> tuple[SentFile, ...]:
    """Read the files of a finished take, the audio last."""
    audio, *others = TakeFiles(ready.path).all()
    return tuple(SentFile.read(path, path.name) for path in (*others, audio) if path.exists())
