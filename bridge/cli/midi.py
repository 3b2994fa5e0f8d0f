"""`msanii-bridge midi`: lists the MIDI ports of this machine, using the same MIDI process as the daemon."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bridge.cli.options import safe
from bridge.inputs.midi import MidiChild
from bridge.midi.learn import MidiMaps
from bridge.midi_child.wire import FromChild, MidiSettings, Ports, Trouble
from bridge.settings import Settings, factory_presets_folder

if TYPE_CHECKING:
    from rich.console import Console

LOOK_SECONDS = 15.0
COMPLAINT_SECONDS = 0.3  # problems are reported after the ports


def print_ports(settings: Settings, console: Console) -> bool:
    """Print a table of the ports; without any, print the reason and return False."""
    from rich.table import Table

    ports, troubles = asyncio.run(look(MidiSettings(api=settings.midi_api)))
    maps = MidiMaps(factory_presets_folder() / "midi", settings.presets_folder / "midi")
    troubles += [problem.message for problem in maps.reload()]
    table = Table("", "port", "map", box=None)
    for kind, names in (("in", ports.inputs), ("out", ports.outputs)):
        for name in names:
            table.add_row(kind, safe(name), maps.map_for(name).name)
    if ports.virtual_port:
        own = f"msanii-bridge:{ports.virtual_port}"
        table.add_row("own", f"{own} (while the daemon runs)", maps.map_for(ports.virtual_port).name)
    console.print(table)
    for sentence in troubles:
        console.print(safe(sentence), highlight=False, soft_wrap=True)
    return bool(ports.inputs or ports.outputs or ports.virtual_port)


async def look(settings: MidiSettings) -> tuple[Ports, list[str]]:
    """Return the ports that a MIDI process finds, and the problems that it reports."""
    heard: list[FromChild] = []
    has_looked = asyncio.Event()

    def hear(event: FromChild) -> None:
        heard.append(event)
        if isinstance(event, Ports):
            has_looked.set()

    child = MidiChild(settings, hear)
    await child.start()
    with suppress(TimeoutError):
        await asyncio.wait_for(has_looked.wait(), LOOK_SECONDS)
        await asyncio.sleep(COMPLAINT_SECONDS)
    has_ended, said = not child.pid, tuple(heard)
    await child.stop()
    troubles = [event.message for event in said if isinstance(event, Trouble)]
    if has_ended:
        troubles.append("the MIDI system of this machine ended during the scan; start it again")
    found = [event for event in said if isinstance(event, Ports)]
    ports = found[-1] if found else Ports((), (), "")
    return ports, [*filter(None, [ports.problem]), *troubles]
