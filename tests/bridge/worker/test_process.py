"""The worker's renders, with a tiny model: every verb, exact, repeatable, resumable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError, Progress, RenderRequest, TakeReady
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from tests.bridge.render_requests import make_request

Audio = NDArray[np.float32]
QUICK = {"steps": 2, "iterations": 2, "bpm": 240.0, "bars": 1.0, "seconds": 1.0, "model": "tiny"}


@pytest.fixture(scope="module")
def renderer() -> PipelineRenderer:
    return PipelineRenderer(WorkerSettings(device="cpu"))


def order(
    model: Path, folder: Path, request: RenderRequest, sources: Sequence[Path] = (), job_id: str = "a"
) -> Order:
    paths = tuple(folder / f"{job_id}_{index}.wav" for index in range(request.count))
    return Order(job_id, request, model, tuple(sources), paths)


def render(
    renderer: PipelineRenderer,
    model_folder: Path,
    folder: Path,
    sources: Sequence[Path] = (),
    job_id: str = "a",
    **values: Any,
) -> list[Path]:
    request = make_request(**(QUICK | values))
    events: list[Answer] = []
    renderer.render(order(model_folder, folder, request, sources, job_id), events.append, lambda: None)
    progress = [event.fraction for event in events if isinstance(event, Progress)]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1.0)
    return [event.path for event in events if isinstance(event, TakeReady)]


def read(path: Path) -> Audio:
    audio: Audio = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return audio.T


def write_noise(path: Path, *, seconds: float = 1.0, rate: int = 44_100, channels: int = 2) -> Path:
    times = np.arange(round(seconds * rate)) / rate
    tone = 0.2 * np.sin(2 * np.pi * 220 * times) * (1 + np.sin(2 * np.pi * 3 * times))
    audio = np.stack([tone * (1 - 0.2 * channel) for channel in range(channels)])
    soundfile.write(path, audio.T, rate, subtype="PCM_24")
    return path


def test_generate_is_exact_to_the_sample_at_every_rate(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    for rate in (44_100, 48_000):
        (path,) = render(
            renderer, tiny_model, tmp_path, job_id=str(rate), rate=rate, bpm=197.3, chords="Am F"
        )
        assert soundfile.info(path).samplerate == rate
        assert read(path).shape == (2, round(4 * 60 / 197.3 * rate))


def test_the_same_request_gives_the_same_samples_and_another_seed_others(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    first, again = (render(renderer, tiny_model, tmp_path, job_id=job_id)[0] for job_id in "ab")
    (other,) = render(renderer, tiny_model, tmp_path, job_id="c", seed=8)
    assert np.array_equal(read(first), read(again))
    assert not np.array_equal(read(first), read(other))


def test_a_recipes_request_renders_the_batch_again_sample_for_sample(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    takes = render(renderer, tiny_model, tmp_path, count=3)
    recipe = read_recipe(takes[1])
    assert (recipe.index, recipe.seed, recipe.request.count) == (1, 8, 3)
    fresh = PipelineRenderer(WorkerSettings(device=recipe.device, dtype=recipe.dtype, threads=recipe.threads))
    again = render(fresh, tiny_model, tmp_path, job_id="again", **recipe.request.model_dump())
    assert np.array_equal(read(takes[1]), read(again[recipe.index]))
    assert recipe.model_fingerprint == fresh.load(tiny_model).fingerprint


def test_a_recipe_names_what_rendered_and_no_path(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    (path,) = render(renderer, tiny_model, tmp_path)
    recipe = read_recipe(path)
    assert recipe.model_name == "tiny"
    assert recipe.versions["torch"]
    assert recipe.device == "cpu"
    text = path.with_suffix(".json").read_text("utf-8")
    assert str(tmp_path) not in text
    assert str(tiny_model.parent) not in text


@pytest.mark.parametrize("verb", ["vary", "interpolate"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_what_is_made_from_a_source_lasts_as_long_as_it(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, verb: str, rate: int
) -> None:
    source = write_noise(tmp_path / "source.wav", seconds=0.8, rate=rate)
    sources = [source] * (2 if verb == "interpolate" else 1)
    (path,) = render(renderer, tiny_model, tmp_path, sources, verb=verb, rate=rate, chords="Am")
    assert read(path).shape == read(source).shape


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_inpaint_keeps_the_rest_of_the_source_sample_for_sample_at_its_own_rate(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, rate: int, channels: int
) -> None:
    source = write_noise(tmp_path / "source.wav", seconds=1.2, rate=rate, channels=channels)
    # A loudness and a rate that would show, were they applied.
    (path,) = render(
        renderer, tiny_model, tmp_path, [source],
        verb="inpaint", from_seconds=0.4, to_seconds=0.8, rate=88_200, loudness_lufs=-30.0,
    )  # fmt: skip
    old, new = read(source), read(path)
    begin, end = round(0.4 * rate), round(0.8 * rate)
    assert soundfile.info(path).samplerate == rate
    assert new.shape == old.shape
    assert np.array_equal(new[:, :begin], old[:, :begin])
    assert np.array_equal(new[:, end:], old[:, end:])
    assert not np.array_equal(new[:, begin:end], old[:, begin:end])


def test_a_source_that_has_gone_is_named(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(BridgeError, match=r"there is no file `.*gone\.wav`") as caught:
        render(renderer, tiny_model, tmp_path, [tmp_path / "gone.wav"], verb="vary")
    assert caught.value.code == "source"


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_outpaint_adds_exactly_what_was_asked_and_keeps_the_source(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, side: str, rate: int
) -> None:
    source = write_noise(tmp_path / "source.wav", rate=rate)
    (path,) = render(renderer, tiny_model, tmp_path, [source], verb="outpaint", side=side, bpm=197.3)
    old, new = read(source), read(path)
    added = round(4 * 60 / 197.3 * rate)
    assert new.shape == (2, old.shape[1] + added)
    kept = new[:, added:] if side == "before" else new[:, : old.shape[1]]
    assert np.array_equal(kept, old)
    assert not new[:, 0 if side == "before" else -1].any()


@pytest.mark.parametrize("region", [(0.0, 0.4), (0.8, 1.2)])
def test_a_file_that_begins_or_ends_with_what_is_new_does_so_without_a_click(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, region: tuple[float, float]
) -> None:
    source = write_noise(tmp_path / "source.wav", seconds=1.2)
    begin, end = region
    values: dict[str, Any] = {"verb": "inpaint", "from_seconds": begin, "to_seconds": end}
    (path,) = render(renderer, tiny_model, tmp_path, [source], **values)
    (before,) = render(renderer, tiny_model, tmp_path, [source], job_id="b", edition=1, **values)
    new, kept = (0, -1) if begin == 0 else (-1, 0)
    assert not read(path)[:, new].any()
    assert read(before)[:, new].any()
    assert np.array_equal(read(path)[:, kept], read(source)[:, kept])


def test_ring_is_longer_than_its_bars_and_cut_is_not(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    (path,) = render(renderer, tiny_model, tmp_path, end="ring")
    assert read(path).shape[1] > 44_100
    assert read_recipe(path).seconds == read(path).shape[1] / 44_100


def test_cancelling_stops_at_the_next_step_and_leaves_no_file(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    steps = 0

    def third_time() -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise BridgeError("cancelled", "cancelled")

    request = make_request(**(QUICK | {"steps": 50}))
    with pytest.raises(BridgeError, match="cancelled"):
        renderer.render(order(tiny_model, tmp_path, request), lambda _: None, third_time)
    assert steps == 3
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_batch_keeps_its_takes_and_makes_the_missing_ones(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    takes = render(renderer, tiny_model, tmp_path, count=3)
    before = [read(path) for path in takes]
    stamps = [path.stat().st_mtime_ns for path in takes]
    takes[2].unlink()
    assert render(renderer, tiny_model, tmp_path, count=3) == takes
    assert [path.stat().st_mtime_ns for path in takes[:2]] == stamps[:2]
    assert np.array_equal(read(takes[2]), before[2])


def test_a_finished_batch_is_not_rendered_again(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    takes = render(renderer, tiny_model, tmp_path, count=2)
    (tmp_path / "no model").mkdir()
    assert render(renderer, tmp_path / "no model", tmp_path, count=2) == takes


def test_somebody_elses_file_is_not_overwritten(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "a_0.wav").write_bytes(b"mine")
    with pytest.raises(BridgeError) as caught:
        render(renderer, tiny_model, tmp_path)
    assert caught.value.code == "exists"
    assert (tmp_path / "a_0.wav").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("file", "data"),
    [("config.json", b"{}"), ("model.safetensors", b"\0" * 100), ("model.safetensors", None)],
)
def test_a_damaged_model_is_named_and_loads_once_it_is_whole(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path, file: str, data: bytes | None
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for path in tiny_model.iterdir():
        (model / path.name).write_bytes(path.read_bytes())
    whole = (model / file).read_bytes()
    (model / file).unlink()
    if data is not None:
        (model / file).write_bytes(data)
    with pytest.raises(BridgeError) as caught:
        render(renderer, model, tmp_path)
    assert caught.value.code == "model"
    (model / file).write_bytes(whole)
    assert render(renderer, model, tmp_path)


def test_a_source_above_full_scale_needs_a_float_file(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    loud = np.tile(read(write_noise(tmp_path / "loud.wav")).T * 4, (1, 1))
    soundfile.write(tmp_path / "loud.wav", loud, 44_100, subtype="FLOAT")
    values: dict[str, Any] = {"verb": "outpaint", "bpm": 480.0}
    with pytest.raises(BridgeError, match="clips") as caught:
        render(renderer, tiny_model, tmp_path, [tmp_path / "loud.wav"], **values)
    assert caught.value.code == "output"
    (path,) = render(renderer, tiny_model, tmp_path, [tmp_path / "loud.wav"], "f", format="float", **values)
    assert np.array_equal(read(path)[:, : len(loud)], loud.T.astype(np.float32))


def test_a_full_disk_fails_the_job_and_keeps_what_fits(
    renderer: PipelineRenderer, tiny_model: Path, small_disk: Path
) -> None:
    with pytest.raises(BridgeError, match="full") as caught:
        render(renderer, tiny_model, small_disk, count=4, bpm=120.0, bars=1.0)
    assert caught.value.code == "disk"
    left = sorted(path.name for path in small_disk.iterdir())
    assert left == ["a_0.json", "a_0.mid", "a_0.wav"]
    assert soundfile.info(small_disk / "a_0.wav").frames == 2 * 44_100
