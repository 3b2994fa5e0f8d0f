"""The Remote Script in a strict stand-in for Live, against a real daemon, until a real take is placed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.bridge.files import write_tone
from tests.conftest import DaemonUnderTest
from tests.max_for_live.other_daws import live_stub as live
from tests.max_for_live.other_daws.live_rig import (
    CANCEL,
    CC_16,
    GENERATE,
    NOTE_ON_16,
    PATIENCE_SECONDS,
    PLACE,
    Rig,
    put_midi_clip,
)


@pytest.fixture
def rig(script: Any, script_settings: Any, daemon: DaemonUnderTest) -> Iterator[Rig]:
    """At 97.3 bpm with an audio track, and a daemon that has loaded its model."""
    daemon.status()
    script_settings.PORT, script_settings.PRESET, script_settings.BARS = daemon.port, "sketch", 2
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


def test_a_bass_is_composed_to_the_chords_of_the_scene(rig: Rig) -> None:
    put_midi_clip(rig.song.add_track("Keys", "midi"), [[57, 60, 64], [53, 57, 60]])
    bass = rig.song.add_track("Sub Bass")
    rig.press(GENERATE)
    rig.wait("Done: press Place")
    rig.press(PLACE)
    rig.wait("Placed in scene 1 of Sub Bass.")
    (clip,) = rig.clips()
    assert bass.clip_slots[0].clip is clip
    recipe = _recipe(clip)
    assert (recipe["request"]["part"], recipe["request"]["chords"]) == ("bass", "Am F")
    assert (recipe["request"]["bars"], clip.loop_end) == (2, 8)
    assert recipe["notes"]["bass"]


def test_a_track_without_a_part_plays_the_scenes_notes(rig: Rig) -> None:
    put_midi_clip(rig.song.add_track("Clavinet", "midi"), [[57, 60, 64]])
    rig.song.view.selected_track = rig.song.tracks[0]
    rig.press(GENERATE)
    rig.wait("Done: press Place")
    rig.press(PLACE)
    rig.wait("Placed in scene 1 of Audio.")
    request = _recipe(rig.clips()[0])["request"]
    assert [note["pitch"] if isinstance(note, dict) else note[2] for note in request["notes"]] == [57, 60, 64]


def test_the_selected_audio_clip_is_varied(rig: Rig, tmp_path: Path) -> None:
    path = write_tone(tmp_path / "Ton.wav", 2.0)
    slot = rig.song.tracks[0].clip_slots[0]
    rig.song.view.detail_clip = slot.create_audio_clip(str(path))
    rig.press(21, CC_16)
    rig.wait("Done: press Place")
    rig.press(22, CC_16)
    rig.wait("Placed in scene 2 of Audio.")
    request = _recipe(rig.clips()[1])["request"]
    assert (request["verb"], request["source"]["name"], request["strength"]) == ("vary", "Ton.wav", 0.5)


def test_takes_are_placed_at_once_where_the_settings_say_so(rig: Rig, script_settings: Any) -> None:
    script_settings.PLACE_AT_ONCE = True
    rig.press(GENERATE)
    rig.song.add_track("Other")
    rig.wait("Placed in scene 1 of Audio.")


def test_cancel_ends_the_render(rig: Rig, script_settings: Any) -> None:
    script_settings.BARS = 64
    rig.press(GENERATE)
    rig.press(CANCEL)
    rig.wait("cancelled")
    rig.press(CANCEL)
    rig.wait("Nothing is being rendered.")


def test_what_the_bridge_refuses_is_shown(rig: Rig, script_settings: Any) -> None:
    script_settings.PRESET = "no_such_preset"
    rig.press(GENERATE)
    assert "no_such_preset" in rig.wait("no_such_preset")


# --- without a daemon -----------------------------------------------------------------------------------


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


def test_every_button_has_a_note_and_a_controller_of_its_own(lonely: Rig) -> None:
    bound = [control.status_and_number for control in lonely.surface.controls]
    notes, controllers = range(36, 40), range(20, 24)
    assert sorted(bound) == [(NOTE_ON_16, n) for n in notes] + [(CC_16, n) for n in controllers]


def test_a_note_of_another_channel_presses_nothing(lonely: Rig) -> None:
    lonely.press(PLACE, 0x90)
    assert lonely.shown == []
    lonely.press(PLACE)
    assert "press Generate first" in lonely.shown[-1]
