"""The verbs' options: lengths exact at every rate, and nothing accepted that a verb then ignores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from msanii.diffusion import sampling
from msanii.diffusion.sampling import RePaintPlan
from msanii.music.score import samples_for
from msanii.pipelines import Pipeline
from tests.msanii.command import QUICK, read, run, write_chord

BAR = ["--bars", 1, "--bpm", 60.1]


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("verb", ["vary", "interpolate"])
def test_a_length_in_bars_is_exact_at_another_rate_than_the_sources(
    tiny_model: Path, tmp_path: Path, verb: str, rate: int
) -> None:
    sources = [write_chord(tmp_path / "in.wav", 48_000, 4.5)] * (2 if verb == "interpolate" else 1)
    asked = [verb, *sources, "--model", tiny_model, *QUICK, *BAR, "--rate", rate]
    assert run(*asked, "-o", tmp_path / "out.wav") == 0
    assert len(read(tmp_path / "out.wav")[0]) == samples_for(1, 4, 4, 60.1, rate)
    assert samples_for(1, 4, 4, 60.1, 44_100) == 176_106


@pytest.mark.parametrize(("side", "rate"), [("after", 44_100), ("before", 44_100), ("after", 96_000)])
def test_outpaint_adds_exactly_the_bars_asked_for_at_another_rate(
    tiny_model: Path, tmp_path: Path, side: str, rate: int
) -> None:
    source, out = write_chord(tmp_path / "in.wav", 48_000), tmp_path / "out.wav"
    asked = ["outpaint", source, "--model", tiny_model, "--iterations", 1, "--side", side]
    assert run(*asked, *BAR, "--rate", rate, "-o", out) == 0
    audio, written_rate = read(out)
    assert written_rate == rate
    assert len(audio) == 2 * rate + samples_for(1, 4, 4, 60.1, rate)


REGION = ["--from", 0.5, "--to", 1]
REFUSED: dict[str, tuple[list[object], str]] = {
    "vary rings": (["vary", "SOURCE", "--end", "ring"], "end: got ring, expected cut or fade"),
    "interpolate rings": (["interpolate", "SOURCE", "SOURCE", "--end", "ring"], "end: got ring"),
    "inpaint rings": (["inpaint", "SOURCE", *REGION, "--end", "ring"], "end: got ring, expected cut"),
    "inpaint fades": (["inpaint", "SOURCE", *REGION, "--end", "fade"], "end: got fade, expected cut"),
    "outpaint fades": (["outpaint", "SOURCE", "--end", "fade"], "end: got fade, expected cut"),
    "a scheduler": (["inpaint", "SOURCE", *REGION, "--scheduler", "ddim"], "scheduler: in- and outpainting"),
    "inpaint to two ends": (["inpaint", "SOURCE", *REGION, "--bars", 0.5], "to: got a length too"),
    "two meters": (["generate", "--meter", "3/4", "--numerator", 3], "meter: `--meter` and `--numerator`"),
    "a preset of the bridge": (["generate", "--preset", "piano_loop"], "use `msanii-bridge generate"),
    "a format of another name": (["generate", "--format", "flac"], "format: got flac for `out.wav`"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_verb_cannot_honour_is_refused(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    arguments, sentence = REFUSED[case]
    source = write_chord(tmp_path / "in.wav", 44_100)
    given = [source if argument == "SOURCE" else argument for argument in arguments]
    assert run(*given, "--model", tiny_model, "-o", tmp_path / "out.wav") == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.wav").exists()


def test_a_model_with_context_takes_a_scheduler_and_ignores_the_plan(
    tiny_context_model: Path, tmp_path: Path
) -> None:
    source = write_chord(tmp_path / "in.wav", 44_100)
    asked = ["inpaint", source, *REGION, "--model", tiny_context_model, *QUICK]
    for name, options in {"a": ["--repaint", "paper"], "b": [], "c": ["--scheduler", "ddim"]}.items():
        assert run(*asked, *options, "-o", tmp_path / f"{name}.wav") == 0
    plan, plain, ddim = (read(tmp_path / f"{name}.wav")[0] for name in "abc")
    assert np.array_equal(plan, plain)
    assert not np.array_equal(ddim, plain)


def test_swing_over_a_source_of_unknown_tempo_is_left_out_with_a_word(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_chord(tmp_path / "in.wav", 44_100)
    asked = ["vary", source, "--model", tiny_model, *QUICK]
    assert run(*asked, "--swing", 0.6, "-o", tmp_path / "swung.wav") == 0
    assert "swing: left out" in capsys.readouterr().err
    assert run(*asked, "-o", tmp_path / "plain.wav") == 0
    assert np.array_equal(read(tmp_path / "swung.wav")[0], read(tmp_path / "plain.wav")[0])


def test_inpaint_may_be_told_a_length_in_bars_and_its_steps(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_chord(tmp_path / "in.wav", 44_100)
    asked = ["inpaint", source, "--from", 0.5, "--bars", 0.25, "--bpm", 120, "--model", tiny_model]
    plans: list[int] = []
    original = sampling.inpaint

    def inpaint(denoise: Any, schedule: Any, plan: RePaintPlan, *rest: Any, **named: Any) -> Any:
        plans.append(plan.steps)
        return original(denoise, schedule, plan, *rest, **named)

    monkeypatch.setattr(sampling, "inpaint", inpaint)
    assert run(*asked, "--iterations", 1, "--steps", 4, "-o", tmp_path / "out.wav") == 0
    kept, before = read(tmp_path / "out.wav")[0], read(source)[0]
    changed = np.flatnonzero(np.any(kept != before, axis=1))
    # A quarter of a bar at 120 bpm is 0.5 s.
    assert len(changed) > 20_000
    assert 22_050 <= changed[0] <= changed[-1] < 44_100
    assert plans == [4]


@pytest.mark.parametrize(
    ("options", "plan"),
    [
        ([], "draft"),
        (["--preset", "paper"], "paper"),
        (["--preset", "paper", "--repaint", "normal"], "normal"),
    ],
)
@pytest.mark.parametrize("verb", ["inpaint", "outpaint"])
def test_the_papers_preset_walks_the_papers_plan(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    options: list[str],
    plan: str,
) -> None:
    real, seen = getattr(Pipeline, verb), []

    def paint(*given: Any, repaint: str, **named: Any) -> Any:
        seen.append(repaint)
        return real(*given, repaint="draft", **named)

    monkeypatch.setattr(Pipeline, verb, paint)
    source, region = write_chord(tmp_path / "in.wav", 44_100), REGION if verb == "inpaint" else []
    asked = [verb, source, *region, "--model", tiny_model, "--iterations", 1, *options]
    assert run(*asked, "-o", tmp_path / "out.wav") == 0
    assert seen == [plan]
    kept, before = read(tmp_path / "out.wav")[0], read(source)[0]
    assert np.array_equal(kept[:22_050], before[:22_050])


def test_generate_takes_notes_tempo_meter_and_length_from_a_midi_file(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mido

    track = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(150)),
            mido.MetaMessage("time_signature", numerator=3, denominator=4),
            mido.Message("note_on", note=60, velocity=90),
            mido.Message("note_off", note=60, time=5 * 480),
        ]
    )
    song = tmp_path / "song.mid"
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(song)
    scores = []
    made = Pipeline.generate

    def generate(self: Pipeline, score: Any, **values: Any) -> Any:
        scores.append(score)
        return made(self, score, **values)

    monkeypatch.setattr(Pipeline, "generate", generate)
    out = tmp_path / "out.wav"
    assert run("generate", "--notes", song, "--model", tiny_model, *QUICK, "-o", out) == 0
    audio, rate = read(out)
    assert len(audio) == samples_for(2, 3, 4, 150, rate)  # five beats are two bars of three
    ((score,),) = scores
    (note,) = score.notes
    assert (note.pitch, note.velocity) == (60, 90)
    assert (note.onset_seconds, note.end_seconds) == pytest.approx((0.0, 2.0))


@pytest.mark.parametrize("content", [b"", b"MThd", b'{"notes": [{"pitch": NaN}]}'])
def test_a_file_of_notes_that_is_none_is_refused_in_words(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    song = tmp_path / "song.mid"
    song.write_bytes(content)
    asked = ["generate", "--notes", song, "--model", tiny_model, *QUICK, "-o", tmp_path / "out.wav"]
    assert run(*asked) != 0
    assert "song.mid" in capsys.readouterr().err


def test_variations_have_numbers_and_are_those_of_their_seeds(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["generate", "--model", tiny_model, *QUICK, "--bars", 1, "--bpm", 240, "--seed", 5]
    assert run(*asked, "--count", 2, "-o", tmp_path / "a.wav") == 0
    written = [tmp_path / "a_1.wav", tmp_path / "a_2.wav"]
    assert capsys.readouterr().out.split() == [str(path) for path in written]
    first, second = (read(path)[0] for path in written)
    assert first.shape == second.shape
    assert not np.array_equal(first, second)


def test_the_words_of_osc_are_options(tiny_model: Path, tmp_path: Path) -> None:
    asked = ["generate", "--model", tiny_model, *QUICK, "--bars", 1, "--bpm", 240, "--seed", 5]
    first, second = tmp_path / "a.wav", tmp_path / "b.wav"
    assert run(*asked, "--meter", "7/8", "--loudness-lufs", -24, "--format", "float", "-o", first) == 0
    assert run(*asked, "--numerator", 7, "--denominator", 8, "-o", second) == 0
    assert soundfile.info(first).subtype == "FLOAT"
    assert soundfile.info(second).subtype == "PCM_24"
    assert len(read(first)[0]) == len(read(second)[0]) == samples_for(1, 7, 8, 240, 44_100)
    gain_db = 20 * np.log10(np.std(read(second)[0]) / np.std(read(first)[0]))
    assert gain_db == pytest.approx(6, abs=1)


def test_inpaint_renews_to_the_end_unless_told(tiny_model: Path, tmp_path: Path) -> None:
    source, out = write_chord(tmp_path / "in.wav", 44_100), tmp_path / "out.wav"
    asked = ["inpaint", source, "--model", tiny_model, "--iterations", 1]
    assert run(*asked, "--from-seconds", 1.2, "-o", out) == 0
    before, after = read(source)[0], read(out)[0]
    start = round(1.2 * 44_100)
    assert np.array_equal(after[:start], before[:start])
    assert not np.array_equal(after[-4410:-441], before[-4410:-441])
