"""The device is clean by our linter and by Max's own reference data (py2max), and both see planted faults."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from py2max import Patcher
from py2max.lint import lint as lint_by_reference
from py2max.maxref import get_inlet_count, get_outlet_count

from max_for_live.linter import lint
from max_for_live.objects import shape_of
from max_for_live.wiring import build_patcher

Body = dict[str, Any]
Fault = Callable[[Body], object]


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    return build_patcher()


def boxes(body: Body, maxclass: str = "", text: str = "") -> list[dict[str, Any]]:
    every = [entry["box"] for entry in body["boxes"]]
    return [
        box
        for box in every
        if maxclass in ("", box["maxclass"])
        and f"{box.get('text', '')} ".startswith(f"{text} " if text else "")
    ]


def named(body: Body, varname: str) -> dict[str, Any]:
    (found,) = [box for box in boxes(body) if box.get("varname") == varname]
    return found


def value(body: Body, varname: str) -> dict[str, Any]:
    found: dict[str, Any] = named(body, varname)["saved_attribute_attributes"]["valueof"]
    return found


def script(body: Body) -> str:
    return str(boxes(body, "newobj", "js")[0]["id"])


def bank(body: Body) -> list[str]:
    found: list[str] = body["parameters"]["parameterbanks"]["0"]["parameters"]
    return found


def retyped(body: Body, text: str, into: str) -> None:
    boxes(body, "newobj", text)[0]["text"] = into


def cord(body: Body, source: str, outlet: int, target: str, inlet: int) -> None:
    body["lines"].append({"patchline": {"source": [source, outlet], "destination": [target, inlet]}})


def corded(body: Body, *ends: tuple[str, str]) -> None:
    """Draws cords between first outlets and inlets; ends that are not there become new boxes."""
    there = {box["id"] for box in boxes(body)}
    for identity in sorted({end for pair in ends for end in pair} - there):
        body["boxes"].append({"box": {**boxes(body, "newobj", "prepend")[0], "id": identity}})
    for source, target in ends:
        cord(body, source, 0, target, 0)


def uncorded(body: Body, text: str, inlet: int = 0) -> None:
    """Takes away the cords that lead into a box."""
    (box,) = boxes(body, "newobj", text)
    body["lines"] = [line for line in body["lines"] if line["patchline"]["destination"] != [box["id"], inlet]]


def test_the_device_is_clean(clean: dict[str, Any]) -> None:
    assert lint(clean) == []


def test_the_device_is_clean_by_maxs_own_reference(clean: dict[str, Any], tmp_path: Path) -> None:
    assert by_reference(clean, tmp_path) == []


FAULTS: list[tuple[str, Fault, str]] = [
    ("an id twice", lambda b: b["boxes"][5]["box"].update(id="obj-1"), "have this id"),
    ("a cord to nowhere", lambda b: cord(b, "obj-1", 0, "obj-9999", 0), "an end is missing"),
    ("an outlet too many", lambda b: cord(b, script(b), 1, "obj-3", 0), "has 1 outlets"),
    ("an inlet too many", lambda b: cord(b, script(b), 0, "obj-3", 7), "has 1 inlets"),
    ("a cord twice", lambda b: b["lines"].append(b["lines"][0]), "drawn 2 times"),
    ("a box without cords", lambda b: b["lines"].clear(), "no cord leads"),
    ("two boxes that talk to each other alone",
     lambda b: corded(b, ("obj-901", "obj-902"), ("obj-902", "obj-901")), "nothing reaches it"),
    ("a box that nothing speaks to", lambda b: corded(b, ("obj-901", script(b))), "nothing reaches it"),
    ("a dead end", lambda b: corded(b, (script(b), "obj-901")), "goes nowhere"),
    ("texts that stay bright", lambda b: uncorded(b, "prepend textcolor"), "stays bright"),
    ("a waveform that stays bright", lambda b: uncorded(b, "prepend waveformcolor"), "stays bright"),
    ("colours that never hear of the switch", lambda b: uncorded(b, "int 1", 0), "stays bright"),
    ("a print", lambda b: retyped(b, "dspstate~", "print"), "no place for `print`"),
    ("a speaker", lambda b: retyped(b, "plugout~", "dac~"), "no place for `dac~`"),
    ("an unknown object", lambda b: retyped(b, "dspstate~", "somebodys.external"), "not in the table"),
    ("wrong outlet count", lambda b: boxes(b, "live.menu")[0].update(numoutlets=2), "2 outlets, expected 3"),
    ("wrong outlet types", lambda b: boxes(b, "live.tab")[0].update(outlettype=["", "", ""]), "outlettype"),
    ("a route with a word more", lambda b: retyped(b, "route text", "route text more"), "expected 3"),
    ("a trigger with a letter more", lambda b: retyped(b, "t b b b b", "t b b b b b"), "expected 5"),
    ("a buffer that devices share", lambda b: retyped(b, "buffer~ ---msanii_preview", "buffer~ take"), "---"),
    ("a waveform of another device", lambda b: boxes(b, "waveform~")[0].update(buffername="take"), "---"),
    ("a path of somebody's machine", lambda b: boxes(b, "live.comment")[0].update(text="/Users/x/a.wav"),
     "absolute path"),
    ("a path of Windows", lambda b: boxes(b, "live.comment")[0].update(text="C:/m4l/a.wav"), "absolute path"),
    ("a script that is not packed", lambda b: b["dependency_cache"].clear(), "the patch needs"),
    ("a script elsewhere", lambda b: b["dependency_cache"][0].update(bootpath="../js"), "beside the device"),
    ("a false latency", lambda b: b.update(latency=64), "delays nothing"),
    ("an instrument", lambda b: b["project"].update(amxdtype=1768515945), "expected an audio effect"),
    ("a flash on opening", lambda b: b["openrect"].__setitem__(2, 900.0), "flashes"),
    ("a minimum that older Lives lack", lambda b: b.update(minimum_live_version="12.0.5"), "minimum version"),
    ("another font", lambda b: b.update(default_fontname="Comic Sans MS"), "Live's is Ableton Sans"),
    ("another size of font", lambda b: b.update(default_fontsize=12.0), "Live's is Ableton Sans"),
    ("a font for one control", lambda b: named(b, "steps").update(fontname="Arial"), "font of its own"),
    ("opening in the editor", lambda b: b.update(openinpresentation=0), "show the cords"),
    ("half a pixel", lambda b: named(b, "bars")["presentation_rect"].__setitem__(0, 160.5), "fractions"),
    ("beyond the face", lambda b: named(b, "reveal")["presentation_rect"].__setitem__(1, 160.0), "leaves"),
    ("one over another", lambda b: named(b, "dice")["presentation_rect"].__setitem__(0, 100.0), "overlap"),
    ("uneven margins", lambda b: [box["presentation_rect"].__setitem__(0, box["presentation_rect"][0] - 1)
                                  for box in boxes(b) if box.get("presentation")], "margins"),
    ("words too wide", lambda b: named(b, "star").update(text="Remember this one"), "does not fit"),
    ("tabs too wide", lambda b: value(b, "side").update(parameter_enum=["Before it", "After all of it"]),
     "do not fit"),
    ("a number too wide", lambda b: value(b, "from_bar").update(parameter_units="from bar %d"),
     "'from bar 256' does not fit"),
    ("a dial's name too wide", lambda b: value(b, "ratio").update(parameter_shortname="How much of it"),
     "does not fit"),
    ("no info text", lambda b: named(b, "steps").pop("annotation"), "no info title"),
    ("colours of its own", lambda b: named(b, "steps").update(textcolor=[1, 0, 0, 1]), "Live's theme"),
    ("acting on mouse down", lambda b: named(b, "place").update(outputmode=0), "mouse goes down"),
    ("a hidden control", lambda b: named(b, "steps").pop("presentation"), "does not show"),
    ("a long name twice", lambda b: value(b, "steps").update(parameter_longname="Bars"), "2 parameters"),
    ("a copied name", lambda b: value(b, "steps").update(parameter_longname="Steps[1]"), "looks like a copy"),
    ("a long short name", lambda b: value(b, "steps").update(parameter_shortname="Denoising"), "short name"),
    ("too many whole numbers", lambda b: value(b, "steps").update(parameter_mmax=1000.0), "Live has 256"),
    ("an initial value out of range", lambda b: value(b, "steps").update(parameter_initial=[0.0]), "initial"),
    ("no initial value", lambda b: value(b, "steps").update(parameter_initial_enable=0), "initial value"),
    ("an empty range", lambda b: value(b, "ratio").update(parameter_mmax=0.0), "is empty"),
    ("empty labels", lambda b: value(b, "side").update(parameter_enum=["val1", "b"]), "say nothing"),
    ("a highest value without a label", lambda b: value(b, "side").update(parameter_mmax=2), "for 2 labels"),
    ("a wrong type", lambda b: value(b, "loop").update(parameter_type=0), "does not fit live.text"),
    ("no modulation mode", lambda b: value(b, "ratio").pop("parameter_modmode"), "modulation mode"),
    ("a button in the undo list", lambda b: value(b, "generate").update(parameter_invisible=0), "undo step"),
    ("a switch of the script's in the undo list", lambda b: value(b, "preview").update(parameter_invisible=1),
     "the script moves it"),
    ("a star in automation", lambda b: value(b, "star").update(parameter_invisible=0), "the script moves it"),
    ("a menu in the undo list", lambda b: value(b, "takes").update(parameter_invisible=1),
     "the script moves it"),
    ("progress in the undo list", lambda b: value(b, "progress").update(parameter_invisible=1),
     "the script moves it"),
    ("a control that cannot be automated", lambda b: value(b, "bars").update(parameter_invisible=1),
     "stored only"),
    ("bars in decibels", lambda b: value(b, "bars").update(parameter_unitstyle=4), "unit style 4"),
    ("guidance in whole numbers", lambda b: value(b, "guidance").update(parameter_unitstyle=0),
     "unit style 0"),
    ("no unit style", lambda b: value(b, "steps").pop("parameter_unitstyle"), "no unit style"),
    ("a unit that is not shown", lambda b: value(b, "from_bar").update(parameter_unitstyle=0), "units"),
    ("an automated text", lambda b: value(b, "stored_seed").update(parameter_invisible=0), "only be stored"),
    ("a control without a parameter", lambda b: named(b, "steps").pop("saved_attribute_attributes"),
     "without a parameter"),
    ("a table of old names", lambda b: b["parameters"].update({script(b): ["x", "x", 0]}), "differ"),
    ("a bank of strangers", lambda b: bank(b).__setitem__(0, "Speed"), "no automated parameter"),
    ("a parameter that Push lacks", lambda b: bank(b).__setitem__(0, "-"), "none has 'Verb'"),
    ("a short bank", lambda b: bank(b).pop(), "7 slots"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("plant", "sentence"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_planted_fault_is_seen(clean: dict[str, Any], plant: Fault, sentence: str) -> None:
    faulty = copy.deepcopy(clean)
    plant(faulty["patcher"])
    assert any(sentence in fault for fault in lint(faulty)), lint(faulty)


@pytest.mark.parametrize(
    ("plant", "code"),
    [
        (lambda b: cord(b, "obj-1", 0, "obj-9999", 0), "E-ORPHAN-LINE"),
        (lambda b: cord(b, boxes(b, "newobj", "udpreceive")[0]["id"], 5, "obj-2", 0), "E-OUTLET-RANGE"),
        (lambda b: cord(b, "obj-2", 0, boxes(b, "newobj", "udpsend")[0]["id"], 5), "E-INLET-RANGE"),
        (lambda b: b["boxes"][5]["box"].update(id="obj-1"), "E-DUP-ID"),
        (lambda b: retyped(b, "dspstate~", "somebodys.external"), "W-UNKNOWN-OBJECT"),
    ],
)
def test_maxs_reference_sees_planted_faults(
    clean: dict[str, Any], plant: Fault, code: str, tmp_path: Path
) -> None:
    faulty = copy.deepcopy(clean)
    plant(faulty["patcher"])
    assert code in {found.code for found in by_reference(faulty, tmp_path)}


def test_our_table_of_objects_agrees_with_maxs_reference(clean: dict[str, Any]) -> None:
    compared = 0
    for box in boxes(clean["patcher"]):
        name = box["text"].split()[0] if box["maxclass"] == "newobj" else box["maxclass"]
        if name in ARGUMENTS_COUNT:
            continue
        shape = shape_of(box["maxclass"], box.get("text", ""))
        for ours, theirs in (
            (shape.inlets, get_inlet_count(name)),
            (len(shape.outlets), get_outlet_count(name)),
        ):
            if theirs is not None:
                assert ours == theirs, name
                compared += 1
    assert compared > 100


# Their inlets and outlets follow their arguments, which the reference does not read.
ARGUMENTS_COUNT = ("route", "sel", "t", "unpack", "expr", "selector~", "play~", "js", "udpsend", "prepend")


def by_reference(patcher: dict[str, Any], folder: Path) -> list[Any]:
    path = folder / "device.maxpat"
    path.write_text(json.dumps(patcher), encoding="utf-8")
    return list(lint_by_reference(Patcher.from_file(path)))
