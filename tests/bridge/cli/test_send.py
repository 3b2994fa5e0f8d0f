"""What `send` prints on a terminal and into a pipe."""

from __future__ import annotations

import io

from bridge.cli.client import Answer
from bridge.cli.send import print_answers

JOB = [
    Answer("/msanii/queued", ("me-1", 7)),
    Answer("/msanii/progress", ("me-1", 0.25)),
    Answer("/msanii/progress", ("me-1", 0.5)),
    Answer("/msanii/done", ("me-1",)),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal() -> None:
    out = Terminal()
    assert not print_answers(JOB, out)
    text = out.getvalue()
    assert text.count("\n") == 2
    assert "\r/msanii/progress me-1 0.5" in text
    assert text.endswith("\r/msanii/done me-1\n")


def test_a_pipe_gets_no_progress() -> None:
    out = io.StringIO()
    print_answers(JOB, out)
    assert out.getvalue() == "/msanii/queued me-1 7\n/msanii/done me-1\n"


def test_a_failure_is_told_and_cannot_steer_the_terminal() -> None:
    out = io.StringIO()
    assert print_answers([Answer("/msanii/fail", ("me-1", "value", "\x1b[2J"))], out)
    assert "\x1b" not in out.getvalue()
