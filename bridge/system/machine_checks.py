"""Checks of what the daemon needs from this machine: PyTorch, drivers, a folder, free space."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

_PROBE_SECONDS = 120.0
_SOUND_FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/soundfonts/FluidR3_GM.sf2")
_MINIMUM_FREE_BYTES = 1 << 30
_TORCH_PROBE = (
    "import torch, torchaudio; "
    "mps = getattr(torch.backends, 'mps', None); "
    "kind = 'CUDA' if torch.cuda.is_available() else 'Apple MPS' if mps and mps.is_available() else 'CPU'; "
    "print(f'torch {torch.__version__}, torchaudio {torchaudio.__version__}, {kind}')"
)
_NO_SOUND = "no device to play through"
_AUDIO_PROBE = f"""
import sys
from bridge.audio_child.device import list_devices
from bridge.messages import BridgeError
try:
    devices = list_devices()
except BridgeError as error:
    sys.exit(error.message)
names = [device.name for device in devices if device.is_default] or [device.name for device in devices]
print(f'{{names[0]}}, the first of {{len(devices)}} to play through') if names else sys.exit({_NO_SOUND!r})
"""
_MIDI_PROBE = """
import sys
import rtmidi
from bridge.midi_child.hints import no_midi_system
try:
    found = rtmidi.MidiIn(name='msanii doctor').get_ports()
except Exception as error:
    sys.exit(no_midi_system('', str(error)))
print(f'python-rtmidi {rtmidi.__version__}, {len(found)} ports')
"""
_FILES_PROBE = "import soundfile as s; print(f'libsndfile {s.__libsndfile_version__}')"


# What people do with the program, in the order in which the doctor tells it.
PURPOSES = (
    "render", "stream", "MIDI", "page", "sync", "hearing", "device for Live", "drop into a DAW", "LAN",
    "training data",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check, for one of the PURPOSES; `needed` is whether rendering depends on it."""

    name: str
    works: bool
    detail: str
    remedy: str = ""
    needed: bool = True
    purpose: str = PURPOSES[0]


def check_machine(library: Path) -> list[Check]:
    """Run all checks; large and fragile libraries are tested in subprocesses, which takes seconds."""
    return [
        _python(),
        _probe(
            "PyTorch", _TORCH_PROBE, "pip install --force-reinstall 'torch>=2.11,<2.13' 'torchaudio==2.11.0'"
        ),
        _probe("audio files", _FILES_PROBE, "pip install --force-reinstall soundfile"),
        check_folder(library),
        _sound(),
        _midi(),
        _fluidsynth(),
    ]


def _sound() -> Check:
    """Check that there is a device to play through: PortAudio alone plays nothing."""
    found = _probe("audio device", _AUDIO_PROBE, _install("libportaudio2", "portaudio"), needed=False)
    if found.detail == _NO_SOUND:
        plug = "plug in or switch on a sound card"
        remedy = f"{plug}, or start a JACK server" if platform.system() == "Linux" else plug
        found = replace(found, remedy=f"{remedy}; `msanii-bridge devices` lists what is found")
    return replace(found, purpose="stream")


def _midi() -> Check:
    """Check that there is a MIDI system; where there is none, the detail says what to do."""
    remedy = "pip install --force-reinstall python-rtmidi"
    found = _probe("MIDI", _MIDI_PROBE, remedy, needed=False)
    is_told = found.detail.startswith("there is no MIDI system")
    return replace(found, remedy="" if is_told else found.remedy, purpose="MIDI")


def check_folder(library: Path) -> Check:
    """Check that takes can be written, and that there is space for them."""
    existing = next(folder for folder in (library, *library.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            free_bytes = shutil.disk_usage(existing).free
    except OSError as error:
        return Check(
            "takes folder",
            False,
            f"{library}: {error.strerror}",
            "make it writable, or choose another with --library",
        )
    detail = f"{library}, {free_bytes / (1 << 30):.1f} GiB free"
    return Check(
        "takes folder",
        free_bytes > _MINIMUM_FREE_BYTES,
        detail,
        "free some space, or choose another disk with --library",
    )


def _python() -> Check:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    detail = f"Python {platform.python_version()} on {machine}"
    return Check("Python", sys.version_info >= (3, 11), detail, "install Python 3.11 or newer")


def _probe(name: str, code: str, remedy: str, *, needed: bool = True) -> Check:
    try:
        found = subprocess.run(  # noqa: S603  (our own interpreter, fixed code)
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        busy = "try again when this computer is less busy"
        return Check(name, False, f"no answer within {_PROBE_SECONDS:g} s", busy, needed)
    if found.returncode == 0:
        return Check(name, True, found.stdout.strip().splitlines()[-1], "", needed)
    words = found.stderr.strip().splitlines() or [f"ended with status {found.returncode}"]
    return Check(name, False, words[-1], remedy, needed)


def _fluidsynth() -> Check:
    program = shutil.which("fluidsynth")
    font = next((path for path in _SOUND_FONTS if Path(path).exists()), None)
    remedy = _install("fluidsynth fluid-soundfont-gm", "fluid-synth")
    if program is None or (font is None and platform.system() == "Linux"):
        missing = "FluidSynth" if program is None else "the FluidR3 GM sound font"
        detail = f"{missing} is not installed"
        return Check("FluidSynth", False, detail, remedy, needed=False, purpose="training data")
    detail = f"{program}, {font or 'sound font to be named by --soundfont'}"
    return Check("FluidSynth", True, detail, needed=False, purpose="training data")


def _install(debian: str, brew: str) -> str:
    if platform.system() == "Darwin":
        return f"brew install {brew}"
    if platform.system() == "Windows":
        return f"choco install {brew}"
    return f"sudo apt-get install {debian}"
