"""What the pieces of a job need on a node, and how it gets there: by the object store, each folder once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from bridge.messages import BridgeError
from bridge.pool.actor import Places
from bridge.pool.shipping import FolderRef, SentFile, folder_ref, folder_version, read_folder
from bridge.worker.loop import Order


class Luggage:
    """Sends folders and sources to renderers. Thread-safe.

    With `shares_disk` the renderers read folders where they are.
    """

    def __init__(self, *, shares_disk: bool) -> None:
        self._shares_disk = shares_disk
        self._lock = threading.Lock()
        self._refs: dict[Path, tuple[tuple[object, ...], FolderRef]] = {}
        self._sent = 0

    @property
    def folders_sent(self) -> int:
        """How many folders were sent to a node so far."""
        return self._sent

    def places(self, order: Order, renderer: Any) -> Places:
        """Return where a renderer finds the folders of an order; send what its node lacks.

        Raises BridgeError `folder` for a folder that cannot be read here.
        """
        folders = order.grooves_folder, order.sounds_folder, order.listener_folder
        found = [self.place(folder, renderer) if folder and folder.is_dir() else None for folder in folders]
        return Places(self.place(order.model_folder, renderer), *found)

    def place(self, folder: Path, renderer: Any) -> Path | FolderRef:
        """Return where a renderer finds a folder; send it if its node lacks it.

        Raises as `places`.
        """
        import ray

        if self._shares_disk:
            return folder
        # One at a time: a folder for two nodes is then read twice, but never two folders are in memory.
        with self._lock:
            try:
                ref = self._ref(folder)
                if ray.get(renderer.lacks.remote([ref])):
                    files = read_folder(folder)
                    ray.get(renderer.keep.remote(ref, ray.put(files)))
                    self._sent += 1
            except OSError as error:
                why = f"`{folder}` cannot be sent to a node of the pool ({error.strerror or error})"
                raise BridgeError("folder", f"{why}; make it readable") from error
        return ref

    def sources(self, order: Order) -> list[Any]:
        """Put the sources of an order into the object store; return their references.

        Raises BridgeError `source` for one that cannot be read, or is not what its hash says.
        """
        import ray

        sent = []
        for source, path in zip(order.request.sources, order.sources, strict=True):
            try:
                file = SentFile.read(path, path.name)
            except OSError as error:
                why = f"source `{source.name}`: cannot be read ({error.strerror}); send the file again"
                raise BridgeError("source", why) from error
            if file.sha256 != source.sha256:
                raise BridgeError(
                    "source", f"source `{source.name}`: the library's copy was changed; send the file again"
                )
            sent.append(ray.put(file))
        return sent

    def _ref(self, folder: Path) -> FolderRef:
        version = folder_version(folder)
        known = self._refs.get(folder)
        if known is None or known[0] != version:
            known = self._refs[folder] = version, folder_ref(folder)
        return known[1]
