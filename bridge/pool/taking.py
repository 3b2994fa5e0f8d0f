"""Writes takes that came from a node into the library, with their hashes checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, TakeReady
from bridge.pool.actor import TakeSent
from bridge.system.disk import disk_error, write_new
from bridge.worker.loop import Order
from bridge.worker.take_files import finished_take


def write_sent_take(order: Order, sent: TakeSent) -> TakeReady:
    """Write the files of a take beside each other, the audio last; a take that is there already stays.

    Raises BridgeError `render` for files damaged on the way, `exists`, `disk` or `folder` as `write_take`.
    """
    ready = sent.ready
    if (there := finished_take(order, ready.index)) is not None:
        return there
    path = order.paths[ready.index]
    names = {one.name for one in TakeFiles(path).all()}
    contents = {file.name: file.checked() for file in sent.files}
    if not contents.keys() <= names or path.name not in contents:
        raise BridgeError("render", f"a node of the pool sent other files than those of `{path.name}`")
    try:
        for name, data in contents.items():
            if name != path.name:
                # A file without its audio is left over from a killed render: replace it.
                path.with_name(name).unlink(missing_ok=True)
            write_new(path.with_name(name), data)
    except FileExistsError as error:
        raise BridgeError("exists", f"`{path.name}` is already there, and nothing is overwritten") from error
    except OSError as error:
        raise disk_error(error, path.parent) from error
    return replace(ready, path=path, tail=_here(ready.tail, path), midi=_here(ready.midi, path))


def _here(there: Path | None, path: Path) -> Path | None:
    return None if there is None else path.with_name(there.name)
