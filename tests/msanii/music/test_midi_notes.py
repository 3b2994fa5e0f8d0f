"""Notes of a MIDI file: the sustain pedal, notes without length, and which part a track plays."""

from __future__ import annotations

import pytest

from msanii.errors import ScoreError
from msanii.music.midi_file import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Event, MidiFile, Track
from msanii.music.midi_notes import SHORTEST_BEATS, notes_by_part, part_of
from msanii.music.note_clip import NoteClip

TICKS = 4


def file(*tracks: Track, kind: int = 1) -> MidiFile:
    return MidiFile(kind=kind, ticks_per_beat=TICKS, tracks=tracks)


def track(*events: tuple[float, int, int, int], name: str = "", channel: int = 0, beats: float = 8) -> Track:
    made = [Event(round(at * TICKS), kind, channel, (a, b)) for at, kind, a, b in events]
    return Track(name=name, events=made, end_tick=round(beats * TICKS))


def on(at: float, pitch: int = 60) -> tuple[float, int, int, int]:
    return at, NOTE_ON, pitch, 90


def off(at: float, pitch: int = 60) -> tuple[float, int, int, int]:
    return at, NOTE_OFF, pitch, 0


def pedal(at: float, value: int) -> tuple[float, int, int, int]:
    return at, CONTROL, 64, value


def spans(*events: tuple[float, int, int, int]) -> list[tuple[float, float]]:
    (notes,) = notes_by_part(file(track(*events))).values()
    return [(onset, end) for onset, end, _, _ in notes]


def test_the_pedal_holds_notes_until_it_goes_up() -> None:
    assert spans(pedal(0, 127), on(0), off(0.25), on(1, 64), off(1.25, 64), pedal(4, 0)) == [(0, 4), (1, 4)]


def test_a_key_that_is_down_as_the_pedal_goes_up_sounds_on() -> None:
    assert spans(pedal(0, 127), on(0), pedal(1, 0), off(2)) == [(0, 2)]


def test_the_pedal_is_down_from_64_on() -> None:
    assert spans(pedal(0, 63), on(0), off(1), pedal(4, 0)) == [(0, 1)]
    assert spans(pedal(0, 64), on(0), off(1), pedal(4, 63)) == [(0, 4)]


def test_a_note_struck_again_under_the_pedal_ends_the_one_before() -> None:
    assert spans(pedal(0, 127), on(0), off(0.5), on(1), off(1.5), pedal(4, 0)) == [(0, 1), (1, 4)]


def test_a_pedal_that_never_goes_up_holds_to_the_end_mark() -> None:
    assert spans(pedal(0, 127), on(0), off(1)) == [(0, 8)]


@pytest.mark.parametrize("control", [120, 121, 123])
def test_all_off_and_reset_end_what_the_pedal_holds(control: int) -> None:
    assert spans(pedal(0, 127), on(0), off(1), (2, CONTROL, control, 0)) == [(0, 2)]


def test_a_pedal_holds_both_hands_of_a_piano_but_not_another_part() -> None:
    right = track(pedal(0, 127), on(0, 72), off(1, 72), pedal(4, 0), name="Piano right")
    left = track(on(0, 48), off(1, 48), name="Piano left")
    bass = track(on(0, 36), off(1, 36), name="Bass")
    parts = notes_by_part(file(right, left, bass))
    assert [note[1] for note in parts["keys"]] == [4, 4]
    assert [note[1] for note in parts["bass"]] == [1]


def test_a_note_without_length_is_heard() -> None:
    assert spans(on(0), off(0), on(1), off(2)) == [(0, SHORTEST_BEATS), (1, 2)]


@pytest.mark.parametrize(
    ("name", "channel", "program", "part"),
    [
        ("anything", 9, None, "drums"),
        ("Drum Rack", 0, None, "drums"),
        ("Bass Drum", 0, None, "drums"),
        ("E-Bass", 0, None, "bass"),
        ("Slap Bass", 0, 0, "bass"),
        ("Bassoon", 0, 70, "lead"),
        ("Warm Pad", 0, None, "pad"),
        ("Strings", 0, 48, "pad"),
        ("Lead Vocal", 0, None, "lead"),
        ("Melody", 0, 0, "lead"),
        ("Rhodes", 0, None, "keys"),
        ("Rhythm Guitar", 0, 27, "keys"),
        ("3-Track", 0, 33, "bass"),
        ("", 0, 4, "keys"),
        ("", 0, 48, "pad"),
        ("", 0, 56, "lead"),
        ("", 0, 81, "lead"),
        ("", 0, 89, "pad"),
    ],
)
def test_the_part_of_a_track_by_channel_name_and_program(
    name: str, channel: int, program: int | None, part: str
) -> None:
    assert part_of(name, channel, program, [(0, 1, 60)]) == part


def test_the_part_of_a_track_without_a_name_by_what_it_plays() -> None:
    line = [(float(at), at + 1.0, 0) for at in range(8)]
    chords = [(at, end, pitch) for at, end, _ in line for pitch in (60, 64, 67)]
    held = [(at * 4, at * 4 + 4, pitch) for at, _, pitch in chords]
    assert part_of("", 0, None, [(at, end, 36) for at, end, _ in line]) == "bass"
    assert part_of("", 0, 0, [(at, end, 72) for at, end, _ in line]) == "lead"
    assert part_of("", 0, None, chords) == "keys"
    assert part_of("", 0, None, held) == "pad"
    assert part_of("", 0, None, []) == "keys"


def test_a_file_of_format_0_goes_by_channels_and_programs() -> None:
    song = Track(name="Bass Song", end_tick=32)
    for channel, program, pitch in ((0, 4, 60), (1, 33, 36), (9, 0, 42)):
        for at, kind, data in (
            (0, PROGRAM, (program, 0)),
            (0, NOTE_ON, (pitch, 90)),
            (4, NOTE_OFF, (pitch, 0)),
        ):
            song.events.append(Event(at, kind, channel, data))
    assert list(notes_by_part(file(song, kind=0))) == ["keys", "bass", "drums"]


def clip(**parts: int) -> NoteClip:
    """A clip with a note for each part, at its pitch."""
    notes = {part: ((0.0, 1.0, pitch, 90),) for part, pitch in parts.items()}
    pitched = tuple(sorted(note for part, found in notes.items() if part != "drums" for note in found))
    return NoteClip(name="x.mid", notes=pitched or notes["drums"], length_beats=1.0, parts=notes)


def pitches(clip: NoteClip) -> list[int]:
    return [note[2] for note in clip.notes]


def test_a_part_that_is_asked_plays_its_track() -> None:
    song = clip(keys=60, bass=36, drums=42)
    assert pitches(song.of_part("bass")) == [36]
    assert pitches(song.of_part("drums")) == [42]
    assert pitches(song.of_part("")) == pitches(song.of_part("mix")) == [36, 60]
    assert pitches(clip(lead=72, drums=42).of_part("bass")) == [72]
    with pytest.raises(
        ScoreError, match=r"notes `x.mid`: no track plays lead, expected one of keys, bass, drums"
    ):
        song.of_part("lead")


def test_the_parts_of_an_arrangement_play_their_tracks() -> None:
    song = clip(keys=60, bass=36, drums=42)
    assert [[note[2] for note in notes] for notes in song.of_parts(("bass", "lead", "drums"))] == [
        [36],
        [],
        [42],
    ]
    assert [len(notes) for notes in clip(lead=72).of_parts(("drums", "bass", "keys"))] == [0, 1, 0]
