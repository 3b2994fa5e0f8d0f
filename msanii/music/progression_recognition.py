"""Notes of one or several parts -> the progression that they play, for a part that is composed to them.

Every beat weighs the pitch classes that are struck or sound in it; the Viterbi algorithm then finds the
likeliest sequence of chords, which change at bar lines rather than within bars. How chords sound was
counted in training songs of POP909 (below 880), whose annotations name them. Pure Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from msanii.music.chord_texts import progression_text
from msanii.music.chords import ChordSpan, Meter, parse_chord
from msanii.music.midi_notes import DRUMS, BeatNote
from msanii.music.note_clip import NoteClip
from msanii.music.parts import part_of_name

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# For each type: its share of the songs, and that of each semitone above the root while it sounds, in 1/1000.
_TYPES: Mapping[str, tuple[float, tuple[int, ...]]] = {
    "": (513, (342, 9, 44, 12, 200, 27, 13, 272, 10, 34, 16, 21)),
    "m": (323, (352, 10, 37, 213, 9, 34, 9, 253, 16, 11, 48, 9)),
    "7": (11, (263, 13, 44, 19, 161, 50, 9, 221, 17, 30, 161, 11)),
    "maj7": (22, (234, 10, 64, 10, 190, 13, 21, 208, 11, 51, 9, 180)),
    "m7": (42, (233, 12, 43, 215, 9, 48, 10, 193, 28, 11, 189, 8)),
    "sus4": (23, (348, 10, 40, 35, 38, 215, 9, 208, 19, 37, 30, 11)),
    "sus2": (42, (305, 9, 181, 40, 73, 34, 11, 257, 9, 28, 34, 19)),
    "7sus4": (11, (252, 10, 91, 39, 21, 145, 9, 201, 17, 33, 173, 8)),
    "dim": (6, (317, 28, 14, 233, 19, 33, 221, 12, 46, 18, 43, 15)),
    "m7b5": (1.5, (277, 55, 13, 244, 11, 35, 153, 15, 26, 13, 148, 9)),
    "aug": (1, (382, 39, 10, 38, 180, 23, 29, 17, 240, 13, 15, 13)),
    "6": (5, (268, 9, 61, 13, 147, 50, 17, 214, 9, 168, 26, 20)),
}
# How often a chord's root, another of its tones, and any other note is the lowest one, in 1/1000.
_BASS_ROOT, _BASS_TONE, _BASS_OTHER = 800, 40, 14
# Above it the lowest note is a melody's, and says nothing of the root.
_BASS_BELOW_PITCH = 60
_BASS_WEIGHT = 0.5
# Songs of other styles have more sevenths.
_PRIOR_WEIGHT = 0.6
# A struck note counts as one that sounds for a beat; a beat later it counts a tenth, and so on.
_STRUCK, _HELD = 1.0, 0.1
_MOST_WEIGHT = 8.0
_LEAST_SOUNDING_BEATS = 0.05
_LEAST_BASS_BEATS = 0.2
# What a change costs, in nats: at a bar line, in the middle of a bar, on another beat.
_AT_BAR, _AT_HALF, _ELSEWHERE = 0.5, 1.5, 2.5
_NEAR = 1e-6

_Place = tuple[int, str]  # root and type
_CHORDS: tuple[_Place, ...] = tuple((root, name) for name in _TYPES for root in range(12))


def recognise_progression(
    parts: Mapping[str, Iterable[BeatNote]], meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Return the chords that parts play over `bars` bars, one after the other; none without pitched notes.

    Drums have no pitches. The names are those of the `chords` parameter, with roots in flats and F#.
    """
    notes = sorted(note for part, played in parts.items() if part_of_name(part) != DRUMS for note in played)
    beats = _Beats(meter, bars)
    weights, lowest = _heard(notes, beats)
    if not any(map(any, weights)):
        return ()
    spans: list[ChordSpan] = []
    for beat, (root, name) in enumerate(_likeliest(weights, lowest, beats)):
        chord = parse_chord(_ROOTS[root] + name)
        start, end = beats.start(beat), beats.start(beat + 1)
        if spans and spans[-1].chord == chord:
            start = spans.pop().start_beats
        spans.append(ChordSpan(start_beats=start, end_beats=end, chord=chord))
    return tuple(spans)


