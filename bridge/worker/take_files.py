"""Writes takes with their recipes, and finds those that an interrupted attempt has finished."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.library.loop_marks import MIDDLE_C, LoopMarks
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.take_files import TakeFiles
from bridge.library.versions import versions
from bridge.messages import BridgeError, HeardTake, RenderRequest, TakeReady
from bridge.outputs.drop import write_take
from bridge.worker.candidates import named
from bridge.worker.loop import ModelReady, Order
from msanii.errors import ChordError
from msanii.music.chords import parse_chords
from msanii.music.degrees import parse_key
from msanii.music.lead_sheet import unified
from msanii.music.midi_notes import DRUMS

if TYPE_CHECKING:
    from msanii.takes import Take


def finished_recipe(order: Order, index: int) -> Recipe | None:
    """Return the recipe of a take that an interrupted attempt of this order has finished, if it has.

    Raises:
        BridgeError: `exists` if another file has its name.
    """
    path = order.paths[index]
    if not path.exists():
        return None
    try:
        recipe = read_recipe(path)
    except BridgeError:
        recipe = None
    if recipe is None or recipe.index != index or not _asks_the_same(order.request, recipe.request):
        raise BridgeError("exists", f"`{path.name}` is already there, and nothing finished is overwritten")
    return recipe


def _asks_the_same(wanted: RenderRequest, found: RenderRequest) -> bool:
    """Whether a finished take is one of these, chosen among candidates or not, and in whichever batch."""
    return found == named(wanted, found.keep).model_copy(update={"batch": found.batch})


def finished_take(order: Order, index: int) -> TakeReady | None:
    """Return the take of `finished_recipe`. Raises as that."""
    recipe = finished_recipe(order, index)
    if recipe is None:
        return None
    files = TakeFiles(order.paths[index])
    tail = files.tail if recipe.tail else None
    midi = files.midi if files.midi.exists() else None
    return _ready(order, recipe, tail, midi)


def write_finished(
    order: Order, request: RenderRequest, index: int, take: Take, heard: HeardTake | None, model: ModelReady
) -> TakeReady:
    """Write the files of one take of an order; `request` renders it again. Raises as `write_take`."""
    seconds = take.audio.shape[1] / take.rate
    tail_path = None if take.tail is None else TakeFiles(order.paths[index]).tail
    recipe = Recipe(
        request=request,
        index=index,
        seed=request.seed_of(index),
        seconds=seconds,
        model_name=model.model,
        model_fingerprint=model.fingerprint,
        versions=versions(),
        device=model.device,
        dtype=model.dtype,
        threads=model.threads,
        processor=model.processor,
        layout=model.layout,
        created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        tail="" if tail_path is None else tail_path.name,
        notes={part: tuple(notes) for part, notes in take.notes.items() if notes},
        heard=heard,
    )
    write_take(
        order.paths[index],
        take.audio,
        take.rate,
        format=request.format,
        marks=loop_marks(request, index, seconds),
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
        tail=take.tail,
        midi=take.midi,
    )
    midi_path = None if take.midi is None else TakeFiles(order.paths[index]).midi
    return _ready(order, recipe, tail_path, midi_path)


def loop_marks(request: RenderRequest, index: int, seconds: float) -> LoopMarks:
    """Return what DAWs are told of a take. The request's chords are those of what it generates."""
    bpm = request.known_bpm
    root, chords = None, list[tuple[float, str]]()
    # A take is never lost for what cannot be said of it.
    with suppress(ChordError):
        key = None if request.part_of(index) == DRUMS else parse_key(unified(request.key))
        root = None if key is None else MIDDLE_C + key.tonic
    with suppress(ChordError):
        if bpm is not None and request.verb == "generate":
            chords = _chord_changes(request, request.timeline.quarters_at(seconds))
    return LoopMarks(bpm, root, bool(request.loop), tuple(chords))


def _chord_changes(request: RenderRequest, beats: float) -> list[tuple[float, str]]:
    """Return each chord that is another than the one before, until so many quarter notes have passed.

    With it comes its place in quarter notes at the request's tempo, from the start of the file.
    """
    spans = parse_chords(request.chords, key=request.key, meter=request.meter)
    changes: list[tuple[float, str]] = []
    for number in range(math.ceil(beats / spans[-1].end_beats) if spans else 0):
        for span in spans:
            if not changes or changes[-1][1] != span.chord.text:
                at = request.timeline.seconds_at(number * spans[-1].end_beats + span.start_beats)
                changes.append((at * request.bpm / 60, span.chord.text))
    return changes


def _ready(order: Order, recipe: Recipe, tail: Path | None, midi: Path | None) -> TakeReady:
    bpm, index = order.request.known_bpm or 0.0, recipe.index
    return TakeReady(order.job_id, index, order.paths[index], recipe.seconds, bpm, tail, midi, recipe.heard)
