"""Presets are checked, saved without harm, and resolved in the order that the docs promise."""

from __future__ import annotations

import errno
import os
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.messages import (
    BridgeError,
    PartialRequest,
    Render,
    RenderRequest,
    SourceAudio,
    Verb,
    partial_request,
)
from bridge.parameters import OF_MODEL, PARAMETERS
from bridge.render.engine import model_sampling
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import (
    preset_pairs,
    preset_values,
    read_parameter,
    resolve,
    with_parameter,
    with_preset,
)
from bridge.settings import factory_presets_folder
from msanii.limits import DEFAULT_STRENGTH, MAX_SEED
from msanii.music.chords import parse_chords
from tests.bridge.files import write_model

own = model_sampling  # the shipped model's

FACTORY = (
    "bass_line", "drum_loop", "electric_keys", "four_parts", "long_form", "marimba_lead", "paper",
    "piano_loop", "sketch", "swing_drums", "waltz", "warm_pad",
)  # fmt: skip


@pytest.fixture
def presets(tmp_path: Path) -> Presets:
    return Presets(factory_presets_folder(), tmp_path / "präsets")


def found(path: str) -> SourceAudio:
    return SourceAudio(sha256="a" * 64, name=Path(path).name)


def filled(
    presets: Presets, verb: Verb = "generate", session: PartialRequest | None = None, **values: Any
) -> RenderRequest:
    render = Render(verb, None, partial_request(values))
    return resolve(render, presets, session or {}, found, own, choose_seed=lambda: 41)


