"""The takes that a listener learns from: what is drawn, and how it is rendered.

Three of four takes are songs of POP909, the others made up. Positions are quarter notes, times seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msanii.data.bar_time import METERS as BAR_METERS
from msanii.data.bar_time import BarSong, bar_song, swung_notes
from msanii.data.instruments.playing import RATE, PlayedNote
from msanii.data.instruments.rendering import render_voice
from msanii.data.listening.made_up_song import made_up_song
from msanii.data.listening.stems import write_stems
from msanii.data.listening.tempo_curve import TempoCurve, drawn_curve
from msanii.data.midi_take import TAIL_SECONDS, Voice
from msanii.data.model_voices import draw_model_voices
from msanii.data.palette_voices import draw_palette_voices
from msanii.data.pop909 import SongFiles, SongTask
from msanii.data.pop909_song import read_pop909_song
from msanii.data.take_plan import (
    BPM_RANGE,
    KEY_SHIFTS,
    METER_SHARES,
    OFF_BEAT_RANGE,
    SWUNG_SHARE,
    drawn_excerpt,
    drawn_tempo,
)
from msanii.errors import DataError
from msanii.listening.config import METERS
from msanii.music.chord_classes import KEYS, chord_class
from msanii.music.chords import parse_pop909_chord
from msanii.music.palette import PaletteName

LONGEST_SECONDS = 32.0
_MADE_UP_SHARE = 0.25
_METER_NUMBERS = {f"{meter.numerator}/{meter.denominator}": place for place, meter in enumerate(METERS)}


@dataclass(frozen=True, kw_only=True)
class ListeningTake:
    """A song with its voices and tempo; `key` is an index in KEYS, -1 for not known."""

    song: BarSong
    voices: tuple[Voice, ...]
    curve: TempoCurve
    key: int
    seed: tuple[int, ...]
    info: dict[str, str]

    @property
    def seconds(self) -> float:
        return self.curve.seconds(self.song.quarters)

    def beats(self) -> list[list[float]]:
        """(seconds, place in the bar) of each beat, and of the bar line at the end."""
        meter = self.song.meter
        a_bar = round(meter.quarters / meter.unit)
        count = round(self.song.quarters / meter.unit)
        return [[self.curve.seconds(beat * meter.unit), float(beat % a_bar)] for beat in range(count + 1)]

    def chords(self) -> list[list[float]]:
        """Rows as in `Stems.chords`."""
        rows = []
        for span in self.song.chords:
            bass = -1.0 if span.chord.bass is None else float(span.chord.bass)
            times = [self.curve.seconds(span.start), self.curve.seconds(span.end)]
            rows.append([*times, float(chord_class(span.chord)), bass])
        return rows

    def notes(self) -> list[list[float]]:
        """Rows as in `Stems.notes`."""
        return sorted(
            [self.curve.seconds(note.onset), self.curve.seconds(note.end), note.pitch, note.velocity, place]
            for place, voice in enumerate(self.voices)
            if voice.part != "drums"
            for note in voice.notes
        )

    def played(self, voice: Voice) -> tuple[PlayedNote, ...]:
        """A voice's notes as they are played, by onset."""
        notes = []
        for note in sorted(voice.notes, key=lambda note: (note.onset, note.pitch)):
            onset = self.curve.seconds(note.onset)
            notes.append(PlayedNote(onset, self.curve.seconds(note.end) - onset, note.pitch, note.velocity))
        return tuple(notes)

    def described(self) -> dict[str, Any]:
        """The fields of `Stems`, but for what the audio tells."""
        return {
            "voices": [[voice.part, voice.sound] for voice in self.voices],
            "beats": self.beats(),
            "chords": self.chords(),
            "notes": self.notes(),
            "key": self.key,
            "meter": _METER_NUMBERS[self.song.meter.text],
            "info": self.info,
        }


