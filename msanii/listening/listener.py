"""The listener: audio in, `Heard` out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msanii.listening.activations import Activations, Ears
from msanii.listening.decoding.beats import Grid, decode_beats
from msanii.listening.decoding.chords import HeardChord, bar_meter, bar_spans, decode_chords
from msanii.listening.decoding.key import decode_key
from msanii.listening.decoding.notes import HeardNote, decode_notes
from msanii.listening.heard import ChordSpanHeard, Heard
from msanii.listening.weights import LISTENER_FOLDER, load_listener
from msanii.music.chord_classes import KEYS
from msanii.music.chord_texts import bar_texts
from msanii.music.families import FAMILIES, FAMILY_OF
from msanii.music.palette import PALETTE
from msanii.music.sounds import PARTS
from msanii.signal.audio_files import Clip

LEAST_CONFIDENCE = 0.2
"""a tempo below it is not passed on"""

_LEAST_CHANCE = 0.4
_LEAST_SECONDS = 0.5
# A network that hears nothing musical says so by silence everywhere; its part is then a guess.
_SILENT_RMS = 1e-5


class Listener:
    """Hears files; load it once."""

    def __init__(self, ears: Ears) -> None:
        self.ears = ears

    @classmethod
    def load(cls, folder: Path | None = None) -> Listener:
        """Load the listener of a folder, or the shipped one. Raises CheckpointError."""
        return cls(Ears(load_listener(folder or LISTENER_FOLDER)))

    def listen(self, clip: Clip) -> Heard:
        """Hear a clip of any length, rate and number of channels. Samples that are no numbers are silence."""
        mono = np.nan_to_num(clip.audio, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=0, dtype=np.float32)
        waveform = Clip(mono[None], clip.rate).at(self.ears.rate)[0]
        if clip.seconds < _LEAST_SECONDS or float(np.sqrt(np.mean(np.square(waveform)))) < _SILENT_RMS:
            return _nothing(clip)
        return heard_from(self.ears.hear(waveform), clip.samples, clip.rate)


def heard_from(heard: Activations, samples: int, rate: int) -> Heard:
    """Decode what the network hears in a file of `samples` at `rate`."""
    seconds = samples / rate
    grid = decode_beats(heard.beat, heard.downbeat, heard.pooled["meter"], heard.frames_per_second)
    confidence = 0.0 if grid is None else grid.certainty * grid.steadiness
    if grid is not None and grid.certainty < LEAST_CONFIDENCE:
        grid = None
    chords = decode_chords(heard.chord, heard.bass, heard.slow_frames_per_second, grid, seconds)
    key, _ = decode_key(chords)
    notes = decode_notes(heard.onset, heard.sustain, heard.velocity, heard.frames_per_second)
    part, family, sound = _played(heard.pooled, chords, notes, grid)
    is_sure = grid is not None and confidence >= LEAST_CONFIDENCE
    downbeat = None if grid is None or not len(grid.downbeats) else float(grid.downbeats[0])
    return Heard(
        rate=rate,
        samples=samples,
        bpm=grid.bpm if grid is not None and is_sure else None,
        confidence=confidence,
        steadiness=0.0 if grid is None else grid.steadiness,
        numerator=None if grid is None else grid.meter.numerator,
        denominator=None if grid is None else grid.meter.denominator,
        first_downbeat_samples=None if downbeat is None else min(round(downbeat * rate), samples - 1),
        beats=() if grid is None else tuple(zip(grid.seconds.tolist(), grid.places.tolist(), strict=True)),
        key=None if key is None else KEYS[key],
        chords=None if grid is None else _bar_chords(chords, grid, key, seconds),
        chord_spans=tuple(
            ChordSpanHeard(
                start_seconds=one.start_seconds, end_seconds=one.end_seconds, text=one.named(key).text
            )
            for one in chords
        ),
        notes=notes,
        part=part,
        family=family,
        sound=sound,
    )


def _bar_chords(
    chords: tuple[HeardChord, ...], grid: Grid, key: int | None, seconds: float
) -> tuple[str, ...] | None:
    """The text of each bar that is heard whole, but for the end of its last beat."""
    starts = np.flatnonzero(grid.places == 0)
    if not len(starts):
        return None
    beats = len(grid.seconds) - int(starts[0])
    left = seconds - float(grid.seconds[-1])
    if left < 0.5 * float(np.median(np.diff(grid.seconds))):
        beats -= 1
    bars = beats // grid.meter.beats
    if not bars:
        return None
    meter = bar_meter(grid)
    return tuple(bar_texts(bar_spans(chords, grid, key, bars), meter, bars))


def _played(
    pooled: dict[str, NDArray[np.float32]],
    chords: tuple[HeardChord, ...],
    notes: tuple[HeardNote, ...],
    grid: Grid | None,
) -> tuple[str | None, str | None, str | None]:
    """Part, family and sound, each None where it is not sure."""
    if grid is None and not notes and not any(one.chord for one in chords):
        return None, None, None
    part = _surest(pooled["part"], PARTS)
    if part == "mix":
        return part, None, None
    family = _surest(pooled["family"], FAMILIES)
    # A sound of another family contradicts itself.
    inside = np.where([FAMILY_OF[name] == family for name in PALETTE], pooled["sound"], -np.inf)
    return part, family, _surest(inside, PALETTE)


def _surest(log_chances: NDArray[np.float32], names: tuple[str, ...]) -> str | None:
    best = int(log_chances.argmax())
    return names[best] if float(log_chances[best]) >= np.log(_LEAST_CHANCE) else None


def _nothing(clip: Clip) -> Heard:
    return Heard(
        rate=clip.rate, samples=clip.samples, bpm=None, confidence=0.0, steadiness=0.0, numerator=None,
        denominator=None, first_downbeat_samples=None, beats=(), key=None, chords=None, chord_spans=(),
        notes=(), part=None, family=None, sound=None,
    )  # fmt: skip
