"""Edits of a take's score: from the take's recipe and what is to be changed, to a complete request.

Bars that need not change keep their samples: the request is an inpaint of the others. Where everything
changes it is a generate, with the same notes and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bridge.library.recipes import Recipe
from bridge.messages import BeatNote, BridgeError, Edit, PartialRequest, RenderRequest, SourceAudio
from bridge.messages.requests import keeps_bars
from bridge.parameters import check_request, seconds_of
from bridge.requests.lending import FEEL
from bridge.requests.score_changes import Score, changed_chords, moved_to_key, rechorded
from msanii.errors import ChordError, MsaniiError
from msanii.music.bars import bars_text, changed_bars, read_bars
from msanii.music.chord_texts import progression_text
from msanii.music.note_clip import NoteClip
from msanii.music.parts import part_names
from msanii.music.progression_recognition import recognise_progression

_SAME_SECONDS = 0.01
# What changes nothing but the bars that are composed anew.
_LOCAL = frozenset(
    {"chords", "notes", "seed", "count", "candidates", "keep", "batch", "style", "name_template", *FEEL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedTake:
    """The take to edit: its name and recipe, its audio in the library, and how long and loud that is."""

    name: str
    recipe: Recipe
    source: SourceAudio
    seconds: float
    loudness_lufs: Callable[[], float]


def edited(
    edit: Edit, take: EditedTake, notes: NoteClip | None, choose_seed: Callable[[], int]
) -> RenderRequest:
    """Complete an edit; `notes` is what the file of its `notes` holds.

    Raises:
        BridgeError: `value` for a take without a score, bars or values that make no sense, and an edit that
            changes nothing; `chords` for chords that cannot be read.
    """
    try:
        return _edited(edit, take, notes, choose_seed)
    except ChordError as error:
        raise BridgeError("chords", str(error)) from error
    except MsaniiError as error:
        raise BridgeError("value", str(error)) from error


def _edited(
    edit: Edit, take: EditedTake, notes: NoteClip | None, choose_seed: Callable[[], int]
) -> RenderRequest:
    _check_kinds(edit, notes)
    old = _score_of(take)
    new, composed = _with_new_chords(old, edit), set[int]()
    everywhere = set(range(old.bars))
    changes_all = bool(edit.values.keys() - _LOCAL)
    feels_other = not edit.values.keys().isdisjoint({"style", *FEEL})
    if notes is not None:
        new = new.with_notes(_played(notes, old))
    elif edit.recompose:
        composed = set(read_bars(edit.recompose, old.bars))
    elif feels_other and not edit.renew:
        composed = everywhere
    if notes is None:
        composed |= changed_chords(old, new)
    renewed = composed | _moved_bars(old, new)
    if edit.renew:
        renewed |= set(read_bars(edit.renew, old.bars))
    if "key" in edit.values:
        new = moved_to_key(new, str(edit.values["key"]))
    if composed and not new.chords:
        new = new.with_chords(
            progression_text(recognise_progression(new.notes, new.meter, new.bars), new.meter)
        )
    asks_seed = edit.values.get("seed", -1) >= 0
    if not (renewed or changes_all or asks_seed):
        raise BridgeError(
            "value",
            f"take `{take.name}`: nothing changes; send other chords or notes, or `recompose` and bars, such "
            "as 3-4",
        )
    keeps_some = bool(renewed) and renewed != everywhere and not changes_all
    seed = edit.values["seed"] if asks_seed else None
    if seed is None and edit.recompose:
        seed = choose_seed()
    if "part" in edit.values:
        new = new.played_by(edit.values["part"])
    values = {
        "chords": new.chords,
        "key": new.key,
        "seed": _seed_of(take.recipe, composing=bool(composed)) if seed is None else seed,
        "count": edit.values.get("count", 1),
        "candidates": edit.values.get("candidates", 1),
        "keep": edit.values.get("keep"),
        "batch": edit.values.get("batch", 0),
        "notes": new.flat_notes(),
        "note_parts": new.flat_parts(),
        "compose": "auto" if composed else "off",
        "renew_bars": bars_text(renewed if keeps_some else composed),
        "parent": take.name,
        "groove_seed": _groove_seed(take.recipe),
        "verb": "inpaint" if keeps_some else "generate",
        "source": take.source if keeps_some else None,
    }
    return _request(take, values, edit.values, is_whole=not keeps_some)


def _check_kinds(edit: Edit, notes: NoteClip | None) -> None:
    several = [name for name in ("recompose", "renew") if getattr(edit, name)]
    if notes is not None and (edit.chord or "recompose" in several):
        raise BridgeError(
            "value",
            "`notes`: a file has all notes, so nothing is composed; send it, or what to compose, alone",
        )
    if len(several) > 1 or (edit.renew and (edit.chord or "chords" in edit.values) and notes is None):
        raise BridgeError(
            "value",
            "`renew` plays bars anew with the notes that they have; send it without `recompose` and chords",
        )
    if edit.chord and "chords" in edit.values:
        raise BridgeError("value", "`chord`: `chords` are all of them; send one of the two")


def _score_of(take: EditedTake) -> Score:
    """The score of a take. Raises BridgeError `value` if it has none, or no longer fits it."""
    recipe = take.recipe
    require_score(recipe, take.name)
    if abs(take.seconds - recipe.seconds) > _SAME_SECONDS:
        raise BridgeError(
            "value",
            f"take `{take.name}`: lasts {take.seconds:.2f} seconds, but {recipe.seconds:.2f} by its recipe, "
            "so that its bars are not known; edit the take as it was made",
        )
    return Score.of(recipe)


def require_score(recipe: Recipe, name: str) -> None:
    """Raise BridgeError `value` unless the take of that name has a score that can be edited."""
    request = recipe.request
    what = f"take `{name}`:"
    if request.arrangement and recipe.index >= len(request.arrangement):
        parts = ", ".join(part_names(request.arrangement))
        raise BridgeError(
            "value", f"{what} is the mix of {parts}; edit the take of one part, and mix it with the others"
        )
    is_scored = request.verb == "generate" or keeps_bars(request)
    if not recipe.notes or not is_scored:
        raise BridgeError(
            "value",
            f"{what} has no score, since its notes were not composed; generate one with `compose auto`, or "
            "inpaint this one",
        )


def _with_new_chords(score: Score, edit: Edit) -> Score:
    if edit.chord:
        return rechorded(score, edit.chord)
    if "chords" in edit.values:
        return score.with_chords(edit.values["chords"])
    return score


def _played(clip: NoteClip, score: Score) -> Mapping[str, Sequence[BeatNote]]:
    """The notes of an edited file by part; the parts that do not play stay. Raises BridgeError `value`."""
    bars = clip.bars(score.meter.numerator, score.meter.denominator)
    if bars != score.bars:
        raise BridgeError(
            "value",
            f"notes `{clip.name}`: {bars} bars, expected the {score.bars} of the take; export it whole",
        )
    if len(score.own) > 1 and clip.parts:
        return dict(clip.parts)
    return {score.own[0]: clip.of_part(score.own[0]).notes}


def _moved_bars(old: Score, new: Score) -> set[int]:
    bar_beats = float(old.meter.bar_beats)
    return {
        bar
        for part in {*old.own, *new.own}
        for bar in changed_bars(
            old.notes.get(part, ()),
            new.notes.get(part, ()),
            bar_beats=bar_beats,
            count=old.bars,
            loop=old.loop,
        )
    }


def _seed_of(recipe: Recipe, *, composing: bool) -> int:
    """The take's seed; the parts of an arrangement were composed with that of the first."""
    return recipe.request.seed_of(0) if composing and recipe.request.arrangement else recipe.seed


