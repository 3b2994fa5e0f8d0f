"""The voices of a take as the first model learned them: its 16 sounds, and the parts of `part_writing`.

The reference set is drawn with it, so every draw keeps its place.
"""

from __future__ import annotations

import numpy as np

from msanii.data.bar_time import BarNote, BarSong
from msanii.data.instruments.table import PALETTE_OF_PART
from msanii.data.midi_take import Voice
from msanii.data.part_writing import song_track, write_bass, write_drums, write_pad
from msanii.music.sounds import FIRST_SOUNDS

MIX_PARTS = ("keys", "lead", "pad", "bass", "drums")
_LOWEST_KEY, _HIGHEST_KEY = 24, 103
_WRITERS = {"bass": write_bass, "pad": write_pad, "drums": write_drums}


def draw_model_voices(song: BarSong, part: str, random: np.random.Generator) -> tuple[Voice, ...]:
    """The voices of a part, before they swing; parts with nothing to play are left out."""
    parts = MIX_PARTS if part == "mix" else (part,)
    playing = [name for name in parts if name in ("keys", part) or random.random() < 0.8]
    written = {name: written_part(song, name, random) for name in playing}
    taken: set[str] = set()
    voices = []
    for name, notes in written.items():
        sounds = [sound for sound in PALETTE_OF_PART[name] if sound in FIRST_SOUNDS and sound not in taken]
        sound = str(random.choice(sounds))
        taken.add(sound)
        if notes:
            voices.append(Voice(part=name, sound=sound, notes=_shaped(notes, name, sound, random)))
    return tuple(voices)


def written_part(song: BarSong, part: str, random: np.random.Generator) -> tuple[BarNote, ...]:
    """The song's track for keys and lead; bass, pad and drums are written to its chords."""
    return _WRITERS[part](song, random) if part in _WRITERS else song_track(song, part)


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
            in_range(note.pitch + 12 * octaves, _LOWEST_KEY, _HIGHEST_KEY) if part != "drums" else note.pitch,
            int(np.clip(round(note.velocity * loudness), 24, 127)),
        )
        for note in notes
    )


def in_range(pitch: int, lowest: int, highest: int) -> int:
    """The pitch, moved by octaves into a range of at least one."""
    while pitch < lowest:
        pitch += 12
    while pitch > highest:
        pitch -= 12
    return pitch
