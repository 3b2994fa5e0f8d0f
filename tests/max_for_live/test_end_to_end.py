"""From the device's button to a clip in the set: the real daemon, real UDP, the real script under Node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.requests.preset_folders import Presets
from bridge.settings import factory_presets_folder
from msanii.config import ControlGroup
from tests.bridge.files import write_tone
from tests.conftest import DaemonUnderTest, save_tiny_model
from tests.max_for_live.node_device import NodeLive
from tests.msanii.listening.electronic_loops import LOOPS, RATE, electronic_loop

PRESETS = Presets(factory_presets_folder(), Path("none of a user")).names()

MakeDaemon = Callable[..., DaemonUnderTest]
QUICK = {"bars": 1, "steps": 2, "count": 1}
HEARD_LOOP = 1
SLOW = {"bars": 4, "steps": 60, "count": 1}


@pytest.fixture
def live() -> Iterator[NodeLive]:
    with NodeLive() as opened:
        yield opened


def _note(pitch: int, start: float) -> dict[str, float]:
    return {"pitch": pitch, "start_time": start, "duration": 4, "velocity": 100, "mute": 0}


def _recipe(path: str) -> dict[str, object]:
    recipe = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    return dict(recipe["request"])


def test_generate_on_a_midi_clips_chords_and_place_the_take(daemon: DaemonUnderTest, live: NodeLive) -> None:
    daemon.status()
    live.order(set={"tempo": 97.3})
    device = live.add(daemon.port, controls={**QUICK, "bars": 2, "use_notes": 1})
    live.wait_words(device, "Ready: tiny on CPU")
    notes = [_note(pitch, 0) for pitch in (57, 60, 64)] + [_note(pitch, 4) for pitch in (53, 57, 60)]
    live.order(midi=notes, beats=8)
    live.press(device, "chords_from_clip")
    live.wait(lambda: ["chords", "Am F"] in live.said(device, "set"), "the chords")
    live.press(device, "generate")
    live.wait_words(device, "Done")
    (path,) = live.takes(device)
    fractions = [float(atoms[0]) for atoms in live.said(device, "progress")]
    # How many there are depends on how fast it renders.
    assert fractions
    assert all(0 <= fraction <= 1 for fraction in fractions)
    asked = _recipe(path)
    assert (asked["chords"], asked["bpm"], asked["bars"], asked["key"]) == ("Am F", 97.3, 2.0, "C major")
    assert len(asked["notes"]) == len(notes)  # type: ignore[arg-type]
    live.press(device, "place")
    live.wait_words(device, "Placed in scene 1")
    (clip,) = live.clips()
    assert clip["file"] == path
    assert Path(path).is_absolute()
    assert clip["loop_end"] == 8
    assert clip["loop_end"] * 60 / 97.3 == pytest.approx(soundfile.info(path).duration, abs=1e-4)
    assert (clip["warping"], clip["looping"], clip["name"]) == (1, 1, Path(path).stem)


def test_vary_a_clip_as_it_is_heard(daemon: DaemonUnderTest, live: NodeLive, tmp_path: Path) -> None:
    daemon.status()
    tone = write_tone(tmp_path / "Ton.wav", 2.0)
    device = live.add(daemon.port, controls={**QUICK, "verb": "vary", "strength": 0.5})
    live.wait_words(device, "Ready")
    markers = [
        {"sample_time": 0.1, "beat_time": 0},
        {"sample_time": 0.7, "beat_time": 1},
        {"sample_time": 1.1, "beat_time": 2},
    ]
    live.order(audio={"file": str(tone), "name": "Töne", "markers": markers, "loop_start": 0, "loop_end": 2})
    live.press(device, "generate")
    live.wait_words(device, "Done")
    (path,) = live.takes(device)
    assert soundfile.info(path).frames == pytest.approx(44_100, abs=1)  # two beats at 120
    assert _recipe(path)["source"]["name"] == "Töne.wav"  # type: ignore[index]
    live.press(device, "place")
    live.wait_words(device, "Placed")
    assert live.clips()[0]["loop_end"] == 2


def test_a_clip_is_heard_and_its_chords_are_asked(
    daemon: DaemonUnderTest, live: NodeLive, tmp_path: Path
) -> None:
    """The shipped listener hears six bars of a loop from the third on; of the others the device says so."""
    daemon.status()
    live.order(set={"tempo": LOOPS[HEARD_LOOP][0]})
    device = live.add(daemon.port, controls=QUICK)
    live.wait_words(device, "Ready")
    live.press(device, "hear_clip")
    live.wait_words(device, "Select an audio clip first")
    file, beats, beat = tmp_path / "loop.wav", 40, 60 / LOOPS[HEARD_LOOP][0]
    soundfile.write(file, electronic_loop(HEARD_LOOP).audio, RATE)
    markers = [{"sample_time": 0, "beat_time": 0}, {"sample_time": beats * beat, "beat_time": beats}]
    live.order(audio={"file": str(file), "name": "Loop", "markers": markers, "loop_end": beats})
    live.press(device, "hear_clip")
    chords = "N.C. N.C. Ab Eb Fm Db Ab Eb N.C. N.C."
    live.wait_words(device, f"Loop: 128 bpm, 4/4, F minor. As heard takes its chords: {chords}.", 120.0)
    live.press(device, "as_heard")
    live.press(device, "generate")
    live.wait_words(device, "Done")
    (path,) = live.takes(device)
    assert (_recipe(path)["chords"], _recipe(path)["key"]) == (chords, "F minor")
    file.unlink()
    live.press(device, "hear_clip")
    live.wait_words(device, "loop.wav")
    assert live.said(device, "status")[-1][0] == 1


def test_what_the_bridge_refuses_is_read_in_the_device(daemon: DaemonUnderTest, live: NodeLive) -> None:
    daemon.status()
    device = live.add(daemon.port, controls=QUICK)
    live.wait_words(device, "Ready")
    live.control(device, "chords", "Amm F")
    live.press(device, "generate")
    live.wait_words(device, "`Amm` in bar 1: not a chord I know")
    live.control(device, "chords", "Am F")
    live.press(device, "generate")
    live.wait_words(device, "Done")


@pytest.fixture(scope="module")
def on_stage(daemon: DaemonUnderTest) -> Iterator[tuple[NodeLive, int]]:
    """One device whose bridge's model knows sounds and parts, for tests that choose all they need anew."""
    status = daemon.status()
    assert "marimba" in str(status["sounds"])
    assert "drums" in str(status["parts"])
    with NodeLive() as opened:
        device = opened.add(daemon.port, controls=QUICK)
        opened.wait_words(device, "Ready")
        opened.wait(lambda: "drums" in opened.menu(device, "part"), "the parts")
        yield opened, device


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_asked_as_the_device_shows_it(on_stage: tuple[NodeLive, int], preset: str) -> None:
    live, device = on_stage
    live.control(device, "part", 2)
    live.control(device, "sound", 3)
    live.choose_preset(device, preset)
    held = Presets(factory_presets_folder(), Path("none of a user")).get(preset).values
    values = ("bars", "steps", "guidance", "loop", "chords")
    shown = {name: live.shown(device, name) for name in (*values, "part", "sound")}
    for name in values:
        assert shown[name] == held.get(name, shown[name])
    live.control(device, "bars", 1)
    live.control(device, "steps", 2)
    paths = live.generate(device)
    asked = _recipe(paths[0])
    parts = [name for name in str(held.get("parts", "")).split(",") if name]
    players = (asked["part"] or "any part", asked["sound"] or "any sound")
    if parts:
        assert (shown["part"], shown["sound"]) == (f"{len(parts)} parts", "any sound")
        assert (asked["parts"], asked["count"], len(paths)) == (
            ",".join(parts),
            len(parts) + 1,
            len(parts) + 1,
        )
        assert [label.split()[1] for label in live.menu(device, "takes")[-len(paths) :]] == [*parts, "mix"]
    else:
        assert (shown["part"], shown["sound"]) == players
        assert (asked["part"], asked["sound"]) == (held.get("part", ""), held.get("sound", ""))
        assert len(paths) == 1
    assert (asked["preset"], asked["bars"], asked["steps"]) == (preset, 1, 2)
    for name in ("guidance", "loop", "chords"):
        assert asked[name] == shown[name]


