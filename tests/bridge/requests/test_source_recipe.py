"""What a take lends to the request that starts from it: as a table, and through the real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Client
from bridge.library.recipes import read_recipe
from bridge.library.takes import Library
from bridge.messages import Argument, PartialRequest, Peer, Render, RenderRequest, Verb, partial_request
from bridge.render.engine import model_sampling, parse_notes
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.requests.source_recipe import SourceTake, lent_by_source, turned
from bridge.settings import factory_presets_folder, load_settings
from msanii.music.chords import Meter
from tests.bridge.files import drop_take, write_audio
from tests.bridge.render_requests import make_recipe, make_request
from tests.bridge.test_daemon import takes_of

MUSIC: Mapping[str, float | str] = {"bpm": 96.0, "numerator": 3, "denominator": 4, "key": "A minor"}
PLAYED = {"sound": "marimba", "part": "lead"}
CHORDS = "Am F C G"
BAR = 3 * 60 / 96
SMALL: tuple[Argument, ...] = ("steps", 2, "iterations", 2)

# --- the rule -------------------------------------------------------------------------------------------


def made(bars: float = 4.0, index: int = 0, **values: Any) -> SourceTake:
    said: dict[str, Any] = {
        **MUSIC,
        **PLAYED,
        "chords": CHORDS,
        "bars": bars,
        "seconds": bars * BAR,
        **values,
    }
    return SourceTake(request=make_request(**said), index=index, seconds=bars * BAR)


def lent(
    take: SourceTake, verb: Verb = "inpaint", said: PartialRequest | None = None, *,
    has_notes: bool = False, **values: object,
) -> PartialRequest:  # fmt: skip
    layered = partial_request({"side": "after", "bars": 4.0} | values)
    return lent_by_source(take, verb, said or {}, layered, has_notes=has_notes)


ALL: dict[str, float | str] = {**MUSIC, **PLAYED, "chords": CHORDS}


@pytest.mark.parametrize("verb", ["vary", "interpolate", "inpaint"])
@pytest.mark.parametrize("made_by", ["generate", "vary", "inpaint"])
def test_a_take_lends_all_to_what_has_its_length(verb: Verb, made_by: Verb) -> None:
    assert lent(made(verb=made_by), verb) == ALL


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"chords": ""}, {**MUSIC, **PLAYED}),
        ({"chords": "Dm G"}, {**MUSIC, **PLAYED}),
        ({"bpm": 97.0}, PLAYED),
        ({"numerator": 4}, PLAYED),
        ({"bpm": 96.0001}, {name: value for name, value in ALL.items() if name != "bpm"}),
        ({"numerator": 3, "denominator": 4}, {"bpm": 96.0, "key": "A minor", **PLAYED, "chords": CHORDS}),
        ({"key": "C major"}, {**{name: MUSIC[name] for name in MUSIC if name != "key"}, **PLAYED}),
        ({"sound": "organ"}, {**MUSIC, "chords": CHORDS}),
        ({"part": "bass"}, {**MUSIC, "chords": CHORDS}),
        ({"steps": 3, "model": "tiny"}, ALL),
    ],
)
def test_what_somebody_says_is_not_lent(said: PartialRequest, wanted: dict[str, object]) -> None:
    assert lent(made(), said=said) == wanted


def test_beside_notes_a_take_lends_its_players_alone() -> None:
    assert lent(made(), has_notes=True) == PLAYED


@pytest.mark.parametrize(
    ("bars", "side", "length", "wanted"),
    [
        (4.0, "after", 2.0, "Am F C G"),
        (8.0, "after", 2.0, "Am F C G"),
        (2.0, "after", 2.0, "C G Am F"),
        (3.0, "after", 4.0, "G Am F C"),
        (2.5, "after", 4.0, None),
        (4.0, "before", 4.0, "Am F C G"),
        (4.0, "before", 1.0, "G Am F C"),
        (2.5, "before", 6.0, "C G Am F"),
        (4.0, "before", 1.5, None),
    ],
)
def test_outpainting_goes_on_in_the_progression(
    bars: float, side: str, length: float, wanted: str | None
) -> None:
    by_bars = lent(made(bars), "outpaint", side=side, bars=length)
    in_seconds = partial_request({"side": side, "seconds": length * BAR})
    assert by_bars == lent_by_source(made(bars), "outpaint", {}, in_seconds, has_notes=False)
    assert by_bars == {**MUSIC, **PLAYED} | ({} if wanted is None else {"chords": wanted})


@pytest.mark.parametrize(
    ("own_side", "side", "wanted"),
    [("after", "after", "F C G Am"), ("before", "before", "F C G Am"), ("after", "before", None)],
)
def test_what_was_outpainted_goes_on_at_its_own_end_alone(
    own_side: str, side: str, wanted: str | None
) -> None:
    longer = replace(made(1.0, verb="outpaint", side=own_side), seconds=4 * BAR)  # one bar is its own
    assert lent(longer, "outpaint", side=side, bars=3.0).get("chords") == wanted
    assert "chords" not in lent(longer, "inpaint")


def test_nobody_knows_the_bars_of_what_was_cut_or_had_none() -> None:
    take = made()
    assert lent(replace(take, is_whole=False)) == PLAYED
    assert lent(made(verb="inpaint", chords="")) == PLAYED
    assert lent(made(chords="")) == {**ALL, "chords": ""}
    assert lent(made(verb="interpolate")) == {}


def test_an_arrangement_lends_the_part_that_is_heard() -> None:
    values: dict[str, Any] = {"parts": "keys,bass", "sound": "organ, synth bass", "part": "", "count": 3}
    players = [{"part": "keys", "sound": "organ"}, {"part": "bass", "sound": "synth bass"}]
    for index, wanted in enumerate([*players, {"part": "mix", "sound": ""}]):
        assert lent(made(index=index, **values)) == {**ALL, **wanted}


def test_names_that_no_model_knows_are_not_lent() -> None:
    assert lent(made(sound="kazoo")) == {**MUSIC, "chords": CHORDS}
    assert lent(made(3.0, chords="X X X"), "outpaint").get("chords") == ""


@pytest.mark.parametrize(
    ("chords", "beats", "wanted"),
    [
        ("Am:2 F:2 C", 2, "F:2 C Am:2"),
        ("Am F | C G", 4, "C:2 G:2 Am:2 F:2"),
        ("Am:6 F:2", 4, "Am:2 F:2 Am"),
        ("I % V7/V N.C.", 8, "V7/V N.C. I I"),
        ("Am", 12, "Am"),
        ("Am F C G", -4, "G Am F C"),
        ("", 4, ""),
        ("Am:0.25 F:4", 4.15, ""),
    ],
)
def test_a_progression_is_turned(chords: str, beats: float, wanted: str) -> None:
    assert turned(chords, beats, key="C major", meter=Meter()) == wanted


# --- through the socket -----------------------------------------------------------------------------------


def asked(client: Client, verb: str, source: Path, *values: Argument) -> RenderRequest:
    """The request in the recipe of the take that comes of it."""
    extra = SMALL if verb in ("vary", "interpolate") else ("iterations", 2)
    (path,) = takes_of(list(client.ask(f"/msanii/{verb}", "source", str(source), *values, *extra)))
    return read_recipe(path).request


def music_of(request: RenderRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in ALL}


def take(client: Client, bars: int, *values: Argument) -> Path:
    pairs = [part for pair in ALL.items() for part in pair]
    (path,) = takes_of(list(client.ask("/msanii/generate", "bars", bars, *pairs, *values, *SMALL)))
    return path


NOTHING: dict[str, float | str] = {
    "bpm": 120.0, "numerator": 4, "denominator": 4, "key": "", "sound": "", "part": "", "chords": "",
}  # fmt: skip


def test_takes_as_sources(client: Client) -> None:
    four = take(client, 4)
    inpainted = asked(client, "inpaint", four, "from_seconds", 2.0, "to_seconds", 4.0)
    assert music_of(inpainted) == ALL
    assert music_of(asked(client, "vary", four, "strength", 0.5)) == ALL
    assert music_of(asked(client, "inpaint", four, "to_seconds", 2.0, "chords", "")) == ALL | {"chords": ""}
    other = asked(client, "inpaint", four, "to_seconds", 2.0, "bpm", 100)
    assert music_of(other) == NOTHING | PLAYED | {"bpm": 100.0}
    named = asked(client, "inpaint", four, "to_seconds", 2.0, "preset", "sketch")
    assert music_of(named) == ALL | {"sound": "grand piano", "part": "keys"}  # its chords are Am F C G too
    after = asked(client, "outpaint", four, "bars", 2)
    assert (music_of(after), after.seconds) == (ALL, 2 * BAR)
    before = asked(client, "outpaint", four, "bars", 1, "side", "before")
    assert music_of(before) == ALL | {"chords": "G Am F C"}
    # Kept by its hash, it is the same source.
    assert inpainted.source is not None
    kept = Path(inpainted.source.sha256)
    assert music_of(asked(client, "inpaint", kept, "to_seconds", 2.0)) == ALL


def test_the_progression_goes_on_where_a_short_take_ends(client: Client) -> None:
    assert asked(client, "outpaint", take(client, 3), "bars", 2).chords == "G Am F C"


def test_the_session_stands_above_the_recipe_and_its_preset_below(client: Client) -> None:
    four = take(client, 2)
    try:
        client.send("/msanii/preset/load", "waltz")
        client.send("/msanii/param/chords", "Dm G")
        assert music_of(asked(client, "inpaint", four, "to_seconds", 2.0)) == ALL | {"chords": "Dm G"}
    finally:
        client.send("/msanii/preset/load", "piano_loop")


def test_the_recipe_beside_the_file_counts_unless_the_audio_was_cut(client: Client, tmp_path: Path) -> None:
    two = take(client, 2)
    audio, rate = soundfile.read(two, always_2d=True)
    for name, samples, wanted in (("bare", None, ALL), ("cut", rate, NOTHING | PLAYED)):
        bare = tmp_path / f"{name}.wav"
        soundfile.write(bare, audio[:samples], rate)
        bare.with_suffix(".json").write_bytes(two.with_suffix(".json").read_bytes())
        assert music_of(asked(client, "inpaint", bare, "to_seconds", 0.5)) == wanted


@pytest.mark.parametrize("beside", [None, b"", b"[" * 5_000, b'{"format_version": 1}', "edited"])
def test_a_foreign_file_has_no_recipe(client: Client, tmp_path: Path, beside: bytes | str | None) -> None:
    foreign = tmp_path / "foreign.wav"
    soundfile.write(foreign, np.random.default_rng(1).uniform(-0.3, 0.3, (44_100, 2)), 44_100)
    if beside == "edited":
        content = json.loads(take(client, 1).with_suffix(".json").read_text(encoding="utf-8"))
        content["request"]["bpm"] = 1e9
        beside = json.dumps(content).encode()
    if beside is not None:
        assert isinstance(beside, bytes)
        foreign.with_suffix(".json").write_bytes(beside)
    assert music_of(asked(client, "inpaint", foreign, "to_seconds", 0.5)) == NOTHING


# --- the resolver ---------------------------------------------------------------------------------------


@pytest.fixture
def resolver_of(tmp_path: Path) -> Iterator[Callable[[bool], Resolver]]:
    """Resolvers for a model that follows chords, or none."""
    shared = {"library": str(tmp_path / "library"), "allowed_folders": [str(tmp_path / "shared")]}
    library = Library(tmp_path / "library")

    def make(follows_chords: bool) -> Resolver:
        presets = Presets(factory_presets_folder(), tmp_path / "presets")
        return Resolver(
            load_settings(None, shared), library, presets, parse_notes,
            lambda _model: ("marimba", "lead"), model_sampling, lambda _model: follows_chords,
        )  # fmt: skip

    yield make
    library.close()


def filled(resolver: Resolver, source: Path, sender: Peer | None = None, **values: object) -> RenderRequest:
    ask = Render("inpaint", None, partial_request({"source": str(source), **values}), sender=sender)
    return asyncio.run(resolver.resolve(ask, {}))


def test_a_model_that_follows_no_chords_gets_none(
    resolver_of: Callable[[bool], Resolver], tmp_path: Path
) -> None:
    path = drop_take(tmp_path / "take.wav", make_recipe(chords=CHORDS).model_copy(update={"seconds": 0.1}))
    assert filled(resolver_of(True), path).chords == CHORDS
    assert filled(resolver_of(False), path).chords == ""
    assert filled(resolver_of(False), path, chords="Dm").chords == "Dm"


def test_others_on_the_network_reach_no_recipe_outside_what_is_shared(
    resolver_of: Callable[[bool], Resolver], tmp_path: Path
) -> None:
    shared, far = tmp_path / "shared", Peer("192.0.2.7", 9_000)
    shared.mkdir()
    for name in ("linked", "ours"):
        write_audio(shared / f"{name}.wav")
    recipe = make_recipe(chords=CHORDS).model_copy(update={"seconds": 0.1}).readable()
    (tmp_path / "elsewhere.json").write_text(recipe, encoding="utf-8")
    (shared / "linked.json").symlink_to(tmp_path / "elsewhere.json")
    (shared / "ours.json").write_text(recipe, encoding="utf-8")
    assert filled(resolver_of(True), shared / "ours.wav", far).chords == CHORDS
    assert filled(resolver_of(True), shared / "linked.wav", far).chords == ""
    assert filled(resolver_of(True), shared / "linked.wav").chords == CHORDS
