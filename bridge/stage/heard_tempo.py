"""A file with the tempo, the length in beats and the first bar line that are heard in it."""

from __future__ import annotations

from pathlib import Path

from bridge.audio_child.protocol import TakeFile
from bridge.messages import BridgeError, HeardAudio
from msanii.limits import BPM
from msanii.music.following import STEADY, followed

# What is heard is a little beside the beat. Loops are cut on it, so there the file knows better.
_BESIDE_SECONDS = 0.02


def heard_file(path: Path, heard: HeardAudio) -> TakeFile | None:
    """Return a file with the tempo and the first bar line that were heard in it; None without a steady tempo.

    The first bar may begin before beats are heard. Raises BridgeError `source` if the file is no audio.
    """
    import soundfile

    meter = heard.meter
    if heard.steadiness < STEADY or meter is None:
        return None
    try:
        seconds = float(soundfile.info(path).duration)
    except soundfile.SoundFileError as error:
        raise BridgeError("source", f"`{path.name}`: not an audio file that can be read") from error
    grid = followed(heard.beats, meter, steadiness=heard.steadiness, seconds=seconds)
    if grid is None or not BPM.low <= grid.bpm <= BPM.high:
        return None
    bar_seconds = float(meter.bar_beats) * 60 / grid.bpm
    first = (grid.beat_seconds or (0.0,))[0] % bar_seconds
    if min(first, bar_seconds - first) < _BESIDE_SECONDS:
        first = 0.0
    if grid.loop_beats is None:
        return TakeFile(path, grid.bpm, None, first)
    beat_seconds = meter.beat_quarters * 60 / grid.bpm
    beat = round(first / beat_seconds) * beat_seconds
    if abs(first - beat) < _BESIDE_SECONDS:
        first = beat % bar_seconds
    return TakeFile(path, grid.bpm, grid.loop_beats * meter.beat_quarters, first)
