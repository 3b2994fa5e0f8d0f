"""Training of the listener: its targets, its clips, a run that learns and goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.data.listening.stems import read_stems, write_stems
from msanii.errors import ConfigError, DataError
from msanii.listening.activations import Ears
from msanii.listening.listener import Listener
from msanii.listening.network import ListenerNetwork
from msanii.listening.spectra import Spectra, levelled
from msanii.listening.weights import load_listener, save_listener
from msanii.signal.audio_files import Clip
from msanii.training.listening.clips import ListeningClips
from msanii.training.listening.targets import UNKNOWN, beat_targets, chord_targets, note_targets
from tests.msanii.command import run
from tests.msanii.listening.played import RATE, TINY
from tests.msanii.training.tiny_runs import losses

SAMPLES = 6 * 44_100
SETTINGS = """
task: listener
network: {channels: 8, width: 48, hidden: 24, dilations: [1, 4, 16], slow_dilations: [1, 2]}
frames: 128
steps: 8
batch_size: 2
optimizer: adamw
learning_rate: 6.0e-3
warmup_steps: 2
precision: "no"
ema: {start_step: 1000}
checkpoint_every: 4
preview_every: 8
workers: 0
"""


def write_take(path: Path, number: int) -> None:
    """Clicks on the beat, and a chord of sines that changes every two seconds."""
    time = np.arange(SAMPLES) / 44_100
    beats = [[0.5 * place, float(place % 4)] for place in range(12)]
    keys, clicks = np.zeros(SAMPLES), np.zeros(SAMPLES)
    notes, chords = [], []
    for place, (root, third) in enumerate(((0, 4), (9, 3), (5, 4))):
        start = 2.0 * place
        chords.append([start, start + 2, float(1 + (12 if third == 3 else 0) + (root + number) % 12), -1.0])
        for step in (0, third, 7):
            pitch = 60 + (root + number) % 12 + step
            notes.append([start, start + 1.9, pitch, 80, 0])
            inside = (time >= start) & (time < start + 1.9)
            keys += np.where(inside, 0.1 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time), 0)
    for at, beat in beats:
        first = round(at * 44_100)
        clicks[first : first + 800] += (0.5 if beat == 0 else 0.2) * np.exp(-np.arange(800) / 100)
    fields = {
        "voices": [["keys", "grand piano"], ["drums", "drum kit"]], "beats": beats, "chords": chords,
        "notes": notes, "key": 0, "meter": 0, "info": {},
    }  # fmt: skip
    write_stems(path, np.stack([keys, clicks]).astype(np.float32), 44_100, fields)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for split, numbers in (("train", (0, 3)), ("test", (0,))):
        (tmp_path / "data" / split).mkdir(parents=True)
        for number in numbers:
            write_take(tmp_path / "data" / split / f"{number:03d}_1.wav", number)
    return tmp_path / "data"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS)
    return path


def test_targets_are_where_the_notes_beats_and_chords_are() -> None:
    notes = np.array([[1.0, 2.0, 60, 127], [-0.5, 0.5, 64, 64], [3.0, 3.001, 21, 32], [9.0, 9.5, 60, 80]])
    maps = note_targets(notes, 200, RATE)
    at = round(RATE)
    assert maps["onset"].nonzero().tolist() == [[0, round(3 * RATE)], [39, at]]
    assert maps["sustain"][39].nonzero()[:, 0].tolist() == list(range(at, round(2 * RATE)))
    assert maps["sustain"][43].nonzero()[-1].item() == round(0.5 * RATE) - 1
    assert maps["velocity"][39, at] == 1.0
    assert maps["sustain"][0].sum() == 1

    beat, downbeat = beat_targets(np.array([[1.0, 0.0], [2.0, 1.0]]), 200, RATE)
    assert beat[at] == 1
    assert 0.2 < beat[at + 1] < 0.8
    assert beat[at + 3] == 0
    assert downbeat[at] == 1
    assert downbeat[round(2 * RATE)] == 0
    assert beat_targets(np.empty((0, 2)), 10, RATE)[0].sum() == 0

    chord, bass = chord_targets(np.array([[0.0, 2.0, 13.0, 0.0], [2.0, 4.0, 5.0, 7.0]]), 200, RATE)
    assert chord.shape == (50,)
    assert chord[0] == 13
    assert bass[0] == 1
    assert chord[-10] == 5
    assert bass[-10] == 8
    assert chord_targets(np.array([[0.0, 1.0, 13.0, -1.0]]), 200, RATE)[0][-1] == 0


def test_a_clip_follows_from_seed_and_index(data: Path) -> None:
    clips, same, other = (ListeningClips(data, TINY, frames=128, seed=seed) for seed in (1, 1, 2))
    for name, values in clips[5].items():
        torch.testing.assert_close(values, same[5][name], rtol=0, atol=0)
    assert not torch.equal(clips[5]["waveform"], other[5]["waveform"])
    assert clips.signature == same.signature
    with pytest.raises(IndexError):
        clips[-1]


def test_targets_of_a_clip_are_those_of_its_audio(data: Path) -> None:
    clips = ListeningClips(data, TINY, frames=128, seed=3, degrades=False)
    spectra = Spectra(TINY)
    heard = 0
    for index in range(20):
        clip = clips[index]
        assert clip["waveform"].shape == (127 * 1024,)
        _, pitch = spectra(levelled(clip["waveform"][None]))
        for key, frame in clip["onset"].nonzero().tolist():
            if 6 < frame < 115:
                bins = pitch[0, 3 * key : 3 * key + 3]
                assert bins[:, frame + 5].max() > bins[:, frame - 5].max()
                heard += 1
        if clip["part"][4] == 1:  # drums alone
            assert clip["chord"].eq(0).all()
            assert clip["key"] == UNKNOWN
        assert clip["sound"].sum() == pytest.approx(1)
    assert heard > 10


def test_the_listener_learns_and_then_hears(data: Path, settings: Path, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for path in (data / split).glob("003_1.*"):
            path.unlink()
    out = tmp_path / "run"
    assert run("train", "listener", settings, "--data", data, "--out", out, "--steps", 70) == 0
    said = losses(out)
    assert np.mean(said[-10:]) < 0.6 * np.mean(said[:5])
    line = json.loads((out / "preview" / "validation.jsonl").read_text().splitlines()[-1])
    assert line["step"] == 70
    assert {"beat", "onset", "chord", "chord_right", "beat_frame_f"} <= line.keys()
    take = read_stems(data / "train" / "000_1.wav")
    audio = take.read(0, take.samples).sum(axis=0)
    heard = Listener(Ears(load_listener(out / "model"))).listen(Clip(audio[None], 44_100))
    longest = max(heard.chord_spans, key=lambda one: one.end_seconds - one.start_seconds)
    assert longest.text in {"C", "Am", "F"}


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(data: Path, settings: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run("train", "listener", settings, "--data", data, "--out", whole) == 0
    assert run("train", "listener", settings, "--data", data, "--out", parts, "--steps", 4) == 0
    assert run("train", "listener", settings, "--data", data, "--out", parts) == 0
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-4)


def test_a_run_begins_where_another_listener_ended(data: Path, settings: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("train", "listener", settings, "--data", data, "--out", first, "--steps", 16) == 0
    words = ("--data", data, "--out", second, "--start", first / "model", "--seed", 5, "--steps", 4)
    assert run("train", "listener", settings, *words) == 0
    assert np.mean(losses(second)) < np.mean(losses(first)[:4])


def test_a_listener_of_other_sizes_is_no_start(
    data: Path, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "given"
    save_listener(given, ListenerNetwork(replace(TINY, width=TINY.width + 8)))
    words = ("--data", data, "--out", tmp_path / "run", "--start", given)
    assert run("train", "listener", settings, *words) == 1
    assert "has other sizes than the settings' `network`" in " ".join(capsys.readouterr().err.split())
    assert run("train", "listener", settings, *words[:-1], tmp_path / "nothing") == 1
    assert "holds no trained listener" in " ".join(capsys.readouterr().err.split())


def test_bad_settings_and_data_are_errors(
    data: Path, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from msanii.training.listening.task import train_listener

    with pytest.raises(DataError, match="msanii data listening"):
        train_listener(settings, tmp_path / "nothing", tmp_path / "run")
    settings.write_text(SETTINGS.replace("frames: 128", "frames: 3"))
    with pytest.raises(ConfigError, match="frames"):
        train_listener(settings, data, tmp_path / "run")
    settings.write_text(SETTINGS.replace("dilations: [1, 4, 16]", "dilations: [0]"))
    assert run("train", "listener", settings, "--data", data, "--out", tmp_path / "run") == 1
    assert "dilations" in capsys.readouterr().err
