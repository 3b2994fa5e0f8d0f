"""Saves played bars of an endless deck as a WAV with its recipe, and what is needed to render them again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bridge.endless.session import notes_of
from bridge.library.bar_recipes import EndlessRecipe
from bridge.library.loop_marks import LoopMarks
from bridge.messages import BridgeError
from bridge.outputs.drop import write_take
from bridge.system.disk import write_whole
from msanii.limits import PEAK_DBTP
from msanii.music.midi_writing import MidiHead, to_midi
from msanii.music.sounds import SOUNDS

_PEAK = round(10 ** (PEAK_DBTP / 20), 3)


def pasts_folder(library: Path) -> Path:
    """Return the library's folder of continuation states, from which saved bars can be rendered again."""
    return library / ".msanii" / "pasts"


def write_kept(folder: Path, paths: Sequence[Path], recipe: EndlessRecipe) -> Path:
    """Join bars (.npy, (C, L)) and write them to a new WAV in `folder`, with their recipe.

    Raises BridgeError `disk` or `folder`; `missing` if a bar cannot be read.
    """
    import numpy as np

    try:
        line = np.concatenate([np.load(path, allow_pickle=False) for path in paths], axis=1)
    except (OSError, ValueError, EOFError) as error:
        raise BridgeError("missing", f"a bar to keep cannot be read ({error})") from error
    line *= min(1.0, _PEAK / max(float(np.abs(line).max()), 1e-9))
    last = recipe.made[-1]
    ask = recipe.request_of(last)
    for number in range(1, 1_000_000):
        name = f"endless_{ask.bpm:g}bpm_bars{recipe.first_bar}-{last}_{ask.seed}_{number}.wav"
        path = folder / name
        if not path.exists():
            break
    return write_take(
        path,
        line,
        recipe.rate,
        format="wav",
        marks=LoopMarks(bpm=ask.bpm),
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
        midi=_midi(recipe),
    )


def _midi(recipe: EndlessRecipe) -> bytes | None:
    """Return the notes that begin in the saved bars as a MIDI file; None if they have none."""
    saved = [bar for bar in recipe.made if bar >= recipe.first_bar]
    ask = recipe.request_of(saved[-1])
    bar_beats = float(ask.meter.bar_beats)
    begin = recipe.first_bar * bar_beats
    parts = {
        part: [
            (onset - begin, end - begin, pitch, velocity)
            for onset, end, pitch, velocity in notes
            if onset > begin - 1e-6
        ]
        for part, notes in notes_of(recipe.notes_of(bar) for bar in saved).items()
    }
    if not any(parts.values()):
        return None
    head = MidiHead(beats=len(saved) * bar_beats, bpm=ask.bpm, meter=ask.meter, key=ask.key)
    sounds = dict.fromkeys(parts, ask.sound) if len(parts) == 1 and ask.sound in SOUNDS else {}
    return to_midi({part: notes for part, notes in parts.items() if notes}, head, sounds)


def keep_past(past: Path, folder: Path) -> str:
    """Copy the continuation state that a chain of bars starts from into `folder`; return its SHA-256.

    Raises BridgeError `missing` if it cannot be read; `disk` or `folder`.
    """
    try:
        data = past.read_bytes()
    except OSError as error:
        raise BridgeError(
            "missing", f"the sound before the kept bars cannot be read ({error.strerror})"
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    write_whole(folder / f"{digest}.npz", data)
    return digest


def find_past(recipe: EndlessRecipe, folder: Path) -> Path | None:
    """Return the file of the state that the recipe's chain starts from; None if it starts from nothing.

    Raises BridgeError `source` if it is missing from the library or damaged.
    """
    if not recipe.past:
        return None
    path = folder / f"{recipe.past}.npz"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        digest = ""
    if digest != recipe.past:
        what = "is damaged" if digest else "is not in this library"
        raise BridgeError(
            "source",
            f"recipe: the sound before bar {recipe.made[0]} {what} (hash {recipe.past[:12]}); "
            "render with the library where the bars were kept",
        )
    return path
