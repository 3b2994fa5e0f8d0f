"""The session tells everybody which values a message changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import messages as m
from bridge.messages import Peer
from bridge.parameters import PARAMETERS
from bridge.render.engine import model_sampling
from bridge.requests.preset_folders import Presets
from bridge.requests.session import Session
from bridge.settings import factory_presets_folder
from tests.bridge.outlets import RecordingOutlet

ME = Peer("127.0.0.1", 5000)
Told = dict[str, tuple[m.Argument, Peer | None]]


@pytest.fixture
def outlet() -> RecordingOutlet:
    return RecordingOutlet()


@pytest.fixture
def session(outlet: RecordingOutlet, tmp_path: Path) -> Session:
    return Session(Presets(factory_presets_folder(), tmp_path), model_sampling, None, outlet)


def told(outlet: RecordingOutlet) -> Told:
    found: Told = {event.path: (event.value, event.by) for event in outlet.events}
    outlet.events.clear()
    return found


def test_a_value_that_is_new_is_told_with_who_set_it(session: Session, outlet: RecordingOutlet) -> None:
    session.set_parameter(m.SetParameter("bpm", 97.3, sender=ME))
    assert told(outlet) == {"param/bpm": (97.3, ME)}
    session.set_parameter(m.SetParameter("bpm", 97.3, sender=ME))
    assert told(outlet) == {}
    session.set_parameter(m.SetParameter("bpm", 98.0))  # a knob
    assert told(outlet) == {"param/bpm": (98.0, None)}


def test_what_changes_with_it_is_told_to_who_set_it_too(session: Session, outlet: RecordingOutlet) -> None:
    session.set_parameter(m.SetParameter("seconds", 9.0, sender=ME))
    assert told(outlet) == {"param/seconds": (9.0, ME)}
    session.set_parameter(m.SetParameter("meter", "7/8", sender=ME))
    assert told(outlet) == {
        "param/numerator": (7, None), "param/denominator": (8, None), "param/meter": ("7/8", ME),
    }  # fmt: skip
    session.set_parameter(m.SetParameter("part", "drums", sender=ME))
    assert told(outlet) == {"param/part": ("drums", ME), "param/sound": ("", None)}


def test_a_value_that_is_unset_is_told_to_everybody_and_the_preset_holds_again(
    session: Session, outlet: RecordingOutlet
) -> None:
    session.load_preset(m.LoadPreset("waltz", sender=ME))
    before = session.values
    for name, value in (("bpm", 97.3), ("meter", "7/8"), ("part", "drums"), ("seconds", 9.0)):
        session.set_parameter(m.SetParameter(name, value, sender=ME))
    outlet.events.clear()
    assert session.reset(m.ResetParameter("bpm", sender=ME)) == ["bpm"]
    assert told(outlet) == {"param/bpm": (session.value_of("bpm"), None)}
    assert session.value_of("bpm") != 97.3
    assert session.reset(m.ResetParameter("bpm", sender=ME)) == []
    assert told(outlet) == {}
    assert session.reset(m.ResetParameter("meter", sender=ME)) == ["numerator", "denominator"]
    assert told(outlet)["param/meter"] == ("3/4", None)
    assert session.reset(m.ResetParameter("bars", sender=ME)) == ["seconds"]
    session.reset(m.ResetParameter("part"))
    assert session.values == before
    session.reset(m.ResetParameter("preset"))
    assert session.values == {}
    assert told(outlet)["preset/load"] == ("piano_loop", None)


def test_all_values_are_unset_but_the_paths_of_others(session: Session, outlet: RecordingOutlet) -> None:
    fresh = {name: session.value_of(name) for name in PARAMETERS}
    session.load_preset(m.LoadPreset("waltz", sender=ME))
    session.set_parameter(m.SetParameter("source", "/music/a.wav", sender=ME))
    session.set_parameter(m.SetParameter("steps", 7, sender=ME))
    session.reset(m.ResetParameter("all", sender=Peer("192.0.2.7", 5000)))
    assert session.values == {"source": "/music/a.wav"}
    session.reset(m.ResetParameter("all", sender=ME))
    assert {name: session.value_of(name) for name in PARAMETERS} == fresh


def test_a_preset_tells_every_value_that_it_changes(session: Session, outlet: RecordingOutlet) -> None:
    before = {name: session.value_of(name) for name in PARAMETERS}
    session.load_preset(m.LoadPreset("waltz", sender=ME))
    after = {name: session.value_of(name) for name in PARAMETERS}
    changed = told(outlet)
    assert changed.pop("preset/load") == ("waltz", ME)
    assert changed.pop("param/meter") == ("3/4", None)
    assert changed == {
        f"param/{name}": (after[name], None) for name in PARAMETERS if after[name] != before[name]
    }
    assert "param/preset" in changed
    session.load_preset(m.LoadPreset("waltz", sender=ME))
    assert told(outlet) == {}