def user_file(presets: Presets, name: str, text: str | bytes) -> None:
    presets.user_folder.mkdir(exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    (presets.user_folder / f"{name}.yaml").write_bytes(data)


@pytest.mark.parametrize("verb", ["vary", "interpolate", "inpaint", "outpaint"])
def test_a_presets_feel_is_for_new_music_and_not_for_somebodys_source(presets: Presets, verb: Verb) -> None:
    needed: dict[str, Any] = {"source": "/music/a.wav"}
    if verb == "interpolate":
        needed["source_b"] = "/music/b.wav"
    assert filled(presets, preset="swing_drums").swing is not None
    assert filled(presets, verb, preset="swing_drums", **needed).swing is None
    assert filled(presets, verb, {"preset": "swing_drums"}, **needed).swing is None
    # What somebody says is meant.
    assert filled(presets, verb, {"swing": 0.6}, preset="swing_drums", **needed).swing == 0.6
    assert filled(presets, verb, preset="swing_drums", swing=0.58, **needed).swing == 0.58


# --- factory presets ---


@pytest.mark.parametrize("path", sorted(factory_presets_folder().glob("*.yaml")), ids=lambda path: path.stem)
def test_every_factory_preset_resolves_and_tells_what_it_is_for(path: Path, presets: Presets) -> None:
    preset = presets.get(path.stem)
    assert preset.is_factory
    assert preset.description.endswith(".")
    assert filled(presets, preset=path.stem).preset == path.stem


@pytest.mark.parametrize("path", sorted(factory_presets_folder().glob("*.yaml")), ids=lambda path: path.stem)
def test_every_factory_preset_changes_chords_at_bar_lines(path: Path, presets: Presets) -> None:
    request = filled(presets, preset=path.stem)
    spans = parse_chords(request.chords, meter=request.meter)
    assert all(span.end_beats - span.start_beats == request.meter.bar_beats for span in spans)
    assert not spans or request.bars is None or request.bars % len(spans) == 0


def test_the_default_is_four_bars_of_piano_on_four_chords(presets: Presets) -> None:
    request = filled(presets)
    assert (request.preset, request.bars, request.seconds, request.bpm) == ("piano_loop", 4, 8, 120)
    assert (request.numerator, request.denominator, request.chords) == (4, 4, "Am F C G")
    assert {name: getattr(request, name) for name in OF_MODEL} == own("default")
    assert request.seed == 41


def test_paper_is_the_papers_own_setting(presets: Presets) -> None:
    request = filled(presets, preset="paper")
    assert (request.steps, request.scheduler, request.iterations) == (200, "ddim", 200)
    assert (request.seconds, request.bars, request.guidance, request.chords) == (190, None, 1, "")


# --- resolving ---


def test_the_later_layer_wins(presets: Presets) -> None:
    user_file(presets, "mine", "steps: 20\nbpm: 90\nguidance: 3\n")
    session: PartialRequest = {"preset": "mine", "bpm": 100.0, "guidance": 4.0}
    request = filled(presets, session=session, guidance=5.0)
    assert (request.iterations, request.steps, request.bpm, request.guidance) == (32, 20, 100, 5)
    assert request.preset == "mine"


def test_the_settings_own_defaults_lie_under_presets(presets: Presets) -> None:
    user_file(presets, "other", "model: special\n")
    user_defaults: PartialRequest = {"model": "mine"}
    render = Render("generate", None, {})
    models = presets.user_folder.parent
    for name in ("mine", "special"):
        write_model(models / name)
    own = partial(model_sampling, folders=[models])
    assert resolve(render, presets, {}, found, own, user_defaults=user_defaults).model == "mine"
    assert (
        resolve(render, presets, {"preset": "other"}, found, own, user_defaults=user_defaults).model
        == "special"
    )
    assert read_parameter("model", presets, {}, own, user_defaults) == "mine"


def test_a_meter_is_one_word_in_a_preset_and_in_the_session(presets: Presets) -> None:
    user_file(presets, "seven", "meter: 7/8")
    assert presets.get("seven").values == {"numerator": 7, "denominator": 8}
    assert read_parameter("meter", presets, {"preset": "seven"}, own) == "7/8"
    assert with_parameter({"bpm": 90.0}, "meter", "6/8") == {"bpm": 90.0, "numerator": 6, "denominator": 8}
    user_file(presets, "twice", "meter: 7/8\nnumerator: 7")
    with pytest.raises(BridgeError, match="`meter` and `numerator` both give the meter"):
        presets.get("twice")


def test_whichever_length_was_said_last_rules(presets: Presets) -> None:
    assert filled(presets, seconds=3.5).bars is None
    assert filled(presets, preset="paper", bars=2.0).seconds == 4
    session = with_parameter(with_parameter({}, "bars", 2.0), "seconds", 5.0)
    assert session == {"seconds": 5.0}
    assert filled(presets, session=session).seconds == 5
    assert filled(presets, session=session, bars=1.0).bars == 1


def test_a_seed_is_chosen_when_none_is_asked(presets: Presets) -> None:
    render = Render("generate", None, {"count": 16})
    seeds = {resolve(render, presets, {}, found, own).seed for _ in range(8)}
    assert len(seeds) > 1
    assert all(0 <= seed <= MAX_SEED - 15 for seed in seeds)
    assert filled(presets, seed=7).seed == 7


def test_a_source_lasts_as_long_as_it_lasts_and_keeps_its_own_harmony(presets: Presets) -> None:
    request = filled(presets, "vary", source="/music/a.wav")
    assert (request.bars, request.seconds, request.chords) == (None, 0, "")
    assert request.source == found("a.wav")
    assert filled(presets, "vary", source="a.wav", chords="Dm").chords == "Dm"
    assert filled(presets, "vary", source="a.wav", preset="piano_loop").chords == "Am F C G"
    assert filled(presets, "outpaint", source="a.wav", bars=2.0).seconds == 4


def test_the_tempo_of_a_source_is_known_where_somebody_says_it(presets: Presets) -> None:
    assert filled(presets).known_bpm == 120.0
    unsaid = filled(presets, "vary", source="a.wav")
    assert (unsaid.knows_tempo, unsaid.known_bpm) == (False, None)
    assert filled(presets, "vary", source="a.wav", bpm=97.3).known_bpm == 97.3
    assert filled(presets, "vary", {"bpm": 97.3}, source="a.wav").known_bpm == 97.3
    assert filled(presets, "vary", source="a.wav", chords="Dm").knows_tempo  # chords need a tempo


def test_a_region_may_be_given_by_its_length(presets: Presets) -> None:
    def end(session: PartialRequest | None = None, **values: Any) -> float | None:
        request = filled(presets, "inpaint", session, source="a.wav", **values)
        assert (request.bars, request.seconds) == (None, 0)
        return request.to_seconds

    assert end(from_seconds=2.0, bars=1.0, bpm=120.0) == 4
    assert end(bars=2.0, bpm=60.0, numerator=3) == 6
    assert end({"bpm": 60.0}, from_seconds=1.0, bars=1.0) == 5
    assert end(from_seconds=1.0, seconds=0.5) == 1.5
    # A length that nobody says with the request is for new music.
    assert end({"bars": 2.0, "bpm": 120.0}) is None
    with pytest.raises(BridgeError, match="the tempo of the source is not known"):
        end(bars=1.0)
    with pytest.raises(BridgeError, match="send one of them"):
        end(bars=1.0, bpm=120.0, to_seconds=3.0)


def test_a_part_does_not_get_the_sound_of_another(presets: Presets) -> None:
    def players(
        verb: Verb = "generate", session: PartialRequest | None = None, **values: Any
    ) -> tuple[str, ...]:
        request = filled(presets, verb, session, **values)
        return request.part, request.parts, request.sound

    assert players() == ("keys", "", "grand piano")
    assert players(sound="marimba") == ("keys", "", "marimba")
    assert players(part="drums") == ("drums", "", "")
    assert players(parts="keys,bass") == ("", "keys,bass", "")
    assert players(session={"part": "bass", "sound": "synth bass"}) == ("bass", "", "synth bass")
    assert players(session={"part": "bass", "sound": "synth bass"}, part="pad") == ("pad", "", "")
    assert players(preset="four_parts") == ("", "keys,bass,drums,lead", "")
    assert players(preset="four_parts", part="lead") == ("lead", "", "")
    # Somebody's own drums are not for the preset's piano.
    assert players("vary", source="drums.wav") == ("", "", "")
    assert players("vary", source="drums.wav", part="drums") == ("drums", "", "")


def test_what_a_verb_does_not_take_stays_at_its_default(presets: Presets) -> None:
    session: PartialRequest = {"strength": 0.2, "source": "/sticky.wav", "ratio": 0.1}
    request = filled(presets, session=session)
    assert (request.strength, request.ratio, request.source) == (DEFAULT_STRENGTH, 0.5, None)
    assert filled(presets, "vary", session=session).strength == 0.2


@pytest.mark.parametrize(
    ("verb", "values", "code", "words"),
    [
        ("vary", {}, "missing", "`source`"),
        ("interpolate", {"source": "a.wav"}, "missing", "`source_b`"),
        ("inpaint", {"source": "a.wav", "from_seconds": 2.0, "to_seconds": 1.0}, "value", "`to_seconds`"),
        ("generate", {"preset": "nope"}, "preset", f"expected one of {', '.join(FACTORY)}"),
        ("generate", {"bars": 1000.0}, "value", "`bars`: 1000 at 120 bpm last 2000 seconds"),
        ("generate", {"seed": MAX_SEED, "count": 2}, "value", "`seed`"),
        ("generate", {"seed": MAX_SEED, "candidates": 2}, "value", "`seed`"),
        ("generate", {"candidates": 4, "count": 5}, "value", "`candidates`: got 4 for 5 takes"),
        ("generate", {"candidates": 6, "parts": "keys,bass,pad"}, "value", "`candidates`: got 6 for 3 parts"),
        ("generate", {"candidates": 2, "keep": 2}, "value", "`keep`: got 2, expected 0 to 1"),
        ("generate", {"keep": 1}, "value", "`keep`: got 1, expected 0 to 0"),
    ],
)
def test_what_does_not_add_up_is_refused(
    presets: Presets, verb: Verb, values: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(BridgeError) as raised:
        filled(presets, verb, **values)
    assert raised.value.code == code
    assert words in raised.value.message


def test_a_choice_of_the_session_counts_among_several_candidates_alone(presets: Presets) -> None:
    session: PartialRequest = {"keep": 3}
    assert filled(presets, session=session).keep is None
    assert filled(presets, session=session, keep=0).keep is None
    assert filled(presets, session=session, candidates=4).keep == 3


def test_a_source_that_cannot_be_kept_is_said_as_the_library_says_it(presets: Presets) -> None:
    def forbidden(path: str) -> SourceAudio:
        raise BridgeError("forbidden", f"{path} lies outside.")

    with pytest.raises(BridgeError, match="lies outside"):
        resolve(Render("vary", None, {"source": "/etc/passwd"}), presets, {}, forbidden, own)


# --- the session ---


def test_reading_a_parameter_gives_what_a_render_would_use(presets: Presets) -> None:
    session: PartialRequest = {"steps": 30}
    assert read_parameter("steps", presets, session, own) == 30
    assert read_parameter("chords", presets, session, own) == "Am F C G"
    assert read_parameter("seconds", presets, session, own) is None
    for name in PARAMETERS:
        read_parameter(name, presets, session, own)
    with pytest.raises(BridgeError, match="no such parameter"):
        read_parameter("tempo", presets, session, own)


def test_a_loaded_preset_replaces_the_session(presets: Presets) -> None:
    session = with_preset(presets, "paper")
    assert session == {"preset": "paper"}
    assert (filled(presets, session=session).steps, filled(presets, session=session).seconds) == (200, 190)
    with pytest.raises(BridgeError, match="there is no 'nope'"):
        with_preset(presets, "nope")


# --- saving ---


def test_a_saved_preset_is_read_back_and_listed_after_the_factorys(presets: Presets) -> None:
    session: PartialRequest = {"preset": "four_parts", "source": "/a.wav", "bpm": 90.0, "bars": 4.0}
    presets.save("Nächtlich", preset_values(presets, session, {"chords": "C♯m F♯", "seconds": 9.0}))
    preset = presets.get("Nächtlich")
    assert (preset.values["bpm"], preset.values["chords"]) == (90.0, "C♯m F♯")
    assert preset.values["seconds"] == 9.0
    assert not {"bars", "source", "preset"} & preset.values.keys()
    assert not preset.is_factory
    assert presets.names() == [*FACTORY, "Nächtlich"]


SESSIONS = st.sampled_from(
    [
        {},
        {"preset": "four_parts"},
        {"preset": "paper", "bars": 2.0},
        {"preset": "drum_loop", "sound": ""},
        {"preset": "waltz", "part": "bass"},
        {"chords": "", "seconds": 3.0},
    ]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(session=SESSIONS, bpm=st.one_of(st.none(), st.floats(20, 300)))
def test_loading_what_was_saved_changes_no_value(
    presets: Presets, session: PartialRequest, bpm: float | None
) -> None:
    if bpm is not None:
        session = with_parameter(session, "bpm", PARAMETERS["bpm"].check(bpm))
    presets.save("kept", preset_values(presets, session, {}), replace=True)
    loaded = with_preset(presets, "kept")
    for name, row in PARAMETERS.items():
        if row.in_presets:
            assert read_parameter(name, presets, loaded, own) == read_parameter(name, presets, session, own)


def test_a_replaced_preset_keeps_its_file_and_its_description(presets: Presets) -> None:
    presets.user_folder.mkdir()
    file = presets.user_folder / "Lofi.yml"
    file.write_text("description: Slow.\nbpm: 70\nsound: organ\n", encoding="utf-8")
    session = with_preset(presets, "lofi")
    presets.save("lofi", preset_values(presets, session, {"bars": 2.0}), replace=True)
    preset = presets.get("LOFI")
    assert (preset.name, preset.description) == ("Lofi", "Slow.")
    assert preset.values == {"bpm": 70.0, "sound": "organ", "bars": 2.0}
    assert [path.name for path in presets.user_folder.iterdir()] == ["Lofi.yml"]


def test_nothing_is_overwritten_without_replace(presets: Presets) -> None:
    presets.save("mine", {"steps": 10})
    for name in ("mine", "MINE"):
        with pytest.raises(BridgeError, match="replace") as raised:
            presets.save(name, {"steps": 11})
        assert raised.value.code == "exists"
    assert presets.get("mine").values == {"steps": 10}
    presets.save("mine", {"steps": 11}, replace=True)
    assert presets.get("mine").values == {"steps": 11}


@pytest.mark.parametrize("name", ["paper", "Paper"])
def test_a_factory_preset_is_read_only(presets: Presets, name: str) -> None:
    with pytest.raises(BridgeError, match="came with the program"):
        presets.save(name, {"steps": 11}, replace=True)


@pytest.mark.parametrize("values", [{"source": "/a.wav"}, {"preset": "paper"}, {"steps": 0}, {"tempo": 3}])
def test_a_preset_with_a_mistake_is_not_saved(presets: Presets, values: dict[str, object]) -> None:
    with pytest.raises(BridgeError):
        presets.save("mine", values)
    assert presets.names() == sorted(FACTORY)


@pytest.mark.parametrize("name", ["../escaped", "/tmp/x", "a/b", "..", ""])  # noqa: S108 - never written
def test_a_preset_stays_in_its_folder(presets: Presets, name: str) -> None:
    for act in (presets.get, lambda bad: presets.save(bad, {})):
        with pytest.raises(BridgeError, match="`preset`: got"):
            act(name)


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk"), (errno.EACCES, "folder")])
def test_a_save_that_fails_leaves_nothing_behind(
    presets: Presets, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(BridgeError) as raised:
        presets.save("mine", {"steps": 10})
    assert raised.value.code == code
    assert list(presets.user_folder.iterdir()) == []


# --- files that anybody may have written ---

BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "aliases"),
        ("bpm: &x 90\n", "aliases"),
        ("x" * 70_000, "bytes"),
        ("[" * 5_000, "nested too deep"),
        ("bpm: {a: {b: {c: 1}}}", "nested too deep"),
        ("- bpm\n- 90\n", "name: value"),
        ("just words", "name: value"),
        ("3: 4", "name: value"),
        (b"\xff\xfe\x00bpm", "not YAML"),
        ("bpm: [", "not YAML"),
        ("bpm: !!python/object/apply:os.system [ls]", "not YAML"),
        ("bpm: 2026-99-99", "`bpm`: got '2026-99-99'"),
        ("steps: " + "9" * 5_000, "not YAML"),
        ("bpm: .nan", "`bpm`: got nan"),
        ("bpm: fast", "`bpm`: got 'fast'"),
        ("bpm: 2026-01-01", "`bpm`: got '2026-01-01'"),
        ("steps: true", "`steps`: got True"),
        ("bars: 4\nseconds: 3\n", "keep one of them"),
        ("bpm: 97,3", "write it with a point, as in 97.3"),
        ("bars: four", "`bars`: got 'four', expected a number from 0.0625 to 1024 (bars); write a number"),
        ("loop: maybe", "`loop`: got 'maybe', expected one of 0, 1; write yes or no"),
        ("sound: [organ]", "write it in quotes"),
        ("end: rings", "`end`: got 'rings', expected one of cut, fade, ring; did you mean `ring`?"),
        ("denominator: 5", "`denominator`: got 5, expected one of 1, 2, 4, 8, 16, 32; write one of these"),
        ("bpm:\t97.3\nsound:\tgrand piano\n", "a tab on line 1; use spaces"),
        ("bpm: 97\nbars: 2\nbpm: 120\n", "`bpm` is given twice, on lines 1 and 3; keep one"),
        ("tempo: 90", "'tempo': no such value; did you mean `bpm`?"),
        ("register: 60", "did you mean `register_pitch`?"),
        ("xylophone: 90", "'xylophone': no such value; a preset takes model"),
        ("source: /a.wav", "'source' belongs in a request"),
        ("description: 3", "`description`: got 3"),
    ],
)
def test_a_bad_file_is_told_with_its_name(presets: Presets, text: str | bytes, words: str) -> None:
    user_file(presets, "bad", text)
    with pytest.raises(BridgeError) as raised:
        presets.get("bad")
    assert raised.value.code == "preset"
    assert words in raised.value.message
    assert "bad" in raised.value.message
    assert "OSC" not in raised.value.message
    assert "send" not in raised.value.message
    assert filled(presets).preset == "piano_loop"


def test_all_mistakes_of_a_file_are_named_at_once(presets: Presets) -> None:
    user_file(presets, "bad", "bpm: 1\nsteps: x\ntempo: 3\n")
    with pytest.raises(BridgeError) as raised:
        presets.get("bad")
    assert all(name in raised.value.message for name in ("`bpm`", "`steps`", "'tempo'"))


def test_an_edited_file_is_read_again(presets: Presets) -> None:
    user_file(presets, "mine", "steps: 10\n")
    assert presets.get("mine").values == {"steps": 10}
    user_file(presets, "mine", "steps: 100\n")
    assert presets.get("mine").values == {"steps": 100}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("loop: yes", {"loop": 1}),
        ("loop: true", {"loop": 1}),
        ("loop: Off", {"loop": 0}),
        ("seed: 010", {"seed": 10}),
        ('bpm: "97.3"', {"bpm": 97.3}),
        ("denominator: '8'", {"denominator": 8}),
        ("sound: no", {"sound": "no"}),
        ('chords: "1e3"', {"chords": "1e3"}),
        ("model: 808", {"model": "808"}),
        ("key: Am  # minor", {"key": "Am"}),
    ],
)
def test_values_in_a_file_are_what_they_look_like(
    presets: Presets, text: str, values: dict[str, object]
) -> None:
    user_file(presets, "mine", text)
    assert presets.get("mine").values == values


