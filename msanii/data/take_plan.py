"""The plan of a take: part, sounds, key, tempo, meter and feel, drawn from the seed and the song's number.

Tempos are quarter notes per minute.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msanii.data.bar_time import METERS, BarSong, swung_notes
from msanii.data.instruments.mixing import treated_mix
from msanii.data.instruments.playing import RATE
from msanii.data.instruments.rendering import render_voice
from msanii.data.midi_take import TAIL_SECONDS, MidiTake
from msanii.data.model_voices import draw_model_voices
from msanii.data.palette_voices import draw_palette_voices
from msanii.data.part_writing import TRACKS, song_track
from msanii.errors import DataError
from msanii.music.palette import PaletteName
from msanii.music.sounds import PARTS

KEY_SHIFTS = range(-5, 7)
BPM_RANGE = (60.0, 180.0)
SPEED_RANGE = (0.7, 1.5)  # beyond it, a performance sounds unnatural
LONGEST_SECONDS = 72.0
OFF_BEAT_RANGE = (0.5, 0.7)
METER_SHARES = {"4/4": 0.60, "3/4": 0.14, "6/8": 0.13, "5/4": 0.06, "7/8": 0.07}
SWUNG_SHARE = 0.3
_PULLED_BACK_DB = {"keys": -3.0, "lead": -1.0, "pad": -7.0, "bass": -3.0, "drums": -3.0}


def draw_take(
    song: BarSong,
    own_bpm: float,
    *,
    number: int,
    turn: int,
    seed: int,
    palette: PaletteName = "full",
    sound: str | None = None,
) -> tuple[MidiTake, dict[str, str]]:
    """Draw the take of song `number` in its `turn`, and its description; every turn has another part.

    `own_bpm` is the tempo at which `song` was performed. `sound` is that of the full palette that plays; by
    default one is drawn. Raises DataError if nothing is left to play.
    """
    random = np.random.default_rng([seed, number, turn])
    first = int(np.random.default_rng([seed, number]).integers(len(PARTS)))
    part = PARTS[(first + turn) % len(PARTS)]
    bpm, reading = drawn_tempo(own_bpm, random)
    semitones = int(random.choice(KEY_SHIFTS))
    meter = str(random.choice(list(METER_SHARES), p=list(METER_SHARES.values())))
    # 6/8 has triplets already.
    is_swung = random.random() < SWUNG_SHARE and METERS[meter].unit == 1.0
    off_beat = float(random.uniform(*OFF_BEAT_RANGE)) if is_swung else OFF_BEAT_RANGE[0]
    shaped = song.read_as(reading).in_meter(meter).transposed(semitones)
    shaped = drawn_excerpt(shaped, part, bpm, random)
    if palette == "model":
        drawn = draw_model_voices(shaped, part, random)
        voices = tuple(replace(one, notes=swung_notes(shaped, one.notes, off_beat)) for one in drawn)
        mixing_seed = None
    else:
        voices, off_beat = draw_palette_voices(shaped, part, bpm, off_beat, random, sound)
        mixing_seed = int(random.integers(2**31))
    if not voices:
        raise DataError(f"{part}: the song has nothing to play here; it is left out")
    take = MidiTake(song=shaped, part=part, voices=voices, bpm=bpm, off_beat=off_beat, seed=mixing_seed)
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
    seconds = take.seconds + TAIL_SECONDS
    audio = np.zeros((2, round(seconds * RATE)), np.float32)
    for place, voice in enumerate(take.voices):
        notes = take.played_notes(voice)
        played = render_voice(voice.sound, notes, seconds, soundfont, _generator(take, place))
        pulled_back_db = _PULLED_BACK_DB[voice.part] if take.part == "mix" else 0.0
        audio += played * np.float32(10 ** (pulled_back_db / 20))
    desk = _generator(take, len(take.voices))
    if take.part == "mix" and desk is not None:
        audio = treated_mix(audio, desk)
    peak = float(np.abs(audio).max())
    scaled = audio * np.float32(32_767 * min(1.0, 0.98 / peak))
    return np.ascontiguousarray(np.round(scaled).astype(np.int16))


def _generator(take: MidiTake, place: int) -> np.random.Generator | None:
    """A generator for each voice, so that one changes no other."""
    return None if take.seed is None else np.random.default_rng([take.seed, place])


def drawn_tempo(own_bpm: float, random: np.random.Generator) -> tuple[float, float]:
    """(bpm, reading): uniform in log tempo, in half, plain or double time, whichever is nearest."""
    low, high = BPM_RANGE
    for _ in range(100):
        bpm = low * (high / low) ** float(random.random())
        reading = min((0.5, 1.0, 2.0), key=lambda factor: abs(np.log(bpm / own_bpm / factor)))
        if SPEED_RANGE[0] <= bpm / own_bpm / reading <= SPEED_RANGE[1]:
            return bpm, reading
    raise DataError(f"beat_midi.txt: {own_bpm:.0f} bpm cannot be played within {low:g} to {high:g} bpm")


def drawn_excerpt(
    song: BarSong,
    part: str,
    bpm: float,
    random: np.random.Generator,
    longest_seconds: float = LONGEST_SECONDS,
) -> BarSong:
    """As many bars as fit into `longest_seconds`, from a bar on where the part's track plays."""
    bars = min(song.bars, max(1, int(longest_seconds * bpm / 60 / song.meter.quarters)))
    starts = range(song.bars - bars + 1)
    for start in random.permutation(len(starts))[:8]:
        found = song.excerpt(int(start), bars)
        if part not in TRACKS or len(song_track(found, part)) >= bars:
            return found
    return song.excerpt(0, bars)
