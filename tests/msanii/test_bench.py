"""`msanii bench`: every part is timed, in every setting, the older processor's included."""

from __future__ import annotations

from pathlib import Path

import pytest

from msanii.bench import Timing, bench, ratios
from msanii.errors import MsaniiError


def test_every_part_is_timed_also_as_an_older_processor_would_run_it(tiny_model: Path) -> None:
    timings = bench(tiny_model, seconds=1.0, device="cpu")
    settings = {item.setting for item in timings}
    # The last one proves that the whole chain runs under AVX2 alone, and then chooses float32 by itself.
    assert (
        {"cpu float32", "cpu float32 AVX2"} <= settings <= {"cpu float32", "cpu bfloat16", "cpu float32 AVX2"}
    )
    for setting in settings:
        parts = {item.part for item in timings if item.setting == setting}
        assert parts == {"encode", "U-Net, one call", "vocoder", "Griffin-Lim, 4 iterations", "whole chain"}
    assert all(
        item.seconds > 0 and item.real_time_factor == pytest.approx(1.0 / item.seconds) for item in timings
    )


def test_ratios_say_how_many_times_as_fast() -> None:
    slow, fast = Timing("a", "U-Net", 2.0, 1.0), Timing("b", "U-Net", 0.5, 4.0)
    assert ratios([slow, fast], "a") == {("a", "U-Net"): 1.0, ("b", "U-Net"): 4.0}


def test_a_device_that_is_not_there_is_named(tiny_model: Path) -> None:
    with pytest.raises(MsaniiError, match="device"):
        bench(tiny_model, device="abacus")