def test_a_preset_is_found_in_any_case_and_with_either_suffix(presets: Presets) -> None:
    user_file(presets, "Mine", "steps: 10\n")
    (presets.user_folder / "other.yml").write_text("bpm: 97.3\n")
    assert presets.get("mine").name == "Mine"
    assert presets.get("OTHER").values == {"bpm": 97.3}
    assert presets.get("Piano_Loop").name == "piano_loop"
    assert filled(presets, preset="PAPER").preset == "paper"
    assert with_preset(presets, "mine") == {"preset": "Mine"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("piano_lop", "did you mean `piano_loop`?"), ("zzz", "expected one of bass_line")],
)
def test_a_name_that_is_not_there_gets_the_nearest(presets: Presets, name: str, words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        presets.get(name)
    assert words in raised.value.message


def test_one_bad_file_hides_none(presets: Presets) -> None:
    user_file(presets, "good", "bpm: 90\n")
    user_file(presets, "tab", "bpm:\t97.3\n")
    user_file(presets, "paper", "bpm: 90\n")
    user_file(presets, "what?", "bpm: 90\n")
    (presets.user_folder / "good.yml").write_text("bpm: 91\n")
    os.mkfifo(presets.user_folder / "pipe.yaml")
    (presets.user_folder / "zero.yaml").symlink_to("/dev/zero")
    told = {file.path.name: str(presets.read(file)) for file in presets.files() if not file.is_factory}
    assert "a tab on line 1" in told["tab.yaml"]
    assert "came with the program" in told["paper.yaml"]
    assert "expected a name of" in told["what?.yaml"]
    assert "`good.yaml` has this name already" in told["good.yml"]
    assert "not a regular file" in told["pipe.yaml"]
    assert "not a regular file" in told["zero.yaml"]
    assert presets.good_names() == [*FACTORY, "good"]
    # Program changes count all, so that a mistake moves none.
    assert presets.names() == [*FACTORY, "good", "pipe", "tab", "zero"]


def test_a_preset_is_renamed_unless_the_name_is_taken(presets: Presets) -> None:
    user_file(presets, "mine", "bpm: 90\n")
    user_file(presets, "other", "bpm: 91\n")
    for taken in ("other", "Paper"):
        with pytest.raises(BridgeError) as raised:
            presets.rename("mine", taken)
        assert raised.value.code == "exists"
    presets.rename("mine", "Mine")
    assert presets.get("mine").name == "Mine"
    with pytest.raises(BridgeError, match="came with the program"):
        presets.rename("paper", "mine2")
    with pytest.raises(BridgeError, match="there is no 'zzz'"):
        presets.own_path("zzz")


def test_strange_files_in_the_folder_are_left_out(presets: Presets) -> None:
    user_file(presets, "mine", "# nothing yet\n")
    assert presets.get("mine").values == {}
    (presets.user_folder / "notes.txt").write_text("x")
    (presets.user_folder / ".hidden.yaml").write_text("x")
    (presets.user_folder / "folder.yaml").mkdir()
    assert "mine" in presets.names()
    assert "notes" not in presets.names()
    with pytest.raises(BridgeError, match="cannot be read"):
        presets.get("folder")


def test_a_preset_read_gives_every_value_that_a_request_naming_it_would_have(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("seconds: 9.5\nsteps: 7\n")
    write_model(tmp_path / "other", guidance=1.5)
    presets = Presets(factory_presets_folder(), tmp_path)
    pairs = preset_pairs("mine", presets, partial(model_sampling, folders=[tmp_path]), {"model": "other"})
    values = dict(zip(pairs[::2], pairs[1::2], strict=True))
    assert values["seconds"] == 9.5
    assert values["steps"] == 7
    assert values["model"] == "other"
    assert values["guidance"] == 1.5
    # The length in bars gave way, and paths are no preset's.
    assert not {"bars", "preset", "source"} & set(values)
