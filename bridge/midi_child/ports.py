"""The MIDI ports of this machine through RtMidi: which there are, open, gone. Imports it when first needed.

RtMidi itself and not mido, for two measured reasons. mido takes messages in the driver's thread, which under
JACK then waits for Python while Python waits for JACK to open a port: MIDI stood still for 10 s. Here RtMidi
queues them, with the driver's own times. And mido makes a new client for every look at the ports, 0.2 s each.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

_QUEUE_MESSAGES = 65_536
_RESYNC_SECONDS = 0.5
_PULSE_SECONDS = 4.0  # a server on a busy machine was seen to stand still for 2 s
# A server in synchronous mode waits 5 s for a program that crashed, for each that did.
_STALL_SECONDS = 12.0
_ACTIVE_SENSING = b"\xfe"
_DRIFT = 2e-4  # how fast two clocks of one machine may drift apart

NO_VIRTUAL_PORTS = (
    "this system has no virtual MIDI ports: to reach msanii from another program, install loopMIDI, make a "
    "port there, and choose it in both programs"
)
IAC_HINT = (
    "a program that does not see the port `{name}` is reached by the IAC driver: Audio MIDI Setup, MIDI "
    "Studio, IAC Driver, `Device is online`; then choose that port in the program"
)


class MidiSystemGoneError(Exception):
    """The MIDI system has ended under open ports: only a new process can go on."""


class NoMidiSystemError(Exception):
    """There is no MIDI system to be had, now."""


class Incoming(NamedTuple):
    """One message, the port it came by, and when, by a clock of the port's own that never jumps.

    With `offset_seconds`, which is known better from message to message, that is `time.monotonic`.
    """

    port: str
    data: bytes
    at_seconds: float
    offset_seconds: float


@dataclass(slots=True)
class DriverTime:
    """The driver's steps from message to message added up, and what lies between that and `time.monotonic`.

    A message is read late, never early: the least delay seen is what lies between the two clocks.
    """

    driver_seconds: float = 0.0
    offset_seconds: float | None = None

    def at(self, step_seconds: float, now_seconds: float) -> tuple[float, float]:
        """When a message came, `step_seconds` after the one before, that is read now; and the offset."""
        self.driver_seconds += step_seconds
        seen = now_seconds - self.driver_seconds
        known = self.offset_seconds
        if known is None or seen < known or seen - known > _RESYNC_SECONDS:
            offset = seen
        else:
            offset = min(seen, known + _DRIFT * step_seconds)
        self.offset_seconds = offset
        return self.driver_seconds, offset


@dataclass(slots=True)
class _Input:
    port: Any
    time: DriverTime


class MidiPorts:
    """Every input and output of the machine, opened, and a virtual pair of our own where there can be one.

    `look` belongs to one thread, `read` to another; `send` may be called by any.
    """

    def __init__(self, api: str, client_name: str, port_name: str) -> None:
        """Raises NoMidiSystemError, also for an `api` that this RtMidi does not know."""
        self._api = _api_number(api)
        self._client_name = client_name
        self._port_name = port_name
        self._inputs: dict[str, _Input] = {}
        self._outputs: dict[str, Any] = {}
        self._own_output: Any = None
        self._lock = threading.Lock()
        self._refused: set[str] = set()
        self._pulse_at: float | None = None
        self._pulse_name = ""
        self.trouble: list[str] = []
        self.virtual_port = ""
        try:
            self._inputs_here = self._make("MidiIn", " look")
            self._outputs_here = self._make("MidiOut", " look")
        # RtMidi says by its own errors, SystemError or OSError that a system is not there.
        except Exception as error:
            raise NoMidiSystemError(str(error)) from error
        self._open_own()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the open inputs, our own left out."""
        return tuple(sorted(name for name in self._inputs if name != self._port_name))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the open outputs, our own left out."""
        return tuple(sorted(self._outputs))

    def look(self) -> bool:
        """Opens what is new and drops what is gone; True when anything changed.

        Raises MidiSystemGoneError when the system has ended.
        """
        try:
            inputs, outputs = self._inputs_here.get_ports(), self._outputs_here.get_ports()
        except Exception as error:
            raise MidiSystemGoneError(str(error)) from error
        self._feel_pulse(inputs)
        found_in = {name for name in inputs if not self._is_own(name)}
        found_out = {name for name in outputs if not self._is_own(name)}
        changed = self._drop_inputs(found_in) | self._drop_outputs(found_out)
        for name in sorted(found_in - set(self._inputs)):
            changed |= self._open_input(name, inputs.index(name))
        for name in sorted(found_out - set(self._outputs)):
            changed |= self._open_output(name, outputs.index(name))
        self._refused &= found_in | found_out
        return changed

    def read(self) -> list[Incoming]:
        """All that has come since the last time, in the order of each port."""
        came: list[Incoming] = []
        with self._lock:
            for name, one in self._inputs.items():
                while message := one.port.get_message():
                    data, step_seconds = message
                    came.append(Incoming(name, bytes(data), *one.time.at(step_seconds, time.monotonic())))
        return came

    def send(self, pattern: str, data: bytes) -> None:
        """Sends one message to the outputs that match; what a port refuses is lost, as on any cable."""
        with self._lock:
            ports = dict(self._outputs)
            if self._own_output is not None:
                ports[self._port_name] = self._own_output
            for name, port in ports.items():
                if fnmatch.fnmatchcase(name.casefold(), pattern.casefold()):
                    try:
                        port.send_message(data)
                    except Exception as error:
                        self.trouble.append(f"MIDI port `{name}` takes nothing any more ({error})")

    def close(self) -> None:
        """Closes every port. Never after the system is gone: to close them then crashes."""
        with self._lock:
            own = [self._own_output] if self._own_output is not None else []
            lookers = (self._inputs_here, self._outputs_here)
            inputs = (one.port for one in self._inputs.values())
            for port in (*inputs, *self._outputs.values(), *own, *lookers):
                _end(port)
            self._inputs.clear()
            self._outputs.clear()

    def _make(self, kind: str, what: str) -> Any:
        import rtmidi

        name = self._client_name + what
        if kind == "MidiOut":
            return rtmidi.MidiOut(rtapi=self._api, name=name)
        made = rtmidi.MidiIn(rtapi=self._api, name=name, queue_size_limit=_QUEUE_MESSAGES)
        # Nothing is ignored here: the step to an ignored message would be missing from the time.
        made.ignore_types(sysex=False, timing=False, active_sense=False)
        return made

    def _open_own(self) -> None:
        if sys.platform == "win32":
            return
        try:
            # By its name alone it could be another bridge's, whose pulse ends with that.
            others = set(self._inputs_here.get_ports())
            own_input, self._own_output = self._make("MidiIn", ""), self._make("MidiOut", " out")
            own_input.open_virtual_port(self._port_name)
            self._own_output.open_virtual_port(self._port_name)
        except Exception as error:
            self.trouble.append(f"no virtual MIDI port could be made ({error})")
            return
        made = set(self._inputs_here.get_ports()) - others
        self._pulse_name = next((name for name in made if self._is_own(name)), "")
        self._inputs[self._port_name] = _Input(own_input, DriverTime())
        self.virtual_port = self._port_name

    def _feel_pulse(self, inputs: list[str]) -> None:
        """A dead JACK goes on naming its ports: what we send to ourselves must come back.

        It is active sensing, which says just this and which every receiver knows to leave alone.
        """
        if self._own_output is None:
            return
        now = time.monotonic()
        if self._pulse_at is None:
            if self._pulse_name not in inputs:
                return
            self._inputs_here.open_port(inputs.index(self._pulse_name), "pulse")
            self._pulse_at = now
        while self._inputs_here.get_message():
            self._pulse_at = now
        missing_seconds = now - self._pulse_at
        if missing_seconds > _STALL_SECONDS or (missing_seconds > _PULSE_SECONDS and not self._answers()):
            raise MidiSystemGoneError("it does not carry our own messages any more")
        self._own_output.send_message(_ACTIVE_SENSING)

    def _answers(self) -> bool:
        """Whether the system takes another client: a server that only stands still does."""
        try:
            client = self._make("MidiIn", " probe")
        except Exception:
            return False
        client.delete()
        return True

    def _open_input(self, name: str, number: int) -> bool:
        port = self._opened("MidiIn", name, number)
        if port is not None:
            with self._lock:
                self._inputs[name] = _Input(port, DriverTime())
        return port is not None

    def _open_output(self, name: str, number: int) -> bool:
        port = self._opened("MidiOut", name, number)
        if port is not None:
            with self._lock:
                self._outputs[name] = port
        return port is not None

    def _opened(self, kind: str, name: str, number: int) -> Any:
        try:
            port = self._make(kind, " link")
            port.open_port(number, "in" if kind == "MidiIn" else "out")
        except Exception as error:
            if name not in self._refused:
                self._refused.add(name)
                why = f"cannot be opened ({error}); close the other program that holds it"
                self.trouble.append(f"MIDI port `{name}` {why}")
            return None
        return port

    def _drop_inputs(self, found: set[str]) -> bool:
        gone = set(self._inputs) - found - {self._port_name}
        for name in gone:
            with self._lock:
                one = self._inputs.pop(name)
            _end(one.port)
        return bool(gone)

    def _drop_outputs(self, found: set[str]) -> bool:
        gone = set(self._outputs) - found
        for name in gone:
            with self._lock:
                port = self._outputs.pop(name)
            _end(port)
        return bool(gone)

    def _is_own(self, name: str) -> bool:
        return name.startswith(self._client_name)


def _end(port: Any) -> None:
    """Closes a port and its client: JACK stalls everybody for one that dies instead."""
    port.close_port()
    port.delete()


def _api_number(named: str) -> int:
    """RtMidi's number of a MIDI system by its name, such as UNIX_JACK; empty is the usual one.

    `UNIX_JACK:studio` is the JACK server of that name: MIDI wants shorter periods than audio, and so a server
    of its own. It holds for this process.
    """
    import rtmidi

    api, _, server = named.partition(":")
    if server:
        os.environ["JACK_DEFAULT_SERVER"] = server
    if not api:
        return int(rtmidi.API_UNSPECIFIED)
    number: int | None = getattr(rtmidi, f"API_{api.upper()}", None)
    if number is None or number not in rtmidi.get_compiled_api():
        known = [name[4:] for name in dir(rtmidi) if name.startswith("API_")]
        raise NoMidiSystemError(f"there is no MIDI system `{api}`; there are {', '.join(known)}")
    return number
