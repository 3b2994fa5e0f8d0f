"""A file with the tempo, the length in beats and the first bar line that are heard in it."""

from __future__ import annotations

from pathlib import Path

from bridge.audio_child.protocol import TakeFile
from bridge.messages import BridgeError, HeardAudio
from msanii.limits import BPM
from msanii.music.following import STEADY

# What is heard is a little beside the beat. Loops are cut on it, so there the file knows better.
_NEARLY_WHOLE_BEATS = 0.05
_BESIDE_SECONDS = 0.02
_MOST_DIGITS = 3


def heard_file(path: Path, heard: HeardAudio) -> TakeFile | None:
    """Return a file with the tempo and the first bar line that were heard in it; None without a steady tempo.

    The length of a file of whole beats makes its tempo exact. Raises BridgeError `source` if the file is no
    audio.
    """
    import soundfile

    if heard.steadiness < STEADY or not BPM.low <= heard.bpm <= BPM.high:
        return None
    try:
        info = soundfile.info(path)
    except soundfile.SoundFileError as error:
        raise BridgeError("source", f"`{path.name}`: not an audio file that can be read") from error
    beats = info.duration * heard.bpm / 60
    if not round(beats) or abs(beats - round(beats)) >= _NEARLY_WHOLE_BEATS:
        return TakeFile(path, heard.bpm, None, _first_bar_line(heard, info.samplerate))
    whole = round(beats)
    bpm = _tempo_of(whole, info.frames, info.samplerate)
    return TakeFile(path, bpm, float(whole), _first_bar_line_of_loop(heard, info.samplerate, bpm))


def _tempo_of(beats: int, frames: int, rate: int) -> float:
    """Return the tempo of so many beats in a file, the roundest that they have to within a sample."""
    exact = beats * 60 * rate / frames
    tempos = (round(exact, digits) for digits in range(_MOST_DIGITS + 1))
    return next((bpm for bpm in tempos if abs(beats * 60 * rate / bpm - frames) <= 1), exact)


def _first_bar_line(heard: HeardAudio, rate: int) -> float:
    """Return the seconds before the first whole bar of a file, which may begin before beats are heard."""
    bar_seconds = _bar_beats(heard) * 60 / heard.bpm
    if heard.first_beat < 0 or not bar_seconds:
        return 0.0
    at = heard.first_beat / rate % bar_seconds
    return at if _BESIDE_SECONDS <= at <= bar_seconds - _BESIDE_SECONDS else 0.0


def _first_bar_line_of_loop(heard: HeardAudio, rate: int, bpm: float) -> float:
    """Return the same of a file of whole beats: on one of them, unless it is heard clearly beside."""
    bar_beats = _bar_beats(heard)
    if heard.first_beat < 0 or not bar_beats:
        return 0.0
    beats = heard.first_beat / rate * bpm / 60
    if abs(beats - round(beats)) * 60 / bpm < _BESIDE_SECONDS:
        beats = round(beats)
    return beats % bar_beats * 60 / bpm


def _bar_beats(heard: HeardAudio) -> float:
    return 4 * heard.numerator / heard.denominator if heard.denominator else 0.0
