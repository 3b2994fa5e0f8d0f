"""Catches bars of the input: the audio child cuts them, and they become an audio file and a source."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.library.caught_bars import CAUGHT_CHUNK, CaughtBars
from bridge.library.loop_marks import LoopMarks
from bridge.library.riff_chunks import with_chunk
from bridge.library.takes import Library
from bridge.messages import Argument, BridgeError
from bridge.messages import stage as s
from bridge.meter import meter_values
from bridge.outputs.drop import encode
from bridge.outputs.outlet import Outlet
from bridge.outputs.stream import ChildLost
from bridge.stage.child_link import StageLink
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import PART_SUFFIX, discard, disk_error, make_folder, write_new

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

_CUT_SECONDS = 10.0
_WRITE_SECONDS = 60.0
_SILENT = 1e-4  # -80 dBFS
_DECIMALS = 6


class Catching:
    """The input on the daemon's side. Use it only in the event loop.

    `is_float` says whether files are to hold 32-bit floats instead of 24-bit numbers. `hold(deck, path)`
    loads a file on a deck and launches it at that deck's next boundary.
    """

    def __init__(
        self,
        link: StageLink,
        library: Library,
        outlet: Outlet,
        is_float: Callable[[], bool],
        hold: Callable[[int, Path], None],
    ) -> None:
        self._link = link
        self._library = library
        self._outlet = outlet
        self._is_float = is_float
        self._hold = hold
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[r.Caught]] = {}
        self._input: r.InputReport | None = None
        link.on_input = self._reported

    def status(self) -> tuple[Argument, ...]:
        """Return name-value pairs of the input."""
        now = self._input
        if now is None:
            return ("input_state", "off")
        return (
            "input_state", now.state, "input", now.device, "input_rate", now.rate,
            "input_channels", now.channels, "input_shares_stream", int(now.shared),
            "input_latency_ms", now.latency_seconds * 1000, "input_note", now.reason,
        )  # fmt: skip

    def choose(self, message: s.ChooseInput) -> None:
        """Listen to another input, or to none. Raises BridgeError without a stream."""
        self._link.require().choose_input(message.device)
        if message.device == "":
            self._input = None
            self._outlet.deliver(s.InputChanged("off", "", "no input is chosen"))

    def tell_level(self, message: s.ReadInputLevel) -> None:
        """Answer with the input's peak. Raises BridgeError without a stream."""
        self._outlet.reply(message.sender, "input/level.reply", self._link.require().input_level())

    async def catch(self, message: s.Catch) -> None:
        """Make the last bars a file, and answer with it.

        Raises BridgeError: as `require` and `desk`; `missing` without an input, or with fewer bars; `value`
            for silence; `busy` if the stream does not answer; `disk` or `folder`.
        """
        asked_at = time.monotonic()
        stream = self._link.require()
        if message.deck is not None:
            self._link.desk(message.deck)
        if stream.input == "":
            raise BridgeError(
                "missing",
                "no input is open: choose one by /msanii/stream/input, or by `serve --stream --input NAME`",
            )
        part = self._library.inner / f"catch-{secrets.token_hex(8)}{PART_SUFFIX}"
        try:
            caught = await self._cut(message.bars, asked_at, part)
            bars = self._bars(caught)
            path = await self._written(caught, bars)
        finally:
            discard([part])
        note = _note(caught)
        self._outlet.reply(message.sender, "catch.reply", str(path), caught.bars, bars.bpm, note)
        meter = f"{bars.numerator}/{bars.denominator}"
        self._outlet.deliver(s.CaughtBars(str(path), caught.bars, bars.bpm, meter, note))
        if message.deck is not None:
            self._hold(message.deck, path)

    # --- the audio child ----------------------------------------------------------------------------------

    async def _cut(self, bars: int, asked_at: float, part: Path) -> r.Caught:
        number = next(self._numbers)
        answer: asyncio.Future[r.Caught] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            if not self._link.tell(p.Catch(number, bars, asked_at, part)):
                raise BridgeError("busy", "the stream is starting; play on, and catch again")
            return await asyncio.wait_for(answer, _CUT_SECONDS)
        except TimeoutError as error:
            raise BridgeError("busy", "the audio process does not answer; catch again") from error
        finally:
            self._waiting.pop(number, None)

    def _reported(self, report: object) -> None:
        match report:
            case r.InputReport():
                self._input = report
                self._outlet.deliver(s.InputChanged(report.state, report.device, report.reason))
            case r.Caught():
                if (answer := self._waiting.pop(report.number, None)) is not None and not answer.done():
                    answer.set_result(report)
            case r.CatchFailed(number, code, message):
                self._fail(number, BridgeError(code, message))
            case ChildLost():
                if self._input is not None:
                    self._input = replace(self._input, state="lost", reason="the stream is starting anew")
                for number in list(self._waiting):
                    self._fail(number, BridgeError("busy", "the stream was lost, and its input with it"))

    def _fail(self, number: int, error: BridgeError) -> None:
        if (answer := self._waiting.pop(number, None)) is not None and not answer.done():
            answer.set_exception(error)

    # --- the file -----------------------------------------------------------------------------------------

    def _bars(self, caught: r.Caught) -> CaughtBars:
        master = self._link.master
        meter = master.meter if master.bar_beats == caught.bar_beats else _meter_of(caught.bar_beats)
        return CaughtBars(bars=caught.bars, bpm=round(caught.bpm, _DECIMALS), **meter_values(meter))

    async def _written(self, caught: r.Caught, bars: CaughtBars) -> Path:
        """Write the file, in a thread. Raises BridgeError `value`, `disk` or `folder`."""
        folder, is_float = self._library.takes_folder, self._is_float()

        def work() -> Path:
            if caught.peak < _SILENT:
                raise BridgeError(
                    "value",
                    f"bars: the input was silent in these {caught.bars}: look at its cable, its connection "
                    "and its level, and catch again",
                )
            data = _encoded(caught, bars, is_float=is_float)
            make_folder(folder)
            return _write(folder, _name(bars), data)

        path = await run_abandonable(work, _WRITE_SECONDS)
        if path is None:
            raise BridgeError("folder", f"the disk of `{folder}` does not answer; catch again")
        return path


