"""The listener on real files: any audio, any length, damaged folders, what it writes. Weights are random."""

from __future__ import annotations

import io
import json
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from msanii.data.listening.no_music import no_music
from msanii.errors import CheckpointError
from msanii.listening import activations
from msanii.listening.export import heard_midi
from msanii.listening.heard import ChordSpanHeard, Heard
from msanii.listening.listener import Listener
from msanii.listening.network import ListenerNetwork
from msanii.listening.weights import load_listener, save_listener
from msanii.music.note_files import parse_notes
from msanii.signal.audio_files import Clip
from tests.msanii.command import run
from tests.msanii.listening.played import TINY


@pytest.fixture(scope="module")
def network() -> ListenerNetwork:
    torch.manual_seed(1)
    return ListenerNetwork(TINY).eval()


@pytest.fixture(scope="module")
def listener(folder: Path) -> Listener:
    return Listener.load(folder)


@pytest.fixture(scope="module")
def folder(network: ListenerNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listener")
    save_listener(path, network)
    return path


def noise(seconds: float, rate: int = 44_100, channels: int = 1) -> Clip:
    random = np.random.default_rng(5)
    return Clip(random.normal(0, 0.1, (channels, round(seconds * rate))).astype(np.float32), rate)


@pytest.mark.parametrize(
    "clip",
    [
        noise(0.3), noise(0.0001), noise(2.0, 8_000), noise(1.5, 96_000, 2), noise(1.0, 44_100, 6),
        Clip(np.zeros((2, 44_100 * 3), np.float32), 44_100),
        Clip(np.full((1, 44_100), np.nan, np.float32), 44_100),
        Clip(no_music(44_100 * 4, np.random.default_rng(1), "speech")[None], 44_100),
    ],
    ids=["0.3 s", "4 samples", "8 kHz", "96 kHz", "6 channels", "silence", "no numbers", "speech"],
)  # fmt: skip
def test_any_audio_gets_an_answer(listener: Listener, clip: Clip) -> None:
    heard = listener.listen(clip)
    text = json.dumps(heard.to_json(), allow_nan=False)
    assert json.loads(text)["rate"] == clip.rate
    assert 0 <= heard.confidence <= 1
    assert heard.bpm is None or heard.confidence >= 0.4
    assert heard.first_downbeat_samples is None or 0 <= heard.first_downbeat_samples < clip.samples
    assert heard.sentences()


@pytest.mark.parametrize("clip", [noise(0.3), Clip(np.zeros((2, 99_999), np.float32), 44_100)])
def test_of_silence_and_a_moment_nothing_is_said(listener: Listener, clip: Clip) -> None:
    heard = listener.listen(clip).to_json()
    for name in ("bpm", "numerator", "first_downbeat_samples", "key", "chords", "part", "family", "sound"):
        assert heard[name] is None
    assert (heard["confidence"], heard["notes"], heard["chord_spans"]) == (0.0, [], [])


def test_the_same_audio_is_heard_the_same(listener: Listener) -> None:
    assert listener.listen(noise(3.0)) == listener.listen(noise(3.0))


def test_a_long_file_is_heard_in_windows_as_it_is_in_one(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = noise(14.0).audio[0]
    whole = listener.ears.hear(audio)
    # The network's reach, over which edges may differ, is 21 frames and 3 slow ones.
    monkeypatch.setattr(activations, "_WINDOW_FRAMES", 256)
    monkeypatch.setattr(activations, "_EDGE_FRAMES", 64)
    parts = listener.ears.hear(audio)
    for name in ("beat", "downbeat", "onset", "sustain", "chord", "bass"):
        one, other = getattr(whole, name), getattr(parts, name)
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=0.06)
    assert whole.pooled["key"] == pytest.approx(parts.pooled["key"], abs=0.5)


def test_every_frame_belongs_to_one_window() -> None:
    for frames in (1, 700, 1728, 1729, 2000, 3072, 3073, 9999):
        kept = [frame for _, start, end in activations._windows(frames) for frame in range(start, end)]
        assert kept == list(range(frames))
        assert all(first <= start for first, start, _ in activations._windows(frames))


def test_a_folder_comes_back(folder: Path, network: ListenerNetwork) -> None:
    loaded = load_listener(folder)
    assert loaded.config == TINY
    for name, value in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_damaged_folders_are_refused(folder: Path, tmp_path: Path, network: ListenerNetwork) -> None:
    with pytest.raises(CheckpointError, match="msanii train listener"):
        load_listener(tmp_path)
    copy = tmp_path / "copy"
    save_listener(copy, network)
    (copy / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match="damaged"):
        load_listener(copy)
    save_listener(copy, network)
    values = json.loads((copy / "listener.json").read_text())
    (copy / "listener.json").write_text(json.dumps({**values, "hidden": 20}))
    with pytest.raises(CheckpointError, match="another network"):
        load_listener(copy)
    (copy / "listener.json").write_text(json.dumps({**values, "width": 10**9}))
    with pytest.raises(CheckpointError, match=r"listener\.width"):
        load_listener(copy)


def test_the_command_prints_json_and_writes_midi_and_a_picture(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = noise(4.0, 48_000, 2)
    soundfile.write(tmp_path / "loop.wav", clip.audio.T, clip.rate)
    midi, picture = tmp_path / "loop.mid", tmp_path / "loop.png"
    asked = ("listen", tmp_path / "loop.wav", "--listener", folder, "--midi", midi, "--picture", picture)
    assert run(*asked, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert {
        "bpm",
        "confidence",
        "numerator",
        "first_downbeat_samples",
        "key",
        "chords",
        "notes",
    } <= said.keys()
    assert mido.MidiFile(midi).type == 1
    with Image.open(picture) as image:
        assert image.width > 100
    assert run("listen", tmp_path / "loop.wav", "--listener", folder) == 0
    assert "tempo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.wav",), "there is no file"),
        (("text.wav",), "not an audio file"),
        (("empty.wav",), "holds no samples"),
        (("good.wav", "--midi", "notes.wav"), "ends in .mid"),
        (("good.wav", "--picture", "nowhere/a.png"), "a folder that exists"),
        (("good.wav", "--listener", "nowhere"), "holds no trained listener"),
    ],
)
def test_bad_input_is_an_error_that_says_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.wav").write_text("no audio")
    soundfile.write("empty.wav", np.zeros((0, 1)), 44_100)
    soundfile.write("good.wav", noise(1.0).audio.T, 44_100)
    assert run("listen", *arguments) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_midi_follows_a_drifting_beat() -> None:
    from msanii.listening.decoding.notes import HeardNote

    beats = [0.5, 1.0, 1.5, 2.0, 2.6, 3.2, 3.8, 4.4]
    heard = Heard(
        rate=44_100, samples=5 * 44_100, bpm=120.0, confidence=0.9, steadiness=0.5, numerator=4,
        denominator=4, first_downbeat_samples=22_050,
        beats=tuple((at, place % 4) for place, at in enumerate(beats)),
        key="A minor", chords=("Am", "F"),
        chord_spans=(ChordSpanHeard(start_seconds=0.5, end_seconds=5.0, text="Am"),),
        notes=(
            HeardNote(onset_seconds=0.25, end_seconds=0.5, pitch=57, velocity=70),
            HeardNote(onset_seconds=2.6, end_seconds=3.2, pitch=60, velocity=90),
        ),
        part="keys", family=None, sound=None,
    )  # fmt: skip
    data = heard_midi(heard)
    clip = parse_notes(data, "heard.mid")
    # The bar before the first downbeat is a whole one.
    assert [(round(note[0], 2), round(note[1], 2), note[2]) for note in clip.parts["keys"]] == [
        (3.5, 4.0, 57),
        (8.0, 9.0, 60),
    ]
    assert clip.bpm == 120.0
    tracks = mido.MidiFile(file=io.BytesIO(data)).tracks
    markers = [message.text for track in tracks for message in track if message.type == "marker"]
    assert markers == ["Am"]
