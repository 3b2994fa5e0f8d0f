"""The Remote Script in a strict stand-in for Live, against a real daemon over UDP: until a real take is placed."""

from __future__ import annotations

import ast
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.cli.own_daemon import free_port
from tests.bridge.files import write_tone
from tests.conftest import ROOT, DaemonUnderTest
from tests.max_for_live.other_daws import live_stub as live

FOLDER = ROOT / "max_for_live" / "other_daws" / "live_remote_script"
SOURCES = sorted((FOLDER / "Msanii").glob("*.py"))
PATIENCE_SECONDS = 120
GENERATE, PLACE, CANCEL = 36, 38, 39
NOTE_ON_16, CC_16 = 0x9F, 0xBF


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, imported as Live imports it, fresh each time."""
    for name, module in live.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("Msanii")
    for name in [name for name in sys.modules if name.split(".")[0] == "Msanii"]:
        del sys.modules[name]


class Rig:
    """Live with the script switched on; `song` is the set."""

    def __init__(self, script: Any, song: live.Song) -> None:
        self.song = song
        self.c_instance = live.CInstance(song)
        self.surface = script.create_instance(self.c_instance)

    @property
    def shown(self) -> list[str]:
        return self.c_instance.shown

    def press(self, number: int, status: int = NOTE_ON_16) -> None:
        self.surface.receive_midi((status, number, 127))
        self.surface.receive_midi((status, number, 0))

    def wait(self, words: str) -> str:
        """Tick as Live does until the words are shown; the whole sentence."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := [one for one in self.shown if words in one]):
            assert time.monotonic() < deadline, f"`{words}` was never shown: {self.shown}"
            self.surface.update_display()
            time.sleep(0.005)
        return found[-1]

    def clips(self) -> list[Any]:
        slots = [slot for track in self.song.tracks for slot in track.clip_slots]  # type: ignore[attr-defined]
        return [slot.clip for slot in slots if slot.has_clip and slot.clip.is_audio_clip]


@pytest.fixture
def rig(script: Any, daemon: DaemonUnderTest) -> Iterator[Rig]:
    """At 97.3 bpm with an audio track, and a daemon that has loaded its model."""
    daemon.status()
    settings = importlib.import_module("Msanii.settings")
    settings.PORT, settings.PRESET, settings.BARS = daemon.port, "sketch", 2  # type: ignore[attr-defined]
    song = live.Song()
    song.tempo = 97.3
    song.add_track("Audio")
    opened = Rig(script, song)
    opened.wait("Ready.")
    yield opened
    opened.surface.disconnect()
    with daemon.client() as client:
        client.send("/msanii/param/reset", "all")
        client.wait_for("/msanii/param/reset.reply")


def _recipe(clip: Any) -> dict[str, Any]:
    recipe: dict[str, Any] = json.loads(Path(clip.file_path).with_suffix(".json").read_text(encoding="utf-8"))
    return recipe


# --- takes in clip slots, from a real daemon ------------------------------------------------------------


def test_a_take_of_the_sets_tempo_lies_in_the_next_slot(rig: Rig) -> None:
    rig.press(GENERATE)
    rig.wait("Done: press Place")
    assert rig.clips() == []
    rig.press(PLACE)
    rig.wait("Placed in scene 1 of Audio.")
    (clip,) = rig.clips()
    assert soundfile.info(clip.file_path).duration == pytest.approx(2 * 4 * 60 / 97.3, abs=1e-4)
    assert (clip.warping, clip.looping, clip.loop_start, clip.loop_end) == (True, True, 0, 8)
    assert clip.name == Path(clip.file_path).stem
    request = _recipe(clip)["request"]
    assert (request["bpm"], request["bars"], request["preset"], request["loop"]) == (97.3, 2, "sketch", 1)
    rig.press(PLACE)
    rig.wait("Placed in scene 2 of Audio.")


def test_live_tells_the_bridge_its_tempo_and_meter(rig: Rig, daemon: DaemonUnderTest) -> None:
    with daemon.client() as client:
        rig.song.signature_numerator = 7
        rig.song.tempo = 133.5
        told: dict[str, object] = {}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while told != {"bpm": 133.5, "numerator": 7, "denominator": 4}:
            assert time.monotonic() < deadline, told
            rig.surface.update_display()
            for name in ("bpm", "numerator", "denominator"):
                client.send(f"/msanii/param/{name}")
                told[name] = client.wait_for(f"/msanii/param/{name}").arguments[0]