def test_a_device_that_nobody_touched_plays_its_preset_and_a_clip_gets_nothing_of_it(
    daemon: DaemonUnderTest, live: NodeLive, tmp_path: Path
) -> None:
    daemon.status()
    device = live.add(daemon.port, controls=QUICK)
    live.wait_words(device, "Ready")
    live.wait(lambda: live.shown(device, "part") == "keys", "the preset's part")
    (path,) = live.generate(device)
    asked = _recipe(path)
    assert (asked["part"], asked["sound"], asked["chords"]) == ("keys", "grand piano", "Am F C G")
    _select_drums(live, tmp_path)
    live.control(device, "verb", "vary")
    live.wait(lambda: live.shown(device, "part") == "any part", "no part")
    (path,) = live.generate(device)
    asked = _recipe(path)
    assert (asked["part"], asked["sound"], asked["chords"], live.shown(device, "chords")) == ("", "", "", "")


def test_a_styles_notes_are_placed_as_the_take_plays_them(on_stage: tuple[NodeLive, int]) -> None:
    live, device = on_stage
    live.control(device, "verb", "generate")
    live.choose_preset(device, "drum_loop")
    live.choose(device, "style", "deep_house")
    live.control(device, "bars", 1)
    live.control(device, "steps", 2)
    (path,) = live.generate(device)
    recipe = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    assert recipe["request"]["style"] == "deep_house"
    assert recipe["notes"]["drums"]
    live.order(track="Kit")
    live.press(device, "place_notes")
    live.wait_words(device, "Notes placed in scene 1 of Kit.")
    (clip,) = [clip for clip in live.midi_clips() if clip["track"] == "Kit"]
    assert (clip["name"], clip["loop_end"], clip["looping"]) == (Path(path).stem, 4, 1)
    placed = [(note["start_time"], note["pitch"], note["velocity"]) for note in clip["notes"]]
    assert sorted(placed) == sorted((onset, *rest) for onset, _, *rest in recipe["notes"]["drums"])
    live.choose(device, "style", "any style")


