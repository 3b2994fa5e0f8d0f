"""`msanii-bridge midi`: the ports of this machine, looked up by a child of its own as the daemon does."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING

from bridge.midi.learn import MidiMaps
from bridge.midi_child.child import midi_main
from bridge.midi_child.wire import MidiSettings, Ports, Trouble
from bridge.settings import Settings, factory_presets_folder

if TYPE_CHECKING:
    from rich.console import Console

LOOK_SECONDS = 15.0
STOP_SECONDS = 4.0


def print_ports(settings: Settings, console: Console) -> bool:
    """Prints a table of the ports; False where there is no MIDI system, which is said with a remedy."""
    from rich.markup import escape
    from rich.table import Table

    ports, troubles = look(MidiSettings(api=settings.midi_api))
    maps = MidiMaps(factory_presets_folder() / "midi", settings.presets_folder / "midi")
    troubles += [problem.message for problem in maps.reload()]
    table = Table("", "port", "map", box=None)
    for kind, names in (("in", ports.inputs), ("out", ports.outputs)):
        for name in names:
            table.add_row(kind, escape(name), maps.map_for(name).name)
    if ports.virtual_port:
        own = f"msanii-bridge:{ports.virtual_port}"
        table.add_row("own", f"{own} (while the daemon runs)", maps.map_for(ports.virtual_port).name)
    console.print(table)
    for sentence in troubles:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    return bool(ports.inputs or ports.outputs or ports.virtual_port)


def look(settings: MidiSettings) -> tuple[Ports, list[str]]:
    """The ports that a child finds, and what it complains of."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=midi_main, args=(theirs, settings), daemon=True)
    child.start()
    theirs.close()
    ports: Ports | None = None
    troubles: list[str] = []
    deadline = time.monotonic() + LOOK_SECONDS
    try:
        while time.monotonic() < deadline and ours.poll(0.3 if ports is not None else LOOK_SECONDS):
            for event in ours.recv():
                ports = event if isinstance(event, Ports) else ports
                troubles += [event.message] if isinstance(event, Trouble) else []
    except (EOFError, OSError):
        troubles.append("the MIDI system of this machine ended while it was looked at; start it again")
    finally:
        ours.close()  # which ends the child, its ports closed
        child.join(STOP_SECONDS)
        child.kill()
        child.join()
    return ports or Ports((), (), ""), troubles
