"""Endless mode end to end: OSC in, a real worker with a tiny model, the audio child playing bars."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

from bridge.cli.client import Client
from tests.conftest import fail_of

pytestmark = pytest.mark.calm


def words_of(client: Client, address: str, name: str) -> tuple[Any, ...]:
    client.send(address)
    return tuple(client.wait_for(name).arguments)


def test_a_deck_plays_bars_that_follow_what_is_set_and_survives_the_worker(make_daemon: Any) -> None:
    daemon = make_daemon(flags=["--stream"]).start()
    pid = daemon.status()["pid"]
    client = daemon.client()
    client.send("/msanii/notify", 1)
    client.wait_for("/msanii/notify.reply")
    client.send("/msanii/transport/tempo", 60)
    client.send(
        "/msanii/endless/start", 1, "chords", "Am F", "steps", 1, "iterations", 1, "ahead", 2,
        "seed", 4,
    )  # fmt: skip
    assert client.wait_for("/msanii/endless/start.reply").arguments == (1, 4)
    bars = [client.wait_for("/msanii/endless/event/bar").arguments[1] for _ in range(2)]
    assert bars == [0, 1]
    client.send("/msanii/endless/set", "chords", "C")
    deck, bar = client.wait_for("/msanii/endless/set.reply").arguments
    client.send("/msanii/endless/set", "chords", "X7")
    about, code, _ = client.wait_for("/msanii/fail").arguments
    assert (about, code) == ("/msanii/endless/set", "chords")
    assert (deck, bar >= 2) == (1, True)
    psutil.Process(int(pid)).kill()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        _, playing, rendered, *_ = words_of(client, "/msanii/endless/status", "/msanii/endless/status.reply")
        if playing >= 2 and rendered >= 3:
            break
        time.sleep(0.1)
    assert playing >= 2
    client.send("/msanii/endless/keep", 1, 2)
    _, path, _first, *rest = client.wait_for("/msanii/endless/keep.reply").arguments
    assert rest == [2, 1]  # bars, and a recipe that another worker's bars are part of
    assert path.endswith(".wav")
    client.send("/msanii/endless/stop", 1)
    assert client.wait_for("/msanii/endless/stop.reply").arguments == (1,)


def test_a_deck_that_is_starved_repeats_its_last_bars_and_goes_on(make_daemon: Any) -> None:
    daemon = make_daemon(flags=["--stream"]).start()
    worker = psutil.Process(int(daemon.status()["pid"]))
    client = daemon.client()
    client.send("/msanii/notify", 1)
    client.wait_for("/msanii/notify.reply")
    client.send("/msanii/transport/tempo", 120)
    client.send(
        "/msanii/endless/start", 1, "chords", "Am F", "steps", 1, "iterations", 1, "ahead", 3, "seed", 4
    )
    while client.wait_for("/msanii/deck", about=1).arguments[1] != "playing":
        pass
    worker.suspend()
    try:
        first = behind(client)
        client.send("/msanii/deck/1/record", 1)
        while behind(client) < first + 6:
            pass
        client.send("/msanii/deck/1/record", 0)
        _, path, _ = client.wait_for("/msanii/recorded").arguments
    finally:
        worker.resume()
    audio, rate = soundfile.read(str(path), dtype="float32")
    period = 2 * 2 * rate  # two bars of two seconds
    assert len(audio) > period + rate
    assert np.abs(audio).max() > 1e-3
    assert np.array_equal(audio[period:], audio[:-period])
    recovered = status_of(client, lambda playing, rendered: rendered > playing)
    late = recovered[4]
    again = status_of(client, lambda playing, _: playing >= recovered[1] + 2)
    assert again[4] == late >= 6
    # To launch it again is to go on.
    client.send("/msanii/deck/1/launch", 1)
    relaunched = status_of(client, lambda playing, _: playing >= again[1] + 2)
    assert relaunched[4] == late
    client.send("/msanii/endless/stop", 1)
    client.wait_for("/msanii/endless/stop.reply")
    _, code, sentence = fail_of(list(client.ask("/msanii/deck/1/launch", 1)))
    assert (code, "load a take first" in sentence) == ("missing", True)


def behind(client: Client) -> int:
    """The next bar that was missing on its line."""
    bar = client.wait_for("/msanii/behind").arguments[1]
    assert isinstance(bar, int)
    return bar


def status_of(client: Client, is_so: Callable[[int, int], bool]) -> tuple[Any, ...]:
    """Deck 1's endless status once its bars that play and that are rendered are so."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        words = words_of(client, "/msanii/endless/status", "/msanii/endless/status.reply")
        if is_so(words[1], words[2]):
            return words
        time.sleep(0.1)
    raise AssertionError(f"still {words}")


def test_without_a_stream_the_answer_says_how_to_have_one(client: Client) -> None:
    about, code, sentence = fail_of(list(client.ask("/msanii/endless/start", 1, "chords", "Am")))
    assert (about, code) == ("/msanii/endless/start", "missing")
    assert "--stream" in sentence
