"""How well a take plays what it was asked to: asked chords and onsets against those that are heard.

Tempo and meter are known, so that chords are decoded on the asked beats. Where nothing was asked nothing is
known: that number is None. Letters: L samples.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from msanii.listening.activations import Activations, Ears
from msanii.listening.decoding.beats import BarBeats
from msanii.listening.decoding.chords import HeardChord, decode_chords
from msanii.metrics.harmony import onset_seconds
from msanii.metrics.rhythm import f_measure, strokes
from msanii.music.chord_classes import QUALITIES, chord_class
from msanii.music.midi_notes import DRUMS
from msanii.music.score import Beat, Score, TimedChord
from msanii.signal.audio_files import Clip

LONGEST_SECONDS = 60.0
"""of a longer take the rest is not heard"""

_WINDOW_SECONDS = 0.05
# Of 24 takes of four parts, peaks as high agree best with the notes; the notes that are decoded, which need a
# surer sign to begin again, lack half of what a pianist repeats.
_LEAST_CHANCE = 0.2
# Music before and after what is judged helps the network.
_MARGIN_SECONDS = 2.0
_SILENT_RMS = 1e-5
_BASS = "bass"
_MAJOR, _MINOR = ("", "7", "maj7"), ("m", "m7")

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a take was asked to play; all times are seconds of its file.

    `spans` are those to judge, in order: what is new in it. `beats` lie under the `chords`. With `has_drums`
    drums are among the onsets. With `root_alone` chords are compared by their roots, since a bass plays few
    thirds.
    """

    spans: tuple[Span, ...]
    beats: tuple[Beat, ...] = ()
    chords: tuple[TimedChord, ...] = ()
    onsets: tuple[float, ...] = ()
    has_drums: bool = False
    root_alone: bool = False

    @classmethod
    def by(
        cls,
        score: Score,
        parts: Collection[str],
        onsets: Iterable[float],
        *,
        begins: float = 0.0,
        spans: Sequence[Span] = (),
    ) -> Asked:
        """What a score asks of `parts` that play `onsets`; it begins at `begins` seconds of the file.

        `spans` are the score's length if there are none. Of drums alone no chords are asked.
        """
        spans = tuple(spans) or ((begins, begins + score.seconds),)
        stretch = min(start for start, _ in spans) - begins, max(end for _, end in spans) - begins
        is_harmonic = bool(score.chords) and set(parts) != {DRUMS}
        return cls(
            spans=spans,
            beats=tuple(
                replace(beat, seconds=beat.seconds + begins)
                for beat in (score.beat_events(*stretch) if is_harmonic else ())
            ),
            chords=tuple(
                replace(
                    chord, start_seconds=chord.start_seconds + begins, end_seconds=chord.end_seconds + begins
                )
                for chord in (score.chord_events(*stretch) if is_harmonic else ())
            ),
            onsets=tuple(onsets),
            has_drums=DRUMS in parts,
            root_alone=set(parts) == {_BASS},
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two numbers from 0 to 1, None where nothing was asked.

    `chords` is the share of the time in which the chord that is heard is the one that was asked for, both
    reduced to major and minor; chords that are neither do not count. `onsets` is the F-measure of the onsets
    that are heard against those asked for, within 50 ms.
    """

    chords: float | None
    onsets: float | None


def judge(ears: Ears, clip: Clip, asked: Asked) -> Judgement:
    """Hear what is new in a take, at most `LONGEST_SECONDS` from its start on, and compare."""
    spans = tuple(_inside(asked.spans, clip.seconds))
    chords = tuple(_cut(asked.chords, spans))
    asks_chords = chord_overlap(chords, (), root_alone=asked.root_alone) is not None
    onsets = _within(strokes(np.array(asked.onsets, dtype=np.float64)), spans)
    if not asks_chords and not len(onsets):
        return Judgement(None, None)
    start = max(0.0, spans[0][0] - _MARGIN_SECONDS)
    waveform = _excerpt(clip, start, spans[-1][1] + _MARGIN_SECONDS, ears.rate)
    if not len(waveform) or float(np.sqrt(np.mean(np.square(waveform)))) < _SILENT_RMS:
        return Judgement(0.0 if asks_chords else None, 0.0 if len(onsets) else None)
    # Drums alone need no network.
    heard = ears.hear(waveform) if asks_chords or not asked.has_drums else None
    found = _chords(heard, asked.beats, start, len(waveform) / ears.rate) if heard and asks_chords else ()
    struck = _attacks(heard) if heard and not asked.has_drums else onset_seconds(waveform[None], ears.rate)
    near = [(first - _WINDOW_SECONDS, last + _WINDOW_SECONDS) for first, last in spans]
    return Judgement(
        chord_overlap(chords, found, root_alone=asked.root_alone),
        f_measure(_within(struck + start, near), onsets, _WINDOW_SECONDS) if len(onsets) else None,
    )


def chord_overlap(
    asked: Iterable[TimedChord], heard: Sequence[HeardChord], *, root_alone: bool = False
) -> float | None:
    """The share of the asked time in which the asked chord is heard; None for no time."""
    total = right = 0.0
    for chord in asked:
        label = _label(chord_class(chord.chord), root_alone=root_alone)
        if label is None:
            continue
        total += chord.end_seconds - chord.start_seconds
        right += sum(
            max(0.0, min(chord.end_seconds, one.end_seconds) - max(chord.start_seconds, one.start_seconds))
            for one in heard
            if _label(one.chord, root_alone=root_alone) == label
        )
    return min(1.0, right / total) if total > 0 else None


def _label(chord: int, *, root_alone: bool) -> int | None:
    """A class of chords as no chord, major or minor; None if it is neither. With `root_alone` by its root."""
    if chord == 0:
        return 0
    quality, root = divmod(chord - 1, 12)
    if root_alone or QUALITIES[quality] in _MAJOR:
        return 1 + root
    return 13 + root if QUALITIES[quality] in _MINOR else None


def _inside(spans: Iterable[Span], seconds: float) -> Iterator[Span]:
    """The spans inside the file, as far as they are heard."""
    last = None
    for start, end in spans:
        last = start + LONGEST_SECONDS if last is None else last
        if min(end, seconds, last) > max(start, 0.0):
            yield max(start, 0.0), min(end, seconds, last)


def _cut(chords: Iterable[TimedChord], spans: Sequence[Span]) -> Iterator[TimedChord]:
    """What of each chord lies in the spans."""
    for chord in chords:
        for first, last in spans:
            start, end = max(chord.start_seconds, first), min(chord.end_seconds, last)
            if end - start > 1e-6:
                yield replace(chord, start_seconds=start, end_seconds=end)


def _within(seconds: NDArray[np.float64], spans: Iterable[Span]) -> NDArray[np.float64]:
    """The times in the spans."""
    inside = np.zeros(len(seconds), np.bool_)
    for start, end in spans:
        inside |= (seconds >= start - 1e-6) & (seconds < end - 1e-6)
    return seconds[inside]


def _excerpt(clip: Clip, start: float, end: float, rate: int) -> NDArray[np.float32]:
    """Mono audio (L,) at `rate`."""
    cut = clip.audio[:, round(start * clip.rate) : round(end * clip.rate)]
    mono = np.nan_to_num(cut, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=0, dtype=np.float32)
    excerpt: NDArray[np.float32] = Clip(mono[None], clip.rate).at(rate)[0]
    return excerpt


def _chords(
    heard: Activations, beats: Sequence[Beat], start: float, seconds: float
) -> tuple[HeardChord, ...]:
    """The chords in an excerpt of `seconds` from `start` on, on known beats, in seconds of the file."""
    grid = None
    if beats:
        places: list[int] = []
        for beat in beats:
            places.append(0 if beat.starts_bar or not places else places[-1] + 1)
        grid = BarBeats(seconds=np.array([beat.seconds - start for beat in beats]), places=np.array(places))
    found = decode_chords(heard.chord, heard.bass, heard.slow_frames_per_second, grid, seconds)
    return tuple(
        replace(one, start_seconds=one.start_seconds + start, end_seconds=one.end_seconds + start)
        for one in found
    )


def _attacks(heard: Activations) -> NDArray[np.float64]:
    """The times at which any note is likeliest to begin, in seconds of an excerpt."""
    highest = np.pad(heard.onset.max(axis=0), 1, constant_values=-np.inf)
    inside = highest[1:-1]
    is_peak = (inside > highest[:-2]) & (inside >= highest[2:])
    is_likely = inside > np.log(_LEAST_CHANCE / (1 - _LEAST_CHANCE))
    return strokes(np.flatnonzero(is_peak & is_likely) / heard.frames_per_second)
