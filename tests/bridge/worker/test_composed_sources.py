"""In- and outpainted takes whose source has notes: bars are composed to those around, and come again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from bridge.cli.client import Client
from bridge.cli.render import rerender
from bridge.library.recipes import read_recipe
from bridge.settings import Settings
from msanii.music.note_files import read_notes
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient

QUICK = ("bpm", 240, "steps", 2, "iterations", 2, "count", 2)


def takes_of(client: Client, verb: str, *asked: str | float) -> list[Path]:
    answers = list(client.ask(f"/msanii/{verb}", *asked, *QUICK))
    return [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("inpaint", ("from_seconds", 1.0, "to_seconds", 2.0)),
        ("outpaint", ("bars", 1, "side", "after")),
        ("outpaint", ("bars", 1, "side", "before")),
    ],
)
def test_new_bars_are_composed_to_the_sources_and_come_again(
    daemon: DaemonUnderTest, verb: str, asked: tuple[str | float, ...]
) -> None:
    with PatientClient(daemon.port) as client:
        source, _ = takes_of(client, "generate", "part", "pad", "sound", "choir", "bars", 2, "chords", "Am F")
        takes = takes_of(client, verb, "source", str(source), *asked)
        (free, _) = takes_of(client, verb, "source", str(source), *asked, "compose", "off")
    before = read_recipe(source).notes["pad"]
    recipe = read_recipe(takes[1])
    notes = recipe.notes["pad"]
    moved = 4.0 if "before" in asked else 0.0
    kept = before[:3] if verb == "inpaint" else before
    assert {(round(on + moved, 6), round(end + moved, 6), *rest) for on, end, *rest in kept} < set(notes)
    assert len({note[0] for note in notes}) == (2 if verb == "inpaint" else 3)
    assert read_notes(takes[1].with_suffix(".mid")).parts == recipe.notes
    assert not free.with_suffix(".mid").exists()
    settings = Settings(port=daemon.port, library=daemon.library, models_folder=daemon.models, model="tiny")
    again, _ = rerender(recipe, settings, Console(quiet=True))
    assert np.array_equal(soundfile.read(takes[1])[0], soundfile.read(again)[0])
    assert read_recipe(again).notes == recipe.notes


def test_a_source_at_another_tempo_is_not_composed_to(daemon: DaemonUnderTest) -> None:
    with PatientClient(daemon.port) as client:
        source, _ = takes_of(client, "generate", "part", "pad", "bars", 1, "chords", "Am")
        answers = list(
            client.ask(
                "/msanii/outpaint", "source", str(source), "bars", 1, "bpm", 200, "steps", 2, "iterations", 2
            )
        )
    (take,) = [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]
    assert read_recipe(take).notes == {}
