"""`msanii measure-loops` and `msanii measure-vary`, from arguments to their tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.msanii.command import run, write_chord


def test_variations_are_measured_at_every_strength_in_both_ways(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_chord(tmp_path / "source.wav", 44_100)
    assert run("measure-vary", source, "--model", tiny_model, "--seconds", 0.5) == 0
    printed = capsys.readouterr().out
    rows = re.findall(r"([\d.]+) │ +(ours|paper) │ +([\d.]+) │ +([\d.]+)", printed)
    assert [float(strength) for strength, *_ in rows[::2]] == sorted({float(row[0]) for row in rows})
    assert [method for _, method, *_ in rows] == ["ours", "paper"] * (len(rows) // 2)
    assert len(rows) >= 12


def test_seams_of_loops_are_measured_beside_cuts(
    tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("measure-loops", "--model", tiny_model, "--seeds", 1, "--bars", 1) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"(loops|cut) │ +\S+ │", printed) == ["loops", "cut"]