def test_an_edited_clip_of_notes_renders_its_take_anew(on_stage: tuple[NodeLive, int]) -> None:
    live, device = on_stage
    live.control(device, "verb", "generate")
    live.choose_preset(device, "piano_loop")
    live.control(device, "bars", 2)
    live.control(device, "steps", 2)
    (path,) = live.generate(device)
    live.order(track="Grand")
    live.press(device, "place_notes")
    live.wait_words(device, "Notes placed in scene 1 of Grand.")
    (clip,) = [clip for clip in live.midi_clips() if clip["track"] == "Grand"]
    live.order(notes=clip["notes"], of=["Grand", 0])
    live.press(device, "render_clip")
    live.wait_words(device, "change some first")
    # One that rings on over the bar line is heard in bar 2, so that without it bar 2 is another, too.
    kept = [note for note in clip["notes"] if note["start_time"] + note["duration"] > 4]
    assert kept
    played = [{"pitch": 72, "start_time": 1, "duration": 2, "velocity": 100, "mute": 0}, *kept]
    live.order(notes=played, of=["Grand", 0])
    live.press(device, "render_clip")
    live.wait(lambda: live.takes(device)[-1] != path, "the new take")
    live.wait_words(device, "Done")
    edited = live.takes(device)[-1]
    recipe = json.loads(Path(edited).with_suffix(".json").read_text(encoding="utf-8"))
    assert (recipe["request"]["parent"], recipe["request"]["renew_bars"]) == (Path(path).name, "1")
    assert sorted([onset, pitch] for onset, _, pitch, _ in recipe["notes"]["keys"]) == sorted(
        [note["start_time"], note["pitch"]] for note in played
    )
    (before, rate), (after, _) = (soundfile.read(take) for take in (path, edited))
    bar, join = 2 * rate, round(0.03 * rate)
    assert np.array_equal(after[bar + join : -join], before[bar + join : -join]), "bar 2 is the take's own"
    assert not np.array_equal(after[join:bar], before[join:bar])


