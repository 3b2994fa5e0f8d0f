"""Reading recordings, and refusing those that teach nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from msanii.errors import AudioError
from msanii.metrics.loudness import loudness
from msanii.signal.audio_files import Clip
from msanii.teaching.recording import at_level, clipped_runs, read_recording
from tests.msanii.teaching.instrument import RATE, played, short_calibration, write_recording

TUNE = played(short_calibration(20).notes)


@pytest.mark.parametrize(
    ("suffix", "rate", "channels"), [("wav", 48_000, 1), ("flac", 44_100, 2), ("aiff", 22_050, 2)]
)
def test_any_rate_in_mono_and_stereo_comes_out_at_the_models(
    tmp_path: Path, suffix: str, rate: int, channels: int
) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.stack([TUNE] * channels, axis=1), rate, subtype="PCM_24")
    clip = read_recording(path, 44_100, seconds=1.0)
    assert (clip.rate, len(clip.audio)) == (44_100, 2)
    assert clip.samples == pytest.approx(len(TUNE) * 44_100 / rate, abs=2)


def test_the_level_is_the_models(tmp_path: Path) -> None:
    clip = read_recording(write_recording(tmp_path / "a.wav", TUNE * 0.02), 44_100, seconds=1.0)
    assert loudness(at_level(clip, -24.0), 44_100) == pytest.approx(-24.0, abs=0.1)
    assert loudness(at_level(clip, None), 44_100) == pytest.approx(-24.0, abs=0.1)


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"MThd no audio")
    with pytest.raises(AudioError, match=r"`a\.wav` is not an audio file"):
        read_recording(path, 44_100, seconds=1.0)
    with pytest.raises(AudioError, match="there is no file"):
        read_recording(tmp_path / "b.wav", 44_100, seconds=1.0)


@pytest.mark.parametrize(
    ("audio", "sentence"),
    [
        (TUNE[:RATE], "lasts 1 s, expected at least 5 s; record the whole calibration"),
        (np.zeros_like(TUNE), "is silent"),
        (TUNE * 1e-4, "is too quiet"),
        (np.clip(TUNE * 20, -1, 1), r"is clipped in \d+ places"),
    ],
)
def test_recordings_that_teach_nothing_are_refused(tmp_path: Path, audio: np.ndarray, sentence: str) -> None:
    path = write_recording(tmp_path / "a.wav", audio.astype(np.float32))
    with pytest.raises(AudioError, match=sentence):
        read_recording(path, 44_100, seconds=5.0)


def test_samples_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    broken = TUNE.copy()
    broken[1000] = np.nan
    soundfile.write(path, broken, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="not finite"):
        read_recording(path, 44_100, seconds=1.0)


def test_single_peaks_at_full_scale_are_not_clipping() -> None:
    audio = np.zeros((2, 100), np.float32)
    audio[:, ::10] = 1.0
    assert clipped_runs(audio) == 0
    audio[0, 20:26] = -1.0
    assert clipped_runs(audio) == 1
    assert Clip(audio, 44_100).samples == 100
