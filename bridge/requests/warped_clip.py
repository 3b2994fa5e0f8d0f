"""Renders a clip as the DAW plays it: cut to its loop, warped, at the set's tempo and the clip's pitch.

The Max for Live device writes a JSON file that describes the clip (`bridge.requests.clip_description`) and
sends that file's path as `source`. The result is ordinary audio, which the library stores by its hash like
any other source.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bridge.messages import SourceAudio
from bridge.requests.clip_description import (
    LARGEST_BYTES,
    HeardClip,
    Piece,
    parse_clip,
    pieces_of,
    source_error,
)
from bridge.system.disk import disk_error
from bridge.time_stretch import stretch

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

# Length of the crossfade between pieces. It ends at their boundary, to preserve the attack on the downbeat.
FADE_SECONDS = 0.004
# Context on each side that is stretched along with a piece, to avoid edge artefacts.
CONTEXT_SECONDS = 0.2
MOST_CHANNELS = 8

OpenNamed = Callable[[str], BinaryIO]


def is_heard(path: str) -> bool:
    """Whether a source's name is that of a clip description rather than of an audio file."""
    return path.lower().endswith(".json")


def keep_heard(path: str, open_named: OpenNamed, keep: Callable[[str], SourceAudio]) -> SourceAudio:
    """Render the clip that the file at `path` describes, and pass the path of the audio to `keep`.

    `open_named` opens a file that the client may read, or raises BridgeError.

    Raises:
        BridgeError: `source` for a description or audio that cannot be used, `disk` or `folder` if the audio
            cannot be written, or whatever `open_named` and `keep` raise.
    """
    import soundfile

    with open_named(path) as file:
        clip = parse_clip(file.read(LARGEST_BYTES + 1), Path(path).name)
    with open_named(clip.path) as file:
        try:
            with soundfile.SoundFile(file) as audio_file:
                audio, rate = heard_audio(clip, audio_file), int(audio_file.samplerate)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            what = "no audio that can be read; expected WAV, AIFF, FLAC, OGG or MP3"
            raise source_error(Path(clip.path).name, what) from error
    with tempfile.TemporaryDirectory(prefix="msanii-heard-") as folder:
        made = Path(folder) / f"{_plain_name(clip)}.wav"
        try:
            # Not plain WAV: libsndfile puts a timestamp into float WAV files, which would change the hash.
            soundfile.write(made, audio.T, rate, subtype="FLOAT", format="RF64")
        except (OSError, soundfile.LibsndfileError) as error:
            cause = error if isinstance(error, OSError) else OSError(str(error))
            raise disk_error(cause, Path(folder)) from error
        return keep(str(made))


def heard_audio(clip: HeardClip, file: soundfile.SoundFile) -> Audio:
    """Render the clip's regions one after the other: (C, L) at the file's rate.

    Regions beyond the file are silent there. Raises BridgeError `source` as `pieces_of`.
    """
    import numpy as np

    if file.channels > MOST_CHANNELS:
        what = f"{file.channels} channels, expected at most {MOST_CHANNELS}; mix it down"
        raise source_error(Path(clip.path).name, what)
    rate = int(file.samplerate)
    rendered = [(piece, _rendered(piece, clip, file, rate)) for piece in pieces_of(clip, rate)]
    gain = np.float32(10 ** (clip.gain_db / 20))
    return _joined(rendered, rate) * gain


@dataclass(frozen=True, slots=True)
class _Rendered:
    """Audio (C, L) of a piece, preceded by `before` samples of context."""

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
    before = round(context * ratio)
    return _Rendered(_padded(made, before + piece.samples), before)


def _read(file: soundfile.SoundFile, first: int, last: int) -> Audio:
    """Read samples `first` to `last` (C, L), with silence outside the file."""
    import numpy as np

    begin, end = min(max(first, 0), file.frames), min(max(last, 0), file.frames)
    audio: Audio = np.zeros((file.channels, last - first), np.float32)
    if end > begin:
        file.seek(begin)
        found = file.read(end - begin, dtype="float32", always_2d=True).T
        audio[:, begin - first : begin - first + found.shape[1]] = np.nan_to_num(found)
    return audio


def _as_on_tape(audio: Audio, ratio: float) -> Audio:
    """Change length and pitch together, like varispeed on tape."""
    import numpy as np
    import soxr

    if ratio == 1:
        return audio
    made: Audio = soxr.resample(audio.T, 1.0, ratio).T
    return np.asarray(made, np.float32)


def _padded(audio: Audio, samples: int) -> Audio:
    import numpy as np

    missing = max(0, samples - audio.shape[1])
    padded: Audio = np.pad(audio, ((0, 0), (0, missing)))[:, :samples]
    return padded


def _joined(rendered: Sequence[tuple[Piece, _Rendered]], rate: int) -> Audio:
    """Concatenate the pieces; each fades in before its boundary, over the end of the previous piece."""
    import numpy as np

    channels = rendered[0][1].audio.shape[0]
    whole: Audio = np.zeros((channels, sum(piece.samples for piece, _ in rendered)), np.float32)
    at = 0
    for piece, made in rendered:
        whole[:, at : at + piece.samples] = made.audio[:, made.before :]
        fade = min(round(FADE_SECONDS * rate), at, made.before)
        if fade:
            rise = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
            entering = made.audio[:, made.before - fade : made.before]
            whole[:, at - fade : at] = (1 - rise) * whole[:, at - fade : at] + rise * entering
        at += piece.samples
    return whole


def _plain_name(clip: HeardClip) -> str:
    """Turn the clip's name into a file name for any system; without one, use the name of its file."""
    kept = "".join(letter for letter in clip.name if letter.isprintable() and letter not in '<>:"/\\|?*')
    return kept.strip(" .")[:80] or Path(clip.path).stem[:80] or "clip"
