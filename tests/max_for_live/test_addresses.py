"""What the device sends and hears is in the bridge's table, and what belongs on the device is there."""

from __future__ import annotations

import re
import shlex
from itertools import chain

import pytest

from bridge.addresses import table as addresses
from bridge.cli.client import parse_argument
from bridge.messages import Peer, Verb
from bridge.parameters import PARAMETERS, VERBS, for_verb
from bridge.render.engine import model_sampling
from max_for_live.build_device import FOLDER
from max_for_live.controls import CONTROLS, STORED, Control
from max_for_live.desk import ORDERS
from max_for_live.lint_parameters import MOVED_BY_SCRIPT
from max_for_live.wiring import ASKED, HEARD, address, build_patcher

ME = Peer("127.0.0.1", 9811)

# Values that the script takes from the set, and files that it makes or finds.
FROM_THE_SET = {"bpm", "numerator", "denominator", "key", "rate"}
FROM_CLIPS = {"source", "source_b", "notes", "from_seconds", "to_seconds"}
# Left off the face, each for its reason; the README tells how a preset reaches them.
LEFT_TO_PRESETS = {
    "model": "another model is loaded for seconds to minutes: chosen for a project, not for a take",
    "scheduler": "a matter of the paper; the default is as good in fewer steps",
    "iterations": "counts only without a vocoder of the model's own, which the shipped model has",
    "phase": "as iterations: a way to compare, not to play",
    "repaint": "of Inpaint and Outpaint alone, and each step up costs minutes: chosen once",
    "end": "Loop on the face is the choice that placing needs; ring and fade belong to a kind of sound",
    "loudness_lufs": "one level for a whole project; Live's own gain is nearer for one clip",
    "format": "one for a whole project; Live takes all four",
    "name_template": "one for a whole library",
    "swing": "feel, which models follow to different degrees: four dials that promise more than they keep",
    "density": "feel, as swing",
    "register_pitch": "feel, as swing",
    "dynamics": "feel, as swing",
    "guidance_of": "a list in text, for those who found that one Guidance is not enough; each costs time",
    "guidance_rule": "as scheduler: the model's own is the right one, another is for comparing",
    "batch": "for machines with little memory, or many of them: a setting of the machine, not of the music",
    "candidates": "each one costs the time of a take: chosen for a project, as quality is",
    "edition": "says how takes of before were rendered, for their recipes",
    "parts": "several files instead of takes: what it does to Takes and Sound is a preset's kind of choice",
    "compose": "`off` is the network alone, for comparisons: no notes lie beside such a take",
    "level_db": "of `parts` alone, as those; Live's own faders are nearer",
}
# Live counts in bars: the device always sends them, and then no preset's seconds count.
# A clip's notes begin at its own bar 1. Recipes alone say which candidate was kept.
NEVER_FROM_THE_DEVICE = {"seconds", "notes_from_beats", "beat_seconds", "keep"}

SHOWN = [control for control in CONTROLS if control.name in PARAMETERS]


@pytest.fixture(scope="module")
def script() -> str:
    return (FOLDER / "MsaniiLive.js").read_text(encoding="utf-8")


def test_every_address_in_the_patch_is_in_the_table() -> None:
    boxes = [str(entry["box"].get("text", "")) for entry in build_patcher()["patcher"]["boxes"]]  # type: ignore[index]
    written = {word for text in boxes for word in text.split() if word.startswith("/")}
    assert written == {address(path) for path in (*ASKED, *HEARD)}
    for path in HEARD:
        assert addresses.is_answer(address(path))
    for path in ASKED:
        assert address(path) in addresses.BY_PATH


def test_an_address_that_the_bridge_lacks_cannot_be_built() -> None:
    for path in ("generat", "takes/prune", "queued.reply", "hello.replies"):
        with pytest.raises(ValueError, match="no such address"):
            address(path)


def test_the_script_sends_and_handles_what_the_patch_carries(script: str) -> None:
    sent = set(re.findall(r"\bsend\(\"([^\"]+)\"", script))
    assert sent == set(ASKED)
    table = re.search(r"var HANDLERS = \{(.*?)\n\};", script, re.DOTALL)
    assert table is not None
    assert set(re.findall(r"^  \"([^\"]+)\":", table[1], re.MULTILINE)) == set(HEARD)


def test_the_script_knows_every_name_that_the_patch_says(script: str) -> None:
    said = {control.name for control in CONTROLS} | set(STORED)
    unknown = {name for name in said if not re.search(rf"\"{name}\"|\b{name}:", script)}
    assert not unknown
    given = set(re.findall(r"outlet(?:\.apply)?\((?:0|null, \[0), \"(\w+)\"", script))
    assert given <= set(ORDERS)
    assert set(ORDERS) - given == set()


