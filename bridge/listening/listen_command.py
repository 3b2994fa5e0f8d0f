"""Answers what is heard in an audio file or a take."""

from __future__ import annotations

from bridge.listening.file_ears import FileEars
from bridge.messages import Listen
from bridge.outputs.outlet import Outlet
from bridge.system.inbox import Handlers

MOST_QUESTIONS = 4
"""questions in work at once; each has a copy of its file on the disk"""


class ListenCommand:
    """Answers `/msanii/listen`."""

    def __init__(self, ears: FileEars, outlet: Outlet) -> None:
        self._ears = ears
        self._outlet = outlet
        self.slow_handlers: Handlers = {Listen: self._listen}

    async def _listen(self, message: Listen) -> None:
        heard = await self._ears.hear(message.path_or_name, message.sender)
        self._outlet.reply(
            message.sender, "heard", message.path_or_name, heard.bpm, heard.numerator, heard.denominator,
            heard.first_beat, heard.key, heard.chords, heard.confidence,
        )  # fmt: skip