def test_a_bass_is_written_to_the_clips_of_a_scene(daemon: DaemonUnderTest, live: NodeLive) -> None:
    daemon.status()
    device = live.add(daemon.port, controls={**QUICK, "bars": 4})
    live.wait_words(device, "Ready")
    live.press(device, "complete")
    live.wait_words(device, "No notes play")
    live.order(midi=[_note(pitch, 0) for pitch in (57, 60, 64)], beats=4)  # of a track called Keys
    live.press(device, "complete")
    live.wait_words(device, "Nothing but keys plays")
    live.choose(device, "part", "bass")
    live.press(device, "complete")
    live.wait_words(device, "Done")
    (path,) = live.takes(device)
    recipe = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    asked = recipe["request"]
    assert (asked["part"], asked["bars"], asked["chords"]) == ("bass", 1, "Am")
    assert recipe["notes"]["bass"]
    assert soundfile.info(path).duration == pytest.approx(2.0, abs=1e-4)
    live.order(track="Bass")
    live.press(device, "place_notes")
    live.wait_words(device, "Notes placed")
    (clip,) = [clip for clip in live.midi_clips() if clip["track"] == "Bass"]
    assert len(clip["notes"]) == len(recipe["notes"]["bass"])


def test_a_presets_swing_is_for_new_music_and_not_for_a_clip(
    on_stage: tuple[NodeLive, int], tmp_path: Path
) -> None:
    live, device = on_stage
    live.control(device, "verb", "generate")
    live.choose_preset(device, "swing_drums")
    live.control(device, "bars", 1)
    live.control(device, "steps", 2)
    (path,) = live.generate(device)
    assert _recipe(path)["swing"] == 0.62
    _select_drums(live, tmp_path)
    live.press(device, "source")
    live.control(device, "verb", "vary")
    (path,) = live.generate(device)
    live.control(device, "verb", "generate")
    live.control(device, "loop", 0)
    asked = _recipe(path)
    assert (asked["verb"], asked["preset"], asked["swing"]) == ("vary", "swing_drums", None)


def test_a_preset_that_rings_loops_over_its_bars_and_lets_a_clip_be_varied_as_a_loop(
    on_stage: tuple[NodeLive, int], tmp_path: Path
) -> None:
    live, device = on_stage
    live.control(device, "verb", "generate")
    live.choose_preset(device, "warm_pad")
    live.control(device, "bars", 1)
    live.control(device, "steps", 2)
    (path,) = live.generate(device)
    assert soundfile.info(path).duration > 2
    live.press(device, "place")
    live.wait_words(device, "Placed")
    assert [clip["loop_end"] for clip in live.clips() if clip["file"] == path] == [4]
    _select_drums(live, tmp_path)
    live.press(device, "source")
    live.control(device, "verb", "vary")
    live.control(device, "loop", 1)
    (path,) = live.generate(device)
    live.control(device, "verb", "generate")
    live.control(device, "loop", 0)
    assert (_recipe(path)["loop"], _recipe(path)["end"]) == (1, "cut")


def test_a_model_that_knows_no_sounds_and_parts_renders_any_preset(
    tmp_path: Path, make_daemon: MakeDaemon, live: NodeLive
) -> None:
    controls = (ControlGroup(name="chords", width=36), ControlGroup(name="beat", width=15))
    save_tiny_model(tmp_path / "models" / "tiny", controls=controls)
    running = make_daemon(models=tmp_path / "models").start()
    running.status()
    device = live.add(running.port, controls=QUICK)
    live.wait_words(device, "Ready")
    live.choose_preset(device, "marimba_lead")
    live.control(device, "bars", 1)
    live.control(device, "steps", 2)
    (path,) = live.generate(device)
    assert (_recipe(path)["part"], _recipe(path)["sound"]) == ("", "")
    assert (live.shown(device, "part"), live.shown(device, "sound")) == ("any part", "any sound")


