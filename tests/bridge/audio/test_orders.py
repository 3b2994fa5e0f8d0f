"""Commands that come before what they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from bridge.audio import protocol as p
from bridge.audio.loading import Loader
from bridge.audio.mixer import Mixer
from bridge.audio.orders import Orders
from bridge.messages import BridgeError
from tests.bridge.audio.sounds import RATE, noise, render


class LaterLoader:
    """A loader whose work is done when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], None]] = []

    def put(self, task: Callable[[], None], _fail: Callable[[BridgeError], None]) -> None:
        self.tasks.append(task)


@pytest.mark.parametrize("stopped", [False, True])
def test_an_endless_deck_starts_with_its_first_bar_however_early_it_is_launched(
    tmp_path: Path, stopped: bool
) -> None:
    mixer, loader = Mixer(RATE, 1), LaterLoader()
    unused: Any = None
    orders = Orders(mixer, unused, cast(Loader, loader), unused, unused)
    bar = noise(2 * RATE)
    np.save(tmp_path / "bar.npy", bar.T)
    orders.obey(p.OpenEndless(1))
    orders.obey(p.BarReady(1, 0, tmp_path / "bar.npy"))
    orders.obey(p.Launch(1))
    assert not render(mixer, 4_096).any()
    if stopped:
        orders.obey(p.Stop(1))
        render(mixer, 4_096)
    loader.tasks.pop()()
    heard = render(mixer, len(bar) - 4_096)
    if stopped:
        assert not heard.any()
        return
    begin = int(np.flatnonzero(heard.any(axis=1))[0])
    assert (heard[begin:] == bar[: len(heard) - begin]).all()
    assert not [report for report in mixer.reports if isinstance(report, p.BehindReport)]
