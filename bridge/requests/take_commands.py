"""Commands about takes that are there: stars and names."""

from __future__ import annotations

from bridge import messages as m
from bridge.library.takes import Library, name_take
from bridge.outputs.outlet import Outlet
from bridge.requests.network_clients import may_replace
from bridge.settings import Settings
from bridge.system.inbox import Handlers


class TakeCommands:
    """Stars and names the takes of `library`; every client hears of it from `outlet`."""

    def __init__(self, settings: Settings, library: Library, outlet: Outlet) -> None:
        self._settings = settings
        self._library = library
        self._outlet = outlet
        self.handlers: Handlers = {m.StarTake: self._star, m.NameTake: self._name}

    def _star(self, message: m.StarTake) -> None:
        name = self._library.star(message.path_or_name, message.on).name
        self._outlet.reply(message.sender, "take/star.reply", name, int(message.on))
        self._outlet.deliver(m.TakeStarred(name, message.on))

    def _name(self, message: m.NameTake) -> None:
        replaces = may_replace(message.sender, may_overwrite=self._settings.network_may_overwrite)
        take = name_take(self._library, message.path_or_name, message.label, may_replace=replaces)
        self._outlet.reply(message.sender, "take/name.reply", take.name, take.label)
        self._outlet.deliver(m.TakeNamed(take.name, take.label))
