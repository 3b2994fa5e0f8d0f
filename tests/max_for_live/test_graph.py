"""The patch carries what patch and script have agreed on: every message is sent along the real cords."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bridge.parameters import PARAMETERS, VERBS
from bridge.settings import DEFAULT_PORT
from max_for_live.controls import CONTROLS, LABELS, STORED, Control
from max_for_live.desk import ORDERS
from max_for_live.wiring import ASKED, HEARD, build_patcher
from tests.max_for_live.max_messages import BANG, MaxPatch, Message
from tests.max_for_live.max_signals import Signals

Heard = list[tuple[str, Message]]
SCRIPT = "js"
MENUS = [control.name for control in CONTROLS if control.kind == "menu"]
REQUESTS = ("generate", "complete")
BUTTONS = [control.name for control in CONTROLS if control.kind == "button"]


@pytest.fixture(scope="module")
def patcher() -> dict[str, Any]:
    return build_patcher()


@pytest.fixture
def patch(patcher: dict[str, Any]) -> MaxPatch:
    return MaxPatch(patcher)


def kinds(*wanted: str) -> list[Control]:
    return [control for control in CONTROLS if control.kind in wanted]


# --- from the face to the script ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "control", kinds("number", "dial", "toggle", "menu"), ids=lambda control: control.name
)
def test_a_moved_control_tells_the_script(patch: MaxPatch, control: Control) -> None:
    assert patch.say(control.name, 1) == [(SCRIPT, ("control", control.name, 1))]


def test_a_tab_tells_the_bridges_own_word_and_greys_what_the_verb_lacks(patch: MaxPatch) -> None:
    for index, verb in enumerate(VERBS):
        heard = patch.say("verb", index)
        assert heard[0] == (SCRIPT, ("control", "verb", verb))
        grey = {name: message[1] for name, message in heard[1:]}
        for name in ("strength", "ratio", "side", "source", "source_b"):
            assert grey[name] == int(verb in PARAMETERS[name].verbs), (verb, name)
        assert grey["from_bar"] == int(verb == "inpaint")
        assert grey["bars"] == int(verb in (*PARAMETERS["bars"].verbs, "inpaint"))
    assert patch.say("side", 1) == [(SCRIPT, ("control", "side", "after"))]
    assert patch.say("place_in", 1) == [(SCRIPT, ("control", "place_in", "arrangement"))]


def test_typed_text_arrives_as_one_word(patch: MaxPatch) -> None:
    assert patch.say("chords", "text", "Am F C G") == [(SCRIPT, ("control", "chords", "Am F C G"))]


@pytest.mark.parametrize("name", sorted(set(BUTTONS) - set(REQUESTS)))
def test_a_button_tells_the_script_once(patch: MaxPatch, name: str) -> None:
    assert patch.say(name, *BANG) == [(SCRIPT, ("press", name))]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_first_sends_what_was_typed_and_not_closed(patch: MaxPatch, name: str) -> None:
    patch.type_text("chords", "Dm G")
    patch.type_text("seed", "42")
    heard = [message for _, message in patch.say(name, *BANG)]
    assert heard[-1] == ("press", name)
    assert ("control", "chords", "Dm G") in heard[:-1]
    assert ("control", "seed", "42") in heard[:-1]


def test_live_tells_when_it_is_ready_and_when_the_device_is_off(patch: MaxPatch) -> None:
    assert patch.say("live.thisdevice", *BANG) == [(SCRIPT, BANG)]
    assert (SCRIPT, ("enabled", 0)) in patch.say("live.thisdevice", 0, outlet=1)
    assert patch.say("dspstate~", 48000.0, outlet=1) == [(SCRIPT, ("sample_rate", 48000.0))]
    assert patch.say("buffer~", *BANG, outlet=1) == [(SCRIPT, ("preview_loaded",))]


def test_what_is_not_lives_own_dims_while_the_device_is_off_in_any_theme(patch: MaxPatch) -> None:
    dim, bright = "lcd_control_fg_zombie", "lcd_control_fg"
    assert patch.say("live.colors", *BANG, outlet=1) == [("live.colors", (bright,))], "on until Live says so"
    assert ("live.colors", (dim,)) in patch.say("live.thisdevice", 0, outlet=1)
    assert patch.say("live.colors", *BANG, outlet=1) == [("live.colors", (dim,))], "another theme, still off"
    assert ("live.colors", (bright,)) in patch.say("live.thisdevice", 1, outlet=1)
    texts = [control.name for control in kinds("text")]
    for colour in (dim, bright):
        heard = dict(patch.say("live.colors", colour, 0.1, 0.2, 0.3, 1.0))
        assert heard.pop("waveform~") == ("waveformcolor", 0.1, 0.2, 0.3, 1.0)
        assert heard == dict.fromkeys(texts, ("textcolor", 0.1, 0.2, 0.3, 1.0))
    assert patch.say("live.colors", "surface_bg", 0.1, 0.2, 0.3, 1.0) == []


# --- OSC ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ASKED)
def test_what_the_script_asks_leaves_under_its_address(patch: MaxPatch, path: str) -> None:
    heard = patch.say(SCRIPT, "osc", path, "x-1", "chords", "Am F C G", "bars", 4)
    assert heard == [("udpsend", (f"/msanii/{path}", "x-1", "chords", "Am F C G", "bars", 4))]


@pytest.mark.parametrize("path", HEARD)
def test_what_the_bridge_answers_reaches_the_script(patch: MaxPatch, path: str) -> None:
    heard = patch.say("udpreceive", f"/msanii/{path}", "x-1", 0, "/a b/c.wav", 8.25)
    assert heard == [(SCRIPT, ("osc", path, "x-1", 0, "/a b/c.wav", 8.25))]


def test_others_messages_end_at_the_door(patch: MaxPatch) -> None:
    assert patch.say("udpreceive", "/live/tempo", 120) == []
    assert patch.say("udpreceive", "/msanii/generate", "bars", 4) == []
    assert patch.say(SCRIPT, "osc", "takes/prune", 1) == []
    assert patch.say(SCRIPT, "no_such_order", 1) == []


def test_the_ports_are_the_scripts_to_choose(patch: MaxPatch, patcher: dict[str, Any]) -> None:
    assert patch.say(SCRIPT, "port", 9817) == [("udpreceive", ("port", 9817))]
    assert patch.say(SCRIPT, "daemon_port", 9900) == [("udpsend", ("port", 9900))]
    texts = [entry["box"].get("text") for entry in patcher["patcher"]["boxes"]]
    assert f"udpsend 127.0.0.1 {DEFAULT_PORT}" in texts
    assert patch.say("loadmess", "maxpacketsize", 16384) == [("udpsend", ("maxpacketsize", 16384))]


# --- from the script to the face ----------------------------------------------------------------------------


@pytest.mark.parametrize("control", kinds("number", "dial", "toggle", "tab", "menu", "text"), ids=str)
def test_a_value_is_shown_without_output(patch: MaxPatch, control: Control) -> None:
    assert patch.say(SCRIPT, "set", control.name, 3) == [(control.name, ("set", 3))]


@pytest.mark.parametrize("name", [label.name for label in LABELS if label.name])
def test_a_label_is_rewritten(patch: MaxPatch, name: str) -> None:
    assert patch.say(SCRIPT, "set", name, "two words") == [("live.comment", ("set", "two words"))]


@pytest.mark.parametrize("name", MENUS)
def test_a_menu_is_filled(patch: MaxPatch, name: str) -> None:
    assert patch.say(SCRIPT, "menu", name, "a", "b c") == [(name, ("_parameter_range", "a", "b c"))]


def test_the_takes_menu_says_the_whole_name_in_the_info_view(patch: MaxPatch) -> None:
    name = "four_parts_120bpm_Cmajor_2bars_572610199_lead_8.wav"
    assert patch.say(SCRIPT, "annotate", "takes", name) == [("takes", ("annotation", name))]
    assert patch.say(SCRIPT, "annotate", "preset", name) == []


def test_controls_are_greyed_by_name_unless_the_verb_rules_them(patch: MaxPatch) -> None:
    for control in CONTROLS:
        heard = patch.say(SCRIPT, "enable", control.name, 0)
        is_ruled = control.kind == "text" or control.verbs != VERBS or not control.is_ready
        assert heard == ([] if is_ruled else [(control.name, ("active", 0))]), control.name


def test_status_has_a_light_and_words_that_the_info_view_repeats(patch: MaxPatch) -> None:
    colours = set()
    for light in range(5):
        heard = patch.say(SCRIPT, "status", light, "Bridge not running: start it")
        words = [message for title, message in heard if title == "live.comment"]
        assert words == [
            ("set", "Bridge not running: start it"),
            ("annotation", "Bridge not running: start it"),
        ]
        (colour,) = [message for title, message in heard if title == "panel"]
        assert colour[0] == "bgfillcolor"
        assert all(isinstance(part, int | float) and 0 <= part <= 1 for part in colour[1:])
        colours.add(colour)
    assert len(colours) == 5
    assert patch.say(SCRIPT, "progress", 0.42) == [("progress", ("set", 42.0))]


@pytest.mark.parametrize("name", STORED)
def test_a_text_is_kept_and_told_again_whatever_it_says(patch: MaxPatch, name: str) -> None:
    assert patch.say(SCRIPT, "store", name, "Am F C G", 7) == [(SCRIPT, ("stored", name, "Am F C G", 7))]
    for word in ("init", "bang", "assign", "-"):
        assert patch.say(SCRIPT, "store", name, word) == [(SCRIPT, ("stored", name, word))]
    assert (SCRIPT, ("stored", name, "-")) in patch.say(SCRIPT, "controls")


def test_what_the_script_stores_by_itself_makes_no_undo_step(patcher: dict[str, Any]) -> None:
    boxes = {entry["box"]["id"]: entry["box"] for entry in patcher["patcher"]["boxes"]}
    ways = {
        boxes[line["patchline"]["destination"][0]]["varname"]: boxes[line["patchline"]["source"][0]]["text"]
        for line in patcher["patcher"]["lines"]
        if str(boxes[line["patchline"]["destination"][0]].get("varname")).startswith("stored_")
        and str(boxes[line["patchline"]["source"][0]]["text"]).startswith("prepend")
    }
    assert ways == {
        f"stored_{name}": "prepend assign v" if name in ("takes", "port") else "prepend v" for name in STORED
    }


def test_controls_asks_everything_that_a_set_keeps_and_nothing_else(patch: MaxPatch) -> None:
    heard = patch.say(SCRIPT, "controls")
    asked = [title for title, message in heard if message == ("outputvalue",)]
    automated = [c.name for c in CONTROLS if c.visibility == "automated"]
    assert sorted(asked) == sorted(automated)
    assert sorted(message[1] for title, message in heard if title == SCRIPT) == sorted(STORED)
    assert ("dspstate~", BANG) in heard
    assert len(heard) == len(automated) + len(STORED) + 1


def test_every_order_of_the_script_is_known(patch: MaxPatch) -> None:
    arguments: dict[str, Message] = {
        "osc": ("hello", "n", 9811), "status": (1, "x"), "menu": ("takes", "-"), "set": ("bars", 4),
        "annotate": ("takes", "x"),
        "enable": ("place", 1), "store": ("port", 9811), "preview_load": ("/a b.wav",),
        "preview_length": (16, 8000.0),
    }  # fmt: skip
    for order in ORDERS:
        assert patch.say(SCRIPT, order, *arguments.get(order, (1,))), order


# --- the sound ----------------------------------------------------------------------------------------------


def test_a_preview_that_is_off_leaves_the_sound_bit_for_bit(patcher: dict[str, Any]) -> None:
    rng = random.Random(6)  # noqa: S311 - any numbers do
    for _ in range(200):
        left, right = (rng.uniform(-2, 2) * 10.0 ** rng.randint(-300, 2) for _ in range(2))
        sources = {("plugin~", 0): left, ("plugin~", 1): right, ("line~", 0): 0.0}
        loud = {("play~", 0): rng.uniform(-1, 1), ("play~", 1): rng.uniform(-1, 1)}
        signals = Signals(patcher, {**sources, **loud})
        out = signals.only("plugout~")
        assert (signals.into(out, 0), signals.into(out, 1)) == (left, right)


def test_a_preview_that_is_on_is_added_at_its_own_level(patcher: dict[str, Any]) -> None:
    sources = {("plugin~", 0): 0.25, ("plugin~", 1): -0.5, ("line~", 0): 1.0}
    signals = Signals(patcher, {**sources, ("play~", 0): 0.125, ("play~", 1): 0.0625})
    out = signals.only("plugout~")
    assert (signals.into(out, 0), signals.into(out, 1)) == (0.375, -0.4375)


def test_the_preview_fades(patch: MaxPatch) -> None:
    assert patch.say(SCRIPT, "preview_gate", 1) == [("line~", (1, 20))]
    assert patch.say(SCRIPT, "preview_load", "/takes/a b.wav") == [("buffer~", ("replace", "/takes/a b.wav"))]


@pytest.mark.parametrize(("beats", "bpm"), [(16, 97.3), (14, 120.0), (3, 61.0), (1, 200.0)])
def test_the_preview_is_where_the_song_is_however_late_the_beats_are_counted(
    patcher: dict[str, Any], beats: float, bpm: float
) -> None:
    milliseconds = beats * 60_000 / bpm
    control = _told(patcher, beats, milliseconds)
    rng = random.Random(7)  # noqa: S311 - any numbers do
    for _ in range(300):
        song = rng.uniform(0.5, 5000)
        counted = song - rng.uniform(0, 0.4)
        told = {("plugsync~", 6): counted, ("plugphasor~", 0): song % 1, ("plugsync~", 0): 1.0}
        signals = Signals(patcher, {**told, ("phasor~", 0): 0.9}, control)
        place = signals.into(signals.only("play~ ---msanii_preview 2"))
        expected = song % beats * milliseconds / beats
        off = abs(place - expected)
        assert min(off, milliseconds - off) < 1e-6


def test_the_preview_runs_freely_while_live_stands(patcher: dict[str, Any]) -> None:
    control = _told(patcher, 16, 9866.4)
    told = {("plugsync~", 6): 3.2, ("plugphasor~", 0): 0.0, ("plugsync~", 0): 0.0, ("phasor~", 0): 0.25}
    signals = Signals(patcher, told, control)
    assert signals.into(signals.only("play~ ---msanii_preview 2")) == pytest.approx(9866.4 / 4)
    heard = MaxPatch(patcher).say(SCRIPT, "preview_length", 16, 9866.4)
    turns = [message[0] for title, message in heard if title == "phasor~"]
    assert sorted(map(float, turns)) == pytest.approx([0.0, 1000 / 9866.4]), "from its start, one take a turn"


def _told(patcher: dict[str, Any], beats: float, milliseconds: float) -> dict[tuple[str, int], float]:
    """What `preview_length` leaves in the inlets of the signal objects."""
    patch = MaxPatch(patcher)
    patch.say(SCRIPT, "preview_length", beats, milliseconds)
    return {
        (identity, inlet): float(message[0])
        for identity, inlet, message in patch.arrivals()
        if patch.title(identity) in ("%~", "*~")
    }
