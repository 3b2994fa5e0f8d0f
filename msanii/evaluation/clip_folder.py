"""Prompts' clips on disk, for other tools: float WAV files, and `clips.json` with each clip's prompt.

Letters: C audio channels, L samples.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from msanii.errors import MsaniiError
from msanii.evaluation.prompts import Prompt, chord_columns
from msanii.metrics.harmony import Audio

Kind = Literal["made", "real"]

INDEX = "clips.json"


class ClipFolder:
    """A folder of clips at one rate. A prompt has the same file name in every folder.

    `prompts` are all prompts of a reference, which numbers the names; a folder may hold clips of some.
    """

    def __init__(self, folder: Path, kind: Kind, rate: int, prompts: Sequence[Prompt]) -> None:
        self._folder, self._kind, self._rate = folder, kind, rate
        self._names = dict(zip(map(id, prompts), _file_names(prompts), strict=True))
        self._kept: list[dict[str, Any]] = []
        make_folder(folder)

    def keep(self, prompt: Prompt, audio: Audio) -> None:
        """Write a prompt's clip (C, L) unchanged, even over full scale. Raises MsaniiError."""
        import soundfile

        path = self._folder / self._names[id(prompt)]
        try:
            soundfile.write(path, audio.T, self._rate, subtype="FLOAT")
        except (soundfile.SoundFileError, OSError) as error:
            raise MsaniiError(f"clips: `{path}` cannot be written ({error}); check the folder") from error
        self._kept.append({"file": path.name, **_to_dict(prompt)})

    def write_index(self) -> None:
        """Write `clips.json`. Raises MsaniiError."""
        path = self._folder / INDEX
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in self._kept)
        head = f'"kind":{json.dumps(self._kind)},"rate":{self._rate}'
        try:
            path.write_text(f'{{{head},"clips":[\n{rows}\n]}}\n', encoding="utf-8")
        except OSError as error:
            raise MsaniiError(f"clips: `{path}` cannot be written ({error}); check the folder") from error


def make_folder(folder: Path) -> None:
    """Create a folder if it does not exist. Raises MsaniiError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MsaniiError(f"clips: `{folder}` cannot be a folder ({error}); choose another name") from error


def _file_names(prompts: Iterable[Prompt]) -> list[str]:
    """`keys_000.wav`, `keys_001.wav`, `pad_000.wav` and so on."""
    names: list[str] = []
    counts: dict[str, int] = {}
    for prompt in prompts:
        number = counts.get(prompt.purpose, 0)
        counts[prompt.purpose] = number + 1
        names.append(f"{prompt.purpose}_{number:03d}.wav")
    return names


def _to_dict(prompt: Prompt) -> dict[str, Any]:
    """A prompt as plain data; times in seconds."""
    score = prompt.score
    chords = []
    for event in score.chord_events(0.0, score.seconds):
        root, bass, *tones = chord_columns(event.chord)
        chords.append([round(event.start_seconds, 4), round(event.end_seconds, 4), root, bass, tones])
    return {
        "purpose": prompt.purpose,
        "song": prompt.song,
        "bpm": score.bpm,
        "numerator": score.numerator,
        "denominator": score.denominator,
        "chords": chords,
        "sounds": score.sounds,
        "part": score.part,
        "notes": [
            [round(note.onset_seconds, 4), round(note.end_seconds, 4), note.pitch, note.velocity]
            for note in prompt.notes
        ],
    }
