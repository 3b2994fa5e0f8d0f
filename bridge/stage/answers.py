"""Answers to commands for the stage: each tells its sender at once what was understood.

What becomes of it is told by events, which the sender of a command for a deck hears too.
"""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path

from bridge.addresses import ROOT
from bridge.messages import Argument, Message
from bridge.messages import stage as s
from bridge.outputs.outlet import Outlet
from bridge.stage.child_link import StageLink
from bridge.system.inbox import Handler


class StageAnswers:
    """Answers the sender of each command at its own address with `.reply` behind it."""

    def __init__(self, link: StageLink, outlet: Outlet) -> None:
        self._link = link
        self._outlet = outlet

    def answered(self, handler: Handler, message: Message) -> Awaitable[object] | None:
        """Call a message's handler, and answer once it has succeeded. Raises the handler's BridgeError."""
        waits = handler(message)
        if waits is None:
            self._answer(message)
            return None

        async def then() -> None:
            await waits
            self._answer(message)

        return then()

    def recording(self, message: s.Record, path: Path) -> None:
        """Answer with the file that a recording goes to, or went to."""
        self._reply(message, int(message.on), str(path))

    def _answer(self, message: Message) -> None:
        match message:
            case s.LoadDeck() | s.LaunchDeck() | s.StopDeck():
                self._reply(message, self._link.desk(message.deck).take)
            case s.AwaitJob():
                self._reply(message, message.job_id)
            case s.Locate():
                self._reply(message, message.beat)
            case s.ChooseDevice() | s.ChooseInput():
                self._reply(message, message.device)
            case s.PlayTransport() | s.StopTransport() | s.Panic() | s.Undo():
                self._reply(message)
            case _:  # the handlers of the others answer themselves
                pass

    def _reply(self, message: Message, *words: Argument) -> None:
        self._outlet.reply(message.sender, message.about.removeprefix(ROOT) + ".reply", *words)
