"""The calibration: what it plays, and that its file says the same."""

from __future__ import annotations

from collections import defaultdict

import pytest

from msanii.errors import ScoreError
from msanii.music.midi_file import NOTE_ON, PROGRAM, read_midi
from msanii.music.note_files import parse_notes
from msanii.teaching.calibration import (
    BEATS,
    BPM,
    Calibration,
    KeyRange,
    kit_calibration,
    pitched_calibration,
    read_range,
    to_midi,
)

USUAL = pitched_calibration(read_range("C2-C6"))
KIT = kit_calibration()


@pytest.mark.parametrize("calibration", [USUAL, KIT, pitched_calibration(read_range("A0-C8"))])
def test_the_file_lasts_five_minutes_and_reads_back_as_it_was_written(calibration: Calibration) -> None:
    clip = parse_notes(to_midi(calibration), "calibration.mid")
    assert (clip.length_beats, clip.bpm, clip.tempo_changes) == (BEATS, BPM, 0)
    assert len(clip.notes) == len(calibration.notes)
    for read, written in zip(clip.notes, calibration.notes, strict=True):
        assert read == pytest.approx(written, abs=1e-3)


def test_the_file_is_always_the_same() -> None:
    assert to_midi(pitched_calibration(read_range("C2-C6"))) == to_midi(USUAL)


def test_the_file_has_format_1_and_leaves_the_instrument_on_its_program() -> None:
    file = read_midi(to_midi(USUAL))
    assert (file.kind, len(file.tracks)) == (1, 2)
    assert not any(event.kind == PROGRAM for track in file.tracks for event in track.events)
    assert {event.channel for event in file.tracks[1].events if event.kind == NOTE_ON} == {0}


def test_every_key_of_the_range_is_played_and_no_other() -> None:
    for keys in (read_range("C2-C6"), read_range("E1-G3")):
        pitches = {note[2] for note in pitched_calibration(keys).notes}
        assert pitches == set(range(keys.low, keys.high + 1))


def test_loud_and_soft_long_and_short_alone_and_in_chords() -> None:
    notes = USUAL.notes
    assert min(note[3] for note in notes) <= 40
    assert max(note[3] for note in notes) == 127
    lengths = [note[1] - note[0] for note in notes]
    assert min(lengths) <= 0.25
    assert max(lengths) >= 3.0
    assert max(sum(other[0] == note[0] for other in notes) for note in notes) >= 4
    assert [name for _, name in USUAL.sections] == [
        "lead-in", "single notes", "long notes", "chords", "legato", "staccato", "phrases",
    ]  # fmt: skip


@pytest.mark.parametrize("calibration", [USUAL, KIT])
def test_a_key_is_never_struck_while_it_is_held(calibration: Calibration) -> None:
    ends: dict[int, float] = defaultdict(float)
    for onset, end, pitch, _ in calibration.notes:
        assert onset >= ends[pitch] - 1e-9
        ends[pitch] = end
    assert max(ends.values()) < BEATS


def test_the_kit_is_on_channel_10() -> None:
    file = read_midi(to_midi(KIT))
    assert {event.channel for event in file.tracks[1].events} == {9}
    assert tuple(parse_notes(to_midi(KIT), "kit.mid").parts) == ("drums",)


def test_ranges_are_read_as_notes() -> None:
    assert read_range("C2-C6") == KeyRange(36, 84)
    assert read_range(" bb1 - F#5 ") == KeyRange(34, 78)


@pytest.mark.parametrize("text", ["", "C2", "C6-C2", "C4-D4", "H2-C6", "C0-C9", "36-84", "C2-C6-C8"])
def test_other_ranges_are_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="range: got"):
        read_range(text)