def draw_listening_take(
    files: SongFiles,
    *,
    number: int,
    turn: int,
    seed: int,
    palette: PaletteName = "full",
    tempo: str = "",
    made_up_share: float = _MADE_UP_SHARE,
    parts: Sequence[str] = (),
    longest_seconds: float = LONGEST_SECONDS,
) -> ListeningTake:
    """Draw take `turn` of song `number`: everything follows from these and the seed.

    `tempo` is a kind of `tempo_curve`, "" draws one. With `parts`, voices are drawn anew until these play;
    without, a take is a mix. Raises DataError for a song that cannot be used.
    """
    random = np.random.default_rng([seed, number, turn])
    if random.random() < made_up_share:
        bpm = float(np.exp(random.uniform(*np.log(BPM_RANGE))))
        song, key = made_up_song(400, random)
        song = drawn_excerpt(song, "mix", bpm, random, longest_seconds)
        name = "made up"
    else:
        performance = read_pop909_song(files.midi, files.beats, files.chords)
        bpm, reading = drawn_tempo(performance.bpm, random)
        semitones = int(random.choice(KEY_SHIFTS))
        meter = str(random.choice(list(METER_SHARES), p=list(METER_SHARES.values())))
        song = bar_song(performance).read_as(reading).in_meter(meter).transposed(semitones)
        song = drawn_excerpt(song, "keys", bpm, random, longest_seconds)
        key = song_key(files.key, semitones)
        name = f"{number:03d}"
    voices = _drawn_voices(song, bpm, palette, parts, random)
    curve = drawn_curve(song.quarters, bpm, song.meter.quarters, random, tempo)
    info = {"song": name, "bpm": f"{bpm:.3f}", "tempo": curve.kind}
    return ListeningTake(song=song, voices=voices, curve=curve, key=key, seed=(seed, number, turn), info=info)


def _drawn_voices(
    song: BarSong, bpm: float, palette: PaletteName, parts: Sequence[str], random: np.random.Generator
) -> tuple[Voice, ...]:
    part = parts[0] if len(parts) == 1 else "mix"
    is_swung = random.random() < SWUNG_SHARE and BAR_METERS[song.meter.text].unit == 1.0
    off_beat = float(random.uniform(*OFF_BEAT_RANGE)) if is_swung else OFF_BEAT_RANGE[0]
    for _ in range(20):
        if palette == "model":
            drawn = draw_model_voices(song, part, random)
            voices = tuple(replace(one, notes=swung_notes(song, one.notes, off_beat)) for one in drawn)
        else:
            voices, _ = draw_palette_voices(song, part, bpm, off_beat, random)
        if voices and {voice.part for voice in voices} >= set(parts):
            return voices
    raise DataError("the song has too little to play here; it is left out")


def song_key(text: str, semitones: int) -> int:
    """The key of a song, an index in KEYS, from lines of start, end and a name such as `Ab:min`.

    -1 if it is not the same over most of the song.
    """
    lengths: dict[int, float] = {}
    for line in text.splitlines():
        columns = line.split()
        try:
            start, end = float(columns[0]), float(columns[1])
            root, _, mode = columns[2].partition(":")
            tonic = parse_pop909_chord(root).root
        except (IndexError, ValueError):
            continue
        if tonic is not None and mode in ("maj", "min"):
            key = (tonic + semitones) % 12 + (12 if mode == "min" else 0)
            lengths[key] = lengths.get(key, 0.0) + end - start
    if not lengths:
        return -1
    best = max(lengths, key=lambda key: lengths[key])
    return best if lengths[best] > 0.8 * sum(lengths.values()) and best < len(KEYS) else -1


def render_take(take: ListeningTake, soundfont: Path) -> NDArray[np.float32]:
    """Render each voice in mono, (V, L)."""
    seconds = take.seconds + TAIL_SECONDS
    audio = np.zeros((len(take.voices), round(seconds * RATE)), np.float32)
    for place, voice in enumerate(take.voices):
        random = np.random.default_rng([*take.seed, place])
        audio[place] = render_voice(voice.sound, take.played(voice), seconds, soundfont, random).mean(axis=0)
    return audio


@dataclass(frozen=True, kw_only=True)
class ListeningTask(SongTask):
    """Renders a take as stems."""

    def run(self) -> None:
        """Draw, render and write the take. Raises DataError."""
        take = draw_listening_take(self.files, number=self.number, turn=self.turn, seed=self.seed)
        described = take.described()
        described["info"] = {**described["info"], "soundfont": self.soundfont.name}
        write_stems(self.path, render_take(take, self.soundfont), RATE, described)
