"""A page of spectrograms: the same notes on each sound by the instrument, the vocoder alone and the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import escape
from pathlib import Path

from msanii.data.instruments.playing import RATE
from msanii.errors import MsaniiError
from msanii.evaluation.played import MODEL, REAL, VOCODER, PlayedClip
from msanii.evaluation.prompts import Prompt
from msanii.music.families import FAMILY_OF
from msanii.music.palette import PALETTE
from msanii.signal.spectrogram_picture import Panel, write_comparison

PAGE = "index.html"
PAIR_SECONDS = 6.0
_ORDER = (REAL, VOCODER, MODEL)
_STYLE = (
    "body{background:#121216;color:#ddd;font:14px sans-serif}img{max-width:100%}"
    "td,th{padding:2px 10px;text-align:left}.off{color:#f88}"
)
_LEGEND = (
    "The same notes by the real instrument, by the vocoder alone from the real mel, and by the model. White "
    "is the loudest of all three. A verdict is the share of windows in which the classifier names the sound, "
    "and what it names most if that is another. LU: loudness less that of the real one."
)
# A verdict that is worse than these is marked.
_LEAST_RIGHT, _MOST_LU = 0.5, 3.0


def prompt_of_each_sound(prompts: Iterable[Prompt]) -> list[Prompt]:
    """The start of the first prompt of each sound that plays alone, in the palette's order."""
    first: dict[str, Prompt] = {}
    for prompt in prompts:
        if len(prompt.score.sounds) == 1:
            first.setdefault(prompt.score.sounds[0], prompt)
    return [_start_of(first[sound]) for sound in PALETTE if sound in first]


def _start_of(prompt: Prompt) -> Prompt:
    """A prompt's first `PAIR_SECONDS`."""
    length = min(PAIR_SECONDS, prompt.score.seconds)
    notes = tuple(
        replace(note, end_seconds=min(note.end_seconds, length))
        for note in prompt.notes
        if note.onset_seconds < length
    )
    return replace(prompt, score=replace(prompt.score, seconds=length), notes=notes)


class PairsPage:
    """A folder with a picture of each sound and a page of them all."""

    def __init__(self, folder: Path, model: str) -> None:
        self._folder, self._model = folder, model
        self._rows: list[str] = []
        self._figures: list[str] = []

    def add(self, clip: PlayedClip) -> None:
        """Draw a clip's versions side by side. Raises MsaniiError if the picture cannot be written."""
        sound, part = clip.prompt.score.sounds[0], clip.prompt.score.part
        picture = f"{PALETTE.index(sound):02d}_{re.sub(r'[^a-z0-9]+', '_', sound)}.png"
        panels = [
            Panel(f"{name}: {verdict(clip, name)}", clip.audio[name]) for name in _ORDER if name in clip.audio
        ]
        title = f"{sound} ({FAMILY_OF[sound]}), {part} of song {clip.prompt.song}"
        write_comparison(self._folder / picture, title, panels, RATE)
        cells = "".join(_cells(clip, panel_name) for panel_name in _ORDER)
        self._rows.append(f'<tr><td><a href="#{picture}">{escape(sound)}</a></td>{cells}</tr>')
        self._figures.append(
            f'<h2 id="{picture}">{escape(title)}</h2><img src="{picture}" alt="{escape(title)}">'
        )

    def write(self) -> Path:
        """Write the page, and return its path. Raises MsaniiError."""
        heads = "".join(f"<th>{escape(name)}</th><th>LU</th>" for name in _ORDER)
        title = escape(f"Sounds of {self._model}")
        text = (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{_LEGEND}</p>"
            f"<table><tr><th>sound</th>{heads}</tr>{''.join(self._rows)}</table>{''.join(self._figures)}"
            "</body></html>\n"
        )
        path = self._folder / PAGE
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise MsaniiError(f"page: `{path}` cannot be written ({error}); check the folder") from error
        return path


def verdict(clip: PlayedClip, version: str) -> str:
    """`0.88`, or `0.25 as organ` where another sound is named more often; and how much louder than real."""
    named = _named(clip, version)
    is_alone = version == REAL or not clip.heard_as[version]
    return named if is_alone else f"{named}, {_louder(clip, version):+.1f} LU"


def _named(clip: PlayedClip, version: str) -> str:
    heard, sound = clip.heard_as[version], clip.prompt.score.sounds[0]
    right = clip.metrics[version]["right"]
    if not heard:
        return "silent"
    return f"{right:.2f}" if heard == sound else f"{right:.2f} as {heard}"


def _louder(clip: PlayedClip, version: str) -> float:
    return clip.metrics[version]["loudness"] - clip.metrics[REAL]["loudness"]


def _cells(clip: PlayedClip, version: str) -> str:
    """The verdict and the level of a version in two cells; empty without it."""
    metrics: Mapping[str, float] | None = clip.metrics.get(version)
    if metrics is None:
        return "<td></td><td></td>"
    louder = _louder(clip, version)
    off = ["" if ok else ' class="off"' for ok in (metrics["right"] >= _LEAST_RIGHT, abs(louder) <= _MOST_LU)]
    return f"<td{off[0]}>{escape(_named(clip, version))}</td><td{off[1]}>{louder:+.1f}</td>"
