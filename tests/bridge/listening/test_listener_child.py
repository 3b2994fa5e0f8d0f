"""What the listening process answers, in this process: the same as the listener's own, and never a guess."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.listening import listener_child
from bridge.listening.listener_child import as_heard_audio
from bridge.listening.questions import NotHeard, Question
from bridge.messages import BridgeError, HeardAudio
from bridge.worker.listener_folder import find_listener, listener_version
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.listening.heard import Heard
from msanii.listening.listener import Listener
from msanii.music.chords import Meter, parse_chords
from msanii.signal.audio_files import read_clip

NOTHING = Heard(
    rate=48_000, samples=480_000, bpm=None, confidence=0.0, steadiness=0.0, numerator=None, denominator=None,
    first_downbeat_samples=None, beats=(), key=None, chords=None, chord_spans=(), notes=(), part=None,
    family=None, sound=None,
)  # fmt: skip
WALTZ = replace(
    NOTHING, bpm=97.304, confidence=0.91234, numerator=3, denominator=4, first_downbeat_samples=9_600,
    key="Am", chords=("Am", "F:2 C:1"),
)  # fmt: skip


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Two seconds of stereo, in more than one block."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.random.default_rng(3).normal(0, 0.1, (88_200, 2)), 44_100)
    return path


def question(path: Path, listener: Path) -> Question:
    return Question((path,), path.name, 2.0, listener)


def test_what_is_heard_is_told_in_the_words_of_the_reply() -> None:
    assert as_heard_audio(WALTZ) == HeardAudio(97.3, 3, 4, 9_600, "Am", "Am | F:2 C:1", 0.912)


def test_nothing_is_made_up() -> None:
    assert as_heard_audio(NOTHING) == HeardAudio(0.0, 0, 0, -1, "", "", 0.0)
    drifting = replace(WALTZ, bpm=None, confidence=0.2)
    assert as_heard_audio(drifting) == HeardAudio(0.0, 3, 4, 9_600, "Am", "Am | F:2 C:1", 0.2)


def test_a_downbeat_may_be_the_first_sample() -> None:
    assert as_heard_audio(replace(WALTZ, first_downbeat_samples=0)).first_beat == 0


def test_beats_are_told_from_the_first_downbeat_on() -> None:
    heard = replace(WALTZ, beats=((0.1, 2), (0.7166, 0), (1.33333, 1)), steadiness=0.66666)
    assert (as_heard_audio(heard).beats, as_heard_audio(heard).steadiness) == ((0.7166, 1.3333), 0.667)
    assert as_heard_audio(replace(WALTZ, beats=((0.1, 1), (0.7, 2)))).beats == ()


def test_files_that_play_together_are_heard_as_their_sum(models: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    voices = random.normal(0, 0.1, 88_200), random.normal(0, 0.1, 44_100)
    for name, voice in zip("ab", voices, strict=True):
        soundfile.write(tmp_path / f"{name}.wav", voice, 44_100, subtype="FLOAT")
    together = listener_child._read_together((tmp_path / "a.wav", tmp_path / "b.wav"))
    expected = voices[0] + np.pad(voices[1], (0, 44_100))
    np.testing.assert_allclose(together.audio[0], expected, atol=1e-6)
    soundfile.write(tmp_path / "b.wav", voices[1], 22_050)
    assert listener_child._read_together((tmp_path / "b.wav", tmp_path / "a.wav")).rate == 22_050
    assert listener_child._read_together((tmp_path / "a.wav", tmp_path / "b.wav")).samples == 88_200


def test_of_many_bars_the_first_make_chords_that_a_request_takes() -> None:
    bars = ("Am", "Cmaj7:2 F:1") * 400
    text = as_heard_audio(replace(WALTZ, chords=bars)).chords
    kept = text.split(" | ")
    assert tuple(kept) == bars[: len(kept)]
    assert MOST_CHORD_CHARACTERS - 14 < len(text) <= MOST_CHORD_CHARACTERS
    parse_chords(text, meter=Meter(numerator=3, denominator=4))


def test_a_file_read_block_by_block_is_heard_as_the_whole(
    models: Path, noise: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_child, "_BLOCK_FRAMES", 10_007)
    folder = models / "listener"
    answer = listener_child._Hearing().answer(question(noise, folder))
    assert answer == as_heard_audio(Listener.load(folder).listen(read_clip(noise)))


def test_a_channel_without_numbers_leaves_the_others(tmp_path: Path) -> None:
    audio = np.full((1_000, 2), 0.5, np.float32)
    audio[:, 1] = np.nan
    soundfile.write(tmp_path / "half.wav", audio, 44_100, subtype="FLOAT")
    clip = listener_child._read_mono(tmp_path / "half.wav")
    assert (clip.samples, clip.rate) == (1_000, 44_100)
    np.testing.assert_allclose(clip.audio, 0.25)


def test_a_damaged_listener_is_an_error_of_the_model(models: Path, noise: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "listener", tmp_path / "damaged")
    (folder / "model.safetensors").write_bytes(b"not weights")
    answer = listener_child._Hearing().answer(question(noise, folder))
    assert isinstance(answer, NotHeard)
    assert answer.code == "model"


def test_an_unexpected_error_is_an_answer_too(models: Path, tmp_path: Path) -> None:
    answer = listener_child._Hearing().answer(question(tmp_path / "gone.wav", models / "listener"))
    assert isinstance(answer, NotHeard)
    assert (answer.code, "`gone.wav`" in answer.message) == ("internal", True)


def test_the_users_own_listener_is_found_first(models: Path, tmp_path: Path) -> None:
    assert find_listener((tmp_path, models)) == models / "listener"


def test_without_a_listener_the_error_says_where_to_put_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msanii.__file__", str(tmp_path / "msanii" / "__init__.py"))
    with pytest.raises(BridgeError, match="no listener is installed") as refused:
        find_listener((tmp_path / "mine",))
    assert (refused.value.code, f"`{tmp_path / 'mine'}`" in refused.value.message) == ("model", True)
    with pytest.raises(BridgeError, match="`models_folder`"):
        find_listener(())


def test_another_training_is_another_version(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "listener", tmp_path / "copy")
    before = listener_version(folder)
    assert listener_version(folder) == before
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert listener_version(folder) != before
