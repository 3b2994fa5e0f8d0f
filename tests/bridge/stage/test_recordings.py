"""Recordings over the lives of audio children, with the child's part played by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.wav_file import header
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.stage.recordings import Recordings

RATE = 48_000


class Desk:
    """Recordings, what they tell the child while it is up, and what they deliver."""

    def __init__(self, folder: Path) -> None:
        self.is_up = True
        self.told: list[Any] = []
        self.events: list[Any] = []
        self.delivered = asyncio.Event()
        self.recordings = Recordings(folder, self._tell, self._deliver)

    def _tell(self, command: object) -> bool:
        if self.is_up:
            self.told.append(command)
        return self.is_up

    def _deliver(self, event: object) -> None:
        self.events.append(event)
        self.delivered.set()

    @property
    def path(self) -> Path:
        """The file that was asked for last."""
        return Path([one.path for one in self.told if one.path is not None][-1])

    def write(self, frames: int) -> Path:
        """What a child has written of the last file, its header still that of its beginning."""
        self.path.write_bytes(header(0, RATE, 2) + bytes(8 * frames + 3))
        return self.path

    async def next_event(self) -> Any:
        """The next thing delivered from now on."""
        self.delivered.clear()
        await asyncio.wait_for(self.delivered.wait(), 30)
        return self.events[-1]


def run(folder: Path, play: Callable[[Desk], Awaitable[None]]) -> None:
    async def main() -> None:
        await play(Desk(folder))

    asyncio.run(main())


def test_what_a_dead_child_left_is_recovered_and_the_next_goes_on_in_a_next_file(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        desk.recordings.begin(0)
        first = desk.write(RATE // 2)
        desk.recordings.child_is_lost()
        assert await desk.next_event() == s.Recorded(0, str(first), 0.5)
        assert str(desk.recordings) == "master"
        desk.recordings.child_is_up()
        assert desk.path == first.with_name(f"{first.stem}_2.wav")
        second = desk.write(RATE)
        desk.recordings.end(0)
        assert desk.told[-1] == p.Record(0, None)
        desk.recordings.ended(r.RecordingReport(0, second, 1.0))
        assert desk.events[-1] == s.Recorded(0, str(second), 1.0)
        desk.recordings.child_is_up()
        assert desk.told[-1] == p.Record(0, None)

    run(tmp_path, play)


def test_the_next_file_is_never_one_that_is_being_recovered(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        desk.recordings.begin(0)
        first = desk.path  # which the child has not made yet
        desk.recordings.child_is_lost()
        desk.recordings.child_is_up()
        assert desk.path != first

    run(tmp_path, play)


def test_an_end_is_answered_whatever_became_of_the_child(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        with pytest.raises(BridgeError, match="nothing is being recorded"):
            desk.recordings.end(0)
        # While what the child left is being recovered.
        desk.recordings.begin(0)
        desk.write(RATE)
        desk.recordings.child_is_lost()
        desk.recordings.end(0)
        assert isinstance(await desk.next_event(), s.Recorded)
        # After that, and before there is another child.
        desk.recordings.begin(1)
        left = desk.write(RATE)
        desk.recordings.child_is_lost()
        await desk.next_event()
        desk.events.clear()
        desk.recordings.end(1)
        assert desk.events == [s.Recorded(1, str(left), 1.0)]
        # A child that died before it had opened the file.
        desk.recordings.begin(2)
        desk.recordings.child_is_lost()
        desk.recordings.end(2)
        assert isinstance(await desk.next_event(), s.RecordingFailed)
        # A child that is still starting, and has recorded nothing.
        desk.is_up = False
        desk.recordings.begin(1)
        with pytest.raises(BridgeError, match="has not started"):
            desk.recordings.end(1)
        assert str(desk.recordings) == ""

    run(tmp_path, play)


def test_what_was_asked_of_a_child_that_starts_begins_with_it(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        desk.is_up = False
        desk.recordings.begin(3)
        assert desk.told == []
        desk.is_up = True
        desk.recordings.child_is_up()
        assert [one.deck for one in desk.told] == [3]

    run(tmp_path, play)


def test_a_full_file_is_followed_by_the_next_and_trouble_ends_the_recording(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        desk.recordings.begin(0)
        full = desk.path
        full.touch()
        desk.recordings.ended(r.RecordingReport(0, full, 11_000.0, is_full=True))
        assert desk.path == full.with_name(f"{full.stem}_2.wav")
        desk.recordings.ended(r.RecordingReport(0, desk.path, 4.0, "No space left on device"))
        failed = desk.events[-1]
        assert isinstance(failed, s.RecordingFailed)
        assert "No space left on device" in failed.message
        assert f"`{desk.path}`" in failed.message
        assert str(desk.recordings) == ""

    run(tmp_path, play)


def test_a_second_begin_takes_another_file_and_the_first_ones_end_is_not_its_own(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        desk.recordings.begin(0)
        first = desk.path
        desk.recordings.begin(0)
        assert desk.path != first
        desk.recordings.ended(r.RecordingReport(0, first, 1.0, "the disk could not keep up"))
        assert str(desk.recordings) == "master"

    run(tmp_path, play)
