"""Hot-plugged MIDI ports through RtMidi, which is imported when first needed.

RtMidi is used directly instead of mido, for two measured reasons. mido receives messages in the driver's
thread, which under JACK then waits for Python while Python waits for JACK to open a port: MIDI stalled for
10 s. Here RtMidi queues them, with the driver's timestamps. And mido creates a new client for every scan of
the ports, which takes 0.2 s.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from bridge.midi_child.hints import no_midi_system

_QUEUE_MESSAGES = 65_536
_RESYNC_SECONDS = 0.5
_PULSE_SECONDS = 4.0  # a server on a busy machine was seen to stall for 2 s
# A server in synchronous mode waits 5 s for each program that crashed.
_STALL_SECONDS = 12.0
_ACTIVE_SENSING = b"\xfe"
_DRIFT = 2e-4  # how fast two clocks of one machine may drift apart


class MidiSystemGoneError(Exception):
    """The MIDI system has ended while ports were open: only a new process can recover."""


class NoMidiSystemError(Exception):
    """No MIDI system is available at the moment; the message says so to a musician, with the remedy."""


class Incoming(NamedTuple):
    """A message with its port, and its time on the port's clock, which never jumps.

    Adding `offset_seconds` gives `time.monotonic`; the offset becomes more exact with every message.
    """

    port: str
    data: bytes
    at_seconds: float
    offset_seconds: float


@dataclass(slots=True)
class DriverTime:
    """Sum of the driver's time steps between messages, and its offset from `time.monotonic`.

    Messages are read late, never early, so the smallest difference seen is the offset between the clocks.
    """

    driver_seconds: float = 0.0
    offset_seconds: float | None = None

    def at(self, step_seconds: float, now_seconds: float) -> tuple[float, float]:
        """Return driver time and offset of a message read now, `step_seconds` after the one before."""
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
    """All MIDI inputs and outputs of the machine, opened, and a virtual pair of our own where supported.

    Call `look` from one thread only, and `read` from one; `send` may be called from any.
    """

    def __init__(self, api: str, client_name: str, port_name: str) -> None:
        """Raises NoMidiSystemError without a MIDI system, or if RtMidi does not support `api`."""
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
        # Without a MIDI system RtMidi raises errors of its own, SystemError or OSError.
        except Exception as error:
            raise NoMidiSystemError(no_midi_system(api, str(error))) from error
        self._open_own()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the open inputs, without our own."""
        return tuple(sorted(name for name in self._inputs if name != self._port_name))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the open outputs, without our own."""
        return tuple(sorted(self._outputs))

    def look(self) -> bool:
        """Open new ports and drop those that are gone. Return True if anything changed.

        Raises MidiSystemGoneError if the MIDI system has ended.
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
        """Return all messages since the last call, port by port, each in order of arrival."""
        came: list[Incoming] = []
        with self._lock:
            for name, source in self._inputs.items():
                while message := source.port.get_message():
                    data, step_seconds = message
                    came.append(Incoming(name, bytes(data), *source.time.at(step_seconds, time.monotonic())))
        return came

    def send(self, pattern: str, data: bytes) -> None:
        """Send a message to the outputs that match. If a port fails, it is lost, and `trouble` says why."""
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
        """Close all ports. Do not call once the MIDI system is gone: closing them then crashes."""
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
        # Ignore nothing: the time step of an ignored message would be missing from the sum.
        made.ignore_types(sysex=False, timing=False, active_sense=False)
        return made

    def _open_own(self) -> None:
        if sys.platform == "win32":
            return
        try:
            # The name alone could be that of another bridge's port, whose pulse ends with that bridge.
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
        """Check that the MIDI system is alive, by a message to ourselves: a dead JACK still lists its ports.

        The message is active sensing, which exists for this purpose and which receivers ignore. Raises
        MidiSystemGoneError.
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
        """Return whether the system accepts another client, as a server does that has merely stalled."""
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
    """Close a port and its client: JACK stalls all clients when one dies without closing."""
    port.close_port()
    port.delete()


def _api_number(named: str) -> int:
    """Return RtMidi's number of a MIDI system by name, such as UNIX_JACK; empty means the default.

    `UNIX_JACK:studio` selects the JACK server `studio`, for this whole process: MIDI needs shorter periods
    than audio, and so a separate server. Raises NoMidiSystemError for an unknown name.
    """
    import rtmidi

    api, _, server = named.partition(":")
    if server:
        os.environ["JACK_DEFAULT_SERVER"] = server
    if not api:
        return int(rtmidi.API_UNSPECIFIED)
    number: int | None = getattr(rtmidi, f"API_{api.upper()}", None)
    here = rtmidi.get_compiled_api()
    if number is None or number not in here:
        names = (name for name in dir(rtmidi) if name.startswith("API_") and getattr(rtmidi, name) in here)
        known = " or ".join(name.removeprefix("API_") for name in names)
        raise NoMidiSystemError(f"there is no MIDI system `{api}`: start the daemon with --midi-api {known}")
    return number
