"""A small recipe for the tiny model, and takes for it that need no model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.library.loop_marks import LoopMarks
from bridge.library.recipes import Recipe
from bridge.messages import Argument, HeardTake
from bridge.outputs.drop import write_take
from bridge.pack.renderer import NotRendered, Rendered, RenderEvent
from msanii.music.midi_writing import MidiHead, to_midi
from tests.bridge.render_requests import make_request

QUICK = {"steps": 2, "iterations": 2}
SMALL: Mapping[str, object] = {
    "name": "Small",
    "model": "tiny",
    "loops": {
        "parts": ["drums", "keys"],
        "chords": ["i VI", "i iv"],
        "keys": ["Am", "Cm"],
        "tempos": [240],
        "bars": 2,
        "values": QUICK,
    },
    "check": {"duplicates": 1.0},
}
RATE = 44_100


def written(path: Path, content: Mapping[str, object]) -> Path:
    """Write a recipe; JSON is YAML."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def noise(seed: int, seconds: float = 1.0) -> NDArray[np.float32]:
    """Bursts that differ from seed to seed, (2, L)."""
    draw = np.random.default_rng(seed)
    audio = draw.standard_normal((2, round(seconds * RATE))) * 0.1
    audio *= np.repeat(draw.uniform(0.01, 1, 20), audio.shape[1] // 20 + 1)[: audio.shape[1]]
    return np.asarray(audio, dtype=np.float32)


class Drawn:
    """A renderer whose takes are drawn by `audio_of` from what is asked; it keeps what was ordered."""

    def __init__(self, folder: Path) -> None:
        self.scratch = folder
        self.ordered: list[dict[str, Argument]] = []
        self.waiting: list[tuple[str, dict[str, Argument]]] = []
        self.failing: dict[int, NotRendered] = {}
        self.heard: HeardTake | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def audio_of(self, asked: Mapping[str, Argument]) -> NDArray[np.float32]:
        """The samples of a take."""
        names = ("seed", "chords", "key", "part", "sound")
        words = "".join(str(asked[name]) for name in names)
        return noise(sum(map(ord, words)) + 1_000 * len(words))

    def order(self, job_id: str, arguments: Sequence[Argument]) -> None:
        """Note an order."""
        asked = dict(zip(map(str, arguments[::2]), arguments[1::2], strict=True))
        self.ordered.append(asked)
        self.waiting.append((job_id, asked))

    def next_event(self) -> RenderEvent:
        """Write the take of the oldest order."""
        job_id, asked = self.waiting.pop(0)
        number = len(self.ordered) - len(self.waiting) - 1
        if number in self.failing:
            failed = self.failing[number]
            return NotRendered(job_id, failed.code, failed.message)
        path = self.scratch / f"{job_id}.wav"
        audio = self.audio_of(asked)
        seconds = audio.shape[1] / RATE
        recipe = Recipe(
            request=make_request(seed=int(str(asked["seed"])), part=str(asked["part"])),
            index=0, seed=int(str(asked["seed"])), seconds=seconds, model_name="tiny",
            model_fingerprint="0" * 16, versions={}, device="cpu", dtype="float32", threads=1,
            created="2026-11-30T00:00:00+00:00", heard=self.heard,
        )  # fmt: skip
        head = MidiHead(beats=4, bpm=120, meter=recipe.request.meter)
        write_take(
            path, audio, RATE, format="wav", marks=LoopMarks(bpm=240, root=69, is_loop=True),
            recipe_compact=recipe.compact(), recipe_readable=recipe.readable(),
            tail=audio[:, :4_000] if asked.get("end") == "ring" else None,
            midi=to_midi({"keys": [(0, 1, 60, 100)]}, head),
        )  # fmt: skip
        return Rendered(job_id, path)
