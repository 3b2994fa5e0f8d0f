"""The Remote Script as Live imports it, with and without a bridge."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.cli.own_daemon import free_port
from tests.max_for_live.other_daws import live_stub as live
from tests.max_for_live.other_daws.live_framework import modules
from tests.max_for_live.other_daws.live_rig import FOLDER, Rig


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, imported as Live imports it, fresh each time."""
    for name, module in modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("Msanii")
    for name in [name for name in sys.modules if name.split(".")[0] == "Msanii"]:
        del sys.modules[name]


@pytest.fixture
def script_settings(script: Any) -> Any:
    """What a user may change, as a module."""
    return importlib.import_module("Msanii.settings")


@pytest.fixture
def lonely(script: Any, script_settings: Any) -> Iterator[Rig]:
    """Live with an audio track, and no daemon at the port."""
    script_settings.PORT = free_port()
    song = live.Song()
    song.add_track("Audio")
    opened = Rig(script, song)
    yield opened
    opened.surface.disconnect()
