"""Chooses and opens the input: in one stream with the output where both have one clock, else in its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.audio_child.device import (
    INVALID_CHANNELS,
    INVALID_RATE,
    Callback,
    Device,
    Plan,
    asked_latency,
    believed,
    error_code,
    every_device,
    explained,
    find,
    portaudio,
    quiet,
)
from bridge.messages import BridgeError

SharedCallback = Callable[[Any, Any, int, Any, Any], None]


@dataclass(frozen=True, slots=True)
class InputPlan:
    """How an input will be opened: `channels` of the device, so that those to keep are among them.

    It is `shared` if one stream can serve both it and the output.
    """

    device: Device
    rate: int
    channels: int
    shared: bool


def choose_input(wanted: str | int, output: Plan, first_channel: int, channels: int) -> InputPlan:
    """Choose an input by its name or number, or `default`; if possible, of the output's own sound system.

    Raises BridgeError `missing` if there is no such input, `value` if it has not so many channels.
    """
    hearing = tuple(device for device in every_device() if device.inputs > 0)
    ours = tuple(device for device in hearing if device.host == output.device.host)
    found = _find_input(ours, wanted, output) or _find_input(hearing, wanted, output)
    if found is None:
        names = ", ".join(f"`{device.name}`" for device in ours or hearing) or "none"
        raise BridgeError(
            "missing", f"input: got `{wanted}`, which is not there; there are {names}; connect or choose one"
        )
    opened = min(found.inputs, first_channel + channels - 1)
    if opened < first_channel:
        raise BridgeError(
            "value",
            f"input_first_channel: got {first_channel}, and `{found.name}` has {found.inputs} channels; "
            "choose one of them",
        )
    # Two devices of one system may run on two clocks, and one that vanishes would take the other along.
    is_one = found.index == output.device.index or "JACK" in found.host
    shared = is_one and found.host == output.device.host and _hears(found, output.rate, opened)
    rate = output.rate if _hears(found, output.rate, opened) else found.rate
    return InputPlan(found, rate, opened, shared)


def _find_input(devices: tuple[Device, ...], wanted: str | int, output: Plan) -> Device | None:
    if wanted != "default":
        return find(devices, wanted)
    default = next((device for device in devices if device.is_default_input), None)
    same = next((device for device in devices if device.index == output.device.index), None)
    return default or same or (devices[0] if devices else None)


def open_shared(plan: Plan, heard: InputPlan, latency_seconds: float, callback: SharedCallback) -> Any:
    """Return a sounddevice.Stream for both, not yet started. Raises BridgeError `busy` or `value`."""
    sound = portaudio()
    try:
        with quiet():
            return sound.Stream(
                samplerate=plan.rate,
                blocksize=0,
                device=(heard.device.index, plan.device.index),
                channels=(heard.channels, plan.channels),
                dtype="float32",
                latency=asked_latency(latency_seconds),
                callback=callback,
            )
    except sound.PortAudioError as error:
        raise explained(plan, error) from error


def open_input(heard: InputPlan, callback: Callback) -> Any:
    """Return a sounddevice.InputStream, not yet started. Raises BridgeError `busy` or `value`."""
    sound = portaudio()
    try:
        with quiet():
            return sound.InputStream(
                samplerate=heard.rate,
                blocksize=0,
                device=heard.device.index,
                channels=heard.channels,
                dtype="float32",
                latency="low",
                callback=callback,
            )
    except sound.PortAudioError as error:
        raise explained(heard, error) from error


def input_latency_of(stream: Any) -> float:
    """Return the input latency of a stream in seconds; 0 if the reported one is implausible."""
    return believed(stream.latency[0] if isinstance(stream.latency, tuple) else stream.latency)


def _hears(device: Device, rate: int, channels: int) -> bool:
    sound = portaudio()
    try:
        with quiet():
            sound.check_input_settings(device.index, channels, "float32", samplerate=rate)
    except sound.PortAudioError as error:
        return error_code(error) not in (INVALID_RATE, INVALID_CHANNELS)
    return True
