"""Commands about takes that are there: stars, names, and their place on the disk."""

from __future__ import annotations

from bridge import messages as m
from bridge.library.takes import Library, find_take, name_take
from bridge.messages import BridgeError
from bridge.outputs.outlet import Outlet
from bridge.requests.network_clients import may_replace
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.file_manager import reveal
from bridge.system.inbox import Handlers

_REVEAL_SECONDS = 7.0


class TakeCommands:
    """Stars, names and reveals takes of `library`; all clients hear of stars and names from `outlet`."""

    def __init__(self, settings: Settings, library: Library, outlet: Outlet) -> None:
        self._settings = settings
        self._library = library
        self._outlet = outlet
        self.handlers: Handlers = {m.StarTake: self._star, m.NameTake: self._name}
        self.slow_handlers: Handlers = {m.RevealTake: self._reveal}

    def _star(self, message: m.StarTake) -> None:
        name = self._library.star(message.path_or_name, message.on).name
        self._outlet.reply(message.sender, "take/star.reply", name, int(message.on))
        self._outlet.deliver(m.TakeStarred(name, message.on))

    def _name(self, message: m.NameTake) -> None:
        replaces = may_replace(message.sender, may_overwrite=self._settings.network_may_overwrite)
        take = name_take(self._library, message.path_or_name, message.label, may_replace=replaces)
        self._outlet.reply(message.sender, "take/name.reply", take.name, take.label)
        self._outlet.deliver(m.TakeNamed(take.name, take.label))

    async def _reveal(self, message: m.RevealTake) -> None:
        """Ask the file manager, in a thread: it may take seconds to start, and a lost disk for ever."""

        def show() -> str:
            take = find_take(self._library, message.path_or_name)
            reveal(take.path)
            return take.name

        name = await run_abandonable(show, _REVEAL_SECONDS)
        if name is None:
            raise BridgeError("busy", "the file manager, or the disk of the take, does not answer; try again")
        self._outlet.reply(message.sender, "take/reveal.reply", name)