def test_the_script_begins_where_the_controls_stand(script: str) -> None:
    """What nobody has moved is asked too: the shipped model's steps and guidance, not others."""
    begins = re.search(r"  var values = \{\n    verb: (.*?)\n  \};", script, re.DOTALL)
    assert begins is not None
    numbers = [control for control in SHOWN if control.kind in ("number", "dial")]
    assert len(numbers) >= 6
    for control in numbers:
        assert f" {control.name}: {control.initial:g}," in begins[1], control.name


def test_every_verb_is_on_the_device() -> None:
    (verb,) = [control for control in CONTROLS if control.name == "verb"]
    assert tuple(word for word, _ in verb.words) == VERBS
    assert set(VERBS) < set(ASKED)


def test_every_parameter_is_on_the_device_or_left_out_on_purpose(script: str) -> None:
    shown = {control.name for control in SHOWN}
    left = LEFT_TO_PRESETS.keys() | NEVER_FROM_THE_DEVICE
    assert shown | FROM_THE_SET | FROM_CLIPS | left == set(PARAMETERS)
    assert not left & (shown | FROM_THE_SET | FROM_CLIPS)
    for name in shown | FROM_THE_SET | FROM_CLIPS:
        assert f'"{name}"' in script, f"the script never says `{name}`"


@pytest.mark.parametrize("name", LEFT_TO_PRESETS)
def test_what_is_left_to_presets_can_be_in_one_and_the_readme_says_so(name: str) -> None:
    assert PARAMETERS[name].in_presets
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    _, section = readme.split("## What only a preset changes\n")
    assert f"`{name}`" in section.split("\n## ")[0]


def test_the_readmes_example_of_a_preset_is_understood() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^msanii-bridge send (/msanii/preset/save .*)$", readme, re.MULTILINE)
    path, *arguments = shlex.split(line)
    assert addresses.parse(path, [parse_argument(word) for word in arguments], ME) is not None


def test_what_the_script_moves_by_itself_is_hidden_from_live(script: str) -> None:
    moved = set(re.findall(r"Panel\.set\(\"(\w+)\"", script))
    found = {
        control.name: control for control in CONTROLS if control.name in moved and control.kind != "text"
    }
    assert {"takes", "preview", "star"} <= set(found)
    for name, control in found.items():
        assert control.visibility == "hidden", name
        assert control.kind == "menu" or name in MOVED_BY_SCRIPT, f"{name}: tell the linter"


@pytest.mark.parametrize("control", SHOWN, ids=lambda control: control.name)
def test_every_value_of_a_control_is_one_that_the_bridge_takes(control: Control) -> None:
    row = PARAMETERS[control.name]
    if control.kind in ("number", "dial"):
        for value in (control.low, control.initial, control.high):
            assert row.check(value) == value
        own = model_sampling("default")
        assert control.initial == (own.get(row.name) if row.of_model else row.default)
        assert control.is_whole or row.kind == "float"
    elif control.kind == "tab":
        assert tuple(row.check(word) for word, _ in control.words) == row.choices
        assert control.words[0][0] == row.choices[0]
    elif control.kind == "toggle":
        assert [row.check(value) for value in (0, 1)] == [0, 1]


@pytest.mark.parametrize("verb", VERBS)
def test_a_request_with_every_control_is_understood(verb: Verb) -> None:
    taken = {parameter.name for parameter in for_verb(verb)}
    said = {
        "preset": "piano_loop", "chords": "Am F C G", "seed": 7, "sound": "strings", "part": "keys",
        "style": "house", "loop": 1, "source": "/a b.wav", "source_b": "/c.wav", "side": "after",
    }  # fmt: skip
    values = [(c.name, said.get(c.name, c.high)) for c in SHOWN if c.name in taken]
    followed = [("bpm", 97.3), ("numerator", 6), ("denominator", 8), ("key", "A minor"), ("rate", 48000)]
    message = addresses.parse(address(verb), ["n-1", *chain.from_iterable([*values, *followed])], ME)
    assert {"bpm", "preset", "chords"} <= set(message.values)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("hello", ("nonce", 9811)), ("hello", ("nonce", 9811.0)), ("notify", (1, 9811)),
        ("notify", (0, 9811)), ("sync", (3,)), ("status", (1,)), ("preset/list", (1,)),
        ("style/list", (6, 8)), ("preset/read", ("sketch",)), ("cancel", ("n-1",)),
        ("complete", ("n-1", "part", "bass", "notes", "/x/n.json", "preset", "piano_loop", "chords", "")),
        ("edit", ("n-1", "/takes/a b.wav", "notes", "/x/n.json")),
        ("take/star", ("/takes/a b.wav", 1)), ("take/star", ("/takes/a b.wav", 0)),
        ("listen", ("/x/m4l-heard-1.json",)),
    ],
)  # fmt: skip
def test_the_other_messages_are_understood(path: str, arguments: tuple[object, ...]) -> None:
    assert addresses.parse(address(path), arguments, ME) is not None
