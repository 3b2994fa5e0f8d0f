"""Notes as a MIDI file for FluidSynth, on programs of a sound font. Times in seconds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import mido

from msanii.data.instruments.playing import PlayedNote

DRUM_CHANNEL = 9
_TICKS_PER_BEAT = 960
_MICROSECONDS_PER_BEAT = 480_000  # two ticks per millisecond, finer than the synthesizer's blocks
# The shortest note; shorter ones would be all release.
_SHORTEST_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class Program:
    """A program of a General MIDI font, from 0, and its General MIDI volume (127: full, a square law)."""

    program: int
    volume: int = 100
    is_kit: bool = False


def to_midi(notes: Sequence[PlayedNote], programs: Sequence[Program], seconds: float) -> bytes:
    """A standard MIDI file of `seconds` at a fixed tempo: all notes on each of the programs."""
    timed: list[tuple[int, int, mido.Message]] = []
    channels = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    for program in programs:
        channel = DRUM_CHANNEL if program.is_kit else next(channels)
        timed += [
            (0, 0, mido.Message("program_change", channel=channel, program=program.program)),
            (0, 0, mido.Message("control_change", channel=channel, control=7, value=program.volume)),
        ]
        for note in notes:
            timed += _messages(note, channel)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=_MICROSECONDS_PER_BEAT)])
    now = 0
    for tick, _, message in sorted(timed, key=lambda item: item[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(_ticks(seconds) - now, 0)))
    buffer = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_BEAT, tracks=[track]).save(file=buffer)
    return buffer.getvalue()


def _messages(note: PlayedNote, channel: int) -> list[tuple[int, int, mido.Message]]:
    end = note.onset + max(note.seconds, _SHORTEST_SECONDS)
    on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
    off = mido.Message("note_off", channel=channel, note=note.pitch)
    # Within a tick, a note off comes before a note on.
    return [(_ticks(note.onset), 2, on), (_ticks(end), 1, off)]


def _ticks(seconds: float) -> int:
    return round(seconds * 1e6 * _TICKS_PER_BEAT / _MICROSECONDS_PER_BEAT)
