"""Notes from files: standard MIDI files, JSON, and damaged or foreign data."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.errors import ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.note_clip import merged
from msanii.music.note_files import LARGEST_BYTES, parse_notes, read_notes, score_notes

ON, OFF = "note_on", "note_off"


def midi(*tracks: list[Any], kind: int = 1, ticks: int = 480) -> bytes:
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    written = io.BytesIO()
    file.save(file=written)
    return written.getvalue()


def note(pitch: int, beats: float = 1.0, *, after: float = 0.0, channel: int = 0) -> list[Any]:
    return [
        mido.Message(ON, note=pitch, velocity=90, channel=channel, time=round(after * 480)),
        mido.Message(OFF, note=pitch, channel=channel, time=round(beats * 480)),
    ]


def complaint(data: bytes, name: str = "mine.mid") -> str:
    with pytest.raises(ScoreError, match=f"notes `{name}") as raised:
        parse_notes(data, name)
    return str(raised.value)


def test_notes_tempo_and_meter_of_a_file_with_two_tracks() -> None:
    head = [
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(97.3)),
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(60), time=960),
    ]
    clip = parse_notes(midi(head, [*note(60, 2), *note(64, 0.5, after=1)]), "x.mid")
    assert clip.notes == ((0.0, 2.0, 60, 90), (3.0, 3.5, 64, 90))
    assert (clip.bpm, clip.numerator, clip.denominator) == (97.3, 3, 4)
    assert clip.bars(3, 4) == 2


def test_a_file_that_says_neither_tempo_nor_meter_leaves_them_open() -> None:
    clip = parse_notes(midi(note(60), kind=0), "x.mid")
    assert (clip.bpm, clip.numerator, clip.denominator) == (None, None, None)


def test_a_note_on_without_velocity_is_an_end_and_a_note_without_end_lasts() -> None:
    track = [
        mido.Message(ON, note=60, velocity=80), mido.Message(ON, note=60, velocity=0, time=480),
        mido.Message(ON, note=62, velocity=70), mido.MetaMessage("end_of_track", time=960),
    ]  # fmt: skip
    assert parse_notes(midi(track), "x").notes == ((0.0, 1.0, 60, 80), (1.0, 3.0, 62, 70))


def test_the_same_note_struck_twice_ends_twice() -> None:
    track = [
        mido.Message(ON, note=60, velocity=80), mido.Message(ON, note=60, velocity=70, time=480),
        mido.Message(OFF, note=60, time=480), mido.Message(OFF, note=60, time=480),
    ]  # fmt: skip
    assert parse_notes(midi(track), "x").notes == ((0.0, 2.0, 60, 80), (1.0, 3.0, 60, 70))


def test_drums_are_a_part_of_their_own() -> None:
    clip = parse_notes(midi(note(60), note(36, channel=9)), "x")
    assert [row[2] for row in clip.notes] == [60]
    assert [row[2] for row in clip.of_part("drums").notes] == [36]
    assert clip.lone_part == ""
    alone = parse_notes(midi(note(36, channel=9)), "x")
    assert [row[2] for row in alone.notes] == [36]
    assert alone.lone_part == "drums"


def test_seconds_follow_the_tempo_asked_for() -> None:
    clip = parse_notes(midi([*note(60, 2), *note(62, 1)]), "x")
    timed = [(one.onset_seconds, one.end_seconds) for one in score_notes(clip.notes, 60)]
    assert timed == [(0.0, 2.0), (2.0, 3.0)]


def test_a_last_note_just_over_the_bar_line_needs_no_other_bar() -> None:
    assert parse_notes(midi(note(60, 4.002)), "x").bars(4, 4) == 1
    assert parse_notes(midi(note(60, 4.25)), "x").bars(4, 4) == 1
    assert parse_notes(midi(note(60, 4.5)), "x").bars(4, 4) == 2
    assert parse_notes(midi([*note(60, 4), *note(62, 0.125)]), "x").bars(4, 4) == 2


def test_the_end_mark_counts_a_last_bar_of_rest() -> None:
    rest = mido.MetaMessage("end_of_track", time=4 * 480)
    clip = parse_notes(midi([*note(60, 12), rest]), "x")
    assert (clip.length_beats, clip.bars(4, 4)) == (16.0, 4)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither a MIDI file nor JSON"),
        (b"hello", "neither a MIDI file nor JSON"),
        (b"MThd", "damaged"),
        (midi(note(60))[:-9], "damaged"),
        (midi(note(60), kind=2), "format 2"),
        (midi([mido.MetaMessage("track_name", name="x")]), "holds no notes"),
        (b"MThd" + bytes(9), "damaged"),
        (b"RIFF" + bytes(20), "RIFF"),
        (b"x" * (LARGEST_BYTES + 1), "more than"),
        (midi(note(60))[:12] + bytes((0xE7, 40)) + midi(note(60))[14:], "SMPTE"),
        (midi(note(60))[:12] + bytes((0, 0)) + midi(note(60))[14:], "damaged"),
        (midi([one for n in range(MOST_NOTES + 1) for one in note(60, 0.01)]), f"at most {MOST_NOTES}"),
        (midi(note(60, after=30_000)), "quarter notes long"),
    ],
)
def test_errors_name_what_is_wrong_with_a_file(data: bytes, words: str) -> None:
    assert words in complaint(data)


def test_json_as_a_live_device_writes_it() -> None:
    notes = [
        {"pitch": 64, "start_beats": 1, "duration_beats": 0.5, "velocity": 99.6},
        {"pitch": 60, "start_beats": 0},
    ]
    text = json.dumps({"notes": notes, "bpm": 97.3, "numerator": 3, "denominator": 4, "length_beats": 12})
    clip = parse_notes(text.encode(), "x.json")
    assert clip.notes == ((0.0, 1.0, 60, 80), (1.0, 1.5, 64, 100))
    assert (clip.bpm, clip.numerator, clip.bars(3, 4)) == (97.3, 3, 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "expected"),
        ({}, "expected"),
        ({"notes": 5}, "expected"),
        ({"notes": []}, "holds no notes"),
        ({"notes": [5]}, "note 1"),
        ({"notes": [{"pitch": 60}]}, "note 1"),
        ({"notes": [{"pitch": 128, "start_beats": 0}]}, "`pitch` is 128"),
        ({"notes": [{"pitch": True, "start_beats": 0}]}, "`pitch` is True"),
        ({"notes": [{"pitch": 60, "start_beats": -1}]}, "`start_beats` is -1"),
        ({"notes": [{"pitch": 60, "start_beats": float("nan")}]}, "`start_beats` is nan"),
        ({"notes": [{"pitch": 60, "start_beats": 0, "colour": 1}]}, "expected an object of"),
        ({"notes": [], "tempo": 5}, "`tempo` is not known"),
        ({"notes": [{"pitch": 60, "start_beats": 0}], "bpm": "fast"}, "`bpm`"),
    ],
)
def test_errors_name_what_is_wrong_with_json(content: object, words: str) -> None:
    assert words in complaint(json.dumps(content).encode(), "x.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match=r"nowhere\.mid.*cannot be read"):
        read_notes(tmp_path / "nowhere.mid")


WHOLE = midi([mido.MetaMessage("set_tempo", tempo=500_000), *note(60), *note(64, after=1)])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6),
       st.integers(0, len(WHOLE)))  # fmt: skip
def test_a_damaged_file_is_read_or_refused(changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(WHOLE)
    for place, value in changes:
        data[place] = value
    try:
        clip = parse_notes(bytes(data[:length]), "x")
    except ScoreError:
        return
    assert all(0 <= onset <= end and 0 <= pitch <= 127 for onset, end, pitch, _ in clip.notes)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for head in (b"", b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk"):
        with suppress(ScoreError):
            assert parse_notes(head + data, "x").notes


def test_files_that_play_together_are_one_clip() -> None:
    keys = parse_notes(_json([(0, 60), (4, 64)], bpm=100.0, part="keys"), "keys.json")
    more = parse_notes(_json([(0, 48)], length=12, part="keys"), "more.json")
    drums = parse_notes(_json([(1, 36)], meter=(4, 4), part="drums"), "drums.json")
    clip = merged([keys, more, drums])
    assert list(clip.parts) == ["keys", "keys_2", "drums"]
    assert [note[2] for note in clip.notes] == [48, 60, 64]
    assert (clip.bpm, clip.numerator, clip.denominator, clip.length_beats) == (100.0, 4, 4, 12.0)
    assert clip.name == "keys.json, more.json, drums.json"
    with pytest.raises(ScoreError, match="plays drums already; ask for another part, such as lead"):
        clip.require_free("drums")
    clip.require_free("bass")


def test_notes_without_a_part_play_what_they_suggest() -> None:
    low = parse_notes(_json([(0, 36), (1, 38)]), "line.json")
    assert list(merged([low]).parts) == ["bass"]


def test_files_of_different_meters_and_no_files_are_refused() -> None:
    four, three = (
        parse_notes(_json([(0, 60)], meter=meter, part="keys"), "a.json") for meter in ((4, 4), (3, 4))
    )
    with pytest.raises(ScoreError, match=r"their meters differ .*; send files of one meter"):
        merged([four, three])
    with pytest.raises(ScoreError, match="got no files"):
        merged([])


def _json(
    notes: list[tuple[float, int]],
    *,
    bpm: float | None = None,
    meter: tuple[int, int] | None = None,
    length: float | None = None,
    part: str = "",
) -> bytes:
    content: dict[str, object] = {
        "notes": [
            {"pitch": pitch, "start_beats": start} | ({"part": part} if part else {})
            for start, pitch in notes
        ]
    }
    if bpm is not None:
        content["bpm"] = bpm
    if meter is not None:
        content["numerator"], content["denominator"] = meter
    if length is not None:
        content["length_beats"] = length
    return json.dumps(content).encode()
