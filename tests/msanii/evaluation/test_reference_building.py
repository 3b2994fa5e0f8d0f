"""`msanii reference`: from a small archive to a readable reference."""

from __future__ import annotations

import io
import json
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from msanii.data import synthesizer
from msanii.data.bar_time import bar_song
from msanii.data.instruments.table import INSTRUMENTS, PALETTE_OF_PART
from msanii.data.pop909_song import read_pop909_song
from msanii.data.shards import read_songs
from msanii.errors import DataError
from msanii.evaluation.prompts import DRUMS_STEP, PROMPT_SECONDS
from msanii.evaluation.reference import read_reference
from msanii.evaluation.reference_plan import (
    BPM_BANDS,
    GRID_METERS,
    PromptSpec,
    before_mixes,
    find_takes,
    first_stretch,
    is_playable,
    prompt_of,
    prompt_specs,
)
from msanii.evaluation.sound_classifier import WINDOW_FRAMES
from msanii.evaluation.sound_training import labelled_windows, single_sound
from msanii.metrics.level import level_metrics
from msanii.metrics.melody_match import intervals, longest_match
from msanii.music.sounds import FIRST_SOUNDS
from tests.conftest import missing, need
from tests.msanii.command import run
from tests.msanii.evaluation.test_sound_classifier import write_songs
from tests.msanii.songs import write_archive

BEATS, BPM, TICKS = 128, 100.0, 480


