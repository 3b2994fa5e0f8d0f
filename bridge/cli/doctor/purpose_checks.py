"""Checks beyond rendering: Link, hearing, the device for Live, a folder for a DAW, the network, the log."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

from bridge.cli.daw_scripts.max_device import FILES, PLACE, device_folder, device_version
from bridge.cli.installation.program import this_program
from bridge.library.user_library import find_user_library
from bridge.messages import BridgeError
from bridge.settings import Settings
from bridge.system.machine_checks import Check, check_folder
from bridge.system.probe_file import read_probes
from bridge.worker.listener_folder import find_listener

_INSTALL_DEVICE = "msanii-bridge install-device"


def check_log(settings: Settings) -> Check:
    """Check that the log file can be written. The daemon runs without it too."""
    path = settings.log_path
    if not settings.log_file:
        return Check("log", True, "none: `log_file` is false in the settings", needed=False)
    place = next(place for place in (path, *path.parents) if place.exists())
    works = os.access(place, os.W_OK)
    return Check("log", works, str(path), f"make {place} writable", needed=False)


def check_probe(settings: Settings) -> Check:
    """Tell what the last probe measured: each candidate's speed beside the usual one's."""
    again = "`--probe` measures again"
    if settings.layout != "auto":
        return Check("probe", True, f"none: `layout` is {settings.layout} in the settings", needed=False)
    machine, last = next(reversed(read_probes(settings.probe_path).items()), ("", None))
    asked = last.get("seconds") if isinstance(last, dict) else None
    if not isinstance(asked, dict):
        detail, remedy = "nothing is remembered", f"make {settings.probe_path.parent} writable"
        return Check("probe", False, detail, remedy, needed=False)
    told = [line for question, seconds in asked.items() if (line := _compared(question, seconds))]
    detail = f"{machine}: {'; '.join(told) or 'nothing to choose'} ({again})"
    return Check("probe", True, detail, needed=False)


def _compared(question: str, seconds: object) -> str:
    """Say how fast candidates are, as times the first one's speed; "" for what is damaged."""
    if not isinstance(seconds, dict) or not all(
        isinstance(one, float) and one > 0 for one in seconds.values()
    ):
        return ""
    usual, *others = seconds
    times = [f"{name} {seconds[usual] / seconds[name]:.2f} times as fast as {usual}" for name in others]
    return f"{question}: {', '.join(times)}"


def check_link() -> Check:
    """Check that Ableton Link is installed; MIDI clock is built in."""
    if importlib.util.find_spec("aalink") is not None:
        detail = "aalink is installed; MIDI clock is built in"
        return Check("Ableton Link", True, detail, needed=False, purpose="sync")
    remedy = this_program().addition_line("aalink")
    detail = "aalink is not installed (MIDI clock needs nothing)"
    return Check("Ableton Link", False, detail, remedy, needed=False, purpose="sync")


def check_listener(model_folders: Sequence[Path]) -> Check:
    """Check that there is a listener, which hears audio files and takes."""
    try:
        detail = str(find_listener(model_folders))
    except BridgeError as error:
        return Check("listener", False, error.message, "install msanii-bridge again", False, "hearing")
    return Check("listener", True, detail, needed=False, purpose="hearing")


def check_device() -> Check:
    """Check that Live's User Library has the device, in this version and with its script."""
    name, purpose = "Max for Live device", "device for Live"
    try:
        folder = find_user_library() / PLACE
    except BridgeError as error:
        remedy = f"{_INSTALL_DEVICE} --to PATH, once Live is installed"
        return Check(name, False, error.message, remedy, needed=False, purpose=purpose)
    problem = device_problem(folder)
    works = not problem
    return Check(name, works, problem or str(folder), _INSTALL_DEVICE, needed=False, purpose=purpose)


def device_problem(folder: Path) -> str:
    """Return what is wrong with the device installed in a folder; "" if nothing is.

    Max writes a device anew when it is saved, so only its version counts. A later version is right too.
    """
    script, device = (folder / name for name in FILES)
    try:
        ours = device_version((device_folder() / FILES[-1]).read_bytes())
        if not device.exists():
            return f"it is not installed in {folder}"
        installed = device_version(device.read_bytes())
        if not installed:
            return f"{device} is damaged"
        if installed < ours:
            return f"{device} is version {installed}, older than this program's {ours}"
        if installed == ours and script.read_bytes() != (device_folder() / FILES[0]).read_bytes():
            return f"{script} is damaged, or of another version"
    except OSError as error:
        return f"{error.filename} cannot be read ({error.strerror})"
    return ""


def check_drop(settings: Settings) -> Check:
    """Check that a DAW can see the takes: the drop folder if there is one, else the library."""
    folder = settings.drop_folder or settings.library
    found = check_folder(folder)
    hint = (
        ""
        if settings.drop_folder
        else "; `serve --drop-to live` or `drop_folder` puts takes where a DAW looks"
    )
    return Check("folder", found.works, found.detail + hint, found.remedy, False, "drop into a DAW")


def check_lan(settings: Settings) -> Check:
    """Check what programs and phones of the network need. Hearing this computer alone is right too."""
    if not settings.lan:
        detail = "off: only this computer is heard; `serve --lan --allow ADDRESS` opens it"
        return Check("network", True, detail, needed=False, purpose="LAN")
    allowed = ", ".join(map(str, settings.allow))
    if importlib.util.find_spec("zeroconf") is None:
        detail = f"open to {allowed}, but programs do not find it by themselves: zeroconf is not installed"
        remedy = this_program().addition_line("zeroconf")
        return Check("network", False, detail, remedy, needed=False, purpose="LAN")
    return Check("network", True, f"open to {allowed}, and announced", needed=False, purpose="LAN")
