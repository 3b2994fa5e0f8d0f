"""`msanii bench`: every part in every setting, also as on an older processor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
import torch

import msanii.bench.chain
import msanii.bench.layers
import msanii.bench.speed_ups
from msanii.bench.chain import ChainCase, bench_chain, chain_cases, time_chain
from msanii.bench.composing import Composing, ComposingTiming
from msanii.bench.hearing import HearingTiming
from msanii.bench.parts import Timing, bench, ratios
from msanii.bench.speed_ups import variants
from msanii.devices import choose_placement
from msanii.errors import MsaniiError
from tests.msanii.command import run


def test_every_part_is_timed_also_as_an_older_processor_would_run_it(tiny_model: Path) -> None:
    timings = bench(tiny_model, seconds=1.0, device="cpu")
    settings = {item.setting for item in timings}
    # The last proves that the whole chain runs with AVX2 only, and then chooses float32.
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


@pytest.mark.parametrize("verb", ["generate", "loop", "vary"])
def test_the_chain_is_timed_stage_by_stage(
    tiny_model: Path, verb: Literal["generate", "loop", "vary"]
) -> None:
    timing = time_chain(tiny_model, ChainCase(verb, 1.0, 2, 3, phase="griffin-lim", device="cpu"))
    assert (timing.verb, timing.batch, timing.steps, timing.seconds) == (verb, 2, 3, 1.0)
    assert timing.sampling_seconds > timing.start_seconds >= 0
    stages = timing.sampling_seconds + timing.vocoder_seconds + timing.file_seconds
    assert stages == pytest.approx(timing.whole_seconds)
    assert min(timing.step_seconds, timing.vocoder_seconds, timing.file_seconds) > 0
    assert timing.step_seconds < timing.sampling_seconds
    assert timing.real_time_factor == pytest.approx(2.0 / timing.whole_seconds)
    assert timing.peak_mib > 50


def test_each_line_has_a_process_of_its_own_that_may_be_an_older_processor(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A single short case: the others take minutes.
    case = ChainCase("generate", 1.0, 1, 2, device="cpu", older=True)
    monkeypatch.setattr(msanii.bench.chain, "chain_cases", lambda *_, **__: [case])
    out = tmp_path / "chain.json"
    assert run("bench", "--chain", "--quick", "--model", tiny_model, "--json", out) == 0
    (timing,) = json.loads(out.read_text())
    # With AVX2 only, bfloat16 is emulated and therefore not chosen.
    assert timing["setting"] == "cpu float32 AVX2"
    assert 50 < timing["peak_mib"] < 4096
    assert "generate 1 x 1 s, 2 steps" in capsys.readouterr().out


def test_a_failing_chain_says_why(tiny_model: Path) -> None:
    with pytest.raises(MsaniiError, match="bench: generate of 1 seconds failed"):
        bench_chain(tiny_model, ChainCase("generate", 1.0, 1, 2, device="abacus"))


def test_the_table_has_every_verb_batch_and_length() -> None:
    cases = list(chain_cases())
    assert {(case.verb, case.batch) for case in cases} >= {
        (verb, batch) for verb in ("generate", "loop", "vary") for batch in (1, 4)
    }
    assert {case.seconds for case in cases} == {16.0, 95.0, 190.0, 380.0}
    assert {case.steps for case in cases} == {10, 20, 200}
    assert len(list(chain_cases(quick=True))) < len(cases)
    assert [case.device for case in chain_cases("cpu") if case.older] == ["cpu"]


def test_a_device_that_is_not_there_is_named(tiny_model: Path) -> None:
    with pytest.raises(MsaniiError, match="device"):
        bench(tiny_model, device="abacus")


def test_every_variant_is_timed_against_the_shipped_step(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msanii.bench.speed_ups, "ROUNDS", 1)
    monkeypatch.setattr(msanii.bench.speed_ups, "SIZES", ((2, 1.0), (1, 0.5)))
    # torch.compile takes half a minute to write its kernels.
    monkeypatch.setenv("CXX", "no-such-compiler")
    out = tmp_path / "speed_ups.json"
    assert run("bench", "--speed-ups", "--model", tiny_model, "--device", "cpu", "--json", out) == 0
    rows = json.loads(out.read_text())
    printed = capsys.readouterr().out
    for batch, seconds in msanii.bench.speed_ups.SIZES:
        first, *others = [row for row in rows if (row["batch"], row["seconds"]) == (batch, seconds)]
        assert (first["instead"], first["ratio"]) == ("as it is", 1.0)
        assert len(others) >= 6
        for row in others:
            assert row["ratio"] == pytest.approx(row["step_seconds"] / first["step_seconds"])
            assert row["instead"] in printed


def test_each_kind_of_layer_is_timed_in_both_layouts(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msanii.bench.layers, "ROUNDS", 1)
    monkeypatch.setattr(msanii.bench.layers, "LENGTHS_SECONDS", (0.5, 1.0))
    out = tmp_path / "layers.json"
    assert run("bench", "--layers", "--model", tiny_model, "--device", "cpu", "--json", out) == 0
    rows = json.loads(out.read_text())
    printed = capsys.readouterr().out
    for seconds in (0.5, 1.0):
        found = {row["kind"]: row for row in rows if row["seconds"] == seconds}
        assert {"convolution 3x3", "instance norm", "GELU", "linear attention"} <= set(found)
        assert set(found) <= {line[:28].strip() for line in printed.splitlines()}
        whole = found.pop("whole step")
        for layout in ("contiguous_seconds", "channels_last_seconds"):
            assert sum(row[layout] for row in found.values()) == pytest.approx(whole[layout])
        assert found["convolution 3x3"]["teraflops"] > 0 == found["GELU"]["teraflops"]


def test_composing_is_timed_beside_performing(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "composing.json"
    assert run("bench", "--compose", "--model", tiny_model, "--device", "cpu", "--json", out) == 0
    (found,) = json.loads(out.read_text())
    assert found["setting"].startswith("cpu ")
    assert found["performing_seconds"] > 0
    assert 0 < found["composing"]["seconds"] < 60
    assert 0 <= found["composing"]["mib"] < 150
    assert "4 parts of 8 bars: composed in" in capsys.readouterr().out
    timing = ComposingTiming("cpu", Composing(first_seconds=1.0, seconds=0.5, mib=1.0), 10.0)
    assert timing.share == pytest.approx(0.05)


def test_hearing_is_timed_beside_rendering(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hearing.json"
    assert run("bench", "--hear", "--model", tiny_model, "--device", "cpu", "--json", out) == 0
    (found,) = json.loads(out.read_text())
    assert found["rendering_seconds"] > 0
    assert 0 < found["seconds"] < 60
    assert "a take of 16 s: rendered in" in capsys.readouterr().out
    assert HearingTiming("cpu", 10.0, 1.0, 0.5, 1.0).share == pytest.approx(0.05)


def test_two_tables_at_once_are_refused(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bench", "--chain", "--speed-ups", "--model", tiny_model) == 1
    assert "expected one of them at a time" in capsys.readouterr().err


def test_all_variants_compute_the_same_step(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    placement = choose_placement("cpu")
    choices = variants(tiny_model, placement, batch=2, seconds=1.0)
    assert {"float32", "weights cast at every call"} <= set(choices) or not placement.is_fast
    with torch.inference_mode():
        reference = choices["as it is"].step()
    for name, variant in choices.items():
        with variant.mode():
            found = variant.step()
        assert found.requires_grad == (name == "gradients recorded")
        assert (found - reference).abs().max() < 0.1 * reference.std(), name
