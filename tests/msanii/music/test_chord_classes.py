"""Chords as a listener tells them apart."""

from __future__ import annotations

import pytest

from msanii.music.chord_classes import CHORD_CLASSES, KEYS, QUALITIES, chord_class, class_chord
from msanii.music.chords import parse_chord
from msanii.music.degrees import parse_key
from msanii.music.families import FAMILIES, FAMILY_OF


def test_every_class_is_a_chord_that_goes_back_to_it() -> None:
    for key in (None, *range(len(KEYS))):
        assert [chord_class(class_chord(index, key)) for index in range(CHORD_CLASSES)] == list(
            range(CHORD_CLASSES)
        )


@pytest.mark.parametrize(
    ("text", "reduced"),
    [
        ("C13", "C7"), ("Fm6", "Fm"), ("Bdim7", "Bdim"), ("Ebadd9", "Eb"), ("G9sus4", "G7sus4"), ("A5", "A"),
        ("Dm9", "Dm7"), ("Caug7", "Caug"), ("F6", "F"), ("C/E", "C"), ("C/Bb", "C"), ("Am/G", "Am"),
        ("Dm11", "Dm7"), ("N.C.", "N.C."), ("Gmmaj7", "Gm"),
    ],
)  # fmt: skip
def test_richer_chords_are_reduced(text: str, reduced: str) -> None:
    assert class_chord(chord_class(parse_chord(text))).text == reduced


def test_chords_are_spelled_in_their_key() -> None:
    def of(text: str) -> int:
        return chord_class(parse_chord(text))

    names = {key: class_chord(of("F#m"), KEYS.index(key)).text for key in ("E major", "Db major", "F# minor")}
    assert names == {"E major": "F#m", "Db major": "Gbm", "F# minor": "F#m"}
    assert class_chord(of("Bb"), KEYS.index("F major"), bass=2).text == "Bb/D"
    assert class_chord(of("Bb"), KEYS.index("F major"), bass=10).text == "Bb"


def test_every_key_can_be_read() -> None:
    for index, name in enumerate(KEYS):
        key = parse_key(name)
        assert key is not None
        assert key.tonic == index % 12
        assert key.scale is not None
        assert (3 in key.scale) == (index >= 12)


def test_every_sound_has_a_family() -> None:
    assert set(FAMILY_OF.values()) == set(FAMILIES)
    assert FAMILY_OF["808 kit"] == "drums"
    assert FAMILY_OF["808 bass"] == "bass"
    assert len(set(QUALITIES)) == len(QUALITIES)