def _midi_clip(track: Any, chords: list[list[int]]) -> None:
    notes = [
        live.MidiNote(pitch=pitch, start_time=4.0 * bar, duration=4.0, velocity=100.0, mute=False)
        for bar, pitches in enumerate(chords)
        for pitch in pitches
    ]
    track.clip_slots[0].put(live.MidiClip(notes, 4.0 * len(chords)))


def test_a_bass_is_composed_to_the_chords_of_the_scene(rig: Rig) -> None:
    _midi_clip(rig.song.add_track("Keys", "midi"), [[57, 60, 64], [53, 57, 60]])
    bass = rig.song.add_track("Sub Bass")
    rig.press(GENERATE)
    rig.wait("Done: press Place")
    rig.press(PLACE)
    rig.wait("Placed in scene 1 of Sub Bass.")
    (clip,) = rig.clips()
    assert bass.clip_slots[0].clip is clip  # type: ignore[attr-defined]
    recipe = _recipe(clip)
    assert (recipe["request"]["part"], recipe["request"]["chords"]) == ("bass", "Am F")
    assert (recipe["request"]["bars"], clip.loop_end) == (2, 8)
    assert recipe["notes"]["bass"]


def test_a_track_without_a_part_plays_the_scenes_notes(rig: Rig) -> None:
    _midi_clip(rig.song.add_track("Clavinet", "midi"), [[57, 60, 64]])
    rig.song.view.selected_track = rig.song.tracks[0]  # type: ignore[attr-defined]
    rig.press(GENERATE)
    rig.wait("Done: press Place")
    rig.press(PLACE)
    rig.wait("Placed in scene 1 of Audio.")
    request = _recipe(rig.clips()[0])["request"]
    assert [note["pitch"] if isinstance(note, dict) else note[2] for note in request["notes"]] == [57, 60, 64]


def test_the_selected_audio_clip_is_varied(rig: Rig, tmp_path: Path) -> None:
    path = write_tone(tmp_path / "Ton.wav", 2.0)
    slot = rig.song.tracks[0].clip_slots[0]  # type: ignore[attr-defined]
    rig.song.view.detail_clip = slot.create_audio_clip(str(path))  # type: ignore[attr-defined]
    rig.press(21, CC_16)
    rig.wait("Done: press Place")
    rig.press(22, CC_16)
    rig.wait("Placed in scene 2 of Audio.")
    request = _recipe(rig.clips()[1])["request"]
    assert (request["verb"], request["source"]["name"], request["strength"]) == ("vary", "Ton.wav", 0.5)


def test_takes_are_placed_at_once_where_the_settings_say_so(rig: Rig) -> None:
    importlib.import_module("Msanii.settings").PLACE_AT_ONCE = True  # type: ignore[attr-defined]
    rig.press(GENERATE)
    rig.song.add_track("Other")
    rig.wait("Placed in scene 1 of Audio.")


def test_cancel_ends_the_render(rig: Rig) -> None:
    settings = importlib.import_module("Msanii.settings")
    settings.BARS = 64  # type: ignore[attr-defined]
    rig.press(GENERATE)
    rig.press(CANCEL)
    rig.wait("cancelled")
    rig.press(CANCEL)
    rig.wait("Nothing is being rendered.")


def test_what_the_bridge_refuses_is_shown(rig: Rig) -> None:
    importlib.import_module("Msanii.settings").PRESET = "no_such_preset"  # type: ignore[attr-defined]
    rig.press(GENERATE)
    assert "no_such_preset" in rig.wait("no_such_preset")


# --- without a daemon -----------------------------------------------------------------------------------


@pytest.fixture
def lonely(script: Any) -> Iterator[Rig]:
    """Live with an audio track, and no daemon at the port."""
    importlib.import_module("Msanii.settings").PORT = free_port()  # type: ignore[attr-defined]
    song = live.Song()
    song.add_track("Audio")
    opened = Rig(script, song)
    yield opened
    opened.surface.disconnect()