def _select_drums(live: NodeLive, folder: Path) -> None:
    """An audio clip of two beats in detail view."""
    file = write_tone(folder / "drums.wav", 1.0)
    markers = [{"sample_time": 0, "beat_time": 0}, {"sample_time": 1, "beat_time": 2}]
    live.order(audio={"file": str(file), "name": "drums", "markers": markers, "loop_start": 0, "loop_end": 2})


def test_a_star_reaches_the_library(daemon: DaemonUnderTest, live: NodeLive) -> None:
    daemon.status()
    device = live.add(daemon.port, controls=QUICK)
    live.wait_words(device, "Ready")
    live.press(device, "generate")
    live.wait_words(device, "Done")
    before = len(live.said(device, "set"))
    live.control(device, "star", 1)
    live.wait(lambda: live.said(device, "set")[before:].count(["star", 1]) >= 2, "the library's answer")
    starred = (daemon.library / ".msanii" / "starred").read_text(encoding="utf-8").splitlines()
    assert Path(live.takes(device)[-1]).name in starred


def _rendering(make_daemon: MakeDaemon, live: NodeLive) -> tuple[DaemonUnderTest, int]:
    """A daemon in the middle of a render, and the number of the device that asked for it."""
    running = make_daemon().start()
    running.status()
    device = live.add(running.port, controls=SLOW)
    live.wait_words(device, "Ready")
    live.press(device, "generate")
    live.wait(lambda: any(atoms[0] > 0 for atoms in live.said(device, "progress")), "progress")
    return running, device


def test_cancel_while_it_renders(make_daemon: MakeDaemon, live: NodeLive) -> None:
    running, device = _rendering(make_daemon, live)
    live.press(device, "cancel")
    live.wait_words(device, "Cancelled")
    assert not list(running.library.glob("*.wav"))
    assert live.said(device, "progress")[-1] == [0]


def test_a_daemon_killed_in_the_middle_and_started_again(make_daemon: MakeDaemon, live: NodeLive) -> None:
    running, device = _rendering(make_daemon, live)
    running.kill()
    live.wait_words(device, "Bridge not running")
    running.start()
    live.wait_words(device, "Rendering", 30.0)
    live.wait_words(device, "Done", 120.0)
    assert len(live.takes(device)) == 1
    live.press(device, "place")
    live.wait_words(device, "Placed")
    assert live.clips()[0]["loop_end"] == 16


def test_a_render_that_is_cancelled_while_the_daemon_is_away(make_daemon: MakeDaemon, live: NodeLive) -> None:
    running, device = _rendering(make_daemon, live)
    running.kill()
    live.wait_words(device, "Bridge not running")
    live.press(device, "cancel")
    live.wait_words(device, "Will be cancelled as soon as the bridge is back")
    running.start()
    live.wait_words(device, "Cancelled", 30.0)
    assert not list(running.library.glob("*.wav"))


def test_two_devices_take_two_ports_and_each_its_own_takes(daemon: DaemonUnderTest, live: NodeLive) -> None:
    daemon.status()
    first = live.add(daemon.port, controls=QUICK)
    live.wait_words(first, "Ready")
    port = live.said(first, "port")[-1][0]
    second = live.add(daemon.port, controls=QUICK, stored={"port": [port]})
    live.wait_words(second, "Ready")
    assert live.said(second, "port")[0] == [port], "it tries the port that worked for it last"
    assert live.said(second, "port")[-1] != [port]
    for device in (first, second):
        live.press(device, "generate")
    for device in (first, second):
        live.wait_words(device, "Done")
        live.press(device, "place")
        live.wait_words(device, "Placed")
    assert len(live.takes(first)) == len(live.takes(second)) == 1
    assert live.takes(first) != live.takes(second)
    assert {clip["device"]: clip["file"] for clip in live.clips()} == {
        0: live.takes(first)[0],
        1: live.takes(second)[0],
    }