def _encoded(caught: r.Caught, bars: CaughtBars, *, is_float: bool) -> bytes:
    import numpy as np

    try:
        cut = np.load(caught.path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BridgeError("internal", f"`{caught.path.name}` cannot be read; catch again") from error
    audio = with_seam(cut, caught.before)
    marks = LoopMarks(bpm=bars.bpm, is_loop=True)
    data = encode(audio.T, caught.rate, format="float" if is_float else "wav", marks=marks)
    return with_chunk(data, CAUGHT_CHUNK, bars.model_dump_json().encode())


def with_seam(cut: Audio, before: int) -> Audio:
    """Return audio (L, C) from frame `before` on, its end faded to those frames, which lead to its start.

    Where both are alike, as in silence or in a loop that was heard again, nothing changes.
    """
    import numpy as np

    audio: Audio = cut[before:].copy()
    count = min(before, len(audio))
    if count:
        share = np.linspace(0.0, 1.0, count, endpoint=False, dtype=np.float32)[:, None]
        end = audio[len(audio) - count :]
        end += share * (cut[before - count : before] - end)
    return audio


def _write(folder: Path, stem: str, data: bytes) -> Path:
    for number in itertools.count(1):
        path = folder / f"{stem}{'' if number == 1 else f'_{number}'}.wav"
        try:
            write_new(path, data)
        except FileExistsError:
            continue
        except OSError as error:
            raise disk_error(error, folder) from error
        return path
    raise AssertionError


def _name(bars: CaughtBars) -> str:
    meter = f"{bars.numerator}-{bars.denominator}"
    count = f"{bars.bars}bar{'' if bars.bars == 1 else 's'}"
    return f"caught_{datetime.now():%Y-%m-%d_%H-%M-%S}_{bars.bpm:g}bpm_{meter}_{count}"


def _meter_of(bar_beats: float) -> str:
    """Return the simplest meter of a length in quarter notes, for bars of a meter that has changed since."""
    return next(
        f"{round(bar_beats * denominator / 4)}/{denominator}"
        for denominator in (4, 8, 16, 32, 64)
        if denominator == 64 or (bar_beats * denominator / 4).is_integer()
    )


def _note(caught: r.Caught) -> str:
    notes = []
    if caught.clipped:
        notes.append(f"the input clipped ({caught.clipped} samples): turn it down")
    if caught.damaged:
        notes.append(f"{caught.damaged} samples were no numbers and are silent: look at the input's driver")
    if not caught.is_whole:
        notes.append("the sound system skipped some samples meanwhile: listen before you use it")
    return "; ".join(notes)
