"""What a preset lends to a request with music of its own: every verb, and wherever it is said.

A knob or a pad says the session's values, the Max for Live device names a preset in every request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest

from bridge.library.takes import Library
from bridge.messages import BeatNote, PartialRequest, Render, RenderRequest, Verb, partial_request
from bridge.parameters import PARAMETERS, VERBS
from bridge.render.engine import model_sampling, parse_notes
from bridge.requests.lending import FEEL, HARMONY, KEPT_BACK, PLAYERS
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import read_parameter
from bridge.requests.resolver import Resolver
from bridge.settings import factory_presets_folder, load_settings
from tests.bridge.files import write_audio
from tests.bridge.render_requests import make_recipe

# A preset of somebody's own that holds everything there is to lend, and one that is loaded in its place.
TUNE = "chords: I IV\nkey: Eb major\npart: lead\nsound: marimba\nswing: 0.6\ndensity: 2\n"
LENT = {"chords": "I IV", "key": "Eb major", "part": "lead", "sound": "marimba", "swing": 0.6, "density": 2.0}
DEFAULT = {
    "chords": "Am F C G",
    "key": "",
    "part": "keys",
    "sound": "grand piano",
    "swing": None,
    "density": None,
}
NOTHING = {"chords": "", "key": "", "part": "", "sound": "", "swing": None, "density": None}
SOURCES: Mapping[Verb, tuple[str, ...]] = {
    "generate": (), "vary": ("source",), "interpolate": ("source", "source_b"), "inpaint": ("source",),
    "outpaint": ("source",),
}  # fmt: skip
GROUPS = {"harmony": ("chords", "key"), "players": ("part", "sound"), "feel": ("swing", "density")}
# What the preset lends, by what is given, and by who named the preset.
LENDS: Mapping[tuple[str, str], str] = {
    ("nothing", "nobody"): "harmony players feel",
    ("nothing", "session"): "harmony players feel",
    ("nothing", "request"): "harmony players feel",
    ("notes", "nobody"): "players feel",
    ("notes", "session"): "players feel",
    ("notes", "request"): "harmony players feel",
    ("source", "nobody"): "",
    ("source", "session"): "",
    ("source", "request"): "harmony players",
}
Filled = Callable[..., RenderRequest]


@pytest.fixture
def notes(tmp_path: Path) -> str:
    path = tmp_path / "song.json"
    note = {"pitch": 66, "start_beats": 0.0, "duration_beats": 23.0, "velocity": 90}
    path.write_text(json.dumps({"notes": [note]}), encoding="utf-8")
    return str(path)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Filled]:
    """Resolves as the daemon does: a verb, the session's values, the request's own."""
    presets = Presets(factory_presets_folder(), tmp_path / "presets")
    presets.user_folder.mkdir()
    (presets.user_folder / "tune.yaml").write_text(TUNE, encoding="utf-8")
    library = Library(tmp_path / "library")
    source = write_audio(tmp_path / "a.wav")
    resolver = Resolver(
        load_settings(None, {"library": str(tmp_path / "library")}),
        library, presets, parse_notes, lambda _model: ("marimba,grand piano", "keys,lead"), model_sampling,
    )  # fmt: skip

    def fill(
        verb: Verb, session: PartialRequest, *, played: tuple[BeatNote, ...] | None = None, **values: object
    ) -> RenderRequest:
        given = partial_request(dict.fromkeys(SOURCES[verb], str(source)) | values)
        return asyncio.run(resolver.resolve(Render(verb, None, given, played), session))

    yield fill
    library.close()


@pytest.mark.parametrize(
    ("verb", "named", "notes_by"),
    [*product(VERBS, ("nobody", "session", "request"), ("nobody", "session", "request", "keys"))],
)
def test_what_nobody_named_lends_nothing_to_what_somebody_gave(
    filled: Filled, notes: str, verb: Verb, named: str, notes_by: str
) -> None:
    session: dict[str, object] = {"preset": "tune"} if named == "session" else {}
    values: dict[str, object] = {"preset": "tune"} if named == "request" else {}
    match notes_by:
        case "session":
            session["notes"] = notes
        case "request":
            values["notes"] = notes
        case "keys":  # what was played on them comes as notes, without a file
            values["played"] = ((0.0, 1.0, 66, 90),)
    request = filled(verb, session, **values)
    given = "source" if verb != "generate" else "nothing" if notes_by == "nobody" else "notes"
    lends = LENDS[given, named].split()
    for group, names in GROUPS.items():
        wanted = NOTHING if group not in lends else DEFAULT if named == "nobody" else LENT
        assert {name: getattr(request, name) for name in names} == {name: wanted[name] for name in names}
    assert (request.notes is not None) == (notes_by != "nobody")


@pytest.mark.parametrize(("verb", "by"), [*product(VERBS, ("session", "request"))])
@pytest.mark.parametrize(
    ("name", "value"),
    [("chords", "Dm"), ("key", "F major"), ("part", "bass"), ("sound", "organ"), ("swing", 0.7)],
)
def test_what_somebody_says_is_played_beside_notes_and_sources(
    filled: Filled, notes: str, verb: Verb, by: str, name: str, value: object
) -> None:
    said = {name: value}
    request = filled(verb, said, notes=notes) if by == "session" else filled(verb, {}, notes=notes, **said)
    assert getattr(request, name) == value
    for other in {"chords", "key"} - {name}:
        assert getattr(request, other) == ""


def test_parts_and_a_preset_of_parts_still_rule_who_plays(filled: Filled, notes: str) -> None:
    request = filled("generate", {}, notes=notes, parts="keys,bass")
    assert (request.parts, request.part, request.sound, request.chords) == ("keys,bass", "", "", "")
    request = filled("generate", {"preset": "four_parts"}, notes=notes)
    assert (request.parts, request.chords) == ("keys,bass,drums,lead", "")


def test_a_read_of_the_session_tells_what_its_notes_would_be_played_on(tmp_path: Path) -> None:
    presets = Presets(factory_presets_folder(), tmp_path)
    assert read_parameter("chords", presets, {}, model_sampling) == "Am F C G"
    assert read_parameter("chords", presets, {"notes": "/a.mid"}, model_sampling) == ""
    assert read_parameter("sound", presets, {"notes": "/a.mid"}, model_sampling) == "grand piano"
    # A source in the session is none of a generate.
    assert read_parameter("chords", presets, {"source": "/a.wav"}, model_sampling) == "Am F C G"


def test_notes_that_say_no_meter_last_as_many_bars_as_their_preset_counts(filled: Filled, notes: str) -> None:
    """Twenty-three beats: six bars of four, eight of three."""
    assert filled("generate", {}, notes=notes).bars == 6
    for session, values in (({}, {"preset": "waltz"}), ({"preset": "waltz"}, {}), ({"numerator": 3}, {})):
        request = filled("generate", session, notes=notes, **values)
        assert (request.numerator, request.bars, request.seconds) == (3, 8, 12)


def test_the_rule_names_parameters() -> None:
    assert set(PARAMETERS) >= {*HARMONY, *PLAYERS, *FEEL}
    kept: set[str] = set().union(*((*rule.always, *rule.unless_named) for rule in KEPT_BACK.values()))
    assert kept == {*HARMONY, *PLAYERS, *FEEL}


@pytest.mark.parametrize("verb", ["vary", "inpaint", "interpolate", "outpaint"])
@pytest.mark.parametrize(
    ("session", "values", "knows_tempo", "preset_chosen"),
    [
        ({}, {}, False, False),
        ({}, {"bpm": 97.3}, True, False),
        ({"bpm": 97.3}, {}, True, False),
        ({}, {"chords": "Am"}, True, False),  # laid over the source at the default tempo
        ({"preset": "tune"}, {}, False, True),
        ({}, {"preset": "tune"}, True, True),  # whose chords are laid over the source
        ({}, {"preset": "slow"}, True, True),
    ],
)
def test_a_source_has_the_tempo_and_the_preset_that_somebody_named(
    filled: Filled,
    tmp_path: Path,
    verb: Verb,
    session: PartialRequest,
    values: dict[str, object],
    knows_tempo: bool,
    preset_chosen: bool,
) -> None:
    (tmp_path / "presets" / "slow.yaml").write_text("bpm: 60\n", encoding="utf-8")
    request = filled(verb, session, **values)
    assert (request.knows_tempo, request.preset_chosen) == (knows_tempo, preset_chosen)
    assert request.known_bpm == (request.bpm if knows_tempo else None)


def test_new_music_has_its_tempo_and_preset_even_if_nobody_named_them(filled: Filled) -> None:
    request = filled("generate", {})
    assert (request.known_bpm, request.preset_chosen) == (120.0, True)


def test_a_take_lends_its_tempo_to_what_is_made_of_it(filled: Filled, tmp_path: Path) -> None:
    path = write_audio(tmp_path / "take_1.wav", seconds=2.0)
    recipe = make_recipe(bpm=97.3, seconds=240 / 97.3)
    path.with_suffix(".json").write_text(recipe.readable(), encoding="utf-8")
    assert filled("vary", {}, source=str(path)).known_bpm == 97.3
