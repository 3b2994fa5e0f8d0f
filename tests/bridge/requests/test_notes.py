"""The `notes` parameter: what a file says, what the request says over it, who may name which file."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import pytest

from bridge.cli.client import Client
from bridge.cli.render import rerender
from bridge.library.recipes import Recipe, read_recipe
from bridge.messages import BridgeError, PartialRequest, Render, RenderRequest
from bridge.render.engine import parse_notes
from bridge.requests.notes import with_notes, write_notes
from bridge.settings import Settings
from bridge.worker.score import notes_of_parts, request_score
from tests.bridge.render_requests import make_recipe, make_request
from tests.conftest import DaemonUnderTest, fail_of

NOTES = ((0.0, 1.0, 60, 90), (1.0, 2.5, 64, 80))


def write_midi(path: Path, *, bpm: float = 150.0, numerator: int = 3, beats: float = 5.0) -> Path:
    track = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)),
            mido.MetaMessage("time_signature", numerator=numerator, denominator=4),
            mido.Message("note_on", note=60, velocity=90),
            mido.Message("note_off", note=60, time=round(beats * 480)),
        ]
    )
    written = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(file=written)
    path.write_bytes(written.getvalue())
    return path


def filled(values: PartialRequest, session: PartialRequest | None = None, *,
           allowed: list[Path] | None = None, base: Path = Path()) -> Render:  # fmt: skip
    meter = {"numerator": 4, "denominator": 4}
    given = meter | values
    return with_notes(
        Render("generate", None, values, None), session or {}, parse_notes,
        value_of=given.get, allowed_folders=allowed, bases=[base],
    )  # fmt: skip


def test_tempo_meter_and_length_come_from_the_file_unless_the_request_says_them(tmp_path: Path) -> None:
    path = str(write_midi(tmp_path / "a.mid"))
    read = filled({"notes": path})
    assert read.notes == ((0.0, 5.0, 60, 90),)
    assert read.values == {"notes": path, "bpm": 150.0, "numerator": 3, "denominator": 4, "bars": 2.0}
    said = filled({"notes": path, "bpm": 90.0, "numerator": 5, "seconds": 3.0}).values
    assert said == {"notes": path, "bpm": 90.0, "numerator": 5, "denominator": 4, "seconds": 3.0}


def test_a_file_is_held_to_the_table_in_what_the_request_leaves_open(tmp_path: Path) -> None:
    path = str(write_midi(tmp_path / "fast.mid", bpm=2_000.0))
    with pytest.raises(
        BridgeError, match=r"^notes `fast.mid`: its bpm is 2000, expected .*send another `bpm`"
    ):
        filled({"notes": path})
    assert filled({"notes": path, "bpm": 90.0}).values["bpm"] == 90.0


def test_a_meter_that_is_none_is_named_unless_the_request_says_one(tmp_path: Path) -> None:
    path = write_midi(tmp_path / "odd.mid", numerator=3)
    path.write_bytes(path.read_bytes().replace(b"\xff\x58\x04\x03", b"\xff\x58\x04\x00"))
    with pytest.raises(
        BridgeError, match=r"^notes `odd.mid`: its meter is 0/4, which is none; send `numerator`"
    ):
        filled({"notes": str(path)})
    assert filled({"notes": str(path), "numerator": 4, "denominator": 4}).values["bars"] == 2.0


def test_tempo_changes_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_midi(tmp_path / "slower.mid", bpm=150.0)
    track = mido.MidiFile(path).tracks[0]
    track.insert(-1, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(100)))
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(path)
    assert filled({"notes": str(path)}).values["bpm"] == 150.0
    assert "notes slower.mid: its tempo changes; the first, 150 bpm, is taken for all" in caplog.text
    caplog.clear()
    assert filled({"notes": str(path), "bpm": 90.0}).values["bpm"] == 90.0
    assert not caplog.text


def test_a_session_may_name_the_file(tmp_path: Path) -> None:
    path = str(write_midi(tmp_path / "a.mid"))
    assert filled({}, {"notes": path}).values["bars"] == 2.0
    assert filled({}) == Render("generate", None, {})


def test_a_file_of_the_session_that_fails_says_where_it_was_set(tmp_path: Path) -> None:
    gone: PartialRequest = {"notes": str(tmp_path / "gone.mid")}
    with pytest.raises(BridgeError, match=r"/msanii/param/notes set it for every request") as raised:
        filled({}, gone)
    assert raised.value.message.startswith("notes `gone.mid`: ")
    with pytest.raises(BridgeError) as raised:
        filled(gone)
    assert "param/notes" not in raised.value.message


def test_played_notes_stand_above_the_file_of_the_session(tmp_path: Path) -> None:
    played = Render("generate", None, {"bars": 1.0}, NOTES)
    session: PartialRequest = {"notes": str(tmp_path / "gone.mid")}
    found = with_notes(played, session, parse_notes, value_of=str, allowed_folders=None, bases=[])
    assert found == played


def test_notes_that_were_written_are_read_back(tmp_path: Path) -> None:
    path = write_notes(tmp_path, NOTES)
    assert filled({"notes": path.name}, base=tmp_path).notes == NOTES
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("name", "code"), [("nowhere.mid", "source"), (".", "source"), ("broken.mid", "value"), ("\0", "source")]
)
def test_files_that_are_none(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    with pytest.raises(BridgeError) as raised:
        filled({"notes": name}, base=tmp_path)
    assert raised.value.code == code
    if code == "source":
        assert raised.value.message.startswith("notes `")
        assert "expected a MIDI file (.mid) or JSON; give its whole path" in raised.value.message


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that opens but cannot be read")
def test_a_file_that_cannot_be_read_is_no_fault_of_the_daemon() -> None:
    with pytest.raises(BridgeError, match=r"notes `mem`: cannot be opened") as raised:
        filled({"notes": "/proc/self/mem"})
    assert raised.value.code == "source"


def test_a_client_of_the_network_names_no_file_outside_its_folders(tmp_path: Path) -> None:
    inside = tmp_path / "shared"
    inside.mkdir()
    outside = write_midi(tmp_path / "a.mid")
    assert filled({"notes": str(write_midi(inside / "b.mid"))}, allowed=[inside]).values["bars"] == 2.0
    (inside / "link.mid").symlink_to(outside)
    for named in (str(outside), "../a.mid", "link.mid"):
        with pytest.raises(BridgeError) as raised:
            filled({"notes": named}, allowed=[inside])
        assert raised.value.code == "forbidden"


def test_a_recipe_of_an_earlier_version_loads_and_one_with_notes_keeps_them() -> None:
    old = make_recipe().model_dump(mode="json")
    del old["request"]["notes"]
    assert Recipe.model_validate(old).request.notes is None
    new = make_recipe(notes=NOTES)
    assert Recipe.model_validate_json(new.compact()).request.notes == NOTES
    with pytest.raises(ValueError, match="notes"):
        make_request(notes=NOTES * 16_000)
    assert isinstance(make_request(notes=NOTES), RenderRequest)


def test_a_file_is_played_and_its_recipe_plays_it_again_without_the_file(
    daemon: DaemonUnderTest, client: Client, tmp_path: Path
) -> None:
    file = write_midi(tmp_path / "song.mid", bpm=240.0, beats=3.0)
    quick = ("steps", 2, "iterations", 2)
    answers = list(client.ask("/msanii/generate", "a", "notes", str(file), "chords", "", *quick))
    (take,) = [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]
    request = read_recipe(take).request
    assert request.notes == ((0.0, 3.0, 60, 90),)
    assert (request.bpm, request.numerator, request.bars, request.seconds) == (240.0, 3, 1.0, 0.75)
    file.unlink()
    settings = Settings(port=daemon.port, library=daemon.library, models_folder=daemon.models, model="tiny")
    from rich.console import Console

    again = rerender(read_recipe(take), settings, Console(quiet=True))[0]
    assert again.read_bytes()[-4096:] != b""
    import soundfile

    first, second = (soundfile.read(path)[0] for path in (take, again))
    assert (first == second).all()
    assert fail_of(list(client.ask("/msanii/generate", "b", "notes", str(file))))[1] == "source"


def write_song(path: Path) -> Path:
    """A file with a track of keys, one of bass, and drums."""
    song = mido.MidiFile(type=1, ticks_per_beat=480)
    for name, channel, pitch in (("Piano", 0, 60), ("Bass", 1, 36), ("Kit", 9, 42)):
        song.tracks.append(
            mido.MidiTrack(
                [
                    mido.MetaMessage("track_name", name=name),
                    mido.Message("note_on", note=pitch, velocity=90, channel=channel),
                    mido.Message("note_off", note=pitch, channel=channel, time=480),
                ]
            )
        )
    song.save(path)
    return path


@pytest.mark.parametrize(
    ("values", "pitches", "note_parts"),
    [
        ({}, [36, 60], ()),
        ({"part": "mix"}, [36, 60], ()),
        ({"part": "bass"}, [36], ()),
        ({"part": "drums"}, [42], ()),
        ({"parts": "keys,bass"}, [36, 60], ("bass", "keys")),
        ({"parts": "drums,lead"}, [42], ("drums",)),
        ({"parts": "lead"}, [], "no track plays lead, expected one of keys, bass, drums"),
        ({"part": "lead"}, [], "no track plays lead, expected one of keys, bass, drums"),
    ],
)
def test_each_part_plays_its_track(
    tmp_path: Path, values: PartialRequest, pitches: list[int], note_parts: tuple[str, ...] | str
) -> None:
    values = {"notes": str(write_song(tmp_path / "song.mid"))} | values
    if isinstance(note_parts, str):
        with pytest.raises(BridgeError, match=note_parts):
            filled(values)
        return
    render = filled(values)
    assert [note[2] for note in render.notes or ()] == pitches
    assert render.note_parts == note_parts
    written = write_notes(tmp_path, render.notes or (), render.note_parts)
    again = filled(values | {"notes": written.name}, base=tmp_path)
    assert (again.notes, again.note_parts) == (render.notes, render.note_parts)


def test_drums_alone_are_played_as_drums(tmp_path: Path) -> None:
    song = mido.MidiFile(write_song(tmp_path / "song.mid"))
    del song.tracks[:2]
    song.save(tmp_path / "drums.mid")
    assert filled({"notes": str(tmp_path / "drums.mid")}).values["part"] == "drums"


def test_an_arrangement_hands_each_part_its_notes() -> None:
    request = make_request(notes=NOTES, note_parts=("bass", "keys"), parts="keys,bass,lead", bpm=60.0)
    found = [[note.pitch for note in notes] for notes in notes_of_parts(request, request_score(request))]
    assert found == [[64], [60], []]
    plain = make_request(notes=NOTES, parts="keys,bass")
    assert notes_of_parts(plain, request_score(plain)) == ()


def test_bar_1_is_where_the_request_or_the_session_says(tmp_path: Path) -> None:
    path = str(write_midi(tmp_path / "upbeat.mid", numerator=4, beats=1.0))
    song = mido.MidiFile(path)
    song.tracks[0] += [
        mido.Message("note_on", note=64, velocity=90, time=3 * 480),
        mido.Message("note_off", note=64, time=480),
    ]
    song.save(path)
    assert filled({"notes": path}).notes == ((0.0, 1.0, 60, 90), (4.0, 5.0, 64, 90))
    read = filled({"notes": path, "notes_from_beats": 4.0})
    assert (read.notes, read.values["bars"]) == (((0.0, 1.0, 64, 90),), 1.0)
    assert filled({"notes": path}, {"notes_from_beats": 4.0}).notes == read.notes
    with pytest.raises(BridgeError, match=r"^notes `upbeat.mid`: no notes begin after 9 quarter notes"):
        filled({"notes": path, "notes_from_beats": 9.0})
