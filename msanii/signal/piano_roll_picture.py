"""Piano rolls as images: pitched notes by their keys, drums in a lane each below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw

from msanii.music.midi_notes import DRUMS, BeatNote
from msanii.music.parts import part_of_name

KEY_ROWS, LANE_ROWS, GAP_ROWS = 6, 8, 6
# Keys that are free above the highest note and below the lowest.
_MARGIN_KEYS = 2
_GROUND, _BLACK_KEY, _BEAT_LINE, _BAR_LINE = (18, 18, 22), (26, 26, 32), (44, 44, 52), (90, 90, 100)
_BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
_COLOURS = {
    "keys": (90, 160, 255), "lead": (255, 205, 80), "pad": (120, 210, 130), "bass": (190, 120, 255),
    "drums": (225, 225, 225),
}  # fmt: skip
_QUIETEST = 0.35  # of a colour's brightness, for velocity 1


def piano_roll(
    parts: Mapping[str, Sequence[BeatNote]], *, beats: float, bar_beats: float, columns: int
) -> Image.Image:
    """Draw notes by part over `beats` quarter notes, `columns` pixels wide; brightness is velocity."""
    pitched = [note for name, notes in parts.items() if part_of_name(name) != DRUMS for note in notes]
    struck = sorted(
        {note[2] for name, notes in parts.items() if part_of_name(name) == DRUMS for note in notes}
    )
    lowest = min((note[2] for note in pitched), default=0) - _MARGIN_KEYS
    highest = max((note[2] for note in pitched), default=-1) + _MARGIN_KEYS
    key_rows = (highest - lowest + 1) * KEY_ROWS if pitched else 0
    between = GAP_ROWS if pitched and struck else 0
    rows = max(1, key_rows + between + len(struck) * LANE_ROWS)
    picture = Image.new("RGB", (columns, rows), _GROUND)
    drawing = ImageDraw.Draw(picture)
    for key in range(lowest, highest + 1) if pitched else ():
        if key % 12 in _BLACK_KEYS:
            top = (highest - key) * KEY_ROWS
            drawing.rectangle((0, top, columns, top + KEY_ROWS - 1), fill=_BLACK_KEY)
    _draw_grid(drawing, beats, bar_beats, columns, rows)
    for name, notes in parts.items():
        kind = part_of_name(name)
        for start, end, pitch, velocity in notes:
            if kind == DRUMS:
                top, height = (
                    key_rows + between + (len(struck) - 1 - struck.index(pitch)) * LANE_ROWS,
                    LANE_ROWS,
                )
            else:
                top, height = (highest - pitch) * KEY_ROWS, KEY_ROWS
            left, right = start / beats * columns, end / beats * columns
            box = (left, top + 1, max(left + 2, right - 2), top + height - 2)
            drawing.rectangle(box, fill=_at_velocity(_COLOURS[kind], velocity))
    return picture


def _draw_grid(drawing: ImageDraw.ImageDraw, beats: float, bar_beats: float, columns: int, rows: int) -> None:
    for step, colour in ((1.0, _BEAT_LINE), (bar_beats, _BAR_LINE)):
        for place in range(int(beats / step) + 1):
            column = place * step / beats * columns
            drawing.line((column, 0, column, rows), fill=colour)


def _at_velocity(colour: tuple[int, int, int], velocity: int) -> tuple[int, int, int]:
    bright = _QUIETEST + (1 - _QUIETEST) * velocity / 127
    red, green, blue = (round(bright * channel) for channel in colour)
    return red, green, blue
