"""Takes: draws, written parts, and MIDI."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

from msanii.composer.feel.swing import measured
from msanii.config import DEFAULT_CONTROLS
from msanii.controls.tensor import events_to_controls
from msanii.data.bar_time import METERS, BarChord, BarNote, BarSong
from msanii.data.instruments.font import Program, to_midi
from msanii.data.instruments.table import INSTRUMENTS, PALETTE_OF_PART
from msanii.data.midi_take import TAIL_SECONDS, MidiTake, Voice
from msanii.data.part_writing import write_bass, write_drums, write_pad
from msanii.data.synthesizer import find_soundfont
from msanii.data.take_plan import (
    BPM_RANGE,
    KEY_SHIFTS,
    LONGEST_SECONDS,
    SPEED_RANGE,
    draw_take,
    synthesize_take,
)
from msanii.errors import DataError, ScoreError
from msanii.music.chords import parse_chord
from msanii.music.drum_kit import KICK, known_drum
from msanii.music.palette import PALETTE, PaletteName
from msanii.music.sounds import FIRST_SOUNDS, PARTS, require_part, require_sound
from msanii.music.taught.asked import read_sounds
from tests.conftest import missing, need
from tests.msanii.data.instruments.phrases import parts_of_sound

CHORDS = ("Am", "F", "C/E", "G7")


def song_of(bars: int = 64, meter: str = "4/4") -> BarSong:
    """A melody and a piano on every beat over one chord a bar."""
    length = METERS[meter].quarters
    beats = [float(beat) for beat in range(int(bars * length))]
    return BarSong(
        meter=METERS[meter],
        bars=bars,
        tracks={
            "PIANO": tuple(BarNote(beat, beat + 0.9, 60, 80) for beat in beats),
            "MELODY": tuple(BarNote(beat, beat + 0.5, 72, 90) for beat in beats[::2]),
        },
        chords=tuple(
            BarChord(bar * length, (bar + 1) * length, parse_chord(CHORDS[bar % 4])) for bar in range(bars)
        ),
    )


def drawn(
    count: int = 120, bpm: float = 74.0, palette: PaletteName = "model"
) -> list[tuple[MidiTake, dict[str, str]]]:
    return [
        draw_take(song_of(), bpm, number=number, turn=number % 6, seed=0, palette=palette)
        for number in range(count)
    ]


def test_every_turn_of_a_song_has_another_part() -> None:
    for number in range(8):
        turns = [draw_take(song_of(), 74.0, number=number, turn=turn, seed=0)[1]["part"] for turn in range(6)]
        assert sorted(turns) == sorted(PARTS)


def test_takes_cover_sounds_keys_tempos_meters_and_swing() -> None:
    infos = [info for _, info in drawn(400)]
    assert {sound for info in infos for sound in info["sounds"].split(", ")} == set(FIRST_SOUNDS)
    assert {int(info["key_shift"]) for info in infos} == set(KEY_SHIFTS)
    bpms = np.array([float(info["bpm"]) for info in infos])
    assert np.histogram(np.log(bpms / BPM_RANGE[0]), 5)[0].min() > 30
    meters = Counter(info["meter"] for info in infos)
    assert set(meters) == set(METERS)
    assert meters["4/4"] > 0.5 * len(infos)
    swung = [float(info["off_beat"]) for info in infos if float(info["off_beat"]) > 0.5]
    assert 0.1 < len(swung) / len(infos) < 0.35
    assert max(swung) <= 0.7


@pytest.mark.parametrize("bpm", [36.6, 62.0, 124.0, 197.0])
def test_tempos_stay_within_the_speed_range(bpm: float) -> None:
    for take, info in drawn(60, bpm):
        assert SPEED_RANGE[0] - 1e-3 <= float(info["speed"]) <= SPEED_RANGE[1] + 1e-3
        assert BPM_RANGE[0] <= take.bpm <= BPM_RANGE[1]
        assert take.seconds <= LONGEST_SECONDS + 60 / take.bpm * take.song.meter.quarters


def test_equal_seeds_draw_equal_takes() -> None:
    first, again, other = (draw_take(song_of(), 74.0, number=5, turn=3, seed=seed)[0] for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.fixture(scope="module")
def palette_takes() -> list[MidiTake]:
    return [take for take, _ in drawn(150, 110.0, palette="full")]


def test_takes_cover_the_whole_palette(palette_takes: list[MidiTake]) -> None:
    played = {sound for take in palette_takes for sound in take.sounds}
    assert len(played) > 0.9 * len(PALETTE)
    assert played <= set(PALETTE)
    assert len({take.seed for take in palette_takes}) == len(palette_takes)


def test_every_instrument_is_played_as_it_is(palette_takes: list[MidiTake]) -> None:
    for voice in (voice for take in palette_takes for voice in take.voices):
        instrument = INSTRUMENTS[voice.sound]
        assert voice.part in parts_of_sound(voice.sound)
        for note in voice.notes:
            assert instrument.velocities[0] <= note.velocity <= instrument.velocities[1]
            assert 0 < note.end - note.onset <= instrument.longest_quarters + 1e-9
            if voice.part != "drums":
                assert instrument.pitches[0] <= note.pitch <= instrument.pitches[1]


def test_takes_have_drums_that_the_default_model_never_learned(palette_takes: list[MidiTake]) -> None:
    drums = [voice.notes for take in palette_takes for voice in take.voices if voice.part == "drums"]
    new = [any(known_drum(note.pitch) != note.pitch for note in notes) for notes in drums]
    assert 0.3 < sum(new) / len(new) < 0.8
    assert {39, 56, 70} <= {note.pitch for notes in drums for note in notes}  # clap, cowbell, shaker


def test_a_grooves_swing_is_told(palette_takes: list[MidiTake]) -> None:
    for take in palette_takes:
        if take.part == "drums" and take.song.meter.unit == 1.0 and take.off_beat > 0.55:
            found = measured([note.onset for note in take.voices[0].notes])
            assert found is None or abs(found - take.off_beat) < 0.03


def test_the_default_models_palette_is_dry_and_has_its_own_sounds() -> None:
    for take, _ in drawn(24):
        assert take.seed is None
        assert set(take.sounds) <= set(FIRST_SOUNDS)


@pytest.mark.parametrize("palette", ["model", "full"])
def test_a_take_keeps_its_chords_and_bars(palette: PaletteName) -> None:
    for take, _ in drawn(36, palette=palette):
        for voice in take.voices:
            assert voice.sound in PALETTE_OF_PART[voice.part]
            assert all(0 <= note.onset < take.song.quarters for note in voice.notes)
            assert all(0 <= note.pitch <= 127 and 1 <= note.velocity <= 127 for note in voice.notes)


@pytest.mark.parametrize("meter", list(METERS))
def test_a_bass_plays_the_chords_bass_note_and_its_fifth_or_octave(meter: str) -> None:
    song = song_of(8, meter)
    for seed in range(24):
        for note in write_bass(song, np.random.default_rng(seed)):
            (span,) = [span for span in song.chords if span.start <= note.onset < span.end - 1e-9]
            bass = span.chord.bass or 0
            assert note.pitch % 12 in {bass, (bass + 7) % 12}
            assert note.end <= span.end + 1e-6
        starts = {note.onset for note in write_bass(song, np.random.default_rng(seed))}
        assert {span.start for span in song.chords} <= starts


def test_a_pad_holds_the_chords_tones_and_moves_little() -> None:
    song = song_of(16)
    notes = write_pad(song, np.random.default_rng(3))
    voicings = [[note for note in notes if note.onset == span.start] for span in song.chords]
    for span, voicing in zip(song.chords, voicings, strict=True):
        assert {note.pitch % 12 for note in voicing} == span.chord.tones
    middles = [float(np.mean([note.pitch for note in voicing])) for voicing in voicings]
    assert np.abs(np.diff(middles)).max() < 6


def test_a_pad_and_a_bass_rest_without_a_chord() -> None:
    song = BarSong(meter=METERS["4/4"], bars=4, tracks={}, chords=(BarChord(0.0, 16.0, parse_chord("N.C.")),))
    assert write_bass(song, np.random.default_rng(0)) == write_pad(song, np.random.default_rng(0)) == ()


@pytest.mark.parametrize("meter", list(METERS))
def test_drums_keep_to_the_grid_and_mark_every_bar(meter: str) -> None:
    song = song_of(16, meter)
    for seed in range(24):
        notes = write_drums(song, np.random.default_rng(seed))
        onsets = np.array([note.onset for note in notes])
        assert np.abs(onsets * 4 - np.round(onsets * 4)).max() < 1e-6
        kicks = {note.onset for note in notes if note.pitch == KICK}
        assert {bar * song.meter.quarters for bar in range(16)} <= kicks


def test_events_list_what_is_played() -> None:
    voices = (
        Voice(part="keys", sound="organ", notes=(BarNote(0.0, 1.0, 60, 80),)),
        Voice(part="drums", sound="drum kit", notes=(BarNote(0.5, 0.7, KICK, 90),)),
    )
    take = MidiTake(song=song_of(2, "6/8"), part="mix", voices=voices, bpm=90.0, off_beat=0.5)
    events = take.events()
    assert events.sounds == ("organ", "drum kit")
    assert events.notes is not None
    assert events.notes.tolist() == [[0.0, pytest.approx(60 / 90), 60, 80]]  # a mix's drums are no pitches
    assert events.beats is not None
    assert events.beats[:, 0] == pytest.approx(np.arange(5) * 1.0)
    assert events.beats[:, 1:].tolist() == [[1, 1.5], [0, 1.5], [1, 1.5], [0, 1.5], [1, 1.5]]
    controls = events_to_controls(events, DEFAULT_CONTROLS, 64)
    assert controls.shape == (263, 64)


def test_midi_files_have_all_notes_on_each_program_and_a_tail() -> None:
    notes = (BarNote(1.0, 2.0, 60, 81), BarNote(0.0, 1.0, 60, 80))
    voice = Voice(part="keys", sound="string section", notes=notes)
    take = MidiTake(song=song_of(2), part="keys", voices=(voice,), bpm=150.0, off_beat=0.5)
    programs = (Program(48), Program(45, 80), Program(24, is_kit=True))
    seconds = take.seconds + TAIL_SECONDS
    file = mido.MidiFile(file=io.BytesIO(to_midi(take.played_notes(voice), programs, seconds)))
    now, onsets, played, volumes = 0.0, [], {}, {}
    for message in file:
        now += message.time
        if message.type == "note_on":
            onsets.append((round(now, 3), message.channel, message.note, message.velocity))
        elif message.type == "program_change":
            played[message.channel] = message.program
        elif message.type == "control_change":
            volumes[message.channel] = message.value
    assert sorted(onsets) == [
        (onset, channel, 60, velocity) for onset, velocity in ((0.0, 80), (0.4, 81)) for channel in (0, 1, 9)
    ]
    assert played == {0: 48, 1: 45, 9: 24}
    assert volumes == {0: 100, 1: 80, 9: 100}
    assert now == pytest.approx(seconds, abs=2e-3)


def test_a_mix_of_the_palette_is_the_same_again_and_not_clipped() -> None:
    need("fluidsynth")
    take, _ = next(one for one in drawn(60, 140.0, palette="full") if len(one[0].voices) > 2)
    short = replace(
        take,
        song=take.song.excerpt(0, 2),
        voices=tuple(
            replace(
                voice, notes=tuple(note for note in voice.notes if note.end < 2 * take.song.meter.quarters)
            )
            for voice in take.voices
        ),
    )
    first, again = (synthesize_take(short, find_soundfont()) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.shape[1] == round((short.seconds + TAIL_SECONDS) * 44_100)
    assert 1000 < np.abs(first.astype(np.int32)).max() < 32_767


def test_a_lone_sound_keeps_its_level() -> None:
    need("fluidsynth")
    try:
        font = find_soundfont()
    except DataError as error:
        missing(str(error))
    levels = []
    for velocity in (40, 110):
        notes = tuple(BarNote(beat, beat + 0.9, 60, velocity) for beat in range(8))
        take = MidiTake(
            song=song_of(2), part="keys", voices=(Voice(part="keys", sound="marimba", notes=notes),),
            bpm=120.0, off_beat=0.5,
        )  # fmt: skip
        audio = synthesize_take(take, Path(font)).astype(np.float64) / 32_768
        assert audio.shape[0] == 2
        levels.append(20 * np.log10(np.sqrt(np.mean(audio**2))))
    assert levels[1] - levels[0] > 6


def test_sounds_and_parts_are_parsed_in_any_spelling() -> None:
    assert read_sounds("Grand_Piano, electric-piano,") == ("grand piano", "electric piano")
    assert read_sounds("") == ()
    assert require_part("Bass") == "bass"
    with pytest.raises(ScoreError, match=r"sound: got 'kazoo', expected one of grand piano, "):
        require_sound("kazoo")
    with pytest.raises(ScoreError, match="part: got 'solo', expected one of keys, lead, pad"):
        require_part("solo")
