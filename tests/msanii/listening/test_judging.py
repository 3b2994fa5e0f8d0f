"""Asked chords and onsets against heard ones: by the listener that ships, on music of which all is known."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import mir_eval
import numpy as np
import pytest
from numpy.typing import NDArray

from msanii.listening.activations import Ears
from msanii.listening.decoding.chords import HeardChord
from msanii.listening.judging import Asked, Judgement, chord_overlap, judge
from msanii.listening.weights import load_listener
from msanii.music.chord_classes import CHORD_CLASSES, class_chord
from msanii.music.score import TimedChord, make_score
from msanii.signal.audio_files import Clip
from tests.msanii.listening.electronic_loops import RATE
from tests.msanii.listening.measure import harte

Audio = NDArray[np.float32]
BPM, CHORDS = 120.0, "Am F C G"
# Chords of CHORDS, struck on these eighths of each bar.
PITCHES = ((57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62))
EIGHTHS = (0, 3, 4, 6, 7)


@pytest.fixture(scope="module")
def ears() -> Ears:
    return Ears(load_listener())


def played(bars: int, chords: Sequence[Sequence[int]] = PITCHES) -> tuple[Clip, list[float]]:
    """Plucked chords of eight harmonics, and their onsets in seconds."""
    audio = np.zeros(round(bars * 240 / BPM * RATE))
    onsets = [bar * 240 / BPM + place * 30 / BPM for bar in range(bars) for place in EIGHTHS]
    ringing = np.arange(round(0.2 * RATE)) / RATE
    for number, onset in enumerate(onsets):
        first = round(onset * RATE)
        for pitch in chords[number // len(EIGHTHS) % len(chords)]:
            hertz = 440 * 2 ** ((pitch - 69) / 12)
            note = sum(np.sin(2 * np.pi * hertz * k * ringing) / k**1.5 for k in range(1, 9))
            note = note * np.exp(-6 * ringing) * np.minimum(1, ringing / 0.003)
            end = min(first + len(note), len(audio))
            audio[first:end] += 0.08 * note[: end - first]
    return Clip(np.stack([audio, audio]).astype(np.float32), RATE), onsets


def strokes(onsets: Sequence[float], samples: int) -> Audio:
    """Short bursts of noise."""
    random = np.random.default_rng(1)
    audio = np.zeros(samples)
    fading = np.exp(-np.arange(round(0.06 * RATE)) / (0.012 * RATE))
    for onset in onsets:
        heard = audio[round(onset * RATE) :][: len(fading)]
        heard += 0.3 * random.standard_normal(len(heard)) * fading[: len(heard)]
    return audio.astype(np.float32)


def asked(bars: float, onsets: Sequence[float] = (), chords: str = CHORDS, part: str = "keys") -> Asked:
    return Asked.by(make_score(bars=bars, bpm=BPM, chords=chords, part=part), (part,), onsets)


def test_music_that_plays_what_was_asked_is_told_from_other_music(ears: Ears) -> None:
    clip, onsets = played(4)
    right = judge(ears, clip, asked(4, onsets))
    beside = judge(ears, clip, asked(4, [onset + 15 / BPM for onset in onsets], chords="Ebm B Gb Db"))
    assert right.chords is not None
    assert right.onsets is not None
    assert right.chords > 0.9
    assert right.onsets > 0.65
    assert beside.chords == pytest.approx(0.0, abs=0.05)
    assert beside.onsets == pytest.approx(0.0, abs=0.3)


def test_a_half_that_is_wrong_costs_half_of_the_chords(ears: Ears) -> None:
    others = (tuple(pitch + 6 for pitch in chord) for chord in PITCHES[2:])
    clip, onsets = played(4, (*PITCHES[:2], *others))
    judged = judge(ears, clip, asked(4, onsets))
    assert judged.chords == pytest.approx(0.5, abs=0.1)
    assert judged.onsets is not None
    assert judged.onsets > 0.65
    # Where only the first half is new, it alone counts.
    new = replace(asked(4, onsets), spans=((0.0, 4.0),))
    assert judge(ears, clip, new).chords == pytest.approx(1.0, abs=0.1)


def test_drums_are_heard_by_their_strokes_alone_and_in_a_mix(ears: Ears) -> None:
    clip, _ = played(4)
    eighths = [place * 30 / BPM for place in range(32)]
    drums = strokes(eighths, clip.samples)
    score = make_score(bars=4, bpm=BPM, chords=CHORDS, part="mix")
    alone = judge(ears, Clip(drums[None], RATE), Asked.by(score, ("drums",), eighths))
    assert alone.chords is None
    assert alone.onsets is not None
    assert alone.onsets > 0.9
    mixed = judge(ears, Clip(clip.audio + drums, RATE), Asked.by(score, ("keys", "drums"), eighths))
    assert mixed.chords is not None
    assert mixed.onsets is not None
    assert mixed.chords > 0.9
    assert mixed.onsets > 0.9


def test_where_nothing_was_asked_nothing_is_known(ears: Ears) -> None:
    clip, onsets = played(2)
    assert judge(ears, clip, asked(2, chords="")) == Judgement(None, None)
    assert judge(ears, clip, asked(2, onsets, chords="")).chords is None
    assert judge(ears, clip, asked(2)).onsets is None
    # Chords that are neither major nor minor do not count.
    assert judge(ears, clip, asked(2, chords="Asus4 Bdim")) == Judgement(None, None)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
@pytest.mark.parametrize("part", ["keys", "drums"])
def test_silence_and_samples_that_are_no_numbers_play_nothing(ears: Ears, value: float, part: str) -> None:
    audio = np.full((2, 2 * RATE), value, np.float32)
    judged = judge(ears, Clip(audio, RATE), asked(1, [0.0, 0.5], part=part))
    assert judged == Judgement(None if part == "drums" else 0.0, 0.0)


@pytest.mark.parametrize("samples", [0, 1, 500, 9000])
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_very_short_takes_are_heard(ears: Ears, samples: int, rate: int) -> None:
    audio = np.random.default_rng(1).normal(0, 0.1, (1, samples)).astype(np.float32)
    judged = judge(ears, Clip(audio, rate), asked(1, [0.0]))
    assert all(value is None or 0 <= value <= 1 for value in (judged.chords, judged.onsets))


def test_of_a_long_take_the_beginning_counts(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msanii.listening.judging.LONGEST_SECONDS", 4.0)
    clip, onsets = played(2)
    rest = np.zeros((2, 6 * clip.samples), np.float32)
    whole = Clip(np.concatenate([clip.audio, rest], axis=1), RATE)
    every = [onset + turn * clip.seconds for turn in range(7) for onset in onsets]
    first, judged = judge(ears, clip, asked(2, onsets)), judge(ears, whole, asked(14, every))
    assert judged.chords == pytest.approx(first.chords, abs=0.1)
    assert judged.onsets == pytest.approx(first.onsets, abs=0.15)


def test_a_bass_is_heard_by_its_roots() -> None:
    chord = class_chord(1 + 12 + 9)  # Am
    major = HeardChord(start_seconds=0.0, end_seconds=2.0, chord=1 + 9, bass=9)
    timed = TimedChord(start_seconds=0.0, end_seconds=2.0, chord=chord)
    assert chord_overlap([timed], [major]) == 0.0
    assert chord_overlap([timed], [major], root_alone=True) == 1.0
    assert asked(1, part="bass").root_alone
    assert not asked(1).root_alone


@pytest.mark.parametrize("seed", range(8))
def test_the_overlap_is_that_of_mir_eval(seed: int) -> None:
    random = np.random.default_rng(seed)

    def spans() -> list[tuple[float, float, int]]:
        edges = np.concatenate([[0], np.sort(random.uniform(0, 10, 11)), [10]]).round(3)
        # Two roots, and major and minor more often than all else, so that some are right.
        qualities = random.integers(0, (CHORD_CLASSES - 1) // 12, 12) * random.integers(0, 2, 12)
        classes = 1 + 12 * qualities + random.integers(0, 2, 12)
        classes[random.integers(0, 12)] = 0
        rows = zip(itertools.pairwise(edges.tolist()), classes.tolist(), strict=True)
        return [(start, end, chord) for (start, end), chord in rows if end > start]

    true, said = spans(), spans()
    scores = mir_eval.chord.evaluate(
        *(
            part
            for rows in (true, said)
            for part in (np.array([row[:2] for row in rows]), [harte(row[2]) for row in rows])
        )
    )
    overlap = chord_overlap(
        [TimedChord(start_seconds=a, end_seconds=b, chord=class_chord(chord)) for a, b, chord in true],
        [HeardChord(start_seconds=a, end_seconds=b, chord=chord, bass=None) for a, b, chord in said],
    )
    assert overlap == pytest.approx(scores["majmin"], abs=1e-6)
    assert 0 < float(overlap or 0) < 1
