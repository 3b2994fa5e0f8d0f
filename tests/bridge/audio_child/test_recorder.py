"""Recording to files: whole, valid whatever happens to the disk, and recovered after a death."""

from __future__ import annotations

import multiprocessing
import queue
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.audio_child.recorder import Recorder
from bridge.audio_child.reports import RecordingBegun, RecordingReport
from bridge.audio_child.wav_file import HEADER_BYTES, header, recover
from tests.bridge.audio_child.sounds import RATE, noise


def test_a_recording_is_whole_and_no_name_is_taken_twice(tmp_path: Path) -> None:
    reports: list[RecordingBegun | RecordingReport] = []
    recorder, audio = Recorder(RATE, reports.append), noise(5_120)
    path = tmp_path / "r.wav"
    recorder.begin(0, path)
    recorder.begin(1, path)
    for at in range(0, 5_120, 512):
        recorder.hear(0, audio[at : at + 512])
    recorder.finish(5.0)
    until = time.monotonic() + 60
    while len(reports) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    written, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    assert (written == audio).all()
    begun, *ends = reports
    assert begun == RecordingBegun(0, path)
    refused, ended = ends
    assert isinstance(refused, RecordingReport)
    assert isinstance(ended, RecordingReport)
    assert "exists" in refused.trouble
    assert ended.trouble == ""
    assert ended.seconds == pytest.approx(5_120 / RATE)


def _record_on_a_full_disk(path: Path, room_bytes: int, reports: Any) -> None:
    """Record a second where files cannot grow beyond so many bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, room_bytes))
    recorder, audio = Recorder(RATE, reports.put), noise(RATE)
    recorder.begin(0, path)
    for at in range(0, RATE, 512):
        recorder.hear(0, audio[at : at + 512])
    recorder.finish(20.0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for a process's files")
@pytest.mark.parametrize(
    ("room_bytes", "kinds"), [(0, [RecordingReport]), (80_000, [RecordingBegun, RecordingReport])]
)
def test_a_full_disk_ends_a_recording_with_a_valid_file_or_none(
    tmp_path: Path, room_bytes: int, kinds: list[type]
) -> None:
    path, spawn = tmp_path / "r.wav", multiprocessing.get_context("spawn")
    reports: Any = spawn.Queue()
    process = spawn.Process(target=_record_on_a_full_disk, args=(path, room_bytes, reports))
    process.start()
    heard = [reports.get(timeout=60) for _ in kinds]
    process.join(60)
    assert [type(report) for report in heard] == kinds
    assert "File too large" in heard[-1].trouble
    if room_bytes:
        written, _ = soundfile.read(path, dtype="float32", always_2d=True)
        assert 0.9 * room_bytes < 8 * len(written) < room_bytes
        assert (written == noise(RATE)[: len(written)]).all()
        assert heard[-1].seconds == len(written) / RATE
    else:
        assert not path.exists()


def _begin_anew_on_a_full_disk(paths: list[Path], reports: Any) -> None:
    import resource

    # Room for a header; the block waits in the file's buffer until the next file begins.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    recorder = Recorder(RATE, reports.put)
    for path in paths:
        recorder.begin(0, path)
        recorder.hear(0, noise(512))
    recorder.finish(20.0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for a process's files")
def test_a_file_that_cannot_be_finished_keeps_no_word_of_the_next_one_back(tmp_path: Path) -> None:
    paths, spawn = [tmp_path / "a.wav", tmp_path / "b.wav"], multiprocessing.get_context("spawn")
    reports: Any = spawn.Queue()
    process = spawn.Process(target=_begin_anew_on_a_full_disk, args=(paths, reports))
    process.start()
    begun, *ended = [reports.get(timeout=60) for _ in range(3)]
    process.join(60)
    assert begun == RecordingBegun(0, paths[0])
    assert [(report.path, "File too large" in report.trouble) for report in ended] == [
        (path, True) for path in paths
    ]


def test_a_file_that_is_as_long_as_wav_allows_ends_as_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.audio_child.recorder.LONGEST_FRAMES", 1_000)
    reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
    recorder = Recorder(RATE, reports.put)
    recorder.begin(0, tmp_path / "r.wav")
    for _ in range(3):
        recorder.hear(0, noise(512))
    assert reports.get(timeout=60) == RecordingBegun(0, tmp_path / "r.wav")
    assert reports.get(timeout=60) == RecordingReport(0, tmp_path / "r.wav", 1_000 / RATE, is_full=True)
    assert not recorder.wants(0)


def test_a_disk_that_does_not_keep_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.audio_child.recorder._WAITING_BLOCKS", 0)
    reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
    recorder = Recorder(RATE, reports.put)
    recorder.begin(0, tmp_path / "r.wav")
    recorder.hear(0, noise(512))
    reports.get(timeout=60)
    assert reports.get(timeout=60).trouble == "the disk could not keep up"


def test_what_a_dead_writer_left_is_whole_again(tmp_path: Path) -> None:
    path, audio = tmp_path / "r.wav", noise(1_000)
    # The header is that of a second ago, and the last frame is not complete.
    path.write_bytes(header(500, RATE, 2) + audio.astype("<f4").tobytes() + b"abc")
    assert recover(path) == 1_000 / RATE
    written, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    assert np.array_equal(written, audio)
    assert path.stat().st_size == HEADER_BYTES + 8_000


@pytest.mark.parametrize("left", [b"", b"RIFF", header(0, RATE, 2), header(0, RATE, 2) + bytes(7)])
def test_a_file_without_a_frame_is_removed(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "r.wav"
    path.write_bytes(left)
    assert recover(path) == 0.0
    assert not path.exists()


def test_a_recording_that_cannot_begin_wants_nothing(tmp_path: Path) -> None:
    reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
    recorder = Recorder(RATE, reports.put)
    usual_seconds = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # the recorder's thread may give up before `begin` returns
    try:
        for _ in range(1_000):
            recorder.begin(0, tmp_path / "missing" / "r.wav")
            assert "No such file" in reports.get(timeout=60).trouble
            assert not recorder.wants(0)
    finally:
        sys.setswitchinterval(usual_seconds)
