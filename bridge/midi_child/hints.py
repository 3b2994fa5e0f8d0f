"""What to tell a musician where MIDI, or a part of it, is not there."""

from __future__ import annotations

import sys

MIDI_OFF = "MIDI is off: start the daemon without --no-midi, and with `midi: true` in the settings"
NO_VIRTUAL_PORTS = (
    "this system has no virtual MIDI ports: to reach msanii from another program, install loopMIDI, make a "
    "port there, and choose it in both programs"
)
IAC_HINT = (
    "a program that does not see the port `{name}` is reached by the IAC driver: Audio MIDI Setup, MIDI "
    "Studio, IAC Driver, `Device is online`; then choose that port in the program"
)
_REASON_CHARACTERS = 120


def no_midi_system(api: str, reason: str, system: str = sys.platform) -> str:
    """Say that there is no MIDI system, the driver's `reason`, and what to do."""
    if api.upper().startswith("UNIX_JACK"):
        remedy = "start the JACK server"
    elif system == "linux":
        remedy = "load ALSA's by `sudo modprobe snd-seq`, or use JACK's: `serve --midi-api UNIX_JACK`"
    else:
        remedy = "restart the computer's MIDI service"
    why = reason.strip()[:_REASON_CHARACTERS] or "it does not answer"
    return f"there is no MIDI system ({why}): {remedy}; the daemon looks again every few seconds"
