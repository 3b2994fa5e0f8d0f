"""Notes of one-shots as musicians write them: `C2 to C5 every 3`, or a list of names; strokes of a kit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bridge.values import shown
from msanii.music import drum_kit

DRUM_STROKES: Mapping[str, int] = {
    "kick": drum_kit.KICK,
    "snare": drum_kit.SNARE,
    "rim": drum_kit.RIM,
    "closed hat": drum_kit.CLOSED_HAT,
    "open hat": drum_kit.OPEN_HAT,
    "crash": drum_kit.CRASH,
    "ride": drum_kit.RIDE,
    "high tom": drum_kit.HIGH_TOM,
    "mid tom": drum_kit.MID_TOM,
    "low tom": drum_kit.LOW_TOM,
    "floor tom": drum_kit.FLOOR_TOM,
}
LOWEST_PITCH, HIGHEST_PITCH = 21, 108
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NOTE = re.compile(r"([A-Ga-g])([#b]?)(-?\d)")
_RANGE = re.compile(r"\s*(\S+)\s+to\s+(\S+?)(?:\s+every\s+(\d{1,2}))?\s*")
_EXPECTED = "expected notes from A0 to C8 such as `C2 to C5 every 3` or [C2, Eb3], where C4 is middle C"


def read_notes(written: str | Sequence[str | int]) -> dict[str, int]:
    """Return names and MIDI pitches, C4 being 60: of a range by semitones, or of a list.

    Raises ValueError that says what was expected.
    """
    if not written:
        raise ValueError(f"`notes` is missing: {_EXPECTED}")
    if not isinstance(written, str):
        pitches = [_pitch(str(one)) for one in written]
    elif (match := _RANGE.fullmatch(written)) is not None:
        low, high, step = _pitch(match[1]), _pitch(match[2]), int(match[3] or 1)
        if low > high or step < 1:
            raise ValueError(f"`notes`: got {shown(written)}, expected the lower note first; {_EXPECTED}")
        pitches = list(range(low, high + 1, step))
    else:
        pitches = [_pitch(one) for one in written.replace(",", " ").split()]
    return {name_of_pitch(pitch): pitch for pitch in pitches}


def name_of_pitch(pitch: int) -> str:
    """Return a MIDI pitch's name, C4 being 60."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _pitch(text: str) -> int:
    match = _NOTE.fullmatch(text.strip())
    if match is not None:
        sign = {"#": 1, "b": -1, "": 0}[match[2]]
        pitch = 12 * (int(match[3]) + 1) + _NAMES.index(match[1].upper()) + sign
    elif text.strip().isdecimal():
        pitch = int(text.strip()[:9])
    else:
        pitch = -1
    if not LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
        raise ValueError(f"`notes`: got {shown(text)}, {_EXPECTED}")
    return pitch
