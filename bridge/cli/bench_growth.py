"""`msanii-bridge bench growth`: how time and memory of a render grow with the length of the music."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bridge.cli.render_stages import stage_times
from bridge.messages import BridgeError, PartialRequest
from bridge.settings import Settings
from bridge.worker.stage_times import StageTimes
from msanii.limits import SECONDS

LENGTHS = (95.0, 190.0, 380.0)
LEAST_SECONDS = 1.0
_MUSIC: PartialRequest = {"chords": "Am F C G", "bpm": 120.0, "seed": 0}
_STAGES = ("prepare", "network", "decode", "finish", "hear", "write", "whole")


def read_lengths(text: str) -> tuple[float, ...]:
    """Parse lengths in seconds with commas, those of the table if there are none. Raises BridgeError."""
    if not text:
        return LENGTHS
    try:
        lengths = tuple(float(word) for word in text.split(","))
    except ValueError:
        lengths = ()
    if not lengths or not all(LEAST_SECONDS <= seconds <= SECONDS.high for seconds in lengths):
        raise BridgeError(
            "value",
            f"lengths: got `{text}`, expected seconds from {LEAST_SECONDS:g} to {SECONDS.high:g} with "
            "commas, such as 95,380",
        )
    return lengths


def bench_growth(
    settings: Settings, lengths: Sequence[float], say: Callable[[str], None]
) -> dict[float, StageTimes]:
    """Render a take of each length in seconds, each in a process of its own, in processor seconds.

    Raises BridgeError.
    """
    found: dict[float, StageTimes] = {}
    for seconds in lengths:
        say(f"{seconds:g} s of music")
        found[seconds] = stage_times(settings, {**_MUSIC, "seconds": seconds}, by_processor=True)
    return found


def growth_rows(found: Mapping[float, StageTimes]) -> list[tuple[str, ...]]:
    """Return the table: a row for each stage, its processor seconds at each length, and the growth.

    Growth is the last length's over the first's. The last rows are the file work in per cent of the music and
    the peak of memory.
    """
    times = list(found.values())
    rows = []
    for stage in _STAGES:
        spent = [float(getattr(one, stage)) for one in times]
        growth = f"{spent[-1] / spent[0]:.2f}" if spent[0] > 0 else ""
        rows.append((stage, *(f"{seconds:.2f}" for seconds in spent), growth))
    shares = (f"{100 * one.file_work / seconds:.2f} %" for seconds, one in found.items())
    rows.append(("finish and write, of the music", *shares, ""))
    rows.append(("peak memory, MiB", *(f"{one.peak_mib:.0f}" for one in times), ""))
    return rows
