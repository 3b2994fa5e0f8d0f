"""Choice of device and type."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from msanii.devices import bfloat16_is_fast, choose_placement
from msanii.errors import MsaniiError


@pytest.mark.parametrize("instructions", ["_is_amx_tile_supported", "_is_avx512_bf16_supported"])
@pytest.mark.parametrize(
    ("cap", "fast"),
    [
        ("AVX2", False),
        ("AVX512_CORE", False),
        ("avx2_vnni", False),
        ("AVX512_CORE_BF16", True),
        ("avx512_core_amx", True),
        (None, True),
    ],
)
def test_bfloat16_is_chosen_where_the_cpu_has_it_and_no_cap_takes_it_away(
    cap: str | None, fast: bool, instructions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_instructions(monkeypatch, instructions)
    if cap is None:
        monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    else:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", cap)
    assert bfloat16_is_fast(torch.device("cpu")) is fast
    assert choose_placement("cpu").dtype == (torch.bfloat16 if fast else torch.float32)


def test_a_cpu_without_bfloat16_gets_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    has_instructions(monkeypatch, "")
    assert choose_placement("cpu").dtype == torch.float32


def has_instructions(monkeypatch: pytest.MonkeyPatch, only: str) -> None:
    for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda name=name: name == only)


def test_invalid_placements_are_refused() -> None:
    with pytest.raises(MsaniiError, match="device: got 'tpu'"):
        choose_placement("tpu")
    with pytest.raises(MsaniiError, match="dtype: got 'float8'"):
        choose_placement("cpu", "float8")
    if not torch.cuda.is_available():
        with pytest.raises(MsaniiError, match="no cuda that PyTorch can use"):
            choose_placement("cuda")


def test_the_chain_runs_under_avx2_in_float32(tiny_model: Path) -> None:
    program = (
        "import sys; from msanii.pipelines import Pipeline; from msanii.music.score import make_score\n"
        "pipeline = Pipeline.load(sys.argv[1])\n"
        "audio = pipeline.generate(make_score(seconds=0.4, bpm=120, chords='Am'), seeds=[1])\n"
        "assert audio.shape == (1, 2, 17640) and bool(audio.isfinite().all())\n"
        "print(pipeline.dtype_name)"
    )
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tiny_model)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "float32"), done.stderr
