"""Clips as they are heard: cut, warped, pitched and gained exactly; damaged descriptions refused in words."""

from __future__ import annotations

import json
import struct
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bridge.library.sources import open_named
from bridge.library.takes import Library
from bridge.messages import BridgeError, SourceAudio
from bridge.requests.clip_audio import heard_audio
from bridge.requests.clip_description import HeardClip, WarpMarker, parse_clip, pieces_of
from bridge.requests.warped_clip import keep_heard
from tests.conftest import DaemonUnderTest, fail_of

RATE = 44_100
Audio = NDArray[np.float32]


def _clicks(path: Path, at_seconds: list[float], seconds: float = 8.0) -> Path:
    """A quiet hum with short clicks at exact places."""
    audio = np.zeros((round(seconds * RATE), 1), np.float32)
    for place in at_seconds:
        start = round(place * RATE)
        audio[start : start + 64, 0] = 0.9 * np.hanning(64)
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return path


def _clip(path: Path, **values: Any) -> HeardClip:
    usual: dict[str, Any] = {"path": str(path), "warping": True, "regions": [(0, 4)], "tempo": 120.0}
    usual["warp_markers"] = [(0.0, 0.0), (2.0, 4.0)]
    usual.update(values)
    usual["warp_markers"] = tuple(
        WarpMarker(sample_time=seconds, beat_time=beats) for seconds, beats in usual["warp_markers"]
    )
    return HeardClip.model_validate(usual)


def _heard(clip: HeardClip) -> Audio:
    with soundfile.SoundFile(clip.path) as file:
        return heard_audio(clip, file)


def _loudest(audio: Audio, near_seconds: float, within_seconds: float = 0.05) -> float:
    """Where the loudest sample lies, in seconds."""
    begin = max(0, round((near_seconds - within_seconds) * RATE))
    end = round((near_seconds + within_seconds) * RATE)
    return (begin + int(np.abs(audio[0, begin:end]).argmax())) / RATE


def test_in_the_sets_own_tempo_the_samples_are_the_files_own(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (8 * RATE, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", noise, RATE, subtype="FLOAT")
    markers = [(0.25, 0.0), (0.25 + 60 / 97.3 / 8, 0.125)]  # an offset start, as Live warps by itself
    clip = _clip(tmp_path / "a.wav", tempo=97.3, warp_markers=markers, regions=[(2, 6)])
    heard = _heard(clip)
    begin = round((0.25 + 2 * 60 / 97.3) * RATE)
    assert heard.shape == (2, round(4 * 60 / 97.3 * RATE))
    assert np.array_equal(heard, noise.T[:, begin : begin + heard.shape[1]])


def test_an_offset_start_and_two_warp_tempos_land_on_the_beat(tmp_path: Path) -> None:
    """Beat 0 lies 0.3 s into the file; 4 beats at 100 bpm follow, then 4 at 150: in a set of 120."""
    begin, slow, fast = 0.3, 60 / 100, 60 / 150
    places = [begin + beat * slow for beat in range(4)] + [
        begin + 4 * slow + beat * fast for beat in range(4)
    ]
    path = _clicks(tmp_path / "two.wav", places)
    markers = [(begin, 0.0), (begin + 4 * slow, 4.0), (begin + 4 * slow + 4 * fast, 8.0)]
    heard = _heard(_clip(path, warp_markers=markers, regions=[(0, 8)], tempo=120.0))
    assert heard.shape == (1, 4 * RATE)
    for beat in range(1, 8):
        assert _loudest(heard, beat * 0.5) == pytest.approx(beat * 0.5, abs=0.004), beat
    alone = _heard(_clip(path, warp_markers=markers, regions=[(2, 6)], tempo=120.0))
    for beat in range(1, 4):
        assert _loudest(alone, beat * 0.5) == pytest.approx(beat * 0.5, abs=0.004), beat


def test_beyond_the_markers_the_nearest_tempo_goes_on_and_outside_the_file_is_silence(tmp_path: Path) -> None:
    path = _clicks(tmp_path / "a.wav", [0.25, 3.0], seconds=3.5)
    markers = [(1.0, 2.0), (2.0, 4.0)]
    heard = _heard(_clip(path, warp_markers=markers, regions=[(-2, 8)], tempo=120.0))
    # Beat -2 lies 1 s before the file; beat 0.5 at 0.25 s, beat 6 at 3 s; the file ends at beat 7.
    assert heard.shape[1] == 5 * RATE
    assert not heard[:, :RATE].any()
    assert not heard[:, round(4.5 * RATE) :].any()
    assert _loudest(heard, 1.25) == pytest.approx(1.25, abs=0.002)
    assert _loudest(heard, 4.0) == pytest.approx(4.0, abs=0.002)


def test_a_tempo_change_leaves_no_gap_and_no_click(tmp_path: Path) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 220 * np.arange(8 * RATE) / RATE)).astype(np.float32)
    soundfile.write(tmp_path / "tone.wav", tone, RATE, subtype="FLOAT")
    markers = [(0.0, 0.0), (2.0, 4.0), (3.2, 8.0)]
    heard = _heard(_clip(tmp_path / "tone.wav", warp_markers=markers, regions=[(1, 7)], tempo=110.0))[0]
    inner = heard[2000:-2000]
    assert np.abs(np.diff(inner)).max() < 3 * 0.5 * 2 * np.pi * 220 / RATE
    loudness = np.sqrt(np.convolve(inner**2, np.ones(2000) / 2000, "valid"))
    assert loudness.min() > 0.2


