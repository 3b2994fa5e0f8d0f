"""The daemon's MIDI control: handles MIDI requests of clients, and events of the MIDI child process.

Knobs and pads send messages of the OSC table (`knobs`), keys set the chords or notes of the next generate
(`keys`), clock sets tempo and transport (`clock`). Runs in the event loop only.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from bridge.messages import Argument, BridgeError, Event, Message, Render
from bridge.messages import midi as mm
from bridge.messages.scenes import SceneActive, SceneChanged
from bridge.messages.stage import DeckChanged
from bridge.midi.clock import Clock, Transport
from bridge.midi.control import Control
from bridge.midi.keys import Keys
from bridge.midi.knobs import Knobs
from bridge.midi.lamps import Lamps
from bridge.midi.learn import MidiMaps, check_learnable
from bridge.midi.learning import ENCODER_WINDOW_SECONDS, LEARN_WINDOW_SECONDS, Learning
from bridge.midi.moved_values import MovedValues
from bridge.midi.played_notes import PlayedNote
from bridge.midi_child.wire import ClockHeard, FromChild, Moved, Played, Ports, ToChild, Trouble
from bridge.outputs.outlet import Outlet
from bridge.system.inbox import Handlers

LEARN_SECONDS = 60.0

_log = logging.getLogger(__name__)


def _call_later(seconds: float, action: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, action)


class Controller:
    """Connects MIDI input and output to the daemon.

    `receive` takes messages, as from any other input; `send` sends orders to the MIDI child; `value_of` reads
    a session parameter, `stage_value_of` the value at an address of the stage; `schedule(seconds, action)`
    calls `action` later. `problem` says why there are no ports, until the MIDI child tells its own.
    """

    def __init__(
        self,
        maps: MidiMaps,
        outlet: Outlet,
        *,
        receive: Callable[[Message], None],
        send: Callable[[ToChild], None],
        value_of: Callable[[str], object],
        stage_value_of: Callable[[str], object] = lambda _path: None,
        preset_names: Callable[[], Sequence[str]],
        transport: Transport | None = None,
        problem: str = "",
        schedule: Callable[[float, Callable[[], None]], object] = _call_later,
    ) -> None:
        self._maps = maps
        self._outlet = outlet
        self._schedule = schedule
        self._knobs = Knobs(
            receive=receive,
            values=MovedValues(value_of, stage_value_of),
            preset_names=preset_names,
            schedule=schedule,
            on_pickup=lambda port, control: self._tell("pickup", port, control.does),
        )
        self._lamps = Lamps(maps, send, value_of)
        self._keys = Keys(self._tell, value_of)
        self._clock = Clock(transport, send, self._tell)
        self._learning: Learning | None = None
        self._ports = Ports((), (), "", problem)
        self.handlers: Handlers = {
            mm.ListMidiPorts: self._list_ports,
            mm.ListControls: self._list_controls,
            mm.ListMaps: self._list_maps,
            mm.ReloadMaps: self._reload_maps,
            mm.UseMap: self._use_map,
            mm.Learn: self._arm,
            mm.CancelLearn: self._cancel_learn,
            mm.Forget: self._forget,
            mm.Capture: self._capture,
            mm.CaptureTiming: self._time_capture,
            mm.EditCapture: self._edit_capture,
            mm.ClockIn: self._follow_clock,
            mm.ClockOut: self._send_clock,
            mm.NudgeClock: self._nudge_clock,
            mm.MidiPanic: self._panic,
        }

    def start(self) -> None:
        """Load the MIDI maps. Errors in them are delivered as `problem` events; valid maps are still used."""
        for problem in self._maps.reload():
            self._tell("problem", problem.code, problem.message)
        self._renew()

    def with_played(self, ask: Render) -> Render:
        """Add the captured chords or notes to a generate request, unless it sets either itself."""
        return self._keys.with_played(ask)

    def played_since(self, at_seconds: float) -> tuple[PlayedNote, ...]:
        """Return the notes of the keyboard from a time of `time.monotonic` on."""
        return self._keys.played.since(at_seconds)

    def event(self, event: Event) -> None:
        """Update the lamps after an event of a deck or a scene."""
        if isinstance(event, DeckChanged):
            self._lamps.deck(event.deck, event.activity)
        elif isinstance(event, SceneActive | SceneChanged):
            self._lamps.scene(event.scene, event.activity)

    def parameter_changed(self, name: str | None) -> None:
        """Echo a changed session parameter to the controllers; None means all of them."""
        self._lamps.parameter(name)

    # --- events of the child ----------------------------------------------------------------------------

    def heard(self, event: FromChild) -> None:
        """Handle one event of the MIDI child."""
        match event:
            case Played(port, movements):
                for moved in movements:
                    self._moved(port, moved)
            case ClockHeard():
                self._clock.heard(event)
            case Ports():
                self._connected(event)
            case Trouble(message):
                self._tell("problem", "value", message)

    def _moved(self, port: str, moved: Moved) -> None:
        is_release = self._knobs.is_release(port, moved)
        # Releases still count: a key held before learning began would otherwise be stuck.
        if self._learning is not None and not is_release:
            self._offer(self._learning, port, moved)
            return
        named = self._maps.map_for(port)
        held = self._knobs.held(port, moved.control)
        control = held or self._maps.find(port, moved, shifted=self._knobs.is_shifted(port))
        try:
            if control is not None:
                self._knobs.moved(port, moved, control, pickup=named.map.pickup)
            elif moved.control.kind == "note":
                self._keys.moved(port, moved, captures=named.map.keys == "capture")
        except BridgeError as error:
            self._tell("problem", error.code, error.message)

    def _connected(self, ports: Ports) -> None:
        before, self._ports = self._ports, ports
        pairs = (("in", before.inputs, ports.inputs), ("out", before.outputs, ports.outputs))
        for kind, was, now in pairs:
            for name in sorted(set(was) ^ set(now)):
                self._tell("port", kind, name, int(name in now))
        if not (ports.inputs or ports.virtual_port):
            # The child releases the held notes of a port that it loses, but a child that died could not.
            self._keys.let_go()
            self._clock.lose()
        for gone in set(before.inputs) - set(ports.inputs):
            self._knobs.forget(gone)
        if ports.problem and ports.problem != before.problem:
            _log.warning("%s", ports.problem)
            self._tell("problem", "missing", ports.problem)
        self._lamps.connect(ports.outputs)
        if ports.inputs != before.inputs:
            for sentence in self._maps.clashes(ports.inputs):
                self._tell("problem", "value", sentence)

    # --- requests of clients ----------------------------------------------------------------------------

    def _list_ports(self, message: mm.ListMidiPorts) -> None:
        ports = self._ports
        state = "open" if ports.virtual_port or ports.inputs or ports.outputs else "none"
        self._outlet.reply(message.sender, "midi/ports.reply", state, ports.virtual_port, ports.problem)
        for kind, names in (("in", ports.inputs), ("out", ports.outputs)):
            for name in names:
                used = self._maps.map_for(name).name
                self._outlet.reply(message.sender, "midi/port.reply", kind, name, used)

    def _require_ports(self) -> None:
        """Raise BridgeError `missing` if there is no MIDI system."""
        if self._ports.problem:
            raise BridgeError("missing", self._ports.problem)

    def _list_controls(self, message: mm.ListControls) -> None:
        ports = [*self._ports.inputs, *filter(None, [self._ports.virtual_port])]
        rows = [(port, *row) for port in ports for row in self._maps.controls_for(port)]
        for port, source, control in rows:
            words = (port, _named(control), control.does, source)
            self._outlet.reply(message.sender, "midi/control.reply", *words)
        self._outlet.reply(message.sender, "midi/controls.reply", len(rows))

    def _list_maps(self, message: mm.ListMaps | mm.ReloadMaps) -> None:
        self._outlet.reply(message.sender, "midi/maps.reply", *self._maps.names())

    def _reload_maps(self, message: mm.ReloadMaps) -> None:
        self.start()
        self._list_maps(message)

    def _use_map(self, message: mm.UseMap) -> None:
        self._maps.use(message.name, message.port)
        self._renew()
        self._outlet.reply(message.sender, "midi/map.reply", message.name, message.port)

    def _forget(self, message: mm.Forget) -> None:
        count = self._maps.forget(message.name)
        self._renew()
        self._tell("forgotten", message.name, count)

    def _capture(self, message: mm.Capture) -> None:
        self._keys.mode = message.mode
        self._keys.tell_mode()

    def _time_capture(self, message: mm.CaptureTiming) -> None:
        self._keys.timing = message.timing
        self._keys.tell_mode()

    def _edit_capture(self, message: mm.EditCapture) -> None:
        self._keys.edit(message.how)

    def _follow_clock(self, message: mm.ClockIn) -> None:
        if message.on:
            self._require_ports()
        self._clock.follow(message.on)

    def _send_clock(self, message: mm.ClockOut) -> None:
        if message.on:
            self._require_ports()
        self._clock.send(message.on, message.port)

    def _nudge_clock(self, message: mm.NudgeClock) -> None:
        self._clock.nudge(message.milliseconds)

    def _panic(self, _message: mm.MidiPanic) -> None:
        self._keys.let_go()
        self._knobs.forget()
        self._lamps.dark()
        self._keys.tell_mode()

    # --- learning ---------------------------------------------------------------------------------------

    def _arm(self, message: mm.Learn) -> None:
        check_learnable(message.name, message.arguments)
        self._require_ports()
        if self._learning is not None:
            self._disarm("something else is armed")
        learning = self._learning = Learning(message.name, message.arguments)
        self._tell("learning", message.name, *message.arguments)
        self._schedule(LEARN_SECONDS, lambda: self._give_up(learning))

    def _cancel_learn(self, _message: mm.CancelLearn) -> None:
        self._disarm("cancelled")

    def _offer(self, learning: Learning, port: str, moved: Moved) -> None:
        is_first = learning.began_seconds is None
        learning.offer(port, moved, time.monotonic())
        self._learn_if_clear(learning)
        if is_first and learning.began_seconds is not None:
            for seconds in (LEARN_WINDOW_SECONDS, ENCODER_WINDOW_SECONDS):
                self._schedule(1.1 * seconds, lambda: self._learn_if_clear(learning))

    def _learn_if_clear(self, learning: Learning) -> None:
        found = learning.done(time.monotonic())
        if found is None or self._learning is not learning:
            return
        self._learning = None
        try:
            self._maps.learn(found, learning.name, learning.arguments)
        except BridgeError as error:
            self._tell("problem", error.code, error.message)
            self._tell("unarmed", learning.name, "not learned")
            return
        self._renew()
        control, coding = found.control, found.encoder or ""
        self._tell(
            "learned", learning.name, control.kind, control.channel, control.number, found.port, coding
        )

    def _give_up(self, learning: Learning) -> None:
        if self._learning is learning:
            self._disarm("nothing moved")

    def _disarm(self, reason: str) -> None:
        name = self._learning.name if self._learning is not None else ""
        self._learning = None
        self._tell("unarmed", name, reason)

    def _renew(self) -> None:
        """Reset pickup and refresh the lamps after the maps have changed."""
        self._knobs.forget()
        for output in self._ports.outputs:
            self._lamps.refresh(output)

    def _tell(self, name: mm.MidiEventName, *arguments: Argument) -> None:
        self._outlet.deliver(mm.MidiEvent(name, arguments))


def _named(control: Control) -> str:
    channel = f" channel {control.channel}" if control.channel else ""
    number = "any" if control.number is None else control.number
    shifted = " with shift" if control.shifted else ""
    return ("bend" if control.kind == "bend" else f"{control.kind} {number}") + channel + shifted
