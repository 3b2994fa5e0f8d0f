"""Builds a request's score and sampling. Importing this loads no torch, since the daemon checks scores."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import BeatNote, RenderRequest
from bridge.messages.requests import keeps_bars
from msanii.composer.grooves.library import Grooves, load_grooves
from msanii.errors import GrooveError
from msanii.music.bars import read_bars
from msanii.music.parts import part_names
from msanii.music.score import Note, Score
from msanii.music.score_request import ScoreRequest
from msanii.music.taught.folder import find_file, missing_file

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline
    from msanii.rendering.job import Sampling


# From this edition on, drums that no model has learned are played as those that are most like them.
_DRUMS_EDITION = 5


def request_score(request: RenderRequest, seconds: float | None = None) -> Score:
    """Return a request's score, `seconds` long if that is given. Raises MsaniiError."""
    score = _asked_score(request, seconds)
    return replace(score, shows_any_drum=True) if request.edition < _DRUMS_EDITION else score


def _asked_score(request: RenderRequest, seconds: float | None) -> Score:
    asked = ScoreRequest(**{field.name: getattr(request, field.name) for field in fields(ScoreRequest)})
    if parts := played_parts(request):
        own = (note for part in parts for note in given_notes(request).get(part, ()))
        asked = replace(asked, notes=tuple(sorted(own)))
    if keeps_bars(request):
        seconds = None  # an edited take may ring on after its score
    if seconds is None and request.bars is not None:
        return asked.score(bars=request.bars)
    return asked.score(seconds=request.seconds if seconds is None else seconds)


def played_parts(request: RenderRequest) -> tuple[str, ...]:
    """The parts that one take plays of `given_notes`; empty for requests without notes by part."""
    if request.arrangement or not request.note_parts:
        return ()
    if request.part in ("", "mix"):
        return tuple(given_notes(request))
    return (request.part,)


def given_notes(request: RenderRequest) -> dict[str, tuple[BeatNote, ...]]:
    """The notes of a request by the parts that play them."""
    found: dict[str, list[BeatNote]] = {}
    for note, part in zip(request.notes or (), request.note_parts, strict=False):
        found.setdefault(part, []).append(note)
    return {part: tuple(notes) for part, notes in found.items()}


def bars_anew(request: RenderRequest, score: Score) -> tuple[int, ...]:
    """The bars, counted from 0, to render or compose anew; all of a part that has no notes yet.

    Raises ScoreError.
    """
    if request.renew_bars:
        return read_bars(request.renew_bars, score.whole_bars)
    is_there = set(played_parts(request)) & set(request.note_parts)
    return () if is_there else tuple(range(score.whole_bars))


def notes_of_parts(request: RenderRequest, score: Score) -> tuple[tuple[Note, ...], ...]:
    """The notes of each part of an arrangement; empty if every part plays all of them."""
    if not request.note_parts:
        return ()
    pairs = list(zip(request.notes or (), request.note_parts, strict=False))
    numbered = set(request.note_parts) & set(part_names(request.arrangement))
    # In recipes of earlier versions, all keys play the notes of `keys`.
    plays_of = [
        name if name in numbered else part
        for name, part in zip(part_names(request.arrangement), request.arrangement, strict=True)
    ]
    return tuple(score.timed(note for note, plays in pairs if plays == part) for part in plays_of)


def grooves_of(folder: Path | None) -> Grooves:
    """The program's grooves, and those of the user in a folder, which need not exist."""
    return load_grooves(*filter(None, [folder]))


def check_style(request: RenderRequest, grooves_folder: Path | None) -> None:
    """Raise GrooveError if a request is composed in a style that is unknown, broken, or not in its meter."""
    if request.compose == "off" or not request.style.strip():
        return
    grooves = grooves_of(grooves_folder)
    try:
        grooves.fitting(request.style, request.meter, request.bpm)
    except GrooveError as error:
        wanted = request.style.strip().casefold()
        broken = next((why for name, why in grooves.problems.items() if Path(name).stem == wanted), None)
        raise (GrooveError(broken) if broken else error) from None


def load_taught(pipeline: Pipeline, request: RenderRequest, folder: Path | None) -> None:
    """Load the taught sounds that a request names into its model. Raises MsaniiError."""
    for name, path in taught_files(request, folder).items():
        pipeline.add_taught_sound(request.taught[name].sha256, path)


def taught_files(request: RenderRequest, folder: Path | None) -> dict[str, Path]:
    """The files of a request's taught sounds, by name. Raises ScoreError for one that is not there."""
    files = {}
    for name, ref in request.taught.items():
        path = find_file(folder, ref.sha256) if folder else None
        if path is None:
            raise missing_file(name, ref.sha256)
        files[name] = path
    return files


def request_sampling(request: RenderRequest) -> Sampling:
    """Return a request's sampling, whose fields have the same names. Raises MsaniiError."""
    from msanii.rendering.job import Sampling

    return Sampling(**{field.name: getattr(request, field.name) for field in fields(Sampling)})
