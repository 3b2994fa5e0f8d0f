"""`msanii-bridge bench growth` and `bench message`, with a small model: what their tables are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.bench_growth import LENGTHS, bench_growth, growth_rows, read_lengths
from bridge.cli.bench_message import FirstSound, first_sound, leading_silence, message_rows
from bridge.messages import BridgeError
from bridge.settings import Settings
from bridge.worker.stage_times import StageTimes
from tests.conftest import DaemonUnderTest


def times(scale: float) -> StageTimes:
    return StageTimes(
        load=3.0, prepare=scale, network=4 * scale, decode=2 * scale, finish=scale, hear=0.5, write=scale,
        peak_mib=100 * scale,
    )  # fmt: skip


def test_growth_is_the_longest_over_the_shortest_and_file_work_a_share_of_the_music() -> None:
    rows = {name: cells for name, *cells in growth_rows({10.0: times(0.1), 40.0: times(0.4)})}
    assert rows["network"] == ["0.40", "1.60", "4.00"]
    assert rows["whole"] == ["1.40", "4.10", "2.93"]
    assert rows["finish and write, of the music"] == ["2.00 %", "2.00 %", ""]
    assert rows["peak memory, MiB"] == ["10", "40", ""]


def test_lengths_are_read_or_refused() -> None:
    assert read_lengths("") == LENGTHS
    assert read_lengths("2, 4.5") == (2.0, 4.5)
    for text in ("two", "0", "2,,4", "nan", "1e9"):
        with pytest.raises(BridgeError, match="such as 95,380"):
            read_lengths(text)


def test_each_stage_of_a_real_render_is_timed(tiny_model: Path, tmp_path: Path) -> None:
    settings = Settings(
        library=tmp_path / "library",
        models_folder=tiny_model.parent,
        model="tiny",
        device="cpu",
        threads=1,
        layout="contiguous",
    )
    said: list[str] = []
    (found,) = bench_growth(settings, (2.0,), said.append).values()
    assert said == ["2 s of music"]
    assert min(found.network, found.decode, found.finish) > 0
    assert min(found.prepare, found.hear, found.write) >= 0
    assert found.whole < 60
    assert found.peak_mib > 50


def test_the_first_sample_comes_after_the_take_and_its_silence(make_daemon: Any) -> None:
    daemon: DaemonUnderTest = make_daemon(flags=["--stream"])
    daemon.start()
    with daemon.client() as client:
        cold, warm = (first_sound(client, seed) for seed in range(2))
    for found in (cold, warm):
        assert min(found.queued, found.rendered, found.launch) > 0
        assert found.whole == found.queued + found.rendered + found.launch + found.silence
        # The mix is made ahead of the device.
        assert found.launch > 0.05


def test_silence_is_what_a_file_begins_with(tmp_path: Path) -> None:
    audio = np.zeros((8_000, 2), np.float32)
    path = tmp_path / "take.wav"
    soundfile.write(path, audio, 8_000)
    with pytest.raises(BridgeError, match="silent"):
        leading_silence(path)
    audio[2_000:, 1] = 0.1
    soundfile.write(path, audio, 8_000)
    assert leading_silence(path) == 0.25


def test_the_bound_has_no_model_once_it_is_loaded() -> None:
    sounds = FirstSound(0.1, 6.0, 0.2, 0.0), FirstSound(0.1, 1.0, 0.2, 0.0)
    rows = {row.name.strip(): row for row in message_rows(sounds, (times(0.1), times(0.1)), 0.1)}
    assert (rows["bound"].cold, rows["bound"].warm) == pytest.approx((3.7, 0.7))
    assert rows["times the bound"].warm == pytest.approx(1.3 / 0.7)
    assert rows["rest"].cold == pytest.approx(6.0 - 3.0 - 1.4)
    assert rows["rest"].warm == 0.0
