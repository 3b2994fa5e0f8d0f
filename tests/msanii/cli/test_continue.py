"""`msanii continue`: exact lengths from nothing and after a source, and clear refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.msanii.command import QUICK, read, run, write_chord

BARS = ["--bars", 3, "--bpm", 240]


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_from_nothing_it_lasts_as_many_bars_as_asked(tiny_model: Path, tmp_path: Path, rate: int) -> None:
    out = tmp_path / "out.wav"
    asked = ["continue", "--chords", "Am F", "--model", tiny_model, *QUICK, *BARS, "--rate", rate]
    assert run(*asked, "-o", out) == 0
    audio, written = read(out)
    assert (len(audio), written) == (3 * rate, rate)


def test_after_a_source_that_stays_as_it_is(tiny_model: Path, tmp_path: Path) -> None:
    source, out = write_chord(tmp_path / "in.wav", 48_000), tmp_path / "out.wav"
    asked = ["continue", source, "--model", tiny_model, *QUICK, *BARS, "--bars-per-pass", 2]
    assert run(*asked, "-o", out) == 0
    before, _ = read(source)
    after, rate = read(out)
    assert rate == 48_000
    assert len(after) == len(before) + 3 * 48_000
    np.testing.assert_allclose(after[: len(before)], before, atol=2**-22)


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--bars", 1.5], "bars"), (["--seconds", 4], "seconds"), (["--bars", 2, "--end", "fade"], "end")],
)
def test_what_it_cannot_do_is_refused(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[object], named: str
) -> None:
    assert run("continue", "--model", tiny_model, *words, "-o", tmp_path / "out.wav") == 1
    assert capsys.readouterr().err.startswith(named)
