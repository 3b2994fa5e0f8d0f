"""Chords and keys from what a network says."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.listening.config import METERS
from msanii.listening.decoding.beats import Grid
from msanii.listening.decoding.chords import bar_meter, bar_spans, decode_chords
from msanii.listening.decoding.key import decode_key
from msanii.music.chord_classes import CHORD_CLASSES, KEYS, chord_class
from msanii.music.chord_texts import bar_texts
from msanii.music.chords import parse_chord

SLOW = 44_100 / 4096
Floats = np.ndarray


def grid_of(bpm: float, bars: int, first: float = 0.0) -> Grid:
    beats = 4 * bars + 1
    return Grid(
        seconds=first + np.arange(beats) * 60 / bpm, places=np.arange(beats) % 4, meter=METERS[0], bpm=bpm,
        certainty=1.0, steadiness=1.0,
    )  # fmt: skip


def said(spans: list[tuple[float, float, str]], seconds: float, chance: float = 0.8) -> tuple[Floats, Floats]:
    """Log probabilities of chords and basses where each span's chord has `chance`, others share the rest."""
    frames = int(seconds * SLOW) + 1
    chord = np.full((frames, CHORD_CLASSES), (1 - chance) / (CHORD_CLASSES - 1))
    bass = np.full((frames, 13), (1 - chance) / 12)
    for start, end, text in spans:
        inside = slice(round(start * SLOW), round(end * SLOW))
        wanted = parse_chord(text)
        chord[inside, chord_class(wanted)] = chance
        bass[inside, 0 if wanted.bass is None else 1 + wanted.bass] = chance
    return np.log(chord).astype(np.float32), np.log(bass).astype(np.float32)


def test_chords_change_on_the_beats_though_the_network_is_late() -> None:
    grid = grid_of(120, 4)
    heard = [(0, 2.1, "Am"), (2.1, 3.9, "F/A"), (3.9, 6.05, "C"), (6.05, 8.0, "G7")]
    found = decode_chords(*said(heard, 8.0), SLOW, grid, 8.0)
    key = KEYS.index("A minor")
    assert [one.named(key).text for one in found] == ["Am", "F/A", "C", "G7"]
    assert [one.start_seconds for one in found] == pytest.approx([0, 2, 4, 6])
    texts = bar_texts(bar_spans(found, grid, key, 4), bar_meter(grid), 4)
    assert texts == ["Am", "F/A", "C", "G7"]


def test_a_moment_of_another_chord_is_no_change() -> None:
    heard = [(0, 1.2, "Am"), (1.2, 1.4, "Dm"), (1.4, 4.0, "Am")]
    found = decode_chords(*said(heard, 4.0, 0.5), SLOW, grid_of(120, 2), 4.0)
    assert [one.named(None).text for one in found] == ["Am"]


def test_without_beats_chords_are_heard_all_the_same() -> None:
    found = decode_chords(*said([(0, 3, "Em"), (3, 6, "D")], 6.0), SLOW, None, 6.0)
    assert [one.named(None).text for one in found] == ["Em", "D"]
    assert found[1].start_seconds == pytest.approx(3.0, abs=0.3)
    assert found[0].start_seconds == 0
    assert found[-1].end_seconds == 6.0


def test_a_pickup_before_the_first_bar_is_no_bar() -> None:
    grid = grid_of(120, 2, first=1.0)
    found = decode_chords(*said([(0, 1, "G"), (1, 3, "C"), (3, 5, "F")], 5.0), SLOW, grid, 5.0)
    texts = bar_texts(bar_spans(found, grid, None, 2), bar_meter(grid), 2)
    assert texts == ["C", "F"]


@pytest.mark.parametrize(("progression", "key"), [("C G Am F", "C major"), ("Am Dm E Am", "A minor")])
def test_chords_tell_the_key(progression: str, key: str) -> None:
    spans = [(2.0 * place, 2.0 * place + 2, text) for place, text in enumerate(progression.split())]
    found = decode_chords(*said(spans, 8.0), SLOW, grid_of(120, 4), 8.0)
    index, chance = decode_key(found)
    assert index is not None
    assert KEYS[index] == key
    assert 0.2 <= chance <= 1


def test_without_chords_there_is_no_key() -> None:
    found = decode_chords(*said([(0, 8, "N.C.")], 8.0), SLOW, grid_of(120, 4), 8.0)
    assert decode_key(found)[0] is None