def _groove_seed(recipe: Recipe) -> int:
    """The seed that the take was first composed with."""
    if recipe.request.groove_seed is not None:
        return recipe.request.groove_seed
    return _seed_of(recipe, composing=True)


def _request(
    take: EditedTake, new: dict[str, object], asked: PartialRequest, *, is_whole: bool
) -> RenderRequest:
    """The take's request with `new` values and those that are `asked`."""
    request, index = take.recipe.request, take.recipe.index
    players: dict[str, object] = {"part": request.part_of(index), "sound": request.sound_of(index)}
    values = {name: value for name, value in asked.items() if name != "notes"} | new
    if request.arrangement and is_whole:
        # Alone it would be as loud as a mix.
        players["loudness_lufs"] = take.loudness_lufs()
    if "part" in asked and "sound" not in asked:
        players["sound"] = ""
    if "bpm" in asked:
        values["seconds"] = _seconds(request, asked["bpm"])
        values["beat_seconds"] = ""  # it plays along no more
    whole = request.model_dump() | {"parts": "", "level_db": "", "source_b": None} | players | values
    return check_request(RenderRequest.model_validate(whole))


def _seconds(request: RenderRequest, bpm: float) -> float:
    """The length at another tempo: the same number of beats, from the first bar line on."""
    if request.bars is None:
        return request.timeline.quarters_at(request.seconds) * 60 / bpm
    return seconds_of(request.bars, request.numerator, request.denominator, bpm)
