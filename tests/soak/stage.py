"""Decks that play and record for minutes or hours, while the sound server is killed again and again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import soundfile

from bridge.cli.client import Answer, Client
from tests.bridge.after_trouble import no_half_file, wait_until
from tests.bridge.audio_child.sounds import noise
from tests.bridge.jack_server import RATE, JackServer, jack_server
from tests.soak.bench import Bench, Use, claim_flat

DECKS = (1, 2, 3, 4)
RECORDED = ("/msanii/record/master", "/msanii/deck/1/record")
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


def soak(bench: Bench, minutes: float, loss_seconds: float) -> None:
    """Play for so long, and lose the device every `loss_seconds`."""
    library = bench.folder / "library"
    library.mkdir(parents=True)
    for deck in DECKS:
        audio = noise(2 * RATE * (1 + deck % 2), deck, level=0.2)
        soundfile.write(library / f"take{deck}.wav", audio, RATE, subtype="FLOAT")
    with jack_server("soak") as server, _found_by_the_daemon(server), bench.daemon("--stream") as running:
        desk = _Desk(bench, running.client())
        desk.begin()
        use, losses, end = Use.of(running.pid), 0, time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            desk.play(min(end, time.monotonic() + loss_seconds))
            if time.monotonic() < end:
                desk.lose_device(server)
                losses += 1
        files = desk.finish()
        claim_flat(bench.report, use, Use.of(running.pid))
    no_half_file(library / ".msanii")
    bench.report.figures |= {
        "minutes": f"{minutes:g}", "device lost and found": losses, "orders": desk.orders,
        "recordings": len(files), "recorded, minutes": f"{_minutes_of(bench, files):.1f}",
    }  # fmt: skip


@contextmanager
def _found_by_the_daemon(server: JackServer) -> Iterator[None]:
    """Daemons that start meanwhile find this server."""
    before = dict(os.environ)
    os.environ.update(server.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Desk:
    """Whoever plays the decks, and looks after each loss whether the music is where it should be."""

    def __init__(self, bench: Bench, client: Client) -> None:
        self._report, self._draw, self._client = bench.report, bench.draw(), client
        self.orders = 0

    def begin(self) -> None:
        """Load every deck, launch one, and record."""
        wait_until(lambda: self._stream()["state"] == "playing", _PATIENCE_SECONDS)
        self._client.send("/msanii/notify", 1)
        for deck in DECKS:
            self._client.send(f"/msanii/deck/{deck}/load", f"take{deck}.wav", 120)
            self._until("/msanii/deck", deck, "stopped")
            self._client.send(f"/msanii/deck/{deck}/quantise", "beat")
        for address in RECORDED:
            self._client.send(address, 1)
            self._until("/msanii/recording")

    def play(self, until_monotonic: float) -> None:
        """Launch, stop and load at random; never deck 1, which plays on."""
        self._client.send("/msanii/deck/1/launch", 1)
        while time.monotonic() < until_monotonic:
            deck = self._draw.choice(DECKS[1:])
            verb = self._draw.choice(("launch", "launch", "stop", "load"))
            take = (f"take{self._draw.choice(DECKS)}.wav", 120) if verb == "load" else (1,)
            self._client.send(f"/msanii/deck/{deck}/{verb}", *take)
            self.orders += 1
            for answer in self._client.answers(_PAUSE_SECONDS):
                self._report.claim("every order is taken", answer.address != "/msanii/fail", answer)
        self._client.send("/msanii/notify", 1)
        asked_beat = self._stream()["beat"]
        self._client.send("/msanii/deck/*/launch", 1)
        # Not whatever played before: on a busy machine the order reaches the audio child late.
        wait_until(lambda: all(self._launched_since(asked_beat, deck) for deck in DECKS), _PATIENCE_SECONDS)

    def lose_device(self, server: JackServer) -> None:
        """Kill the server and start it again; each deck still counts from its own launch."""
        before, beat = {deck: self._state(deck) for deck in DECKS}, self._stream()["beat"]
        server.kill()
        self._until("/msanii/stream", "lost")
        server.start()
        self._until("/msanii/stream", "playing")
        for deck, was in before.items():
            wait_until(lambda at=deck: self._state(at)[0] == "playing", _PATIENCE_SECONDS)  # type: ignore[misc]
            now = self._state(deck)
            self._report.claim(f"deck {deck} plays on from its launch", now[1:3] == was[1:3], (was, now))
        # The song goes on from where the device was lost, and the device plays it.
        wait_until(lambda: self._stream()["beat"] > beat, _PATIENCE_SECONDS)
        called = self._stream()["callbacks"]
        wait_until(lambda: self._stream()["callbacks"] > called, _PATIENCE_SECONDS)

    def finish(self) -> list[Path]:
        """End the recordings and the music; return all recordings."""
        last = Path()
        for address in RECORDED:
            self._client.send(address, 0)
            last = Path(str(self._until("/msanii/recorded").arguments[1]))
        self._client.send("/msanii/panic", 1)
        wait_until(lambda: all(self._state(deck)[0] != "playing" for deck in DECKS), _PATIENCE_SECONDS)
        stream = self._stream()
        self._report.figures["late blocks since the last loss"] = stream["starved"]
        self._report.claim("nothing is recorded any more", not stream["recording"], stream["recording"])
        return sorted(last.parent.iterdir())

    def _until(self, address: str, *begins: object) -> Answer:
        for answer in self._client.answers(_PATIENCE_SECONDS):
            if answer.address == address and answer.arguments[: len(begins)] == begins:
                return answer
        raise AssertionError(f"no {address} {begins} within {_PATIENCE_SECONDS:g} s")

    def _state(self, deck: int) -> tuple[Any, ...]:
        self._client.send(f"/msanii/deck/{deck}/state")
        return self._client.wait_for(f"/msanii/deck/{deck}/state.reply").arguments

    def _launched_since(self, beat: float, deck: int) -> bool:
        state, _, launch_beat, *_, line = self._state(deck)
        return bool(state == "playing" and launch_beat >= beat and line == -1)

    def _stream(self) -> dict[str, Any]:
        self._client.send("/msanii/stream/status")
        words = self._client.wait_for("/msanii/stream/status.reply").arguments
        return dict(zip(words[::2], words[1::2], strict=True))  # type: ignore[arg-type]


def _minutes_of(bench: Bench, files: list[Path]) -> float:
    """How long the recordings are, each of which must be whole."""
    seconds = 0.0
    for path in files:
        audio, rate = soundfile.read(path)
        # One that began just before the end may hold less than the fade-in.
        holds = audio.any() or len(audio) < rate
        bench.report.claim("every recording holds sound", len(audio) > 0 and holds, path)
        seconds += len(audio) / rate
    return seconds / 60
