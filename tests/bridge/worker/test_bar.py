"""Bars in the render process: the same alone, inside a job, and after another process took over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.messages import BridgeError
from bridge.messages.bars import BarMorph, BarOrder, MorphLoop
from bridge.worker.bar import _in_tempo
from bridge.worker.loop import Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from msanii.config import DEFAULT_CONTROLS
from msanii.controls.tensor import control_tensor
from msanii.music.score import Feel, Score
from msanii.rendering.context import ContinuationState
from tests.bridge.render_requests import make_request
from tests.conftest import save_tiny_model

RATE = 48_000
QUICK: dict[str, Any] = {
    "steps": 2, "iterations": 2, "bpm": 240.0, "bars": 1.0, "seconds": 1.0, "model": "tiny", "chords": "Am F",
}  # fmt: skip


def order(model: Path, folder: Path, bar: int, past: Path | None = None, **values: Any) -> BarOrder:
    return BarOrder(
        session="s",
        bar=bar,
        request=make_request(**(QUICK | values)),
        model_folder=model,
        rate=RATE,
        past=past,
        bar_path=folder / f"bar_{bar}.npy",
        past_path=folder / f"past_{bar}.npz",
        urgent_at=0.0,
    )


def two_bars(renderers: list[PipelineRenderer], model: Path, folder: Path) -> list[Any]:
    folder.mkdir()
    first = order(model, folder, 0)
    renderers[0].render_bar(first)
    second = order(model, folder, 1, first.past_path)
    done = renderers[-1].render_bar(second)
    assert (done.session, done.bar) == ("s", 1)
    assert not list(folder.glob(".*part"))
    return [np.load(first.bar_path), np.load(second.bar_path)]


def test_bars_are_files_of_the_stream_s_rate(tiny_model: Path, tmp_path: Path) -> None:
    bars = two_bars([PipelineRenderer(WorkerSettings(device="cpu"))], tiny_model, tmp_path / "a")
    assert all(bar.shape == (2, RATE) and bar.dtype == np.float32 for bar in bars)


def test_another_process_goes_on_from_the_files_bit_for_bit(tiny_model: Path, tmp_path: Path) -> None:
    renderers = [PipelineRenderer(WorkerSettings(device="cpu")) for _ in range(2)]
    one = two_bars(renderers[:1], tiny_model, tmp_path / "a")
    two = two_bars(renderers, tiny_model, tmp_path / "b")
    assert all(np.array_equal(first, second) for first, second in zip(one, two, strict=True))


def test_a_bar_inside_a_job_is_the_same_and_so_is_the_job(tiny_model: Path, tmp_path: Path) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    alone = two_bars([renderer], tiny_model, tmp_path / "a")[0]
    wanted = order(tiny_model, tmp_path, 0)
    request = make_request(**(QUICK | {"format": "float"}))
    calls = 0

    def in_between() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            renderer.render_bar(wanted)

    for name, stop in (("plain", lambda: None), ("shared", in_between)):
        job = Order(name, request, tiny_model, (), (tmp_path / f"{name}.wav",))
        renderer.render(job, lambda _answer: None, stop)
    assert np.array_equal(alone, np.load(wanted.bar_path))
    import soundfile

    plain, shared = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("plain", "shared"))
    assert np.array_equal(plain, shared)


def test_every_control_that_was_asked_reaches_the_bars(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Score] = []

    def watch(score: Score, *rest: Any, **named: Any) -> Any:
        seen.append(score)
        return control_tensor(score, *rest, **named)

    monkeypatch.setattr("msanii.rendering.continuation.control_tensor", watch)
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    feel: dict[str, Any] = {"swing": 0.6, "density": 2.0, "register_pitch": 55.0, "dynamics": 80.0}
    asked = order(tiny_model, tmp_path, 0, sound="strings", part="pad", **feel)
    renderer.render_bar(asked)
    assert (seen[0].sounds, seen[0].part) == (("strings",), "pad")
    assert seen[0].feel == Feel(swing=0.6, density=2.0, register=55.0, dynamics=80.0)


def test_a_lost_past_is_a_sentence(tiny_model: Path, tmp_path: Path) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    with pytest.raises(BridgeError, match="cannot be read"):
        renderer.render_bar(order(tiny_model, tmp_path, 3, tmp_path / "gone.npz"))


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        ({"rate": 44_100}, "source", "got one of 44100 Hz, expected the bars' 48000 Hz"),
        ({"gain": float("nan")}, "output", "not finite"),
    ],
)
def test_a_past_that_would_spoil_all_bars_to_come_is_refused(
    tiny_model: Path, tmp_path: Path, change: dict[str, Any], code: str, sentence: str
) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    first = order(tiny_model, tmp_path, 0)
    renderer.render_bar(first)
    replace(ContinuationState.read(first.past_path), **change).save(first.past_path)
    second = order(tiny_model, tmp_path, 1, first.past_path)
    with pytest.raises(BridgeError, match=sentence) as caught:
        renderer.render_bar(second)
    assert caught.value.code == code
    assert not second.bar_path.exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(tiny_model: Path, tmp_path: Path) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    with pytest.raises(BridgeError, match="make it writable, or choose another folder"):
        renderer.render_bar(order(tiny_model, tmp_path / "gone", 0))


def test_an_answer_begins_afresh_and_fades_and_a_player_s_bar_is_silent(
    tiny_model: Path, tmp_path: Path
) -> None:
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    notes = {"lead": tuple((4.0 + beat, 4.9 + beat, 60 + beat, 90) for beat in range(4))}
    rest = replace(order(tiny_model, tmp_path, 0), notes={}, plays_freely=False)
    assert not renderer.render_bar(rest).notes
    assert np.array_equal(np.load(rest.bar_path), np.zeros((2, RATE), np.float32))
    bars = []
    for name, past, fades in (("after", rest.past_path, True), ("alone", None, False)):
        one = order(tiny_model, tmp_path / name, 1, past, part="lead")
        (tmp_path / name).mkdir()
        assert renderer.render_bar(replace(one, notes=notes, plays_freely=False, fades=fades)).notes == notes
        bars.append(np.load(one.bar_path))
    fading, whole = bars
    length = round(0.06 * RATE)
    assert np.array_equal(fading[:, :-length], whole[:, :-length])
    assert np.abs(whole[:, -10:]).max() > 1e-3
    assert np.abs(fading[:, -10:]).max() < 1e-4


def test_a_model_without_notes_cannot_answer(tmp_path: Path) -> None:
    model = save_tiny_model(tmp_path / "free", controls=DEFAULT_CONTROLS[:2])
    one = replace(order(model, tmp_path, 0), notes={}, plays_freely=False)
    with pytest.raises(BridgeError, match="plays no notes, so it cannot answer"):
        PipelineRenderer(WorkerSettings(device="cpu")).render_bar(one)


@pytest.mark.parametrize(("bpm", "first_beat_seconds"), [(240.0, 0.0), (180.0, 0.5)])
def test_a_morph_s_loops_are_brought_to_the_tempo_of_the_bars(
    tmp_path: Path, bpm: float, first_beat_seconds: float
) -> None:
    samples = round(8 * 60 / bpm * RATE)
    clicks = np.zeros((samples, 2), np.float32)
    first = round(first_beat_seconds * RATE)
    for beat in range(8):
        begin = (first + round(beat * 60 / bpm * RATE)) % samples
        clicks[begin : begin + 480] = 0.5 if beat == 0 else 0.2
    soundfile.write(tmp_path / "loop.wav", clicks, RATE, subtype="FLOAT")
    loop = MorphLoop(tmp_path / "loop.wav", bpm, 8.0, first_beat_seconds)
    audio = _in_tempo(loop, 240.0, RATE)
    assert audio.shape == (2, 2 * RATE)
    envelope = np.abs(audio[0]).reshape(-1, RATE // 100).max(axis=1)
    on_beats = envelope[::25]
    assert on_beats.min() > 0.05
    assert on_beats.argmax() == 0
    assert envelope.reshape(8, 25)[:, 8:20].max() < 0.05, "nothing sounds between the beats"


def test_a_bar_of_a_morph_is_exact_and_needs_its_files(tiny_model: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.wav" for name in "ab"]
    for seed, path in enumerate(paths):
        noise = np.random.default_rng(seed).uniform(-0.3, 0.3, (2 * RATE, 2))
        soundfile.write(path, noise, RATE, subtype="FLOAT")
    loops = [MorphLoop(path, bpm, 8.0) for path, bpm in zip(paths, (240.0, 200.0), strict=True)]
    renderer = PipelineRenderer(WorkerSettings(device="cpu"))
    made = []
    for position in (0.0, 1.0):
        asked = replace(
            order(tiny_model, tmp_path, 0, chords=""), morph=BarMorph(loops[0], loops[1], position, 0.5)
        )
        renderer.render_bar(asked)
        made.append(np.load(asked.bar_path))
    assert all(bar.shape == (2, RATE) for bar in made)
    assert not np.array_equal(*made)
    gone = MorphLoop(tmp_path / "gone.wav", 240.0, 8.0)
    asked = replace(order(tiny_model, tmp_path, 0), morph=BarMorph(gone, loops[1], 0.5, 0.5))
    with pytest.raises(BridgeError) as raised:
        renderer.render_bar(asked)
    assert raised.value.code == "source"
    assert "gone.wav" in raised.value.message
