"""Reads a rendered take for a pack, and writes what is kept of it: audio, tail and notes with their marks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.library.loop_marks import LoopMarks
from bridge.library.recipes import Recipe, read_recipe, recipe_text
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError
from bridge.outputs.drop import encode
from bridge.pack.journal import Fact
from bridge.pack.planning.plan import Item
from bridge.pack.planning.recipe import Check
from bridge.pack.sounds.duplicates import fingerprint
from bridge.pack.sounds.faults import fault_of, not_heard, read_audio
from bridge.pack.sounds.one_shots import cut_note
from bridge.pack.sounds.pitch import pitch_fault
from bridge.system.disk import disk_error, write_whole
from msanii.music.chords import Meter
from msanii.music.midi_notes import DRUMS
from msanii.music.midi_writing import MidiHead, to_midi

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WAVEFORM_POINTS = 100
_SHORTEST_NOTE_SECONDS, _SHORTEST_STROKE_SECONDS = 0.6, 0.15
_MIDI_BPM = 120.0
_COMMON_TIME = Meter(numerator=4, denominator=4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A take that may be kept: its rendered file and recipe, and audio (C, L) to file at `rate` hertz."""

    path: Path
    recipe: Recipe
    audio: NDArray[np.float32]
    rate: int
    fingerprint: bytes


def read_candidate(item: Item, path: Path, check: Check) -> Candidate | str:
    """Read a take and check it; of a one-shot, cut out the note. Return why it is not kept, if so.

    Raises BridgeError `source` for a file that cannot be read.
    """
    try:
        recipe = read_recipe(path)
        audio, rate = read_audio(path)
    except (OSError, RuntimeError) as error:
        raise BridgeError("source", f"`{path.name}` was rendered and cannot be read ({error})") from error
    if fault := fault_of(audio):
        return fault
    if item.kind == "one-shot":
        is_stroke = item.values["part"] == DRUMS
        shortest = _SHORTEST_STROKE_SECONDS if is_stroke else _SHORTEST_NOTE_SECONDS
        try:
            audio = cut_note(
                audio, rate, peak_db=item.peak_db, shortest_seconds=min(shortest, item.seconds / 2)
            ).audio
        except BridgeError as error:
            return error.message
        if not is_stroke and (fault := pitch_fault(audio, rate, item.pitch)):
            return fault
    elif fault := not_heard(recipe.heard, check):
        return fault
    return Candidate(path, recipe, audio, rate, fingerprint(audio, rate))


def file_loop(path: Path, item: Item, candidate: Candidate) -> dict[str, Fact]:
    """Write a loop, as it was rendered, with its tail and notes; return its facts. Raises BridgeError."""
    made, filed = TakeFiles(candidate.path), TakeFiles(path)
    beside = [(made.tail, filed.tail), (made.midi, filed.midi)]
    written = [(to, _bytes(source)) for source, to in beside if source.exists()]
    for to, data in written:
        write_whole(to, data)
    data = _bytes(made.audio)
    write_whole(path, data)
    names = {to.suffix: to.name for to, _ in written}
    return _facts(item, candidate, len(data)) | {
        "tail": names.get(path.suffix, ""),
        "midi": names.get(".mid", ""),
    }


def file_one_shot(path: Path, item: Item, candidate: Candidate) -> dict[str, Fact]:
    """Write a note with its pitch as a sampler's root, and as MIDI; return its facts. Raises BridgeError."""
    data = encode(
        candidate.audio,
        candidate.rate,
        format=candidate.recipe.request.format,
        marks=LoopMarks(root=item.pitch),
        recipe=recipe_text(candidate.path),
    )
    midi = TakeFiles(path).midi
    write_whole(midi, _midi(item, candidate.audio.shape[1] / candidate.rate))
    write_whole(path, data)
    return _facts(item, candidate, len(data)) | {"tail": "", "midi": midi.name, "pitch": item.pitch}


def _midi(item: Item, seconds: float) -> bytes:
    """Return the note at 120 bpm, held as long as it was in the render."""
    bpm, part = float(item.values["bpm"]), str(item.values["part"])
    notes = [(onset, end * _MIDI_BPM / bpm, pitch, velocity) for onset, end, pitch, velocity in item.notes]
    beats = max(seconds * _MIDI_BPM / 60, max(note[1] for note in notes))
    head = MidiHead(beats=beats, bpm=_MIDI_BPM, meter=_COMMON_TIME)
    return to_midi({part: notes}, head, {part: str(item.values["sound"])})


def _facts(item: Item, candidate: Candidate, size_bytes: int) -> dict[str, Fact]:
    import numpy as np

    audio, recipe = candidate.audio, candidate.recipe
    heard = recipe.heard
    return {
        **item.labels,
        "kind": item.kind,
        "seed": recipe.seed,
        "seconds": round(audio.shape[1] / candidate.rate, 4),
        "rate": candidate.rate,
        "bytes": size_bytes,
        "peak_db": round(20 * float(np.log10(np.abs(audio).max() + 1e-9)), 2),
        "heard_chords": heard.chords if heard else None,
        "heard_onsets": heard.onsets if heard else None,
        "model": recipe.model_name,
        "model_fingerprint": recipe.model_fingerprint,
        "taught": ", ".join(sorted(recipe.request.taught)),
        "waveform": _waveform(audio),
    }


def _waveform(audio: NDArray[np.float32]) -> str:
    """Return the peaks of equal stretches of audio (C, L), two hexadecimal digits each."""
    import numpy as np

    high = np.abs(audio).max(axis=0)
    edges = np.linspace(0, len(high), WAVEFORM_POINTS + 1).astype(int)
    peaks = [
        float(high[first:last].max()) if last > first else 0.0 for first, last in itertools.pairwise(edges)
    ]
    return "".join(f"{min(255, round(255 * peak)):02x}" for peak in peaks)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise disk_error(error, path.parent) from error
