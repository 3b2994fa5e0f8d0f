"""The voices of a take on the whole palette, each played as its instrument is.

Half of the drums and basses play the program's own grooves (`presets/grooves/`), so that claps, shakers,
cowbells, ghost strokes and syncopated basses are learned; the other half is `part_writing`'s. In some takes
drums are exchanged for similar ones, since only every fourth groove has a drum that the default model lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from msanii.composer.compose import compose, with_form
from msanii.composer.feel.swing import swing_of
from msanii.composer.grooves.library import shipped_grooves
from msanii.composer.plan import Plan
from msanii.data.bar_time import BarNote, BarSong, swung_notes
from msanii.data.electronic_writing import write_arpeggio, write_stabs
from msanii.data.instruments.table import INSTRUMENTS, PALETTE_OF_PART, Instrument
from msanii.data.midi_take import Voice
from msanii.data.model_voices import MIX_PARTS, in_range, written_part
from msanii.music.chords import Meter, spans_without_gaps
from msanii.music.drum_kit import similar_drums
from msanii.music.score import ANY_FEEL, Feel

GROOVE_SHARE = 0.5
_ELECTRONIC_WRITING_SHARE = 0.6
_EXCHANGING_SHARE, _EXCHANGED_SHARE = 0.5, 0.35
_SOFTEST, _LOUDEST = 24, 127


def draw_palette_voices(
    song: BarSong,
    part: str,
    bpm: float,
    off_beat: float,
    random: np.random.Generator,
    sound: str | None = None,
) -> tuple[tuple[Voice, ...], float]:
    """The voices of a part, swung, and the place of their second eighths: a groove brings its own.

    `off_beat` is the place that is asked for; at 0.5 a groove may choose. Parts with nothing to play are left
    out. `sound` is what plays the part; None draws one, and those of a mix are always drawn.
    """
    parts = MIX_PARTS if part == "mix" else (part,)
    playing = [name for name in parts if name in ("keys", part) or random.random() < 0.8]
    grooving = {name for name in playing if name in ("drums", "bass") and random.random() < GROOVE_SHARE}
    composed: Mapping[str, tuple[BarNote, ...]] = {}
    if grooving:
        composed, off_beat = _composed(song, bpm, off_beat, random)
    taken: set[str] = set()
    voices = []
    for name in playing:
        drawn = str(random.choice([one for one in PALETTE_OF_PART[name] if one not in taken]))
        chosen = sound if sound is not None and name == part else drawn
        taken.add(chosen)
        instrument = INSTRUMENTS[chosen]
        if name in grooving:
            notes = composed[name]
        else:
            notes = swung_notes(song, _written(song, name, instrument, random), off_beat)
        if name == "drums" and random.random() < _EXCHANGING_SHARE:
            notes = _with_other_drums(notes, random)
        if notes:
            played = _as_played(notes, name, chosen, instrument, random)
            voices.append(Voice(part=name, sound=chosen, notes=played))
    return tuple(voices), off_beat


def _composed(
    song: BarSong, bpm: float, off_beat: float, random: np.random.Generator
) -> tuple[Mapping[str, tuple[BarNote, ...]], float]:
    """Drums and bass of one groove, and its swing."""
    grooves = shipped_grooves()
    meter = Meter(numerator=song.meter.numerator, denominator=song.meter.denominator)
    plan = Plan(
        bars=song.bars,
        parts=("drums", "bass"),
        bpm=bpm,
        meter=meter,
        chords=spans_without_gaps([(s.start, s.end, s.chord) for s in song.chords], song.quarters),
        style=str(random.choice(sorted(grooves.in_meter(meter).by_name))),
        feel=Feel(swing=off_beat) if off_beat > 0.5 else ANY_FEEL,
    )
    seed = int(random.integers(2**31))
    notes = compose(plan, seed, grooves)
    # A beat of 6/8 and the like has no second eighth in its quarters.
    swing = swing_of(with_form(plan, seed, grooves))[0] if song.meter.unit == 1.0 else 0.5
    return {name: tuple(BarNote(*note) for note in played) for name, played in notes.items()}, swing


def _written(
    song: BarSong, part: str, instrument: Instrument, random: np.random.Generator
) -> tuple[BarNote, ...]:
    if part == "keys" and instrument.writing and random.random() < _ELECTRONIC_WRITING_SHARE:
        return (write_arpeggio if instrument.writing == "arpeggio" else write_stabs)(song, random)
    return written_part(song, part, random)


def _with_other_drums(notes: tuple[BarNote, ...], random: np.random.Generator) -> tuple[BarNote, ...]:
    """Some of the drums exchanged for similar ones throughout: claps for snares, congas for toms."""
    instead = {
        drum: int(random.choice(similar_drums(drum)))
        for drum in sorted({note.pitch for note in notes})
        if similar_drums(drum) and random.random() < _EXCHANGED_SHARE
    }
    return tuple(replace(note, pitch=instead.get(note.pitch, note.pitch)) for note in notes)


def _as_played(
    notes: tuple[BarNote, ...], part: str, sound: str, instrument: Instrument, random: np.random.Generator
) -> tuple[BarNote, ...]:
    """Notes in the instrument's range of pitches and velocities, and as long as it plays them."""
    loudness, octaves = float(random.uniform(0.6, 1.2)), 0
    if part in ("keys", "lead", "pad"):
        octaves = int(random.choice((-1, 0, 0, 0, 1)))
    if sound == "music box":
        octaves = 1
    softest, loudest = instrument.velocities
    scale = (loudest - softest) / (_LOUDEST - _SOFTEST)
    return tuple(
        BarNote(
            note.onset,
            min(note.end, note.onset + instrument.longest_quarters),
            in_range(note.pitch + 12 * octaves, *instrument.pitches) if part != "drums" else note.pitch,
            round(softest + scale * (np.clip(note.velocity * loudness, _SOFTEST, _LOUDEST) - _SOFTEST)),
        )
        for note in notes
    )
