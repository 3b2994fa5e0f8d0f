"""What a request takes from what is heard in its source: the rule, and through the resolver."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.library.takes import Library
from bridge.messages import (
    BridgeError,
    HeardAudio,
    PartialRequest,
    Render,
    RenderRequest,
    SourceAudio,
    Verb,
    partial_request,
)
from bridge.parameters import PARAMETERS, check_request
from bridge.render.engine import hints, model_sampling, parse_notes, sounds_and_parts
from bridge.requests import ears
from bridge.requests.heard_source import HeardSource, lent_by_hearing
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import factory_presets_folder, load_settings
from bridge.worker.score import request_score
from tests.bridge.files import drop_take, write_audio, write_tone
from tests.bridge.render_requests import make_recipe, make_request

BEAT = 60 / 96
WALTZ = HeardAudio(
    96.0, 3, 4, 9_600, "A minor", "Am | F", 0.9, tuple(0.2 + number * BEAT for number in range(6)), 1.0
)
ALL = {"bpm": 96.0, "numerator": 3, "denominator": 4, "chords": "Am | F", "key": "A minor"}
SECONDS = 4.0


def lent(heard: HeardAudio = WALTZ, **said: Any) -> PartialRequest:
    return lent_by_hearing(HeardSource(heard=heard, seconds=SECONDS), partial_request(said))


def test_all_that_nobody_says_is_taken() -> None:
    assert lent() == ALL
    assert lent(bpm=96.0, chords="C") == {"numerator": 3, "denominator": 4, "key": "A minor"}
    assert lent(chords="") == {name: value for name, value in ALL.items() if name != "chords"}


@pytest.mark.parametrize("said", [{"bpm": 120.0}, {"bpm": 192.0}, {"numerator": 4}, {"denominator": 8}])
def test_what_disagrees_with_what_is_said_is_not_taken(said: dict[str, Any]) -> None:
    assert lent(**said) == {}


def test_a_tempo_that_is_nearly_the_one_that_is_said_is_that_one() -> None:
    assert lent(bpm=95.8) == {name: value for name, value in ALL.items() if name != "bpm"}


@pytest.mark.parametrize(
    "heard",
    [
        HeardAudio(0.0, 0, 0, -1, "", "", 0.0),
        replace(WALTZ, beats=()),
        replace(WALTZ, beats=(0.0, 0.001, 9.0)),
    ],
)
def test_what_is_not_heard_is_not_made_up(heard: HeardAudio) -> None:
    assert lent(heard) == {}


def test_drifting_music_has_no_single_tempo_but_beats() -> None:
    drifting = replace(WALTZ, bpm=0.0, beats=(0.2, 0.8, 1.5, 2.3, 3.2, 4.1), steadiness=0.3)
    assert lent(drifting)["bpm"] == 75.0


# --- through the resolver ---------------------------------------------------------------------------------


class Listening:
    """Hears what it is told to hear, and counts."""

    def __init__(self, heard: HeardAudio | BridgeError) -> None:
        self.heard = heard
        self.asked: list[list[str]] = []

    async def hear(self, sources: Sequence[SourceAudio], paths: Sequence[Path]) -> HeardAudio:
        assert all(path.is_file() for path in paths)
        self.asked.append([source.name for source in sources])
        if isinstance(self.heard, BridgeError):
            raise self.heard
        return self.heard


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "loop.wav", SECONDS)


def resolved(
    library: Library,
    listening: Listening | None,
    verb: Verb = "vary",
    *,
    follows: Sequence[Path] = (),
    session: dict[str, Any] | None = None,
    **said: Any,
) -> RenderRequest:
    resolver = Resolver(
        load_settings(None, {"library": str(library.folder)}),
        library,
        Presets(factory_presets_folder(), library.folder / "presets"),
        parse_notes,
        sounds_and_parts,
        model_sampling,
        hear=None if listening is None else listening.hear,
    )
    ask = Render(verb, None, partial_request(said), completes=bool(follows), follows=tuple(map(str, follows)))
    return asyncio.run(resolver.resolve(ask, partial_request(session or {})))


@pytest.mark.parametrize("verb", ["vary", "inpaint"])
def test_a_foreign_source_gives_what_is_heard_in_it(library: Library, loop: Path, verb: Verb) -> None:
    request = resolved(library, Listening(WALTZ), verb, source=str(loop))
    assert {name: getattr(request, name) for name in ALL} == ALL | {"chords": "Am|F"}
    assert (request.knows_tempo, request.heard_values) == (True, tuple(ALL))
    assert request.beat_seconds == "0.2"
    (sentence,) = hints((), request, [])
    assert sentence == "heard in `loop.wav`: 96 bpm, 3/4, the first bar at 0.20 s, A minor, Am|F."


def test_of_an_outpainted_source_the_score_begins_with_the_new_music(library: Library, loop: Path) -> None:
    after = resolved(library, Listening(WALTZ), "outpaint", source=str(loop), bars=2)
    assert after.beat_seconds == "-3.8"
    before = resolved(library, Listening(WALTZ), "outpaint", source=str(loop), side="before", bars=2)
    assert before.beat_seconds == "3.95"
    chords = request_score(after).chord_events(0.0, 6 * BEAT)
    # A bar of Am and one of F end at 3.95 s, 50 ms before the new music begins in the next Am.
    assert [chord.chord.text for chord in chords[:3]] == ["Am", "F", "Am"]
    assert chords[1].start_seconds == pytest.approx(0.2 + 9 * BEAT - SECONDS)


def test_nothing_is_heard_where_all_is_said_or_hearing_is_off(library: Library, loop: Path) -> None:
    listening = Listening(WALTZ)
    assert resolved(library, listening, source=str(loop), bpm=100.0, chords="C").heard_values == ()
    assert resolved(library, None, source=str(loop)).knows_tempo is False
    assert listening.asked == []


def test_a_take_is_not_heard_but_read(library: Library) -> None:
    listening = Listening(WALTZ)
    whole = drop_take(library.folder / "take_1.wav", make_recipe().model_copy(update={"seconds": 0.1}))
    assert resolved(library, listening, source=whole.name).heard_values == ()
    assert listening.asked == []
    # One that was cut is another piece.
    cut = drop_take(library.folder / "take_2.wav", make_recipe())
    assert resolved(library, listening, source=cut.name).heard_values == tuple(ALL)


@pytest.mark.parametrize("code", ["model", "internal", "busy", "source"])
def test_a_request_does_without_what_cannot_be_heard(library: Library, loop: Path, code: str) -> None:
    request = resolved(library, Listening(BridgeError(code, "no")), source=str(loop))
    assert (request.heard_values, request.knows_tempo, request.beat_seconds) == ((), False, "")


def test_a_request_does_not_wait_for_ever(
    library: Library, loop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "HEARING_SECONDS", 0.05)

    class Deaf(Listening):
        async def hear(self, sources: Sequence[SourceAudio], paths: Sequence[Path]) -> HeardAudio:
            await asyncio.sleep(60)
            return await super().hear(sources, paths)

    assert resolved(library, Deaf(WALTZ), source=str(loop)).heard_values == ()
    with pytest.raises(BridgeError, match="not heard within"):
        resolved(library, Deaf(WALTZ), "generate", follows=[loop], part="bass")


def test_the_take_of_a_heard_source_lends_its_beats_on(library: Library, loop: Path, tmp_path: Path) -> None:
    first = resolved(library, Listening(WALTZ), source=str(loop))
    recipe = make_recipe().model_copy(update={"request": first, "seconds": SECONDS})
    write_audio(library.folder / "varied.wav", SECONDS)
    (library.folder / "varied.json").write_text(recipe.readable())
    listening = Listening(WALTZ)
    again = resolved(library, listening, source="varied.wav")
    assert (again.beat_seconds, again.chords, again.bpm) == ("0.2", "Am|F", 96.0)
    assert listening.asked == []
    longer = resolved(library, listening, "outpaint", source="varied.wav", bars=1)
    assert (longer.beat_seconds, longer.chords) == ("-3.8", "Am|F")


# --- a part that completes audio ----------------------------------------------------------------------------


def test_a_part_completes_what_is_heard(library: Library, loop: Path, tmp_path: Path) -> None:
    listening = Listening(WALTZ)
    other = write_tone(tmp_path / "other.wav", SECONDS - 1)
    request = resolved(library, listening, "generate", follows=[loop, other], part="bass")
    assert listening.asked == [["loop.wav", "other.wav"]]
    assert {name: getattr(request, name) for name in ALL} == ALL | {"chords": "Am|F"}
    assert (request.seconds, request.bars, request.part, request.compose) == (SECONDS, None, "bass", "auto")
    assert [source.name for source in request.follows] == ["loop.wav", "other.wav"]
    assert (request.beat_seconds, request.heard_values) == ("0.2", tuple(ALL))
    score = request_score(request)
    assert score.bar_line(0, 44_100) == round(0.2 * 44_100)
    (sentence,) = hints((), request, [])
    assert sentence.startswith("heard in `loop.wav` + `other.wav`: 96 bpm, 3/4, ")


def test_a_loop_is_completed_by_whole_bars(library: Library, tmp_path: Path) -> None:
    beats = tuple(number * 0.5 for number in range(8))
    heard = HeardAudio(120.1, 4, 4, 0, "C major", "C | G", 0.9, beats, 1.0)
    loop = write_tone(tmp_path / "loop.wav", 4.0)
    request = resolved(library, Listening(heard), "generate", follows=[loop], part="bass")
    assert (request.bars, request.bpm, request.beat_seconds) == (2.0, 120.0, "")


def test_what_is_said_counts_for_more(library: Library, loop: Path) -> None:
    said: dict[str, Any] = {"bpm": 100.0, "chords": "Dm", "seconds": 3.0}
    request = resolved(library, Listening(WALTZ), "generate", follows=[loop], part="bass", **said)
    assert (request.bpm, request.chords, request.seconds) == (100.0, "Dm", 3.0)
    assert (request.heard_values, request.beat_seconds, request.numerator) == ((), "", 4)


def test_without_a_beat_the_tempo_has_to_be_said(library: Library, loop: Path) -> None:
    silence = Listening(HeardAudio(0.0, 0, 0, -1, "", "", 0.0))
    with pytest.raises(BridgeError, match=r"source `loop.wav`: no beat was heard in it; send `bpm`"):
        resolved(library, silence, "generate", follows=[loop], part="bass")
    assert resolved(library, silence, "generate", follows=[loop], part="bass", bpm=90.0).bpm == 90.0


def test_a_take_is_completed_by_its_recipe(library: Library) -> None:
    keys = make_request(chords="Am F", bpm=90.0, bars=2.0, seconds=2 * 4 * 60 / 90, part="keys")
    notes = {"keys": ((0.0, 1.0, 60, 80), (4.0, 5.0, 65, 80))}
    recipe = make_recipe().model_copy(update={"request": keys, "seconds": keys.seconds, "notes": notes})
    write_audio(library.folder / "keys.wav", keys.seconds)
    (library.folder / "keys.json").write_text(recipe.readable())
    listening = Listening(WALTZ)
    request = resolved(library, listening, "generate", follows=[Path("keys.wav")], part="bass")
    assert listening.asked == []
    assert (request.chords, request.bpm, request.bars) == ("Am F", 90.0, 2.0)
    assert set(request.note_parts) == {"keys"}
    with pytest.raises(BridgeError, match="plays keys already"):
        resolved(library, listening, "generate", follows=[Path("keys.wav")], part="keys")


@pytest.mark.parametrize(("side", "first"), [("after", 1.825 - 0.0), ("before", 0.2 + 6 * BEAT - 6 * BEAT)])
def test_chords_of_ones_own_begin_with_the_new_music(
    library: Library, loop: Path, side: str, first: float
) -> None:
    """On its first bar line: after the source the next one, before it a whole number of bars earlier."""
    said: dict[str, Any] = {"source": str(loop), "side": side, "bars": 2, "chords": "Dm G"}
    score = request_score(resolved(library, Listening(WALTZ), "outpaint", **said))
    line = score.seconds_at(0.0)
    assert line == pytest.approx(first, abs=2e-3)
    chord = score.chord_at(line + 0.01)
    assert chord is not None
    assert chord.text == "Dm"


def test_a_cut_take_still_lends_who_plays(library: Library) -> None:
    request = make_request(part="pad", sound="strings", seconds=2.0)
    cut = drop_take(library.folder / "cut.wav", make_recipe().model_copy(update={"request": request}))
    varied = resolved(library, Listening(WALTZ), source=cut.name)
    assert (varied.part, varied.sound, varied.bpm) == ("pad", "strings", 96.0)
    assert "part" not in varied.heard_values


def test_no_chords_means_that_nothing_is_heard(library: Library, loop: Path) -> None:
    """As a recipe of unknown tempo says it, when it is rendered again."""
    listening = Listening(WALTZ)
    request = resolved(library, listening, source=str(loop), chords="", beat_seconds="")
    assert (request.knows_tempo, request.heard_values, listening.asked) == (False, (), [])


def test_without_chords_the_beats_alone_are_followed(library: Library, loop: Path) -> None:
    drums = replace(WALTZ, chords="", key="", beats=tuple(number * BEAT for number in range(6)))
    request = resolved(library, Listening(drums), source=str(loop))
    assert (request.beat_seconds, request.chords, request.knows_tempo) == ("0", "", True)


def take_of(library: Library, name: str, **values: Any) -> Path:
    said = {"chords": "Am F", "bpm": 90.0, "bars": 2.0, "seconds": 8 * 60 / 90} | values
    request = make_request(**said)
    write_audio(library.folder / name, request.seconds)
    recipe = make_recipe().model_copy(update={"request": request, "seconds": request.seconds})
    (library.folder / name).with_suffix(".json").write_text(recipe.readable())
    return Path(name)


def test_takes_that_do_not_play_together_are_not_completed(library: Library) -> None:
    both = [take_of(library, "a.wav"), take_of(library, "b.wav", bpm=120.0, seconds=4.0)]
    with pytest.raises(BridgeError, match=r"`a\.wav`, `b\.wav`: their tempos or bars differ"):
        resolved(library, Listening(WALTZ), "generate", follows=both, part="bass")


def test_an_outpainted_take_is_heard_as_any_audio(library: Library) -> None:
    source = SourceAudio(sha256="a" * 64, name="song.wav")
    longer = take_of(library, "longer.wav", verb="outpaint", source=source)
    listening = Listening(WALTZ)
    request = resolved(library, listening, "generate", follows=[longer], part="bass")
    assert (listening.asked, request.bpm) == ([["longer.wav"]], 96.0)


def test_what_the_session_says_of_notes_is_not_of_what_plays(library: Library) -> None:
    notes = {"keys": ((0.0, 1.0, 60, 80), (4.0, 5.0, 65, 80))}
    take = take_of(library, "keys.wav", part="keys")
    recipe = make_recipe().model_copy(
        update={"request": make_request(chords="Am F", bpm=90.0, bars=2.0, seconds=8 * 60 / 90, part="keys"),
                "seconds": 8 * 60 / 90, "notes": notes}
    )  # fmt: skip
    (library.folder / take).with_suffix(".json").write_text(recipe.readable())
    request = resolved(
        library, None, "generate", follows=[take], part="bass", session={"notes_from_beats": 4.0}
    )
    assert [note[0] for note in request.notes or ()] == [0.0, 4.0]


@pytest.mark.parametrize("text", ["foo bar", "0.5 0.5", "1 0"])
def test_beats_that_are_none_are_refused_wherever_they_come_from(
    library: Library, loop: Path, text: str
) -> None:
    with pytest.raises(BridgeError, match=r"^`beat_seconds`: got"):
        PARAMETERS["beat_seconds"].check(text)
    with pytest.raises(BridgeError, match="beat_seconds"):
        check_request(make_request(beat_seconds=text))
