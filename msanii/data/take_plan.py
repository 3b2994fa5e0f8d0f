"""The plan of a take: part, sounds, key, tempo, meter and feel, drawn from the seed and the song's number.

Tempos are quarter notes per minute.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msanii.data import synthesizer
from msanii.data.bar_time import METERS, BarNote, BarSong
from msanii.data.midi_take import MidiTake, Voice
from msanii.data.part_writing import write_bass, write_drums, write_pad
from msanii.errors import DataError
from msanii.music.sounds import PARTS, SOUNDS, SOUNDS_OF_PART

KEY_SHIFTS = range(-5, 7)
BPM_RANGE = (60.0, 180.0)
SPEED_RANGE = (0.7, 1.5)  # beyond it, a performance sounds unnatural
LONGEST_SECONDS = 72.0
OFF_BEAT_RANGE = (0.5, 0.7)
METER_SHARES = {"4/4": 0.60, "3/4": 0.14, "6/8": 0.13, "5/4": 0.06, "7/8": 0.07}
SWUNG_SHARE = 0.3
_LOWEST_KEY, _HIGHEST_KEY = 24, 103
_PULLED_BACK_DB = {"keys": -3.0, "lead": -1.0, "pad": -7.0, "bass": -3.0, "drums": -3.0}
_TRACKS = {"keys": ("PIANO",), "lead": ("MELODY", "BRIDGE")}


def draw_take(
    song: BarSong, own_bpm: float, *, number: int, turn: int, seed: int
) -> tuple[MidiTake, dict[str, str]]:
    """Draw the take of song `number` in its `turn`, and its description; every turn has another part.

    `own_bpm` is the tempo at which `song` was performed. Raises DataError if nothing is left to play.
    """
    random = np.random.default_rng([seed, number, turn])
    first = int(np.random.default_rng([seed, number]).integers(len(PARTS)))
    part = PARTS[(first + turn) % len(PARTS)]
    bpm, reading = _tempo(own_bpm, random)
    semitones = int(random.choice(KEY_SHIFTS))
    meter = str(random.choice(list(METER_SHARES), p=list(METER_SHARES.values())))
    # 6/8 has triplets already.
    is_swung = random.random() < SWUNG_SHARE and METERS[meter].unit == 1.0
    off_beat = float(random.uniform(*OFF_BEAT_RANGE)) if is_swung else OFF_BEAT_RANGE[0]
    shaped = song.read_as(reading).in_meter(meter).transposed(semitones)
    shaped = _excerpt(shaped, part, bpm, random)
    voices = _voices(shaped, part, random)
    played = tuple(replace(voice, notes=_swing(shaped, voice.notes, off_beat)) for voice in voices)
    take = MidiTake(song=shaped, part=part, voices=played, bpm=bpm, off_beat=off_beat)
    return take, {
        "part": part,
        "sounds": ", ".join(take.sounds),
        "bpm": f"{bpm:.3f}",
        "meter": meter,
        "off_beat": f"{off_beat:.4f}",
        "key_shift": str(semitones),
        "speed": f"{bpm / own_bpm / reading:.4f}",
    }


def synthesize_take(take: MidiTake, soundfont: Path) -> NDArray[np.int16]:
    """Render the take to int16 (2, L). A lone sound keeps its own level, so that velocity stays audible."""
    gains = {name: SOUNDS[name].gain_db for name in take.sounds}
    if take.part == "mix":
        gains = {voice.sound: gains[voice.sound] + _PULLED_BACK_DB[voice.part] for voice in take.voices}
        audio = synthesizer.synthesize(take.to_midi(gains), soundfont)
    else:
        audio = synthesizer.synthesize(take.to_midi({}), soundfont)
        audio *= np.float32(10 ** (gains[take.sounds[0]] / 20))
    peak = float(np.abs(audio).max())
    scaled = audio * np.float32(32_767 * min(1.0, 0.98 / peak))
    return np.ascontiguousarray(np.round(scaled).astype(np.int16))


def _tempo(own_bpm: float, random: np.random.Generator) -> tuple[float, float]:
    """(bpm, reading): uniform in log tempo, in half, plain or double time, whichever is nearest."""
    low, high = BPM_RANGE
    for _ in range(100):
        bpm = low * (high / low) ** float(random.random())
        reading = min((0.5, 1.0, 2.0), key=lambda factor: abs(np.log(bpm / own_bpm / factor)))
        if SPEED_RANGE[0] <= bpm / own_bpm / reading <= SPEED_RANGE[1]:
            return bpm, reading
    raise DataError(f"beat_midi.txt: {own_bpm:.0f} bpm cannot be played within {low:g} to {high:g} bpm")


def _excerpt(song: BarSong, part: str, bpm: float, random: np.random.Generator) -> BarSong:
    """As many bars as fit into LONGEST_SECONDS, from a bar on where the part's track plays."""
    bars = min(song.bars, max(1, int(LONGEST_SECONDS * bpm / 60 / song.meter.quarters)))
    starts = range(song.bars - bars + 1)
    for start in random.permutation(len(starts))[:8]:
        found = song.excerpt(int(start), bars)
        if part not in _TRACKS or len(_track(found, part)) >= bars:
            return found
    return song.excerpt(0, bars)


