"""Short phrases for each sound of the palette, within its range, and their renders."""

from __future__ import annotations

from functools import cache

import numpy as np

from msanii.data.instruments.playing import PlayedNote
from msanii.data.instruments.rendering import render_voice
from msanii.data.instruments.table import INSTRUMENTS
from msanii.data.model_voices import in_range
from msanii.data.synthesizer import find_soundfont
from msanii.metrics.harmony import Audio
from msanii.music.sounds import SOUNDS_OF_PART

BPM = 120
PHRASE_SECONDS = 4.5
_BASS, _LEAD, _KEYS = (40, 43, 45, 36), (69, 72, 67, 64), (57, 60, 55, 64)
_DRUMS = ((0.0, 36), (0.5, 38), (0.75, 36), (1.0, 36), (1.5, 38))


def parts_of_sound(name: str) -> tuple[str, ...]:
    """The parts that are played in a sound."""
    return tuple(part for part, names in SOUNDS_OF_PART.items() if name in names)


def phrase(sound: str) -> list[PlayedNote]:
    """Eight strokes at 120 bpm, velocity 90: a beat, a bass line, a melody, or chords of three notes."""
    instrument, parts = INSTRUMENTS[sound], parts_of_sound(sound)
    if "drums" in parts:
        hats = [PlayedNote(place / 4, 0.1, 42, 70) for place in range(16)]
        beat = [PlayedNote(bar + at, 0.1, drum, 100) for bar in (0, 2) for at, drum in _DRUMS]
        return sorted([*hats, *beat], key=lambda note: (note.onset, note.pitch))
    is_bass = "bass" in parts
    roots = _BASS if is_bass else _LEAD if parts == ("lead",) else _KEYS
    chord = (0,) if is_bass or parts == ("lead",) else (0, 4, 7)
    seconds = min(0.45, instrument.longest_quarters * 60 / BPM)
    return [
        PlayedNote(place / 2, seconds, in_range(roots[place % 4] + above, *instrument.pitches), 90)
        for place in range(8)
        for above in chord
    ]


@cache
def rendered(sound: str, seed: int = 0) -> Audio:
    """The phrase as takes have it, (2, L)."""
    notes = phrase(sound)
    return render_voice(sound, notes, PHRASE_SECONDS, find_soundfont(), np.random.default_rng(seed))