def test_regions_follow_each_other_as_an_arrangement_clip_loops(tmp_path: Path) -> None:
    heard = _heard(_clip(_clicks(tmp_path / "a.wav", [0.5, 1.5]), regions=[(0, 2), (0, 2), (2, 4)]))
    assert heard.shape[1] == 3 * RATE
    for place in (0.5, 1.5, 2.5):
        assert _loudest(heard, place) == pytest.approx(place + 32 / RATE, abs=1e-3)


def test_an_attack_on_the_border_of_a_loop_stays_whole(tmp_path: Path) -> None:
    heard = _heard(_clip(_clicks(tmp_path / "a.wav", [0.0]), regions=[(0, 2), (0, 2)]))
    assert np.array_equal(heard[:, RATE : RATE + 64], heard[:, :64])


def _tone(path: Path) -> Path:
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE), RATE, subtype="FLOAT")
    return path


def _hertz(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio[0] * np.hanning(audio.shape[1])))
    return float(spectrum.argmax() * RATE / audio.shape[1])


def test_warped_pitch_leaves_the_length_and_unwarped_pitch_does_not(tmp_path: Path) -> None:
    path = _tone(tmp_path / "tone.wav")
    warped = _heard(_clip(path, semitones=7, cents=-50))
    assert warped.shape[1] == 2 * RATE
    assert _hertz(warped) == pytest.approx(440 * 2 ** (6.5 / 12), rel=0.005)
    unwarped = _heard(_clip(path, warping=False, regions=[(0.5, 2.5)], semitones=12))
    assert unwarped.shape[1] == RATE
    assert _hertz(unwarped) == pytest.approx(880, rel=0.005)


def test_re_pitch_plays_as_a_tape_does(tmp_path: Path) -> None:
    heard = _heard(_clip(_tone(tmp_path / "tone.wav"), warp_mode=3, tempo=90.0, semitones=5))
    assert heard.shape[1] == round(4 * 60 / 90 * RATE)
    assert _hertz(heard) == pytest.approx(440 * 90 / 120, rel=0.005)