def played_song(seed: int) -> tuple[bytes, bytes, bytes]:
    """MIDI, beats and chords of a song whose piano and melody play on every beat."""
    random = np.random.default_rng(seed)
    tracks = [mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(60e6 / BPM))])]
    for name, low in (("MELODY", 72), ("PIANO", 48)):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        for _ in range(BEATS):
            pitch = low + int(random.integers(12))
            velocity = int(random.integers(50, 110))
            track.append(mido.Message("note_on", note=pitch, velocity=velocity, time=0))
            track.append(mido.Message("note_off", note=pitch, velocity=0, time=TICKS))
        tracks.append(track)
    midi = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=TICKS, tracks=tracks).save(file=midi)
    beat = 60 / BPM
    beats = "".join(f"{n * beat:.3f} {n % 2 == 0:d}.0 {n % 4 == 0:d}.0\n" for n in range(BEATS))
    names = ("A:min", "F:maj", "C:maj", "G:maj")
    chords = "".join(
        f"{n * 4 * beat:.3f}\t{(n + 1) * 4 * beat:.3f}\t{names[n % 4]}\n" for n in range(BEATS // 4)
    )
    return midi.getvalue(), beats.encode(), chords.encode()


def melody_of(number: int) -> tuple[int, ...]:
    midi = mido.MidiFile(file=io.BytesIO(played_song(number)[0]))
    return tuple(message.note for message in midi.tracks[1] if message.type == "note_on")


def archive_of(path: Path, numbers: tuple[int, ...]) -> Path:
    members: dict[str, bytes] = {}
    for number in numbers:
        names = (f"{number:03d}.mid", "beat_midi.txt", "chord_midi.txt")
        for name, data in zip(names, played_song(number), strict=True):
            members[f"pop909/{number:03d}/{name}"] = data
    return write_archive(path, members)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose training songs play every sound alone."""
    folder = tmp_path_factory.mktemp("sounds")
    write_songs(folder / "train", 0)
    return folder


def test_every_row_of_the_table_has_its_prompts() -> None:
    wanted = prompt_specs(5, "model")
    for purpose in ("keys", "pad", "bass", "lead", "swing", "piano", "mix"):
        assert sum(item.purpose == purpose for item in wanted) == 5
    drums = [item for item in wanted if item.purpose == "drums"]
    for meter in GRID_METERS:
        assert sum(item.meter == meter for item in drums) >= 5
    for band in BPM_BANDS:
        assert sum(item.bpm_range == band for item in drums) >= 5
    assert all(item.is_swung is False for item in drums)
    assert {item.purpose for item in wanted[before_mixes(wanted) :]} == {"mix"}


def test_found_takes_fit_and_make_prompts() -> None:
    midi, beats, chords = played_song(880)
    song = bar_song(read_pop909_song(midi, beats.decode(), chords.decode()))
    wanted = PromptSpec(purpose="drums", part="drums", meter="3/4", bpm_range=(90.0, 130.0), is_swung=False)
    found = find_takes(wanted, {880: (song, BPM)}, seed=1, palette="model")
    for _ in range(2):
        number, take = next(found)
        assert (number, take.part, take.song.meter.text, take.off_beat) == (880, "drums", "3/4", 0.5)
        assert 90 <= take.bpm < 130
        short = first_stretch(take)
        assert PROMPT_SECONDS <= short.seconds <= PROMPT_SECONDS + 180 / take.bpm
        assert is_playable(short)
        prompt = prompt_of(wanted, number, short, {"grid": 0.5})
        assert prompt.song == "880"
        assert prompt.score.bpm == pytest.approx(take.bpm, abs=1e-3)
        assert len(prompt.notes) == sum(note.onset_seconds < PROMPT_SECONDS for note in prompt.notes) > 0
        assert prompt.score.chords[0].start_beats == 0
        assert prompt.real == {"grid": 0.5}


def test_prompts_on_the_full_palette_take_its_sounds_in_turn() -> None:
    wanted = prompt_specs(32)
    for part, names in PALETTE_OF_PART.items():
        asked = [item.sound for item in wanted if item.purpose == part]
        assert set(asked) == set(names)
        assert max(map(asked.count, names)) - min(map(asked.count, names)) <= 2
    # Those that the classifier hears have every kit too.
    kits = [item for item in wanted if item.purpose == "drums"][::DRUMS_STEP]
    assert {item.sound for item in kits} == set(PALETTE_OF_PART["drums"])


def test_a_take_is_found_on_the_sound_that_is_asked_for() -> None:
    midi, beats, chords = played_song(880)
    song = bar_song(read_pop909_song(midi, beats.decode(), chords.decode()))
    for part, sound in (("lead", "square lead"), ("bass", "808 bass"), ("drums", "909 kit")):
        wanted = PromptSpec(purpose=part, part=part, sound=sound)
        _, take = next(find_takes(wanted, {880: (song, BPM)}, seed=1))
        assert take.sounds == (sound,)
        low, high = INSTRUMENTS[sound].pitches
        assert part == "drums" or all(low <= note.pitch <= high for note in take.voices[0].notes)


def test_windows_are_labelled_with_their_sound(sounds: Path) -> None:
    songs = [song for song in read_songs(sounds / "train") if single_sound(song)]
    windows, labels = labelled_windows(songs, seed=0)
    assert windows.shape == (len(labels), 128, WINDOW_FRAMES)
    assert sorted(set(labels.tolist())) == list(range(len(FIRST_SOUNDS)))
    for song, label in zip(songs, dict.fromkeys(labels.tolist()), strict=True):
        assert song.events.sounds == (FIRST_SOUNDS[label],)
    with pytest.raises(DataError, match="no song plays a single sound"):
        labelled_windows([], seed=0)


def test_the_command_builds_a_readable_reference(
    sounds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need("fluidsynth")
    try:
        synthesizer.find_soundfont()
    except DataError as error:
        missing(str(error))
    archive = archive_of(tmp_path / "pop909.tar.xz", (1, 880, 881))
    out, clips = tmp_path / "reference", tmp_path / "clips"
    asked = ("--palette", "model", "--prompts", 1, "--clips", clips)
    assert run("reference", archive, sounds, out, *asked, "--steps", 1) == 0
    held = read_reference(out)
    said = capsys.readouterr().out
    assert f"{len(held.prompts)} prompts" in said
    assert any(line.startswith("drums 0.") for line in said.splitlines())
    played = {p.score.sounds[0] for p in held.prompts if p.purpose in ("keys", "pad", "bass", "lead")}
    assert played <= set(held.accuracy_by_sound) <= set(FIRST_SOUNDS)
    assert [prompt.purpose for prompt in held.prompts] == [item.purpose for item in prompt_specs(1)]
    assert {prompt.song for prompt in held.prompts} == {"880", "881"}
    chorded = [prompt for prompt in held.prompts if prompt.purpose in ("keys", "pad", "bass")]
    assert all(prompt.real["chord_tones_away"] < 1 for prompt in chorded)
    drums = [prompt.real for prompt in held.prompts if prompt.purpose == "drums"]
    assert np.mean([real["grid"] for real in drums]) > 2 * np.mean([real["grid_shifted"] for real in drums])
    (keys,) = held.of("keys")
    assert keys.real["notes"] > 0.5
    # The training song's whole melody is in the corpus; the test songs' are not.
    for number, is_known in ((1, True), (880, False)):
        line = intervals(melody_of(number))
        assert (longest_match(line, held.melodies) == len(line) + 1) is is_known
    assert held.real_to_real >= 0
    # The reference's levels are those of the renders in the folder.
    kept = json.loads((clips / "clips.json").read_text(encoding="utf-8"))
    assert kept["kind"] == "real"
    assert [clip["purpose"] for clip in kept["clips"]] == [prompt.purpose for prompt in held.prompts]
    for clip, prompt in zip(kept["clips"], held.prompts, strict=True):
        audio, rate = soundfile.read(clips / clip["file"], dtype="float32", always_2d=True)
        for name, value in level_metrics(audio.T, rate).items():
            assert prompt.real[name] == pytest.approx(value, abs=1e-3)
    (mix,) = held.of("mix")
    assert len(mix.score.sounds) > 1
    # With an earlier reference's classifier, all draws are the same.
    assert run("reference", archive, out, tmp_path / "again", *asked[:4]) == 0
    for name in ("prompts.json.gz", "sound_classifier.safetensors"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert run("reference", archive, out, tmp_path / "third", "--steps", 1) == 1
    assert "leave --steps out" in " ".join(capsys.readouterr().err.split())
    assert run("reference", archive, out, tmp_path / "third", "--prompts", 1) == 1
    assert "it knows 16 sounds, and the palette has 43" in " ".join(capsys.readouterr().err.split())


def test_an_archive_without_test_songs_is_an_error(
    sounds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need("fluidsynth")
    archive = archive_of(tmp_path / "pop909.tar.xz", (1,))
    asked = ("--palette", "model", "--prompts", 1, "--steps", 1)
    assert run("reference", archive, sounds, tmp_path / "out", *asked) == 1
    assert "no usable song from 880 on" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_data_without_all_sounds_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = archive_of(tmp_path / "pop909.tar.xz", (880,))
    assert run("reference", archive, tmp_path, tmp_path / "out") == 1
    assert "Traceback" not in capsys.readouterr().err
