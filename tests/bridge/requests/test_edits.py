"""Edits of takes: what is rendered anew, what stays to the sample, and what is refused."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.addresses.arguments import EDIT_KEYS
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.takes import Library
from bridge.messages import BridgeError, Edit, PartialRequest, RenderRequest, TakeReady
from bridge.render.engine import check_renderable, loudness_of, model_sampling, parse_notes, sounds_and_parts
from bridge.requests.parts import with_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import factory_presets_folder, load_settings
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from msanii.music.chords import Meter
from msanii.music.midi_notes import BeatNote
from msanii.music.midi_writing import MidiHead, to_midi
from msanii.music.note_files import read_notes
from tests.bridge.render_requests import make_request

QUICK: dict[str, Any] = {
    "steps": 2, "iterations": 2, "bpm": 480.0, "bars": 4.0, "seconds": 2.0, "model": "tiny",
    "chords": "Am F C G", "key": "Am", "seed": 11,
}  # fmt: skip
BAR = 22_050  # samples


@dataclass
class Desk:
    """A library with a worker, and the resolver of edits."""

    library: Library
    models: Path
    renderer: PipelineRenderer
    resolver: Resolver
    jobs: int = 0

    def render(self, request: RenderRequest) -> list[Path]:
        self.jobs += 1
        paths = tuple(self.library.takes_folder / f"t{self.jobs}_{index}.wav" for index in request.takes)
        check_renderable(request, self.library, [self.models])
        sources = tuple(self.library.source_path(source) for source in request.sources)
        events: list[Answer] = []
        order = Order(f"j{self.jobs}", request, self.models / "tiny", sources, paths)
        self.renderer.render(order, events.append, lambda: None)
        return [event.path for event in events if isinstance(event, TakeReady)]

    def make(self, **values: Any) -> list[Path]:
        return self.render(with_parts(make_request(**(QUICK | values))))

    def resolve(self, take: str, values: PartialRequest | None = None, **texts: str) -> RenderRequest:
        chord, recompose, renew = (texts.get(name, "") for name in EDIT_KEYS)
        edit = Edit(take, None, values or {}, chord, recompose, renew)
        return asyncio.run(self.resolver.resolve_edit(edit))

    def edit(self, take: Path, values: PartialRequest | None = None, **texts: str) -> Path:
        (path,) = self.render(self.resolve(take.name, values, **texts))
        return path


@pytest.fixture(scope="module")
def renderer() -> PipelineRenderer:
    return PipelineRenderer(WorkerSettings(device="cpu"))


@pytest.fixture
def desk(tmp_path: Path, tiny_context_model: Path, renderer: PipelineRenderer) -> Iterator[Desk]:
    library = Library(tmp_path / "library")
    settings = load_settings(None, {"library": str(library.folder)})
    presets = Presets(factory_presets_folder(), tmp_path / "presets")
    resolver = Resolver(
        settings, library, presets, parse_notes, sounds_and_parts, model_sampling, loudness_of=loudness_of
    )
    yield Desk(library, tiny_context_model.parent, renderer, resolver)
    library.close()


def moved(old: Path, new: Path) -> list[bool]:
    """For each bar whether its samples are others, as the files hold them; in no bar only some are."""
    (was, _), (now, _) = (soundfile.read(path, dtype="int32", always_2d=True) for path in (old, new))
    assert was.shape == now.shape
    changed = (was != now).any(axis=1)
    shares = [float(changed[bar * BAR : (bar + 1) * BAR].mean()) for bar in range(4)]
    assert all(share == 0 or share > 0.9 for share in shares)
    return [share > 0 for share in shares]


def own_notes(path: Path) -> Sequence[BeatNote]:
    return read_notes(path.with_suffix(".mid")).notes


def test_an_edit_of_a_kept_candidate_begins_with_its_seed(desk: Desk) -> None:
    (take,) = desk.make(part="bass", candidates=3, keep=2)
    request = desk.resolve(take.name, chord="3 Dm")
    assert (request.seed, request.candidates, request.keep) == (read_recipe(take).seed, 1, None)
    several = desk.resolve(take.name, {"candidates": 2}, chord="3 Dm")
    assert (several.candidates, several.keep) == (2, None)


@pytest.mark.parametrize("loop", [0, 1])
def test_a_chord_of_one_bar_changes_that_bar_alone(desk: Desk, loop: int) -> None:
    (take,) = desk.make(part="bass", loop=loop)
    files = {path: path.read_bytes() for path in desk.library.takes_folder.glob("t1_*")}
    new = desk.edit(take, chord="3 Dm")
    assert moved(take, new) == [False, False, True, False]
    recipe = read_recipe(new)
    assert recipe.request.parent == take.name
    assert recipe.request.chords == "Am F Dm G"
    assert recipe.request.renew_bars == "3"
    old_notes, new_notes = read_recipe(take).notes["bass"], recipe.notes["bass"]
    assert [note for note in old_notes if not 7.5 <= note[0] < 12] == [
        note for note in new_notes if not 7.5 <= note[0] < 12
    ]
    assert own_notes(new) == new_notes
    assert {path: path.read_bytes() for path in files} == files


def test_bars_are_composed_anew_twice_over(desk: Desk) -> None:
    (take,) = desk.make(part="lead", count=1)
    new = desk.edit(take, {"seed": 77}, recompose="1,4")
    assert moved(take, new) == [True, False, False, True]
    # An edited take is edited as any other.
    again = desk.edit(new, {"seed": 78}, recompose="2")
    assert moved(new, again) == [False, True, False, False]
    assert read_recipe(again).request.parent == new.name
    assert read_recipe(again).notes != read_recipe(new).notes
    first, other = (desk.resolve(take.name, recompose="2").seed for _ in range(2))
    assert first != other


def test_bars_are_played_anew_with_the_notes_that_they_have(desk: Desk) -> None:
    (take,) = desk.make(part="keys")
    new = desk.edit(take, {"seed": 5}, renew="2-3")
    assert moved(take, new) == [False, True, True, False]
    assert read_recipe(new).notes == read_recipe(take).notes


def test_an_edited_file_renders_the_bars_that_it_changes(desk: Desk, tmp_path: Path) -> None:
    (take,) = desk.make(part="bass")
    notes = list(read_recipe(take).notes["bass"])
    edited = [(*note[:2], note[2] + 2, note[3]) if 4 <= note[0] < 8 else note for note in notes]
    path = tmp_path / "edited.mid"
    path.write_bytes(to_midi({"bass": edited}, MidiHead(beats=16.0, bpm=90.0, meter=Meter())))
    new = desk.edit(take, {"notes": str(path)})
    assert moved(take, new)[1]
    assert not moved(take, new)[0]
    assert not moved(take, new)[3]
    assert read_recipe(new).notes["bass"] == tuple(edited)
    assert read_recipe(new).request.bpm == 480.0


@pytest.mark.parametrize(
    ("values", "seconds"),
    [({"bpm": 240.0}, 4.0), ({"sound": "strings"}, 2.0), ({"seed": 3}, 2.0), ({"steps": 3}, 2.0)],
)
def test_what_changes_everything_plays_the_same_notes_anew(
    desk: Desk, values: PartialRequest, seconds: float
) -> None:
    (take,) = desk.make(part="pad")
    new = desk.edit(take, values)
    old_recipe, recipe = read_recipe(take), read_recipe(new)
    assert recipe.notes == old_recipe.notes
    assert recipe.seed == values.get("seed", old_recipe.seed)
    assert recipe.seconds == pytest.approx(seconds)
    assert recipe.request.verb == "generate"


def test_another_key_moves_notes_and_chords(desk: Desk) -> None:
    (take,) = desk.make(part="pad")
    recipe = read_recipe(desk.edit(take, {"key": "Cm"}))
    assert recipe.request.chords == "Cm Ab Eb Bb"
    assert recipe.request.key == "Cm"
    assert [note[2] - 3 for note in recipe.notes["pad"]] == [
        note[2] for note in read_recipe(take).notes["pad"]
    ]


def test_another_part_plays_the_notes(desk: Desk) -> None:
    (take,) = desk.make(part="pad", sound="strings")
    recipe = read_recipe(desk.edit(take, {"part": "keys"}))
    assert (recipe.request.part, recipe.request.sound) == ("keys", "")
    assert recipe.notes["keys"] == read_recipe(take).notes["pad"]


def test_a_part_of_an_arrangement_is_edited_beside_the_others(desk: Desk) -> None:
    keys, bass, again, mix = desk.make(parts="keys,bass,keys")
    new = desk.edit(bass, chord="2 Dm")
    assert moved(bass, new) == [False, True, False, False]
    recipe = read_recipe(new)
    assert recipe.request.part == "bass"
    assert own_notes(new) == recipe.notes["bass"]
    assert recipe.notes["keys"] == read_recipe(keys).notes["keys"]
    third = desk.edit(again, {"seed": 4}, renew="1")
    assert read_recipe(third).notes["keys"] == read_recipe(again).notes["keys_2"]
    louder = read_recipe(desk.edit(bass, {"seed": 9}))
    assert louder.request.loudness_lufs == pytest.approx(loudness_of(bass), abs=0.01)
    with pytest.raises(BridgeError, match="is the mix of keys, bass, keys_2; edit the take of one part"):
        desk.resolve(mix.name, chord="2 Dm")


def test_a_recipe_of_an_edit_renders_again_to_the_same_samples(desk: Desk) -> None:
    (take,) = desk.make(part="bass")
    new = desk.edit(take, chord="3 Dm", recompose="1")
    request = read_recipe(new).request
    take.unlink()
    take.with_suffix(".json").unlink()
    (again,) = desk.render(request)
    assert moved(new, again) == [False] * 4


def test_chords_that_sound_the_same_change_nothing(desk: Desk) -> None:
    (take,) = desk.make(part="bass")
    with pytest.raises(BridgeError, match="nothing changes; send other chords or notes"):
        desk.resolve(take.name, {"chords": "Amin F Cmaj G"})


MISTAKES: dict[str, tuple[PartialRequest, dict[str, str], str]] = {
    "nothing": ({}, {}, "nothing changes; send other chords"),
    "a bar outside": ({}, {"recompose": "5"}, "expected bars from 1 to 4"),
    "no bars": ({}, {"recompose": "x"}, "expected bars counted from 1"),
    "a chord outside": ({}, {"chord": "9 Dm"}, "expected bars from 1 to 4"),
    "no chord": ({}, {"chord": "3 X7"}, "chord of bar 3: `X7` in bar 1: not a chord I know"),
    "a chord without a bar": ({}, {"chord": "Dm"}, "expected a bar and its chord, such as `3 Dm`"),
    "half a bar": ({}, {"chord": "3 Dm:2"}, "does not fill it, expected 4 quarter notes"),
    "chords that are none": ({"chords": "Am X7"}, {}, "`X7` in bar 2"),
    "two of one": ({"chords": "Am"}, {"chord": "3 Dm"}, "`chords` are all of them"),
    "played and composed": ({}, {"renew": "1", "recompose": "2"}, "`renew` plays bars anew"),
    "another mode": ({"key": "C major"}, {}, "expected one of the mode of `Am`"),
    "no key": ({"key": "zzz"}, {}, "zzz"),
    "no file": ({"notes": "/nowhere/x.mid"}, {}, "notes `x.mid`: cannot be opened"),
    "another part": ({"part": "kazoo"}, {}, "kazoo"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_sentences_and_make_no_take(desk: Desk, case: str) -> None:
    values, texts, words = MISTAKES[case]
    (take,) = desk.make(part="bass")
    with pytest.raises(BridgeError) as raised:
        desk.render(desk.resolve(take.name, values, **texts))
    assert words in raised.value.message
    assert len(list(desk.library.takes_folder.glob("*.wav"))) == 1


@pytest.mark.parametrize(
    ("beats", "notes", "words"),
    [
        (12.0, [(0.0, 1.0, 40, 90)], "3 bars, expected the 4 of the take; export it whole"),
        (20.0, [(0.0, 1.0, 40, 90)], "5 bars, expected the 4 of the take; export it whole"),
        (16.0, [], "holds no notes; choose a clip that has some"),
    ],
)
def test_an_edited_file_that_does_not_fit_is_refused(
    desk: Desk, tmp_path: Path, beats: float, notes: list[BeatNote], words: str
) -> None:
    (take,) = desk.make(part="bass")
    path = tmp_path / "edited.mid"
    path.write_bytes(to_midi({"bass": notes}, MidiHead(beats=beats, bpm=480.0, meter=Meter())))
    with pytest.raises(BridgeError) as raised:
        desk.resolve(take.name, {"notes": str(path)})
    assert words in raised.value.message


def test_takes_without_a_score_are_refused(desk: Desk, tmp_path: Path) -> None:
    (free,) = desk.make(compose="off")
    with pytest.raises(BridgeError, match="has no score, since its notes were not composed; generate one"):
        desk.resolve(free.name, chord="2 Dm")
    foreign = desk.library.takes_folder / "foreign.wav"
    soundfile.write(foreign, np.full((BAR, 2), 0.1), 44_100)
    with pytest.raises(BridgeError, match="has no recipe, so that its score is not known"):
        desk.resolve("foreign.wav", chord="2 Dm")
    with pytest.raises(BridgeError, match="no such file"):
        desk.resolve("gone.wav", chord="2 Dm")
    (take,) = desk.make(part="bass")
    cut = desk.library.takes_folder / "cut.wav"
    soundfile.write(cut, soundfile.read(take)[0][:BAR], 44_100)
    shutil.copy(take.with_suffix(".json"), cut.with_suffix(".json"))
    with pytest.raises(BridgeError, match="so that its bars are not known"):
        desk.resolve("cut.wav", chord="2 Dm")


def test_a_model_that_is_gone_is_named(desk: Desk) -> None:
    (take,) = desk.make(part="bass")
    text = take.with_suffix(".json").read_text()
    assert Recipe.model_validate_json(text).request.model == "tiny"
    request = desk.resolve(take.name, chord="2 Dm").model_copy(update={"model": "gone"})
    with pytest.raises(BridgeError, match="gone"):
        check_renderable(request, desk.library, [desk.models])
