"""Builds a request's score and sampling. Importing this loads no torch, since the daemon checks scores."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import RenderRequest
from msanii.composer.grooves.library import Grooves, load_grooves
from msanii.errors import GrooveError
from msanii.music.note_files import score_notes
from msanii.music.parts import part_names
from msanii.music.score import Note, Score
from msanii.music.score_request import ScoreRequest

if TYPE_CHECKING:
    from msanii.rendering.job import Sampling


def request_score(request: RenderRequest, seconds: float | None = None) -> Score:
    """Return a request's score, `seconds` long if that is given. Raises MsaniiError."""
    asked = ScoreRequest(**{field.name: getattr(request, field.name) for field in fields(ScoreRequest)})
    if seconds is None and request.bars is not None:
        return asked.score(bars=request.bars)
    return asked.score(seconds=request.seconds if seconds is None else seconds)


def notes_of_parts(request: RenderRequest) -> tuple[tuple[Note, ...], ...]:
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
    return tuple(
        score_notes((note for note, plays in pairs if plays == part), request.bpm) for part in plays_of
    )


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


def request_sampling(request: RenderRequest) -> Sampling:
    """Return a request's sampling, whose fields have the same names. Raises MsaniiError."""
    from msanii.rendering.job import Sampling

    return Sampling(**{field.name: getattr(request, field.name) for field in fields(Sampling)})
