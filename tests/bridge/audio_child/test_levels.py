"""Level meters: what a peak reads as, how it falls, and that each deck has its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bridge.audio_child.shared_memory.levels import FALL_DB_PER_SECOND, SILENT_DB, LevelBoard, LevelWriter

RATE = 48_000


@pytest.fixture
def board() -> Iterator[LevelBoard]:
    one = LevelBoard()
    yield one
    one.close()


@pytest.fixture
def writer(board: LevelBoard) -> Iterator[LevelWriter]:
    one = LevelWriter(board.name, RATE)
    yield one
    one.close()


def block(peak: float, frames: int = 512) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    sound = np.zeros((frames, 2), np.float32)
    sound[frames // 2, 1] = -peak
    return sound


def test_a_peak_is_read_in_dbfs_at_its_own_deck(board: LevelBoard, writer: LevelWriter) -> None:
    assert board.read(4) == (SILENT_DB,) * 5
    writer.hear(0, block(1.0))
    writer.hear(3, block(0.5))
    assert board.read(4) == pytest.approx((0.0, SILENT_DB, SILENT_DB, -6.02, SILENT_DB), abs=0.01)
    assert len(board.read(2)) == 3


def test_a_peak_falls_by_twenty_db_a_second_and_a_higher_one_is_seen_at_once(
    board: LevelBoard, writer: LevelWriter
) -> None:
    writer.hear(1, block(1.0))
    for _ in range(RATE // 512):
        writer.hear(1, block(0.0))
    assert board.read(1)[1] == pytest.approx(-FALL_DB_PER_SECOND, abs=0.3)
    writer.hear(1, block(0.9))
    assert board.read(1)[1] == pytest.approx(-0.92, abs=0.01)


def test_after_a_new_child_there_is_silence_again(board: LevelBoard, writer: LevelWriter) -> None:
    writer.hear(0, block(1.0))
    board.clear()
    assert board.read(0) == (SILENT_DB,)


def test_the_shared_memory_is_gone_with_its_board() -> None:
    board = LevelBoard()
    board.close()
    with pytest.raises(FileNotFoundError):
        LevelWriter(board.name, RATE)
