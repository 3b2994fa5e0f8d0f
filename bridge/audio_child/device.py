"""Finds and opens audio devices, and turns PortAudio's errors into readable messages."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.audio_child.protocol import StreamSettings
from bridge.messages import BridgeError

Callback = Callable[[Any, int, Any, Any], None]

INVALID_CHANNELS, INVALID_RATE, _UNAVAILABLE = -9998, -9997, -9985
# Some hosts report nonsense: Debian's PortAudio reports a latency of a day with JACK.
_BELIEVABLE_LATENCY_SECONDS = 2.0
_CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Device:
    """An audio device; `channels` counts its outputs, `inputs` its inputs, `rate` is its default in hertz."""

    index: int
    name: str
    host: str
    channels: int
    rate: int
    is_default: bool
    inputs: int = 0
    is_default_input: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a device will be opened; `note` says what differs from the settings."""

    device: Device
    rate: int
    channels: int
    note: str
    is_other: bool = False


class Opening(Protocol):
    """A device that is to be opened, and the rate."""

    @property
    def device(self) -> Device:
        """The device."""

    @property
    def rate(self) -> int:
        """The rate in hertz."""


def list_devices() -> tuple[Device, ...]:
    """Return all devices, and close PortAudio again.

    Raises BridgeError `missing` if PortAudio is not installed.
    """
    try:
        return every_device()
    finally:
        close()


def that_play(devices: tuple[Device, ...]) -> tuple[Device, ...]:
    """Return the devices with outputs."""
    return tuple(device for device in devices if device.channels > 0)


def every_device() -> tuple[Device, ...]:
    """Return all devices, as PortAudio knew them when it was started."""
    sound = portaudio()
    hosts = sound.query_hostapis()
    default, default_input = _default_index(sound, "output"), _default_index(sound, "input")
    return tuple(
        Device(
            index=int(found["index"]),
            name=str(found["name"]),
            host=str(hosts[found["hostapi"]]["name"]),
            channels=int(found["max_output_channels"]),
            rate=round(float(found["default_samplerate"])),
            is_default=int(found["index"]) == default,
            inputs=int(found["max_input_channels"]),
            is_default_input=int(found["index"]) == default_input,
        )
        for found in sound.query_devices()
    )


def look_again() -> None:
    """Make PortAudio rescan the devices. No stream may be open."""
    sound = portaudio()
    with quiet():
        sound._terminate()
        sound._initialize()


def close(stream: Any = None) -> None:
    """Close the stream, and PortAudio; give up after `_CLOSE_SECONDS`, since a dead device may hang.

    Call it before a process ends: JACK in synchronous mode stands still for 5 s, and with it every program on
    it, when a client ends without closing.
    """
    sound = sys.modules.get("sounddevice")
    if sound is None:
        return
    # sounddevice does the same when Python exits, but without a limit.
    atexit.unregister(sound._exit_handler)

    def work() -> None:
        with contextlib.suppress(Exception):
            if stream is not None:
                stream.abort()
                stream.close()
            while sound._initialized:
                sound._terminate()

    closing = threading.Thread(target=work, name="close PortAudio", daemon=True)
    closing.start()
    closing.join(_CLOSE_SECONDS)


def choose(asked: StreamSettings) -> Plan:
    """Choose the device in the settings, else the default one, with its rate and channels.

    Raises:
        BridgeError: `missing` if there is no output device; `value` if the device does not support the rate.
    """
    every = every_device()
    devices = that_play(every)
    wanted = find(devices, asked.device)
    deaf = None if wanted or asked.device == "" else find(every, asked.device)
    if not devices:
        why = f"`{deaf.name}` has no outputs, and " if deaf else ""
        raise BridgeError("missing", f"{why}no audio device can play: connect one, or start the sound server")
    device = wanted or next((found for found in devices if found.is_default), devices[0])
    notes = []
    if wanted is None and asked.device != "":
        notes.append(f"`{asked.device}` {'has no outputs' if deaf else 'is not there'}")
    channels = min(asked.channels, device.channels)
    if channels < asked.channels:
        notes.append(f"it has {device.channels} channels, not {asked.channels}")
    rate = asked.rate or device.rate
    if not _plays(device, rate, channels):
        if rate == device.rate or not _plays(device, device.rate, channels):
            raise _refused(device, rate)
        notes.append(f"it does not play at {rate} Hz, so the stream runs at {device.rate}")
        rate = device.rate
    return Plan(device, rate, channels, "; ".join(notes), is_other=wanted is None)


