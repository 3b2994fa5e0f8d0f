"""`msanii-bridge bench stage`: measures live playback on this machine."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.cli.bench_endless import BenchDeck, EndlessFeeder
from bridge.deck_values import QUIETEST_DB
from bridge.messages import BridgeError
from bridge.outputs.stream import AudioStream, ChildUp
from bridge.settings import Settings
from bridge.stage.child_link import stream_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

BPM = 120.0
_BAR_SECONDS = 4 * 60 / BPM
_WAIT_SECONDS = 60.0
_ENDLESS = 4


@dataclass(frozen=True, slots=True)
class BenchRow:
    """A row of the result table: a measurement and its meaning."""

    name: str
    figure: str
    meaning: str


def bench_stage(settings: Settings, minutes: float, say: Callable[[str], None]) -> list[BenchRow]:
    """Play four decks for `minutes`, with launches, changes and stops; one is endless, by the real model.

    Without an audio device the mix runs silently, and the measurements of the device are missing. Raises
    BridgeError `missing` if the audio process does not start.
    """
    return asyncio.run(_Bench(settings, minutes, say).run())


class _Bench:
    """A run of the benchmark, with its own audio stream and a temporary folder."""

    def __init__(self, settings: Settings, minutes: float, say: Callable[[str], None]) -> None:
        self._all_settings = settings
        self._settings = replace(stream_settings(settings), decks=4)
        self._seconds = minutes * 60
        self._say = say
        self._up = asyncio.Event()
        self._states: dict[int, r.DeckReport] = {}
        self._triggers: list[float] = []
        self._armed: dict[int, float] = {}
        self._behind = 0
        self._recorded = asyncio.Event()
        self._feeder: EndlessFeeder | None = None

    async def run(self) -> list[BenchRow]:
        with tempfile.TemporaryDirectory(prefix="msanii-bench-") as name:
            folder = Path(name)
            self._stream = AudioStream(self._settings, self._heard)
            try:
                return await self._measured(folder)
            finally:
                await self._stream.stop()
                self._stream.close()
                if self._feeder is not None:
                    await self._feeder.close()

    async def _measured(self, folder: Path) -> list[BenchRow]:
        import psutil

        await self._stream.start()
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._up.wait()
        except TimeoutError as error:
            raise BridgeError(
                "missing", "the audio process does not start; run `msanii-bridge doctor` to find out why"
            ) from error
        state = self._stream.state
        self._say(
            f"playing on {state.device or 'no device (silent)'} at {state.rate} Hz for {self._seconds:g} s"
        )
        takes = _write_takes(folder, state.rate)
        process = psutil.Process(self._stream.pid)
        self._stream.send(p.SetStage("tempo", BPM))
        endless_trouble = await self._feed(folder, state.rate)
        self._begin(folder, takes)
        await asyncio.sleep(_BAR_SECONDS)
        memory_before = process.memory_info().rss
        await self._play(takes)
        memory_after = process.memory_info().rss
        counts = self._stream.counts()
        self._stream.send(p.Record(0, None))
        async with asyncio.timeout(_WAIT_SECONDS):
            await self._recorded.wait()
        worst_error = _launch_error(folder / "master.wav", state.rate)
        return [
            BenchRow(
                "trigger to sound",
                _milliseconds(self._triggers),
                "longest time from an unquantised launch until it is heard",
            ),
            BenchRow(
                "mixed ahead",
                f"{1000 * self._settings.latency_seconds:.0f} ms",
                "share of that: the mix is so far ahead of the device",
            ),
            BenchRow(
                "launch error",
                f"{worst_error} samples",
                "largest distance of a loop's repeat from its bar line",
            ),
            BenchRow(
                "worst callback",
                f"{counts.worst_callback_ns / 1e6:.2f} ms",
                "longest audio callback",
            ),
            BenchRow(
                "worst block",
                f"{counts.worst_block_ns / 1e6:.2f} ms",
                f"longest mix of 512 samples, of {counts.blocks} blocks",
            ),
            *self._endless_rows(endless_trouble),
            BenchRow("behind", str(self._behind), "bars that were not ready at their bar line"),
            BenchRow("starved", str(counts.starved), "callbacks without enough mixed audio"),
            BenchRow(
                "underruns",
                str(counts.underruns),
                f"reported by the device, in {counts.callbacks} callbacks",
            ),
            BenchRow(
                "memory",
                f"{memory_after / 1e6:.0f} MB",
                f"{(memory_after - memory_before) / 1e6:+.1f} MB over the run",
            ),
        ]

    def _begin(self, folder: Path, takes: list[Path]) -> None:
        send = self._stream.send
        send(p.LoadDeck(1, p.TakeFile(takes[0], BPM, 4.0), "1"))
        send(p.LoadDeck(2, p.TakeFile(takes[1], BPM, 4.0)))
        send(p.LoadDeck(3, p.TakeFile(takes[1], BPM, 4.0)))
        send(p.SetDeck(2, "gain", QUIETEST_DB))
        send(p.SetDeck(3, "gain", QUIETEST_DB))
        send(p.SetDeck(2, "quantise", "off"))
        send(p.Record(0, folder / "master.wav"))

    async def _play(self, takes: list[Path]) -> None:
        """Exercise decks 2 and 3, which are silent, while deck 1 is measured."""
        ends, turn = time.monotonic() + self._seconds, 0
        while time.monotonic() < ends:
            self._armed[2] = time.monotonic()
            self._stream.send(p.LaunchDeck(2))
            self._stream.send(p.LoadDeck(3, p.TakeFile(takes[1 + turn % 2], BPM, 4.0), "beat"))
            await asyncio.sleep(_BAR_SECONDS / 2)
            self._stream.send(p.StopDeck(2))
            await asyncio.sleep(_BAR_SECONDS / 2)
            turn += 1

    async def _feed(self, folder: Path, rate: int) -> str:
        """Start endless mode on deck 4, which is silent; return the reason if it fails, else ""."""
        self._stream.send(p.SetDeck(_ENDLESS, "gain", QUIETEST_DB))
        try:
            deck = BenchDeck(self._stream.send, rate, BPM)
            self._feeder = EndlessFeeder(self._all_settings, folder, _ENDLESS, deck)
            self._say("loading the model, and rendering the first bars of the endless deck")
            await self._feeder.start()
        except BridgeError as error:
            return error.message
        return ""

    def _endless_rows(self, trouble: str) -> list[BenchRow]:
        if trouble or self._feeder is None:
            return [BenchRow("endless margin", "none", f"no bar could be rendered: {trouble}")]
        found = self._feeder.figures()
        work = f"{found.worst_seconds:.2f} s"
        mean = f"worst of {found.bars} bars of {_BAR_SECONDS:g} s; {found.mean_seconds:.2f} s on average"
        margin = f"fewest bars ahead of the playhead, by {found.way} with the model `{found.model}`"
        rows = [
            BenchRow("endless margin", f"{found.margin} bars", margin),
            BenchRow("work for a bar", work, mean),
        ]
        if self._feeder.trouble is not None:
            rows.append(BenchRow("endless deck", "ended early", self._feeder.trouble.message))
        return rows

    def _heard(self, report: object) -> None:
        match report:
            case ChildUp():
                self._up.set()
            case r.DeckReport(deck, "playing") if deck in self._armed:
                self._triggers.append(time.monotonic() - self._armed.pop(deck))
            case r.BarReport(_, bar) if self._feeder is not None:
                self._feeder.bar_began(bar)
            case r.BehindReport(_, bar) if self._feeder is not None:
                self._behind += 1
                self._feeder.behind(bar)
            case r.RecordingReport():
                self._recorded.set()


def _write_takes(folder: Path, rate: int) -> list[Path]:
    """Write three loops of one bar; the first is a single click on the downbeat, to locate its repeats."""
    import numpy as np
    import soundfile

    frames = round(_BAR_SECONDS * rate)
    click = np.zeros((frames, 2), np.float32)
    click[0] = 0.5
    hums = [np.full((frames, 2), level, np.float32) for level in (0.1, 0.2)]
    paths = [folder / f"take{number}.wav" for number in range(3)]
    for path, audio in zip(paths, (click, *hums), strict=True):
        soundfile.write(path, audio, rate, subtype="FLOAT")
    return paths


def _launch_error(path: Path, rate: int) -> int:
    """Return the largest deviation in samples of deck 1's clicks from the grid that the first one starts."""
    import numpy as np
    import soundfile

    found: list[int] = []
    with soundfile.SoundFile(path) as file:
        begin = 0
        for block in file.blocks(rate, dtype="float32", always_2d=True):
            found.extend(int(at) + begin for at in np.flatnonzero(block[:, 0] > 0.3))
            begin += len(block)
    errors = [abs(at - found[0] - round(bar * _BAR_SECONDS * rate)) for bar, at in enumerate(found)]
    return max(errors, default=0)


def _milliseconds(seconds: list[float]) -> str:
    return f"{1000 * max(seconds):.1f} ms" if seconds else "none"