def test_a_missing_bridge_is_named_and_nothing_waits_for_it(lonely: Rig) -> None:
    lonely.surface.update_display()
    lonely.press(GENERATE)
    lonely.wait("start `msanii-bridge serve`")
    lonely.press(PLACE)
    lonely.wait("press Generate first")


def test_a_set_without_an_audio_track_is_told_so(script: Any, lonely: Rig) -> None:
    song = live.Song()
    song.add_track("Keys", "midi")
    other = Rig(script, song)
    other.press(GENERATE)
    other.wait("need an audio track")
    other.surface.disconnect()


def test_a_switched_off_script_is_silent(lonely: Rig) -> None:
    lonely.surface.disconnect()
    lonely.surface.disconnect()
    assert not lonely.surface.is_connected


# --- placing, however Live warps ------------------------------------------------------------------------


@pytest.fixture
def two_bars(tmp_path: Path) -> Path:
    path = tmp_path / "two_bars.wav"
    soundfile.write(path, np.zeros((round(44_100 * 8 * 60 / 97.3), 2)), 44_100)
    return path


def _placed(song: live.Song, take: Any, warp: bool = True) -> tuple[Any, str]:
    placing = importlib.import_module("Msanii.placing")
    track = song.tracks[0]  # type: ignore[attr-defined]
    said = [words for words in placing.place(song, track, take, warp, True) if words]
    (clip,) = [slot.clip for slot in track.clip_slots if slot.has_clip]
    return clip, said[-1]


@pytest.fixture
def song() -> live.Song:
    made = live.Song()
    made.tempo = 97.3
    made.add_track("Audio")
    return made


def _take(path: Path) -> Any:
    return importlib.import_module("Msanii.take").read_take(str(path), 8 * 60 / 97.3, 97.3)


@pytest.mark.parametrize("guess", ["right", "off", "double", "transient"])
def test_a_take_is_warped_straight_however_live_guesses(
    script: Any, song: live.Song, two_bars: Path, guess: str
) -> None:
    song.guess = guess
    clip, said = _placed(song, _take(two_bars))
    assert said == "Placed in scene 1 of Audio."
    assert (clip.warping, clip.looping, clip.warp_mode) == (True, True, 4)
    assert (clip.start_marker, clip.end_marker) == (0, 8)
    for marker in clip.warp_markers:
        assert marker.sample_time * 97.3 / 60 == pytest.approx(marker.beat_time, abs=1e-6)


def test_a_clip_that_live_will_not_straighten_plays_unwarped(
    script: Any, song: live.Song, two_bars: Path
) -> None:
    song.guess = "stubborn"
    clip, said = _placed(song, _take(two_bars))
    assert "Warp is off" in said
    assert not clip.warping
    assert clip.loop_end == pytest.approx(8 * 60 / 97.3)


def test_warp_can_be_switched_off(script: Any, song: live.Song, two_bars: Path) -> None:
    clip, _ = _placed(song, _take(two_bars), warp=False)
    assert not clip.warping
    assert clip.end_marker == pytest.approx(8 * 60 / 97.3)


def test_a_take_of_unknown_tempo_is_not_warped(script: Any, song: live.Song, two_bars: Path) -> None:
    take = importlib.import_module("Msanii.take").read_take(str(two_bars), 4.9, 0.0)
    clip, _ = _placed(song, take)
    assert not clip.warping


def test_an_older_live_says_where_the_take_is(script: Any, two_bars: Path) -> None:
    song = live.Song(slot_type=live.ClipSlot)
    track = song.add_track("Audio")
    placing = importlib.import_module("Msanii.placing")
    (said,) = placing.place(song, track, _take(two_bars), True, True)
    assert "12.0.5" in said
    assert str(two_bars) in said


def test_a_take_that_is_gone_is_named(script: Any, song: live.Song, tmp_path: Path) -> None:
    placing = importlib.import_module("Msanii.placing")
    track = song.tracks[0]  # type: ignore[attr-defined]
    (said,) = placing.place(song, track, _take(tmp_path / "gone.wav"), True, True)
    assert "Live made no clip of gone" in said