def _track(song: BarSong, part: str) -> tuple[BarNote, ...]:
    notes = [note for name in _TRACKS[part] for note in song.tracks.get(name, ())]
    return tuple(sorted(notes, key=lambda note: (note.onset, note.pitch)))


def _voices(song: BarSong, part: str, random: np.random.Generator) -> tuple[Voice, ...]:
    parts = ("keys", "lead", "pad", "bass", "drums") if part == "mix" else (part,)
    playing = [name for name in parts if name in ("keys", part) or random.random() < 0.8]
    written = {name: _written(song, name, random) for name in playing}
    taken: set[str] = set()
    voices = []
    for name, notes in written.items():
        sound = str(random.choice([sound for sound in SOUNDS_OF_PART[name] if sound not in taken]))
        taken.add(sound)
        if notes:
            voices.append(Voice(part=name, sound=sound, notes=_shaped(notes, name, sound, random)))
    if not voices:
        raise DataError(f"{part}: the song has nothing to play here; it is left out")
    return tuple(voices)


def _written(song: BarSong, part: str, random: np.random.Generator) -> tuple[BarNote, ...]:
    writers = {"bass": write_bass, "pad": write_pad, "drums": write_drums}
    return writers[part](song, random) if part in writers else _track(song, part)


def _shaped(
    notes: tuple[BarNote, ...], part: str, sound: str, random: np.random.Generator
) -> tuple[BarNote, ...]:
    """Vary velocity and register, and shorten plucked sounds."""
    loudness, octaves = float(random.uniform(0.6, 1.2)), 0
    if part in ("keys", "lead", "pad"):
        octaves = int(random.choice((-1, 0, 0, 0, 1)))
    if sound == "music box":
        octaves = 1
    shortest = 0.4 if sound == "synth pluck" else float("inf")
    return tuple(
        BarNote(
            note.onset,
            min(note.end, note.onset + shortest),
            _in_range(note.pitch + 12 * octaves) if part != "drums" else note.pitch,
            int(np.clip(round(note.velocity * loudness), 24, 127)),
        )
        for note in notes
    )


def _in_range(pitch: int) -> int:
    while pitch < _LOWEST_KEY:
        pitch += 12
    while pitch > _HIGHEST_KEY:
        pitch -= 12
    return pitch


def _swing(song: BarSong, notes: tuple[BarNote, ...], off_beat: float) -> tuple[BarNote, ...]:
    if off_beat == OFF_BEAT_RANGE[0]:
        return notes
    return replace(song, tracks={"": notes}).swung(off_beat).tracks[""]