def test_an_unwarped_clip_is_the_files_own_samples_with_its_gain(tmp_path: Path) -> None:
    path = _tone(tmp_path / "tone.wav")
    whole = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    heard = _heard(_clip(path, warping=False, warp_markers=[], regions=[(0.5, 1.5)], gain_db=-6.0))
    assert heard.shape == (1, RATE)
    assert np.allclose(heard, whole[:, RATE // 2 : RATE // 2 + RATE] * 10 ** (-6 / 20), atol=1e-6)


@settings(max_examples=40)
@given(
    tempo=st.floats(20, 999),
    own=st.floats(30, 300),
    begin=st.floats(-4, 8),
    beats=st.floats(0.5, 12),
    marker=st.floats(0.1, 6),
)
def test_the_length_is_that_of_the_beats_to_the_sample(
    tempo: float,
    own: float,
    begin: float,
    beats: float,
    marker: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / "length.wav"
    if not path.exists():
        _clicks(path, [1.0], seconds=3.0)
    markers = [(0.1, 0.0), (0.1 + marker * 60 / own, marker), (0.1 + marker * 60 / own + 2, marker + 3)]
    heard = _heard(_clip(path, tempo=tempo, warp_markers=markers, regions=[(begin, begin + beats)]))
    assert abs(heard.shape[1] - beats * 60 / tempo * RATE) <= 0.5 + 1e-6
    assert np.isfinite(heard).all()


# --- descriptions ---------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "path": "a.wav",
    "warping": True,
    "warp_markers": [{"sample_time": 0, "beat_time": 0}, {"sample_time": 2, "beat_time": 4}],
    "regions": [[0, 4]],
    "tempo": 120,
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"regions": [[4, 0]]}, "`regions`: each must end after it begins"),
        ({"regions": []}, "regions"),
        ({"regions": [[0, float("nan")]]}, "regions"),
        ({"regions": [[0, 1e12]]}, "regions"),
        ({"tempo": 0}, "tempo"),
        ({"tempo": "fast"}, "tempo"),
        ({"path": ""}, "path"),
        ({"path": None}, "path"),
        ({"warp_markers": []}, "two or more that rise"),
        ({"warp_markers": GOOD["warp_markers"][::-1]}, "two or more that rise"),
        ({"warp_markers": [GOOD["warp_markers"][0]] * 2}, "two or more that rise"),
        ({"warp_markers": "{}"}, "warp_markers"),
        ({"colour": 3}, "colour"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    parse_clip(json.dumps(GOOD).encode(), "clip.json")
    with pytest.raises(BridgeError, match=words) as caught:
        parse_clip(json.dumps({**GOOD, **change}).encode(), "clip.json")
    assert caught.value.code == "source"
    assert "`clip.json`" in caught.value.message


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"null", b" " * 1_000_001])
def test_a_damaged_description_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BridgeError, match=r"`clip\.json`.*description of a clip") as caught:
        parse_clip(data, "clip.json")
    assert caught.value.code == "source"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"path": "missing.wav"}, "missing.wav.*there is no such file"),
        ({"path": "text.wav"}, "text.wav.*no audio that can be read"),
        ({"regions": [[0, 100_000]]}, "seconds are heard, expected at most 600"),
        ({"regions": [[0, 1e-9]]}, "too short to hold a single sample"),
        (
            {"warp_markers": [{"sample_time": 0, "beat_time": 0}, {"sample_time": 1e-3, "beat_time": 4}]},
            "move the markers",
        ),
    ],
)
def test_a_clip_that_cannot_be_heard_is_refused_in_words(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    _clicks(tmp_path / "a.wav", [1.0])
    (tmp_path / "text.wav").write_text("la la la", encoding="utf-8")
    (tmp_path / "clip.json").write_text(json.dumps({**GOOD, **change}), encoding="utf-8")
    opened = partial(open_named, allowed_folders=None, bases=[tmp_path])
    with pytest.raises(BridgeError, match=words) as caught:
        keep_heard("clip.json", opened, lambda _: pytest.fail("nothing should be kept"))
    assert caught.value.code == "source"


def test_a_description_of_endless_work_is_refused_at_once() -> None:
    markers = [{"sample_time": n * 0.01 + 0.003 * (n % 2), "beat_time": n * 0.02} for n in range(4096)]
    clip = {**GOOD, "warp_markers": markers, "regions": [[0, 80]] * 2048}
    with pytest.raises(BridgeError, match="its tempo changes more than 2048 times"):
        pieces_of(parse_clip(json.dumps(clip).encode(), "clip.json"), RATE, 2)


def test_a_lan_client_cannot_point_out_of_the_shared_folders(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    secret = _clicks(tmp_path / "secret.wav", [1.0])
    (shared / "clip.json").write_text(json.dumps({**GOOD, "path": str(secret)}), encoding="utf-8")
    opened = partial(open_named, allowed_folders=[shared], bases=[])
    with pytest.raises(BridgeError, match="not in a folder that this machine shares") as caught:
        keep_heard("clip.json", opened, lambda _: pytest.fail("nothing should be kept"))
    assert caught.value.code == "forbidden"


def test_what_is_heard_is_kept_by_its_hash_under_the_clips_name(tmp_path: Path) -> None:
    _clicks(tmp_path / "a.wav", [1.0])
    (tmp_path / "clip.json").write_text(
        json.dumps({**GOOD, "name": "Bass: A/B?", "tempo": 96}), encoding="utf-8"
    )
    library = Library(tmp_path / "library")
    try:
        opened = partial(open_named, allowed_folders=None, bases=[tmp_path])
        keep = partial(library.keep_source, allowed_folders=None)
        kept = keep_heard("clip.json", opened, keep)
        time.sleep(1.0)  # what is written must not tell when
        assert keep_heard("clip.json", opened, keep) == kept
        assert kept.name == "Bass AB.wav"
        assert soundfile.info(str(library.source_path(kept))).frames == round(4 * 60 / 96 * RATE)
    finally:
        library.close()


def test_the_daemon_varies_a_clip_as_it_is_heard(daemon: DaemonUnderTest, tmp_path: Path) -> None:
    daemon.status()
    client = daemon.client()
    _clicks(tmp_path / "a.wav", [1.0])
    description = tmp_path / "clip.json"
    description.write_text(
        json.dumps({**GOOD, "path": str(tmp_path / "a.wav"), "tempo": 96}), encoding="utf-8"
    )
    quick = ("steps", 2, "iterations", 2, "strength", 0.5)
    answers = list(client.ask("/msanii/vary", "source", str(description), "bpm", 96, *quick))
    (take,) = [answer for answer in answers if answer.address == "/msanii/take"]
    assert float(str(take.arguments[3])) == pytest.approx(4 * 60 / 96, abs=1e-3)
    description.write_text("{", encoding="utf-8")
    _, code, sentence = fail_of(list(client.ask("/msanii/vary", "source", str(description), *quick)))
    assert (code, "clip.json" in sentence) == ("source", True)


# --- what it may cost -------------------------------------------------------------------------------------


def _claiming(path: Path, rate: int, channels: int) -> Path:
    """Write a WAV file of a few bytes whose header claims a rate and channels."""
    block = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, 16)
    data = b"\0" * block * 4
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


@pytest.mark.parametrize(
    ("rate", "channels", "seconds", "words"),
    [
        (655_350, 8, 60, "655350 Hz, expected at most 384000"),
        (1_000_000_000, 2, 600, "1000000000 Hz, expected at most 384000"),
        (96_000, 8, 600, r"takes 1844 MB in memory at 96000 Hz in 8 channels, expected at most 268"),
        (48_000, 9, 1, "9 channels, expected at most 8"),
    ],
)
@pytest.mark.parametrize("warping", [True, False])
def test_a_small_file_that_claims_gigabytes_is_refused_before_anything_is_allocated(
    rate: int, channels: int, seconds: int, words: str, warping: bool, tmp_path: Path
) -> None:
    _claiming(tmp_path / "a.wav", rate, channels)
    clip = {**GOOD, "warping": warping, "regions": [[0, 2 * seconds if warping else seconds]]}
    (tmp_path / "clip.json").write_text(json.dumps(clip), encoding="utf-8")
    opened = partial(open_named, allowed_folders=None, bases=[tmp_path])
    tracemalloc.start()
    try:
        with pytest.raises(BridgeError, match=words) as caught:
            keep_heard("clip.json", opened, lambda _: pytest.fail("nothing should be kept"))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.code == "source"


def test_ten_minutes_in_stereo_are_allowed() -> None:
    whole = HeardClip.model_validate({**GOOD, "warping": False, "regions": [[0, 599]]})
    assert sum(piece.samples for piece in pieces_of(whole, 48_000, 2)) == 599 * 48_000


def test_the_context_of_a_short_piece_counts_too() -> None:
    markers = [{"sample_time": 0, "beat_time": 0}, {"sample_time": 1 / 63, "beat_time": 2}]
    clip = HeardClip.model_validate({**GOOD, "warp_markers": markers, "regions": [[0, 2]]})
    assert pieces_of(clip, 48_000, 2)
    with pytest.raises(BridgeError, match="MB in memory"):
        pieces_of(clip, 384_000, 8)


def test_a_warped_clip_is_not_stretched_in_the_daemons_own_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stretch library holds Python's lock: it stays unimported here, so it ran elsewhere."""
    _clicks(tmp_path / "a.wav", [1.0])
    (tmp_path / "clip.json").write_text(json.dumps({**GOOD, "tempo": 96}), encoding="utf-8")
    monkeypatch.setitem(sys.modules, "python_stretch", None)  # to import it is an error
    opened = partial(open_named, allowed_folders=None, bases=[tmp_path])
    frames: list[int] = []

    def keep(path: str) -> SourceAudio:
        frames.append(soundfile.info(path).frames)
        return SourceAudio(sha256="ab" * 32, name=Path(path).name)

    assert keep_heard("clip.json", opened, keep).name == "a.wav"
    assert frames == [round(4 * 60 / 96 * RATE)]


def test_a_clip_that_takes_too_long_to_warp_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.requests.warped_clip.WARP_SECONDS", 0.001)
    _clicks(tmp_path / "a.wav", [1.0])
    (tmp_path / "clip.json").write_text(json.dumps({**GOOD, "tempo": 96}), encoding="utf-8")
    opened = partial(open_named, allowed_folders=None, bases=[tmp_path])
    with pytest.raises(BridgeError, match=r"`a\.wav`: not warped within 0\.001 s; shorten the clip's loop"):
        keep_heard("clip.json", opened, lambda _: pytest.fail("nothing should be kept"))
