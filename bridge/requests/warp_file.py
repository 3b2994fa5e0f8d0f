"""`python -m bridge.requests.warp_file CLIP.json AUDIO MADE.wav PROBLEM.json`: renders a described clip.

If the clip cannot be rendered, PROBLEM.json says why.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel

from bridge.messages import BridgeError


class WarpProblem(BaseModel):
    """Why a clip cannot be rendered: the code and message of a BridgeError."""

    code: str
    message: str

    def raise_it(self) -> NoReturn:
        """Raise the BridgeError."""
        raise BridgeError(self.code, self.message)


def warp(clip_path: Path, audio_path: Path, made: Path) -> None:
    """Write the clip's audio to `made`. Raises BridgeError `source`, `disk` or `folder`."""
    import soundfile

    from bridge.requests.clip_audio import heard_audio
    from bridge.requests.clip_description import parse_clip, source_error
    from bridge.system.disk import disk_error

    clip = parse_clip(clip_path.read_bytes(), clip_path.name)
    try:
        with soundfile.SoundFile(audio_path) as file:
            audio, rate = heard_audio(clip, file), int(file.samplerate)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        what = "no audio that can be read; expected WAV, AIFF, FLAC, OGG or MP3"
        raise source_error(audio_path.name, what) from error
    try:
        # Not plain WAV: libsndfile puts a timestamp into float WAV files, which would change the hash.
        soundfile.write(made, audio.T, rate, subtype="FLOAT", format="RF64")
    except (OSError, soundfile.LibsndfileError) as error:
        cause = error if isinstance(error, OSError) else OSError(str(error))
        raise disk_error(cause, made.parent) from error


def main(clip: str, audio: str, made: str, problem: str) -> None:
    """Render the clip; write an error to `problem`."""
    # At the daemon's own priority, not a render's: the user's request waits for it, and others behind it.
    try:
        warp(Path(clip), Path(audio), Path(made))
    except BridgeError as error:
        told = WarpProblem(code=error.code, message=error.message)
        Path(problem).write_text(told.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
