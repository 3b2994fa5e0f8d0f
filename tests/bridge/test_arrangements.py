"""Several parts in one job: a take for each and one for their mix, made again from its recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.arrangements import part_list, take_part, with_parts
from bridge.messages import BridgeError
from bridge.recipes import read_recipe
from bridge.worker import PipelineRenderer
from bridge.worker_loop import Answer, Order, WorkerSettings
from tests.bridge.requests import make_request

QUICK = {"steps": 2, "iterations": 2, "bpm": 240.0, "bars": 1.0, "seconds": 1.0, "model": "tiny"}


def test_an_arrangement_has_a_take_for_each_part_and_the_mix() -> None:
    assert part_list(" keys, bass,") == ("keys", "bass")
    assert with_parts(make_request(parts="keys,bass,drums")).count == 4
    request = with_parts(make_request(parts="keys,keys"))
    assert [take_part(request, take) for take in range(request.count)] == ["keys", "keys", "mix"]
    assert take_part(make_request(), 0) == ""
    plain = make_request(count=3)
    assert with_parts(plain) == plain


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"parts": ",".join(["keys"] * 9)}, "got 9"),
        ({"parts": "keys,bass", "end": "ring"}, "`end`: got ring"),
        ({"parts": "keys,bass", "part": "lead"}, "`part`"),
    ],
)
def test_what_no_arrangement_can_have_is_refused(values: dict[str, str], words: str) -> None:
    with pytest.raises(BridgeError, match=words):
        with_parts(make_request(**values))


def test_a_part_that_nobody_plays_is_told(tiny_model: Path, tmp_path: Path) -> None:
    request = with_parts(make_request(**QUICK, parts="keys,kazoo"))
    paths = tuple(tmp_path / f"{index}.wav" for index in range(request.count))
    order = Order("a", request, tiny_model, (), paths)
    events: list[Answer] = []
    with pytest.raises(BridgeError, match="kazoo"):
        PipelineRenderer(WorkerSettings(device="cpu")).render(order, events.append, lambda: None)
    assert not list(tmp_path.iterdir())


def test_takes_add_up_and_come_again_from_their_recipe(tiny_model: Path, tmp_path: Path) -> None:
    request = with_parts(
        make_request(**QUICK, parts="keys,bass", sound="grand piano,synth bass", format="float")
    )
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    lines = []
    for name in ("a", "b"):
        paths = tuple(tmp_path / f"{name}_{index}.wav" for index in range(request.count))
        events: list[Answer] = []
        renderer.render(Order(name, request, tiny_model, (), paths), events.append, lambda: None)
        lines.append([soundfile.read(path, dtype="float32")[0] for path in paths])
        request = read_recipe(paths[2]).request
    keys, bass, mix = lines[0]
    np.testing.assert_allclose(keys + bass, mix, atol=1e-6)
    assert len(mix) == 44_100
    assert not np.allclose(keys, bass)
    for one, again in zip(*lines, strict=True):
        np.testing.assert_array_equal(one, again)
