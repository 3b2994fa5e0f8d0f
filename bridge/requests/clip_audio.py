"""Audio of a clip as the DAW plays it: its regions one after the other, stretched and pitched.

Runs in a process of its own (`bridge.requests.warp_file`): the stretch library holds Python's lock, for
seconds with a long clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bridge.requests.clip_description import CONTEXT_SECONDS, HeardClip, Piece, pieces_of
from bridge.time_stretch import stretch

Audio = NDArray[np.float32]

# Length of the crossfade between pieces. It ends at their boundary, to preserve the attack on the downbeat.
FADE_SECONDS = 0.004


def heard_audio(clip: HeardClip, file: soundfile.SoundFile) -> Audio:
    """Render the clip's regions one after the other: (C, L) at the file's rate.

    Regions beyond the file are silent there. Raises BridgeError `source` as `pieces_of`.
    """
    rate = int(file.samplerate)
    pieces = pieces_of(clip, rate, file.channels)
    rendered = [(piece, _rendered(piece, clip, file, rate)) for piece in pieces]
    gain = np.float32(10 ** (clip.gain_db / 20))
    return _joined(rendered) * gain


@dataclass(frozen=True, slots=True)
class _Rendered:
    """Audio (C, L) of a piece, preceded by `before` samples to fade in over."""

    audio: Audio
    before: int


def _rendered(piece: Piece, clip: HeardClip, file: soundfile.SoundFile, rate: int) -> _Rendered:
    """Stretch a piece together with its context."""
    context = round(CONTEXT_SECONDS * rate)
    first, samples = round(piece.begin * rate), round(piece.seconds * rate)
    ratio = piece.samples / (piece.seconds * rate)
    if abs(piece.samples - piece.seconds * rate) <= 1:
        # Already at the set's tempo: use the file's samples unchanged.
        ratio, samples = 1.0, piece.samples
    read = _read(file, first - context, first + samples + context)  # (C, L)
    made = _as_on_tape(read, ratio) if clip.is_tape else stretch(read, rate, ratio, clip.transposition)
    context_samples = round(context * ratio)
    before = min(round(FADE_SECONDS * rate), context_samples)
    # Of the context only the fade is kept: at a high ratio it is much longer than the piece.
    kept = made[:, context_samples - before :]
    return _Rendered(_padded(kept, before + piece.samples), before)


def _read(file: soundfile.SoundFile, first: int, last: int) -> Audio:
    """Read samples `first` to `last` (C, L), with silence outside the file."""
    begin, end = min(max(first, 0), file.frames), min(max(last, 0), file.frames)
    audio: Audio = np.zeros((file.channels, last - first), np.float32)
    if end > begin:
        file.seek(begin)
        found = file.read(end - begin, dtype="float32", always_2d=True).T
        audio[:, begin - first : begin - first + found.shape[1]] = np.nan_to_num(found)
    return audio


def _as_on_tape(audio: Audio, ratio: float) -> Audio:
    """Change length and pitch together, like varispeed on tape."""
    if ratio == 1:
        return audio
    made: Audio = soxr.resample(audio.T, 1.0, ratio).T
    return np.asarray(made, np.float32)


def _padded(audio: Audio, samples: int) -> Audio:
    """Return `samples` samples of the audio, in memory of their own: the rest can be freed."""
    padded: Audio = np.zeros((audio.shape[0], samples), np.float32)
    there = audio[:, :samples]
    padded[:, : there.shape[1]] = there
    return padded


def _joined(rendered: Sequence[tuple[Piece, _Rendered]]) -> Audio:
    """Concatenate the pieces; each fades in before its boundary, over the end of the previous piece."""
    channels = rendered[0][1].audio.shape[0]
    whole: Audio = np.zeros((channels, sum(piece.samples for piece, _ in rendered)), np.float32)
    at = 0
    for piece, made in rendered:
        whole[:, at : at + piece.samples] = made.audio[:, made.before :]
        fade = min(at, made.before)
        if fade:
            rise = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
            entering = made.audio[:, made.before - fade : made.before]
            whole[:, at - fade : at] = (1 - rise) * whole[:, at - fade : at] + rise * entering
        at += piece.samples
    return whole
