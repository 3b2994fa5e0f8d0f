"""`msanii-bridge bench message`: from a message that asks for one bar on a deck to its first sound."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.cli.client import Answer, Client
from bridge.cli.options import serve_flags
from bridge.cli.own_daemon import launched, wait_for_model
from bridge.cli.render_stages import stage_times
from bridge.messages import BridgeError, PartialRequest
from bridge.settings import Settings
from bridge.worker.stage_times import StageTimes

_BARS, _BPM, _CHORDS = 1.0, 120.0, "Am"
_WAIT_SECONDS = 600.0
_POLL_SECONDS, _STILL_HERE_SECONDS = 0.02, 20.0
# What a listener takes for silence, -80 dBFS.
_SILENCE = 1e-4


@dataclass(frozen=True, slots=True)
class MessageRow:
    """Seconds of one part of the way, cold and warm, and what it is."""

    name: str
    cold: float
    warm: float
    meaning: str


@dataclass(frozen=True, slots=True)
class FirstSound:
    """Seconds from a message until it is queued, from there to the finished take, and on until that plays.

    The transport stands still, so that no bar line is waited for. `silence` is what the take begins with.
    """

    queued: float
    rendered: float
    launch: float
    silence: float

    @property
    def whole(self) -> float:
        """From the message to the first sample that is not silent."""
        return self.queued + self.rendered + self.launch + self.silence


def bench_message(
    settings: Settings, flags: Mapping[str, object], turns: int, say: Callable[[str], None]
) -> list[MessageRow]:
    """Ask a daemon for one bar on a deck as soon as it answers, and `turns` times after that.

    `flags` are the daemon's, which `settings` hold too. Raises BridgeError.
    """
    with _daemon(flags) as client:
        say("cold: the daemon has just started, and its model is not loaded")
        cold = first_sound(client, 0)
        wait_for_model(client)
        warm = []
        for turn in range(1, turns + 1):
            say(f"warm: message {turn} of {turns}")
            warm.append(first_sound(client, turn))
    warm.sort(key=lambda one: one.whole)
    say("the render process alone, cold and warm")
    music: PartialRequest = {"bars": _BARS, "bpm": _BPM, "chords": _CHORDS, "seed": 0}
    first, later = (stage_times(settings, music, warm=is_warm) for is_warm in (False, True))
    return message_rows((cold, warm[len(warm) // 2]), (first, later), settings.latency_ms / 1000)


def first_sound(client: Client, seed: int) -> FirstSound:
    """Ask for one bar on deck 1, and wait until it sounds. Raises BridgeError if it fails."""
    _stand_still(client)
    job = f"bench-{client.port}-{seed}"
    asked = ("bars", _BARS, "bpm", _BPM, "chords", _CHORDS, "seed", seed)
    began = queued = rendered = time.monotonic()
    client.send("/msanii/deck/1/generate", job, *asked)
    path: Path | None = None
    for answer in _events(client):
        now = time.monotonic()
        match answer.address, answer.arguments:
            case "/msanii/queued", (name, *_) if name == job:
                queued = now
            case "/msanii/take", (name, _, str(where), *_) if name == job:
                rendered, path = now, Path(where)
            case "/msanii/deck", (1, "playing", take, *_) if path is not None and take == path.name:
                return FirstSound(queued - began, rendered - queued, now - rendered, leading_silence(path))
            case "/msanii/fail", (about, code, why) if about in (job, "/msanii/deck/1"):
                raise BridgeError(str(code), str(why))
    raise BridgeError("missing", f"deck 1 does not play within {_WAIT_SECONDS:g} s of the message")


def leading_silence(path: Path) -> float:
    """Return the seconds of silence that an audio file begins with. Raises BridgeError if that is all."""
    import numpy as np
    import soundfile

    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    sounds = np.flatnonzero(np.abs(audio).max(axis=1) > _SILENCE)
    if not len(sounds):
        raise BridgeError("output", f"`{path.name}` is silent")
    return int(sounds[0]) / int(rate)


def message_rows(
    sounds: tuple[FirstSound, FirstSound], renders: tuple[StageTimes, StageTimes], ahead_seconds: float
) -> list[MessageRow]:
    """Return the table of the way from message to sound, and of the render process alone; each cold and warm.

    The mix is made `ahead_seconds` ahead. The bound is what no daemon could spare: model, network and
    vocoder, and the mix.
    """
    # Once the model is loaded, its time is nobody's.
    loads = renders[0].load, 0.0
    alone = [load + one.whole for load, one in zip(loads, renders, strict=True)]
    bound = [
        load + one.network + one.decode + ahead_seconds for load, one in zip(loads, renders, strict=True)
    ]
    rest = [max(0.0, one.rendered - work) for one, work in zip(sounds, alone, strict=True)]
    parts: list[tuple[str, list[float], str]] = [
        ("message to queued", [one.queued for one in sounds], "read, completed, and safe in the journal"),
        ("queued to take", [one.rendered for one in sounds], "of which the render process alone takes:"),
        ("  model", list(loads), "PyTorch is imported, and the weights are loaded"),
        ("  compose", [one.prepare for one in renders], "the notes, and the controls of them"),
        ("  network", [one.network for one in renders], "all of its steps"),
        ("  vocoder", [one.decode for one in renders], "the mel becomes sound"),
        ("  finish", [one.finish for one in renders], "length, loudness, limiter, checks"),
        ("  hear", [one.hear for one in renders], "the take is compared with what was asked"),
        ("  write", [one.write for one in renders], "the files, synced to disk"),
        ("  rest", rest, "processes that start or wait for each other, or for a core"),
        ("take to sound", [one.launch for one in sounds],
            f"loaded and launched without a bar line; mixed {1000 * ahead_seconds:.0f} ms ahead"),
        ("silence", [one.silence for one in sounds], "that the take begins with"),
        ("message to first sample", [one.whole for one in sounds], "from the first of these to the last"),
        ("bound", bound, "model, network, vocoder, and how far ahead the mix is"),
        ("times the bound", [one.whole / least for one, least in zip(sounds, bound, strict=True)], ""),
    ]  # fmt: skip
    return [MessageRow(name, cold, warm, meaning) for name, (cold, warm), meaning in parts]


def _events(client: Client) -> Iterator[Answer]:
    """Yield what the daemon tells; it would fall silent if nobody said that they still listen."""
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        client.send("/msanii/notify", 1)
        yield from client.answers(_STILL_HERE_SECONDS)


def _stand_still(client: Client) -> None:
    """Stop the transport, and wait until deck 1 is silent."""
    client.send("/msanii/transport/stop")
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        client.send("/msanii/deck/1/state")
        if client.wait_for("/msanii/deck/1/state.reply").arguments[0] != "playing":
            return
        time.sleep(_POLL_SECONDS)
    raise BridgeError("busy", "deck 1 does not stop; `msanii-bridge doctor` looks at the stream")


@contextmanager
def _daemon(flags: Mapping[str, object]) -> Iterator[Client]:
    """Start a daemon with a stage and an empty library."""
    with (
        tempfile.TemporaryDirectory(prefix="msanii-bench-", ignore_cleanup_errors=True) as folder,
        launched("--stream", "--no-midi", "--library", folder, *serve_flags(**flags)) as daemon,
    ):
        yield daemon.client
