"""The table's rows on loops, long pieces and inpainting, also for models without some controls."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.devices import choose_placement
from msanii.diffusion.unet import UNet
from msanii.evaluation.rows.row import Row, mean_of_known, ratio
from msanii.evaluation.table import GROUPS, Amount, evaluate
from msanii.pipelines import Pipeline
from msanii.rendering.job import own_sampling
from tests.msanii.command import run
from tests.msanii.evaluation.test_table import reference

LEAST = Amount(
    prompts=1,
    pieces=1,
    loops=1,
    tuning=1,
    long_seconds=(24.0,),
    levels=1,
    endless=1,
    arrangements=1,
    signals=1,
    together=1,
    composed=2,
)


def rows_of(model: LoadedModel, groups: tuple[str, ...]) -> dict[str, Row]:
    pipeline = Pipeline(model, choose_placement("cpu", "float32"))
    sampling = replace(own_sampling(pipeline.config), steps=1, iterations=1)
    done: list[float] = []
    found = evaluate(
        pipeline, reference(), amount=LEAST, groups=groups, sampling=sampling, on_step=done.append
    )
    assert done == sorted(done)
    assert done[-1] == 1.0
    return {row.name: row for row in found}


def without_controls(folder: Path) -> LoadedModel:
    model = load_model(folder)
    config = replace(model.config, unet=replace(model.config.unet, controls=()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return replace(model, config=config, unet=UNet(config.unet).eval())


def test_rows_on_time_are_computed_from_a_model(tiny_model: Path) -> None:
    rows = rows_of(load_model(tiny_model), ("loop", "long", "inpaint"))
    asked = {name: row.target for name, row in rows.items() if row.target is not None}
    assert asked == {
        "loop: tuning error, cents, worst": "at most 3",
        "loop: seam over inner bar lines, mean": "at most 1.1",
        "24 s in one piece: chord tones over 12 s": "0.95 to 1.05",
        "24 s in one piece: onset agreement over 12 s": "0.95 to 1.05",
        "inpaint 2 bars of 8: chord tones in the gap over the kept part's": "0.9 or more",
        "inpaint 2 bars of 8: onset agreement in the gap over the kept part's": "0.9 to 1.1",
    }
    for name in ("loop: tuning error, cents, worst", "loop: seam over inner bar lines, mean"):
        value = rows[name].value
        assert value is not None
        assert 0 <= value < 100
    # Cut takes are measured the same way.
    assert rows["loop: seam over inner bar lines, mean [cut, not looped]"].value is not None
    chords = rows["12 s: chord tones"].value
    assert chords is not None
    assert 0 < chords < 1


def test_a_model_without_controls_or_vocoder_has_rows_too(tiny_model: Path) -> None:
    bare = without_controls(tiny_model)
    bare = replace(bare, config=replace(bare.config, trained=("unet",)))
    groups = tuple(name for name in GROUPS if name not in ("long", "inpaint", "level"))
    rows = rows_of(bare, groups)
    assert rows["loop: tuning error, cents, worst"].value is not None
    for name in ("notes: onset F-measure over real", "feel: swing, rank correlation"):
        assert (rows[name].value, rows[name].reached) == (None, False)


def test_an_untrained_u_net_is_an_error(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from msanii.checkpoint.folder import save_model

    model = load_model(tiny_model)
    config = replace(model.config, trained=("vocoder",))
    save_model(tmp_path / "model", config, model.unet, model.vocoder, model.transforms)
    assert run("evaluate", tmp_path / "model", "--quick") == 1
    assert "its U-Net was never trained" in capsys.readouterr().err


def test_a_damaged_reference_is_an_error(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.json.gz").write_bytes(b"nothing")
    assert run("evaluate", tiny_model, "--reference", tmp_path, "--quick") == 1
    assert "make the reference again" in capsys.readouterr().err
    assert run("evaluate", tiny_model, "--rows", "speed") == 1
    assert "rows: got 'speed'" in capsys.readouterr().err


def test_a_ratio_to_nothing_is_nan() -> None:
    assert math.isnan(ratio(1.0, 0.0))
    assert math.isnan(ratio(1.0, math.nan))
    assert ratio(1.0, 2.0) == 0.5
    assert mean_of_known([1.0, math.nan, 3.0]) == 2.0
    assert math.isnan(mean_of_known([math.nan]))
