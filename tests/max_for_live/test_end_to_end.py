"""From the device's button to a clip in the set: the real daemon, real UDP, the real script under Node."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile

from tests.conftest import DaemonUnderTest
from tests.max_for_live.node_device import NodeLive

MakeDaemon = Callable[..., DaemonUnderTest]
QUICK = {"bars": 1, "steps": 2, "count": 1}
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
    assert any(0 < fraction < 1 for fraction in fractions)
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
    tone = tmp_path / "Ton.wav"
    soundfile.write(tone, [[0.1, 0.1]] * 88_200, 44_100)
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


def test_a_preset_that_is_chosen_shows_what_it_holds(daemon: DaemonUnderTest, live: NodeLive) -> None:
    device = live.add(daemon.port)
    live.wait(lambda: any("sketch" in atoms for atoms in live.said(device, "menu")), "the presets")
    names = next(
        atoms[1:] for atoms in live.said(device, "menu") if atoms[0] == "preset" and "sketch" in atoms
    )
    live.control(device, "preset", names.index("sketch"))
    live.wait(lambda: any(atoms[0] == "steps" for atoms in live.said(device, "set")), "its steps")
    assert ["preset", "sketch"] in live.said(device, "store")


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


def test_cancel_while_it_renders(make_daemon: MakeDaemon, live: NodeLive) -> None:
    running = make_daemon().start()
    running.status()
    device = live.add(running.port, controls=SLOW)
    live.wait_words(device, "Ready")
    live.press(device, "generate")
    live.wait(lambda: any(atoms[0] > 0 for atoms in live.said(device, "progress")), "progress")
    live.press(device, "cancel")
    live.wait_words(device, "Cancelled")
    assert not list(running.library.glob("*.wav"))
    assert live.said(device, "progress")[-1] == [0]


def test_a_daemon_killed_in_the_middle_and_started_again(make_daemon: MakeDaemon, live: NodeLive) -> None:
    running = make_daemon().start()
    running.status()
    device = live.add(running.port, controls=SLOW)
    live.wait_words(device, "Ready")
    live.press(device, "generate")
    live.wait(lambda: any(atoms[0] > 0 for atoms in live.said(device, "progress")), "progress")
    running.kill()
    live.wait_words(device, "Bridge not running")
    running.start()
    live.wait_words(device, "Rendering", 30.0)
    live.wait_words(device, "Done", 120.0)
    assert len(live.takes(device)) == 1
    live.press(device, "place")
    live.wait_words(device, "Placed")
    assert live.clips()[0]["loop_end"] == 16


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