def find(devices: tuple[Device, ...], wanted: str | int) -> Device | None:
    """Return the device of that index or name, else the first whose name contains it; the default for ""."""
    if wanted == "":
        return next((device for device in devices if device.is_default), None)
    if isinstance(wanted, int) or wanted.isdecimal():
        return next((device for device in devices if device.index == int(wanted)), None)
    lower = wanted.lower()
    exact = (device for device in devices if device.name.lower() == lower)
    return next(exact, None) or next((device for device in devices if lower in device.name.lower()), None)


def open_stream(plan: Plan, latency_seconds: float, callback: Callback) -> Any:
    """Return a sounddevice.OutputStream, not yet started. Raises BridgeError `busy` or `value`."""
    sound = portaudio()
    try:
        with quiet():
            return sound.OutputStream(
                samplerate=plan.rate,
                blocksize=0,
                device=plan.device.index,
                channels=plan.channels,
                dtype="float32",
                latency=asked_latency(latency_seconds),
                callback=callback,
            )
    except sound.PortAudioError as error:
        raise explained(plan, error) from error


def start(stream: Any, plan: Opening) -> None:
    """Start the stream. Raises BridgeError `busy` or `value`."""
    sound = portaudio()
    try:
        stream.start()
    except sound.PortAudioError as error:
        raise explained(plan, error) from error


def latency_of(stream: Any) -> float:
    """Return the device's output latency in seconds; 0 if the reported one is implausible."""
    return believed(stream.latency[1] if isinstance(stream.latency, tuple) else stream.latency)


def believed(latency: float) -> float:
    """Return a reported latency in seconds; 0 if it is implausible."""
    return float(latency) if 0 <= latency < _BELIEVABLE_LATENCY_SECONDS else 0.0


def asked_latency(latency_seconds: float) -> str | float:
    """Return the latency to ask PortAudio for, for a mix that runs so far ahead."""
    return "high" if latency_seconds >= _SAFE_SECONDS else latency_seconds / 2


_SAFE_SECONDS = 0.08


def portaudio() -> Any:
    """Return sounddevice, its PortAudio started. Raises BridgeError `missing` if that is not installed."""
    try:
        with quiet():
            import sounddevice

            if not sounddevice._initialized:
                sounddevice._initialize()
    except OSError as error:
        raise BridgeError(
            "missing", "PortAudio is not installed: on Debian and Ubuntu `sudo apt-get install libportaudio2`"
        ) from error
    return sounddevice


def _default_index(sound: Any, kind: str) -> int:
    try:
        return int(sound.query_devices(kind=kind)["index"])
    except (sound.PortAudioError, ValueError):
        return -1


def _plays(device: Device, rate: int, channels: int) -> bool:
    sound = portaudio()
    try:
        with quiet():
            sound.check_output_settings(device.index, channels, "float32", samplerate=rate)
    except sound.PortAudioError as error:
        # The device may only be busy: opening it gives the reason.
        return error_code(error) not in (INVALID_RATE, INVALID_CHANNELS)
    return True


def explained(plan: Opening, error: Exception) -> BridgeError:
    """Return the error for a device that could not be opened."""
    code = error_code(error)
    if code == _UNAVAILABLE:
        return BridgeError(
            "busy", f"`{plan.device.name}` is in use by another program: close that, or choose another device"
        )
    if code == INVALID_RATE:
        return _refused(plan.device, plan.rate)
    return BridgeError("busy", f"`{plan.device.name}` cannot be opened ({error}): choose another device")


def _refused(device: Device, rate: int) -> BridgeError:
    return BridgeError(
        "value", f"`{device.name}` does not play at {rate} Hz: leave the rate out, or choose {device.rate}"
    )


def error_code(error: Exception) -> int:
    """Return the number of a PortAudio error; 0 without one."""
    return int(error.args[1]) if len(error.args) > 1 and isinstance(error.args[1], int) else 0


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence stderr: the sound libraries print every device and server that they do not find."""
    try:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
