"""The device in a process of its own: the real script under Node, between two real UDP sockets."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.conftest import need

HERE = Path(__file__).parent
# Debian keeps its packaged modules here, where a Node from elsewhere does not look.
_DEBIAN_MODULES = "/usr/share/nodejs"

Atoms = list[Any]


def node() -> list[str]:
    """The command that runs Node; skips without it, fails where everything must be real."""
    return [need("node")]


def node_environment() -> dict[str, str]:
    """The environment in which Node finds the modules of the system's packages."""
    places = [place for place in (os.environ.get("NODE_PATH"), _DEBIAN_MODULES) if place]
    return {**os.environ, "NODE_PATH": os.pathsep.join(places)}


class NodeLive:
    """One Live with devices in it. `out[n]` is everything that left the script of device n so far."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*node(), str(HERE / "device_process.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=node_environment(),
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.out: list[list[Atoms]] = []
        self._clips: dict[str, Any] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        _, words = self._process.communicate()
        assert not words, f"the script failed: {words}"

    def order(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def add(self, daemon_port: int, **options: Any) -> int:
        """Adds a device that knocks at this port; returns its number."""
        self.out.append([])
        stored = {"daemon_port": [daemon_port], **options.pop("stored", {})}
        self.order(device={"stored": stored, **options})
        return len(self.out) - 1

    def control(self, device: int, name: str, value: object) -> None:
        self.order(to=device, call=["control", name, value])

    def press(self, device: int, name: str) -> None:
        self.order(to=device, call=["press", name])

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        """Reads what leaves the scripts until the condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            assert self._process.poll() is None, "the script's process ended"
            shown = [(self.words(device), out[-5:]) for device, out in enumerate(self.out)]
            assert left > 0, f"waited in vain for {what}: {shown}"
            self._take(min(left, 1.0))

    def _take(self, seconds: float) -> None:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return
        if "from" in line:
            self.out[line["from"]].append(line["out"])
        else:
            self._clips = line

    def midi_clips(self) -> list[dict[str, Any]]:
        """The MIDI clips of the set, with the names of their tracks; as `clips`."""
        self.clips()
        return list(self._clips["midi"])

    def clips(self) -> list[dict[str, Any]]:
        """The clips that devices placed. Live refused nothing, and nothing was asked that Live lacks."""
        self._clips = {}
        self.order(clips=True)
        self.wait(lambda: bool(self._clips), "the clips")
        assert (self._clips["errors"], self._clips["ghosts"]) == ([], [])
        return list(self._clips["clips"])

    def said(self, device: int, name: str) -> list[Atoms]:
        return [atoms[1:] for atoms in self.out[device] if atoms[0] == name]

    def words(self, device: int) -> str:
        """The sentence that the device shows now."""
        return str(self.said(device, "status")[-1][1]) if self.said(device, "status") else ""

    def wait_words(self, device: int, part: str, seconds: float = 60.0) -> None:
        self.wait(lambda: part in self.words(device), f"`{part}`", seconds)

    def menu(self, device: int, name: str) -> list[str]:
        """The items of a menu; none before it was filled."""
        filled = [atoms[1:] for atoms in self.said(device, "menu") if atoms[0] == name]
        return filled[-1] if filled else []

    def shown(self, device: int, name: str) -> Any:
        """What a control shows; a menu its item's words."""
        value = [atoms[1] for atoms in self.said(device, "set") if atoms[0] == name][-1]
        items = self.menu(device, name)
        return items[value] if items else value

    def choose(self, device: int, name: str, item: str) -> None:
        """Chooses an item of a menu, once it is there."""
        self.wait(lambda: item in self.menu(device, name), f"{item} in the {name} menu")
        self.control(device, name, self.menu(device, name).index(item))

    def choose_preset(self, device: int, preset: str) -> None:
        """Chooses a preset, and waits until all that it holds is shown."""
        self.wait(lambda: preset in self.menu(device, "preset"), "the presets")
        before = len(self.said(device, "set"))

        def is_shown() -> bool:
            names = [atoms[0] for atoms in self.said(device, "set")[before:]]
            return "loop" in names and "sound" in names[names.index("loop") :]

        self.choose(device, "preset", preset)
        self.wait(is_shown, "its values")

    def generate(self, device: int, wanted: str = "Done") -> list[str]:
        """Presses Generate and waits for the words that are wanted; paths of the takes that came."""
        before, known = len(self.said(device, "status")), self.takes(device)
        self.press(device, "generate")
        self.wait(
            lambda: any(wanted in str(words) for _, words in self.said(device, "status")[before:]), wanted
        )
        return [path for path in self.takes(device) if path not in known]

    def takes(self, device: int) -> list[str]:
        """Paths of the takes in the device's list, newest last."""
        kept = self.said(device, "store")
        lists = [atoms[1:] for atoms in kept if atoms[0] == "takes"]
        return [str(path) for path in lists[-1] if path != "-"] if lists else []
