"""The evaluation's fixed prompts: stretches of test songs, and the metrics of their real renders.

Times are relative to the start of a prompt, which is the start of a bar.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msanii.errors import DataError
from msanii.music.chords import NO_CHORD, Chord, ChordSpan
from msanii.music.score import Feel, Note, Score

PROMPT_SECONDS = 511 * 1024 / 44_100  # 512 frames, as in training
# Thins out the drums for the sound classifier: they have the most prompts, and shall be about one in five.
DRUMS_STEP = 6
SOURCE = "chords, beats, notes and measured figures of renders of POP909's songs 880 to 909 (MIT licence)"
_DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A stretch of a test song as a score to render, and the metrics of its real render.

    `purpose` names the rows that use it (`msanii.evaluation.reference_plan`). The score sets chords, sound,
    part and swing; `notes` and `feel` are those of the real render. `real` has the metrics of
    `msanii.evaluation.clip_metrics`.
    """

    purpose: str
    song: str
    score: Score
    notes: tuple[Note, ...]
    feel: Feel
    real: dict[str, float]


def write_prompts(path: Path, prompts: Sequence[Prompt]) -> None:
    """Write prompts to a gzipped JSON file. Raises DataError if that fails."""
    rows = ",\n".join(json.dumps(_plain(prompt), separators=(",", ":")) for prompt in prompts)
    text = f'{{"source":{json.dumps(SOURCE)},"prompts":[\n{rows}\n]}}\n'
    try:
        # No time stamp, so that the same prompts give the same file.
        path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
    except OSError as error:
        raise DataError(f"prompts: `{path}` cannot be written ({error}); check the folder") from error


def read_prompts(path: Path) -> tuple[Prompt, ...]:
    """Read the file of `write_prompts`. Raises DataError if it is missing or another kind of file."""
    try:
        values = json.loads(gzip.decompress(path.read_bytes()))
        return tuple(_prompt_from(item) for item in values["prompts"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"prompts: `{path}` cannot be read ({error}); make the reference again") from error


def _plain(prompt: Prompt) -> dict[str, Any]:
    score = prompt.score
    return {
        "purpose": prompt.purpose,
        "song": prompt.song,
        "seconds": score.seconds,
        "bpm": score.bpm,
        "meter": [score.numerator, score.denominator],
        "chords": [[*_rounded(s.start_beats, s.end_beats), *chord_columns(s.chord)] for s in score.chords],
        "sounds": score.sounds,
        "part": score.part,
        "swing": score.feel.swing,
        "notes": [
            [*_rounded(note.onset_seconds, note.end_seconds), note.pitch, note.velocity]
            for note in prompt.notes
        ],
        "feel": prompt.feel.asked(),
        # JSON has no NaN.
        "real": {name: round(value, _DECIMALS) for name, value in prompt.real.items() if value == value},
    }


def _prompt_from(values: dict[str, Any]) -> Prompt:
    numerator, denominator = values["meter"]
    spans = (
        ChordSpan(start_beats=start, end_beats=end, chord=_chord_from(columns))
        for start, end, *columns in values["chords"]
    )
    score = Score(
        seconds=values["seconds"],
        bars=None,
        bpm=values["bpm"],
        numerator=numerator,
        denominator=denominator,
        chords=tuple(spans),
        notes=(),
        sounds=tuple(values["sounds"]),
        part=values["part"],
        feel=Feel(swing=values["swing"]),
    )
    notes = (
        Note(onset_seconds=onset, end_seconds=end, pitch=int(pitch), velocity=int(velocity))
        for onset, end, pitch, velocity in values["notes"]
    )
    return Prompt(
        purpose=values["purpose"],
        song=values["song"],
        score=score,
        notes=tuple(notes),
        feel=Feel(**values["feel"]),
        real={name: float(value) for name, value in values["real"].items()},
    )


def _rounded(*values: float) -> list[float]:
    return [round(value, _DECIMALS) for value in values]


def chord_columns(chord: Chord) -> list[int]:
    """Root and bass as pitch classes, 0 to 11 (-1 for N.C.), then the chord's tones."""
    if chord.root is None:
        return [-1, -1]
    return [chord.root, chord.bass if chord.bass is not None else chord.root, *sorted(chord.tones)]


def _chord_from(columns: Sequence[int]) -> Chord:
    root, bass, *tones = columns
    return NO_CHORD if root < 0 else Chord(root=root, bass=bass, tones=frozenset(tones), text="")
