"""`msanii-bridge send`: prints replies as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from bridge.cli.client import Answer
from bridge.cli.options import plain

_PROGRESS = "/msanii/progress"


def print_answers(answers: Iterable[Answer], out: TextIO) -> bool:
    """Print a line per answer; return whether one is a failure.

    Progress is one line that a terminal shows over and over; a pipe gets none of it.
    """
    has_failed, shown = False, 0
    for answer in answers:
        line = plain(" ".join([answer.address, *map(str, answer.arguments)]))
        has_failed = has_failed or answer.address == "/msanii/fail"
        if answer.address != _PROGRESS:
            out.write(f"{_blank(shown)}{line}\n")
            shown = 0
        elif out.isatty():
            out.write(f"{_blank(shown)}{line}")
            shown = len(line)
        out.flush()
    return has_failed


def _blank(characters: int) -> str:
    return f"\r{' ' * characters}\r" if characters else ""
