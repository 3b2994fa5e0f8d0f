"""The listening process: keeps the listener loaded, and hears one file after another.

torch and the listener are imported only inside functions: the daemon imports this module too.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.listening.questions import Answer, NotHeard, Question
from bridge.messages import BridgeError, HeardAudio
from bridge.system.priority import yield_to_others
from bridge.worker.listener_folder import listener_version
from bridge.worker.process import as_bridge_error
from msanii.errors import MsaniiError
from msanii.limits import MOST_CHORD_CHARACTERS

if TYPE_CHECKING:
    from msanii.listening.heard import Heard
    from msanii.listening.listener import Listener
    from msanii.signal.audio_files import Clip

_BLOCK_FRAMES = 1 << 18
_BAR_LINE = " | "
_log = logging.getLogger(__name__)


def listen_main(connection: Connection) -> None:
    """Answer questions until the pipe to the daemon closes."""
    # Ctrl-C in a terminal reaches every process, but the daemon decides how this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield_to_others()
    # Threads of OpenMP spin while they wait, which slows down a DAW on the same cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    hearing = _Hearing()
    while True:
        try:
            connection.send(hearing.answer(connection.recv()))
        except (EOFError, OSError):
            return  # the daemon is gone


def as_heard_audio(heard: Heard) -> HeardAudio:
    """Return what the daemon needs of all that was heard."""
    from msanii.listening.heard import beats_of_bars

    return HeardAudio(
        bpm=0.0 if heard.bpm is None else round(heard.bpm, 2),
        numerator=heard.numerator or 0,
        denominator=heard.denominator or 0,
        first_beat=-1 if heard.first_downbeat_samples is None else heard.first_downbeat_samples,
        key=heard.key or "",
        chords=_as_one_text(heard.chords or ()),
        confidence=round(heard.confidence, 3),
        beats=tuple(round(seconds, 4) for seconds, _ in beats_of_bars(heard.beats)),
        steadiness=round(heard.steadiness, 3),
    )


class _Hearing:
    """Hears files; keeps the last listener in memory."""

    def __init__(self) -> None:
        self._resident: tuple[tuple[object, ...], Listener] | None = None

    def answer(self, question: Question) -> Answer:
        try:
            return as_heard_audio(self._listener(question.listener).listen(_read_together(question.paths)))
        except MsaniiError as error:
            failure = as_bridge_error(error)
        except Exception as error:
            failure = _failure(error, question.name)
        return NotHeard(failure.code, failure.message)

    def _listener(self, folder: Path) -> Listener:
        import torch

        from msanii.listening.listener import Listener

        version = listener_version(folder)
        if self._resident is None or self._resident[0] != version:
            torch.set_num_threads(max(1, torch.get_num_threads() - 1))
            self._resident = version, Listener.load(folder)
        return self._resident[1]


def _read_together(paths: Sequence[Path]) -> Clip:
    """Read files that begin together."""
    from msanii.signal.audio_files import together

    return together([_read_mono(path) for path in paths])


def _read_mono(path: Path) -> Clip:
    """Read a checked file block by block: as a whole, its channels would take too much memory."""
    import numpy as np
    import soundfile

    from msanii.signal.audio_files import Clip

    with soundfile.SoundFile(path) as file:
        mono = np.zeros(file.frames, np.float32)
        at = 0
        for block in file.blocks(_BLOCK_FRAMES, dtype="float32", always_2d=True):
            numbers = np.nan_to_num(block, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            numbers.mean(axis=1, out=mono[at : at + len(block)])
            at += len(block)
        return Clip(mono[None, :at], file.samplerate)


def _as_one_text(bars: Sequence[str]) -> str:
    """Join the chords of bars; of many bars, the first ones that make a text which a request takes."""
    text = _BAR_LINE.join(bars)
    if len(text) <= MOST_CHORD_CHARACTERS:
        return text
    return text[: text.rindex(_BAR_LINE, 0, MOST_CHORD_CHARACTERS + len(_BAR_LINE))]


def _failure(error: Exception, name: str) -> BridgeError:
    """Convert an unexpected error, and log it with its traceback."""
    # PyTorch raises RuntimeError when memory runs out.
    if isinstance(error, MemoryError) or "allocate memory" in str(error):
        return BridgeError(
            "source",
            f"source `{name}`: not enough memory to hear it; cut the part you need and send that",
        )
    _log.exception("`%s` could not be heard", name, exc_info=error)
    why = f"{type(error).__name__}: {error}"[:300]
    return BridgeError("internal", f"source `{name}`: could not be heard ({why}); the log has the details")