def test_a_full_track_gets_a_new_scene(script: Any, song: live.Song, two_bars: Path) -> None:
    track = song.tracks[0]  # type: ignore[attr-defined]
    song.view.selected_scene = song.scenes[3]  # type: ignore[attr-defined]
    track.clip_slots[3].create_audio_clip(str(two_bars))
    placing = importlib.import_module("Msanii.placing")
    said = [words for words in placing.place(song, track, _take(two_bars), True, True) if words]
    assert said == ["Placed in scene 5 of Audio."]
    assert len(song.scenes) == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "words"), [("group", "group track"), ("midi", "MIDI track"), ("frozen", "frozen")]
)
def test_tracks_that_hold_no_audio_are_passed_over(script: Any, kind: str, words: str) -> None:
    placing = importlib.import_module("Msanii.placing")
    song = live.Song()
    audio, other = song.add_track("Audio"), song.add_track("Other", kind)
    assert words in placing.why_no_audio(other, song)
    assert placing.audio_track(song) is audio


# --- notes of a scene -----------------------------------------------------------------------------------


def test_shorter_loops_repeat_and_muted_tracks_are_left_out(script: Any) -> None:
    notes_of = importlib.import_module("Msanii.scene_notes").scene_notes
    song = live.Song()
    _midi_clip(song.add_track("Keys", "midi"), [[60], [62]])
    _midi_clip(song.add_track("Bass", "midi"), [[36]])
    muted = song.add_track("Lead", "midi")
    _midi_clip(muted, [[90], [90], [90]])
    muted.mute = True
    notes, beats = notes_of(song.tracks, 0)  # type: ignore[attr-defined]
    assert beats == 8
    assert [(note["part"], note["pitch"], note["start_beats"]) for note in notes] == [
        ("keys", 60, 0), ("keys", 62, 4), ("bass", 36, 0), ("bass", 36, 4),
    ]  # fmt: skip
    assert notes_of(song.tracks, 1) == ([], 0)  # type: ignore[attr-defined]


# --- OSC ------------------------------------------------------------------------------------------------

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_ARGUMENTS = st.lists(
    st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(width=32, allow_nan=False) | _TEXT
)


def _codec() -> Any:
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("Msanii.osc")
    finally:
        sys.path.remove(str(FOLDER))


@given(_ARGUMENTS)
def test_python_osc_reads_what_the_script_sends(arguments: list[Any]) -> None:
    packet = _codec().encode("/msanii/x", *arguments)
    message = OscMessage(packet)
    assert (message.address, list(message.params)) == ("/msanii/x", arguments)


@given(_ARGUMENTS)
def test_the_script_reads_what_python_osc_sends(arguments: list[Any]) -> None:
    builder = OscMessageBuilder(address="/msanii/x")
    for argument in arguments:
        builder.add_arg(argument)
    assert _codec().decode(builder.build().dgram) == [("/msanii/x", arguments)]


@given(st.binary(max_size=64) | st.binary(max_size=48).map(lambda data: b"#bundle\0" + bytes(8) + data))
def test_packets_that_are_no_osc_are_refused_and_nothing_else_happens(packet: bytes) -> None:
    try:
        found = _codec().decode(packet)
    except ValueError:
        return
    assert all(address.startswith("/") for address, _ in found)


def test_a_value_that_osc_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="expected text, a number or a bool"):
        _codec().encode("/msanii/x", None)


# --- Live's Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_script_needs_nothing_but_lives_own_python(path: Path) -> None:
    # Live 11 has Python 3.7, Live 12 3.11.
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).split(".")[0])
    assert names <= sys.stdlib_module_names | {"Live", "_Framework"}


def test_every_button_has_a_note_and_a_controller_of_its_own(lonely: Rig) -> None:
    bound = [control.status_and_number for control in lonely.surface.controls]
    notes, controllers = range(36, 40), range(20, 24)
    assert sorted(bound) == [(NOTE_ON_16, n) for n in notes] + [(CC_16, n) for n in controllers]


def test_a_note_of_another_channel_presses_nothing(lonely: Rig) -> None:
    pressed: Callable[[], list[str]] = lambda: [one for one in lonely.shown if "Generate" in one]
    lonely.press(PLACE, 0x90)
    assert pressed() == []
