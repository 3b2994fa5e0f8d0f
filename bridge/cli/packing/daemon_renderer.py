"""Renders the orders of a pack in a daemon of its own, over OSC."""

from __future__ import annotations

import secrets
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.own_daemon import Launched, launched, wait_for_model
from bridge.messages import Argument, BridgeError
from bridge.pack.renderer import NotRendered, Rendered, RenderEvent, Rendering
from bridge.system.disk import make_folder, write_whole
from bridge.system.yaml_files import dump_yaml

if TYPE_CHECKING:
    from bridge.settings import Settings

_PATIENCE_SECONDS = 5.0
_FIRST_START_SECONDS = 600.0
# What the daemon of a pack decides otherwise than the user's own: it plays nothing and nobody reaches it.
_OWN_SETTINGS = {"stream": False, "midi": False, "http": False, "lan": False, "hear_takes": True}
_LEFT_OUT = (
    "port", "library", "drop_folder", "exchange_folder", "allow", "allowed_folders", "notify", "http_port",
    "name_template", "model",
)  # fmt: skip


class DaemonRenderer:
    """Renders the orders of a pack in a daemon, over OSC."""

    def __init__(self, daemon: Launched, scratch: Path) -> None:
        self.scratch = scratch
        self._daemon = daemon
        self._paths: dict[str, Path | None] = {}
        self._events: deque[RenderEvent] = deque()

    def order(self, job_id: str, arguments: Sequence[Argument]) -> None:
        """Ask for a take by `key value` pairs."""
        self._paths[job_id] = None
        self._daemon.client.send("/msanii/generate", job_id, *arguments)

    def next_event(self) -> RenderEvent:
        """Wait for what happens next. Raises BridgeError `render` if the daemon is gone."""
        idle = 0
        while not self._events:
            answer = self._daemon.client.receive(_PATIENCE_SECONDS)
            if answer is not None:
                idle = 0
                self._take(answer.address, answer.arguments)
            elif self._is_idle():
                idle += 1
                if idle > 1:
                    self._forget_open()
        return self._events.popleft()

    def _take(self, address: str, arguments: Sequence[Argument]) -> None:
        if not arguments or arguments[0] not in self._paths:
            return
        job_id = str(arguments[0])
        match address, arguments:
            case "/msanii/progress", (_, float(fraction)):
                self._events.append(Rendering(job_id, fraction))
            case "/msanii/take", (_, _, str(path), *_):
                self._paths[job_id] = Path(path)
            case "/msanii/fail", (_, str(code), str(message), *_):
                del self._paths[job_id]
                self._events.append(NotRendered(job_id, code, message))
            case "/msanii/done", _:
                path_or_none = self._paths.pop(job_id)
                self._events.append(
                    NotRendered(job_id, "internal", "no word came of its take")
                    if path_or_none is None
                    else Rendered(job_id, path_or_none)
                )

    def _is_idle(self) -> bool:
        """Whether the daemon has nothing to do. Raises BridgeError if it does not answer."""
        if self._daemon.process.poll() is not None:
            raise BridgeError("render", "the daemon of this pack ended; start the pack again, and it goes on")
        return not int(wait_for_model(self._daemon.client)["unfinished"])

    def _forget_open(self) -> None:
        """Give up orders of which the daemon knows nothing: their end was lost on the way."""
        for job_id in list(self._paths):
            del self._paths[job_id]
            self._events.append(NotRendered(job_id, "internal", "the daemon said no end of it"))


@contextmanager
def own_renderer(hidden: Path, model: str, settings: Settings) -> Iterator[DaemonRenderer]:
    """Start a daemon that renders to a folder of its own, which is removed with all that was not kept."""
    _clear(hidden)
    work = hidden / f"work-{secrets.token_hex(4)}"
    make_folder(work)
    try:
        values = settings.model_dump(mode="json", exclude=set(_LEFT_OUT), exclude_none=True)
        own = {**values, **_OWN_SETTINGS, "model": model}
        write_whole(work / "settings.yaml", dump_yaml(own).encode())
        with launched("--settings", str(work / "settings.yaml"), "--library", str(work / "takes")) as daemon:
            wait_for_model(daemon.client, _FIRST_START_SECONDS)
            yield DaemonRenderer(daemon, work)
    finally:
        _clear(hidden)


def _clear(hidden: Path) -> None:
    """Remove what this run, or one that was killed, rendered and did not file."""
    for left_over in hidden.glob("work-*"):
        shutil.rmtree(left_over, ignore_errors=True)