def clip_progression(clip: NoteClip, meter: Meter, bars: int) -> str:
    """Return the text of the chords that a clip's parts play; "" for drums alone."""
    return progression_text(recognise_progression(clip.parts, meter, bars), meter)


class _Beats:
    """The beats of a piece: the meter's own, three eighths in 6/8 and the like."""

    def __init__(self, meter: Meter, bars: int) -> None:
        self.beats = meter.beat_quarters
        self.per_bar = round(float(meter.bar_beats) / self.beats)
        self.count = bars * self.per_bar

    def start(self, beat: int) -> float:
        return beat * self.beats

    def of(self, onset: float, end: float) -> range:
        first = int(onset / self.beats + _NEAR)
        return range(first, min(self.count, math.ceil(end / self.beats)))

    def change_cost(self, beat: int) -> float:
        place = beat % self.per_bar
        if place == 0:
            return _AT_BAR
        return _AT_HALF if 2 * place == self.per_bar else _ELSEWHERE


def _heard(notes: Sequence[BeatNote], beats: _Beats) -> tuple[list[list[float]], list[int | None]]:
    """For each beat the weights of the pitch classes, and the lowest pitch if it is low enough for a bass."""
    weights = [[0.0] * 12 for _ in range(beats.count)]
    lowest: list[int | None] = [None] * beats.count
    for onset, end, pitch, _ in notes:
        for beat in beats.of(onset, end):
            start = beats.start(beat)
            sounds = min(end, beats.start(beat + 1)) - max(onset, start)
            if sounds <= _LEAST_SOUNDING_BEATS:
                continue
            struck = onset > start - beats.beats * _NEAR
            held = 1.0 if struck else _HELD ** (start - onset)
            weights[beat][pitch % 12] += min(sounds, 1.0) * held + struck * _STRUCK
            below = lowest[beat]
            if sounds >= _LEAST_BASS_BEATS and pitch < (_BASS_BELOW_PITCH if below is None else below):
                lowest[beat] = pitch
    return weights, lowest


def _likeliest(
    weights: Sequence[Sequence[float]], lowest: Sequence[int | None], beats: _Beats
) -> list[_Place]:
    """The likeliest chord of each beat, all beats together."""
    priors = [_PRIOR_WEIGHT * math.log(_TYPES[name][0] / 1000) for _, name in _CHORDS]
    fits = [_fits(heard, low) for heard, low in zip(weights, lowest, strict=True)]
    scores = [prior + fit for prior, fit in zip(priors, fits[0], strict=True)]
    # A chord's own place where it goes on from itself, else that of the best one before it.
    came_from: list[list[int]] = []
    for beat in range(1, len(fits)):
        best = max(range(len(scores)), key=scores.__getitem__)
        changed = scores[best] - beats.change_cost(beat)
        origins: list[int] = []
        for place, prior in enumerate(priors):
            goes_on = scores[place] >= changed + prior
            origins.append(place if goes_on else best)
            scores[place] = (scores[place] if goes_on else changed + prior) + fits[beat][place]
        came_from.append(origins)
    path = [max(range(len(scores)), key=scores.__getitem__)]
    for origins in reversed(came_from):
        path.append(origins[path[-1]])
    return [_CHORDS[place] for place in reversed(path)]


def _fits(heard: Sequence[float], low: int | None) -> list[float]:
    """The log likelihood of what is heard in a beat under each chord, but for a constant."""
    share = min(1.0, _MOST_WEIGHT / max(sum(heard), _NEAR))
    played = [(pitch, weight * share) for pitch, weight in enumerate(heard) if weight]
    found: list[float] = []
    for root, name in _CHORDS:
        fit = sum(weight * _TONE_LOGS[name][(pitch - root) % 12] for pitch, weight in played)
        if low is not None:
            fit += _BASS_WEIGHT * _BASS_LOGS[name][(low - root) % 12]
        found.append(fit)
    return found


def _bass_share(name: str, interval: int) -> float:
    if interval == 0:
        return _BASS_ROOT
    return _BASS_TONE if interval in parse_chord("C" + name).tones else _BASS_OTHER


_TONE_LOGS = {name: [math.log(share / 1000) for share in shares] for name, (_, shares) in _TYPES.items()}
_BASS_LOGS = {
    name: [math.log(_bass_share(name, interval) / 1000) for interval in range(12)] for name in _TYPES
}
