"""MIDI files as other programs write them: what no standard allows, and what every player reads."""

from __future__ import annotations

import pytest

from msanii.errors import ScoreError
from msanii.music.midi_file import MOST_EVENTS, read_midi
from msanii.music.note_files import LARGEST_BYTES, parse_notes

HEAD = bytes.fromhex("4d54686400000006000100010 1e0".replace(" ", ""))
END = b"\x00\xff\x2f\x00"
# Four quarter notes, one after the other.
FOUR = b"".join(bytes((0, 0x90, pitch, 90, 0x83, 0x60, 0x80, pitch, 0)) for pitch in (60, 64, 67, 72))
NOTES = ((0.0, 1.0, 60, 90), (1.0, 2.0, 64, 90), (2.0, 3.0, 67, 90), (3.0, 4.0, 72, 90))


def track(body: bytes, *, wrong_by: int = 0) -> bytes:
    return b"MTrk" + (len(body) + wrong_by).to_bytes(4) + body


def meta(kind: int, data: bytes) -> bytes:
    return bytes((0, 0xFF, kind, len(data))) + data


FOREIGN = b"XFIH" + (6).to_bytes(4) + b"yamaha"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + track(FOUR + END),
        HEAD + track(meta(0x59, b"\x08\x00") + FOUR + END),
        HEAD + track(FOUR + END, wrong_by=7),
        HEAD + track(FOUR + END, wrong_by=-5),
        HEAD + track(FOUR + END, wrong_by=3) + track(END),
        HEAD + FOREIGN + track(FOUR + END),
        HEAD + track(FOUR + END) + FOREIGN,
        b"\xef\xbb\xbf" + HEAD + track(FOUR + END),
        HEAD[:7] + b"\x08" + HEAD[8:] + b"\x00\x00" + track(FOUR + END),
        HEAD + track(FOUR),
        HEAD + track(meta(0x7F, b"anything") + b"\x00\xf8\x00\xf2\x01\x01" + FOUR + END),
    ],
    ids=[
        "plain", "a key of eight sharps", "a length too long", "a length too short", "a wrong length first",
        "a foreign chunk first", "a foreign chunk last", "a byte order mark", "a longer header",
        "no end mark", "foreign events",
    ],
)  # fmt: skip
def test_what_every_player_reads_is_read(data: bytes) -> None:
    assert parse_notes(data, "x.mid").notes == NOTES


def test_running_status_goes_on_after_a_system_exclusive_message() -> None:
    body = b"\x00\x90\x3c\x5a\x60\xf0\x05\x7e\x7f\x09\x01\xf7\x60\x40\x5a\x83\x60\x3c\x00\x00\x40\x00"
    pitches = [note[2] for note in parse_notes(HEAD + track(body + END), "x").notes]
    assert pitches == [60, 64]


@pytest.mark.parametrize(("data", "shown"), [(b"\x00\x02\x18\x08", "0/4"), (b"\x04\x21\x18\x08", "4/2^33")])
def test_a_meter_that_is_none_is_kept_as_words(data: bytes, shown: str) -> None:
    clip = parse_notes(HEAD + track(meta(0x58, data) + FOUR + END), "x")
    assert (clip.numerator, clip.denominator, clip.no_meter) == (None, None, shown)


def test_no_tempo_is_claimed_that_the_file_does_not_say() -> None:
    assert parse_notes(HEAD + track(FOUR + END), "x").bpm is None
    changing = meta(0x51, b"\x07\xa1\x20") + FOUR + meta(0x51, b"\x09\x27\xc0") + END
    clip = parse_notes(HEAD + track(changing), "x")
    assert (clip.bpm, clip.tempo_changes) == (120.0, 1)


def test_a_short_first_bar_is_a_pickup_and_its_notes_lead_to_a_bar_line() -> None:
    meters = meta(0x58, b"\x01\x02\x18\x08") + b"\x83\x60" + meta(0x58, b"\x03\x02\x18\x08")[1:]
    clip = parse_notes(HEAD + track(meters + END) + track(FOUR + END), "x")
    assert (clip.numerator, clip.denominator, clip.pickup_beats) == (3, 4, 1.0)
    whole = clip.from_beats(None)
    assert [note[0] for note in whole.notes] == [2.0, 3.0, 4.0, 5.0]
    assert whole.bars(3, 4) == 2
    from_bar_one = clip.from_beats(1)
    assert [note[0] for note in from_bar_one.notes] == [0.0, 1.0, 2.0]
    assert from_bar_one.bars(3, 4) == 1
    with pytest.raises(ScoreError, match="no notes begin after 9 quarter notes"):
        clip.from_beats(9)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff" * 900_000,
        b"\x00\x90\x3c\x5a" + b"\xff" * 900_000,
        b"\x00\x3c\x5a",
        b"\x00\x90\x3c",
        b"\x00\xff",
    ],
)
def test_a_track_that_is_none_is_refused_at_once(body: bytes) -> None:
    with pytest.raises(ScoreError, match="notes `x`: a damaged MIDI file; export it again"):
        parse_notes(HEAD + track(body), "x")


def test_a_tracks_name_is_its_first_and_bounded() -> None:
    data = HEAD + track(meta(0x03, b"Bass") + meta(0x03, b"x" * 60) * 9_000 + FOUR + END)
    clip = parse_notes(data, "x")
    assert list(clip.parts) == ["bass"]
    assert len(read_midi(data).tracks[0].name) < 200


def test_events_are_bounded() -> None:
    body = b"\x00\xe0\x00\x40" + b"\x00\x00\x40" * MOST_EVENTS
    data = HEAD + track(body[: LARGEST_BYTES - 100] + END)
    with pytest.raises(ScoreError, match=f"more than {MOST_EVENTS} events"):
        read_midi(data)
    two = track(body[: len(body) // 2 // 3 * 3 + 1] + END)
    with pytest.raises(ScoreError, match="events"):
        read_midi(HEAD + two + two)
