"""A take of a song: its voices as MIDI for the synthesizer, and as events for the controls.

Letters: N events. The audio starts with the first bar; times in seconds.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import mido
import numpy as np

from msanii.controls.features import NOTE_COLUMNS, Events, chord_rows
from msanii.controls.frame_grid import FloatArray
from msanii.data.bar_time import BarNote, BarSong
from msanii.music.score import Feel
from msanii.music.sounds import SOUNDS

TAIL_SECONDS = 1.5
DRUM_CHANNEL = 9
_TICKS_PER_BEAT = 960
_MICROSECONDS_PER_BEAT = 480_000  # two ticks per millisecond, finer than the synthesizer's blocks
_FULL_VOLUME = 100
# The shortest note; shorter ones would be all release.
_SHORTEST_SECONDS = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A sound, its notes and its part in the arrangement."""

    part: str
    sound: str
    notes: tuple[BarNote, ...]


@dataclass(frozen=True, kw_only=True)
class MidiTake:
    """A song as played in a part of an arrangement; `off_beat` is the position of the swung second eighth."""

    song: BarSong
    part: str
    voices: tuple[Voice, ...]
    bpm: float
    off_beat: float

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
        sounding = [voice for voice in self.voices if self.part == "drums" or not SOUNDS[voice.sound].is_kit]
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

    def to_midi(self, gains_db: Mapping[str, float]) -> bytes:
        """A standard MIDI file at a fixed tempo, with a channel per sound, at a volume of `gains_db`."""
        timed: list[tuple[int, int, mido.Message]] = []
        channels = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
        for voice in self.voices:
            sound = SOUNDS[voice.sound]
            channel = DRUM_CHANNEL if sound.is_kit else next(channels)
            timed += [(0, 0, message) for message in _set_up(voice.sound, channel, gains_db)]
            for note in voice.notes:
                timed += self._messages(note, channel)
        track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=_MICROSECONDS_PER_BEAT)])
        now = 0
        for tick, _, message in sorted(timed, key=lambda item: item[:2]):
            track.append(message.copy(time=tick - now))
            now = tick
        track.append(mido.MetaMessage("end_of_track", time=_ticks(self.seconds + TAIL_SECONDS) - now))
        buffer = io.BytesIO()
        mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_BEAT, tracks=[track]).save(file=buffer)
        return buffer.getvalue()

    def _messages(self, note: BarNote, channel: int) -> list[tuple[int, int, mido.Message]]:
        onset = note.onset * 60 / self.bpm
        end = max(note.end * 60 / self.bpm, onset + _SHORTEST_SECONDS)
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=channel, note=note.pitch)
        # Within a tick, a note off comes before a note on.
        return [(_ticks(onset), 2, on), (_ticks(end), 1, off)]


def _set_up(name: str, channel: int, gains_db: Mapping[str, float]) -> list[mido.Message]:
    # General MIDI volume follows a square law: 40 log10(volume / 127).
    volume = round(_FULL_VOLUME * 10 ** (gains_db.get(name, 0.0) / 40))
    return [
        mido.Message("program_change", channel=channel, program=SOUNDS[name].program),
        mido.Message("control_change", channel=channel, control=7, value=min(127, max(1, volume))),
    ]


def _ticks(seconds: float) -> int:
    return round(seconds * 1e6 * _TICKS_PER_BEAT / _MICROSECONDS_PER_BEAT)
