"""A take of a song: its voices as notes to play, and as events for the controls.

Letters: N events. The audio starts with the first bar; times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msanii.controls.features import NOTE_COLUMNS, Events, chord_rows
from msanii.controls.frame_grid import FloatArray
from msanii.data.bar_time import BarNote, BarSong
from msanii.data.instruments.playing import PlayedNote
from msanii.music.score import Feel

TAIL_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A sound of the palette, its notes and its part in the arrangement."""

    part: str
    sound: str
    notes: tuple[BarNote, ...]


@dataclass(frozen=True, kw_only=True)
class MidiTake:
    """A song as played in a part of an arrangement; `off_beat` is the position of the swung second eighth.

    `seed` draws what synthesizers and the mixing desk leave to chance; without one there is neither, only the
    sounds of the default model as the sound font has them.
    """

    song: BarSong
    part: str
    voices: tuple[Voice, ...]
    bpm: float
    off_beat: float
    seed: int | None = None

    @property
    def seconds(self) -> float:
        """The length of all bars."""
        return self.song.quarters * 60 / self.bpm

    @property
    def sounds(self) -> tuple[str, ...]:
        """The names of the sounds, without repetition."""
        return tuple(dict.fromkeys(voice.sound for voice in self.voices))

    def events(self) -> Events:
        """Chords, beats, pitched notes (in a drum part, the drums), sounds, part and feel."""
        per_quarter = 60 / self.bpm
        chords = [(s.start * per_quarter, s.end * per_quarter, s.chord) for s in self.song.chords]
        sounding = [voice for voice in self.voices if self.part == "drums" or voice.part != "drums"]
        rows = [
            (note.onset * per_quarter, note.end * per_quarter, note.pitch, note.velocity)
            for voice in sounding
            for note in voice.notes
        ]
        return Events(
            chords=chord_rows(chords),
            beats=self._beats(),
            notes=np.array(sorted(rows), np.float64).reshape(-1, NOTE_COLUMNS),
            sounds=self.sounds,
            part=self.part,
            feel=Feel(swing=self.off_beat),
        )

    def _beats(self) -> FloatArray:
        meter = self.song.meter
        count = round(self.song.quarters / meter.unit)
        per_bar = round(meter.quarters / meter.unit)
        beats = np.arange(count + 1)
        seconds = beats * meter.unit * 60 / self.bpm
        return np.stack([seconds, beats % per_bar == 0, np.full(count + 1, meter.unit)], axis=1)

    def played_notes(self, voice: Voice) -> tuple[PlayedNote, ...]:
        """The notes of a voice as they are played, sorted by onset."""
        per_quarter = 60 / self.bpm
        return tuple(
            PlayedNote(
                note.onset * per_quarter, (note.end - note.onset) * per_quarter, note.pitch, note.velocity
            )
            for note in sorted(voice.notes, key=lambda note: (note.onset, note.pitch))
        )
