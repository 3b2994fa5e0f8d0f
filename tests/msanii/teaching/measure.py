"""How near taught sounds come to instruments that the model was never trained on.

`python -m tests.msanii.teaching.measure` renders the calibration with FluidSynth in programs of FluidR3 GM
that no built-in sound uses, teaches each, and plays phrases of test songs. A figure is the distance of the
taught sound to the real render, over that of the built-in sound that comes nearest.

Letters: C audio channels, M mels, T frames.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import soundfile
import torch
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.data.synthesizer import find_soundfont, synthesize
from msanii.evaluation.prompts import read_prompts
from msanii.evaluation.reference import REFERENCE_FOLDER
from msanii.metrics.loudness import loudness
from msanii.music.score import Note, Score
from msanii.music.sounds import SOUNDS
from msanii.music.taught.asked import Share
from msanii.music.taught.folder import read_file
from msanii.pipelines import Pipeline
from msanii.teaching.calibration import DEFAULT_RANGE, pitched_calibration, read_range, to_midi
from msanii.teaching.teach import read_material, teach
from msanii.teaching.training import TeachingSettings

PROGRAMS = {6: "harpsichord", 11: "vibraphone", 56: "trumpet", 104: "sitar"}
PHRASES = 4
PHRASE_SECONDS = 255 * 1024 / 44_100
SEED = 5
# Below this, in dB under the loudest band, all is silence.
_FLOOR_DB = 60.0
_DB_PER_NAT = 20 / np.log(10)
_RELEASE_SECONDS = 3.0


def recorded(midi: bytes, program: int) -> np.ndarray:
    """What FluidSynth plays with a program, (2, L)."""
    file = mido.MidiFile(file=io.BytesIO(midi))
    for track in file.tracks[1:]:
        track.insert(1, mido.Message("program_change", channel=0, program=program, time=0))
    buffer = io.BytesIO()
    file.save(file=buffer)
    audio = synthesize(buffer.getvalue(), find_soundfont())
    return audio / max(1.0, float(np.abs(audio).max()) / 0.9)


def phrases() -> list[Score]:
    """The beginnings of test songs, with notes in the calibration's range."""
    keys = read_range(DEFAULT_RANGE)
    found: dict[str, Score] = {}
    for prompt in read_prompts(REFERENCE_FOLDER / "prompts.json.gz"):
        notes = tuple(
            replace(note, end_seconds=min(note.end_seconds, PHRASE_SECONDS))
            for note in prompt.notes
            if note.onset_seconds < PHRASE_SECONDS - 0.1 and keys.low <= note.pitch <= keys.high
        )
        if prompt.score.part in ("keys", "lead") and len(notes) >= 12 and prompt.song not in found:
            found[prompt.song] = replace(prompt.score, seconds=PHRASE_SECONDS, notes=notes, sounds=())
    return list(found.values())[:PHRASES]


def phrase_midi(notes: Sequence[Note]) -> bytes:
    """The notes as a MIDI file of format 1 whose second track plays them."""
    ticks = 960
    timed = [(note.end_seconds, 0, mido.Message("note_off", note=note.pitch)) for note in notes]
    timed += [
        (note.onset_seconds, 1, mido.Message("note_on", note=note.pitch, velocity=note.velocity))
        for note in notes
    ]
    track, now = mido.MidiTrack([mido.MetaMessage("track_name", name="phrase")]), 0
    for seconds, _, message in sorted(timed, key=lambda item: item[:2]):
        at = round(seconds * 2 * ticks)
        track.append(message.copy(time=at - now))
        now = at
    track.append(mido.MetaMessage("end_of_track", time=round(_RELEASE_SECONDS * 2 * ticks)))
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    file.tracks = [mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)]), track]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def distance_db(made: Tensor, real: Tensor) -> float:
    """The mean difference of two log-mels (C, M, T) in dB, at the same level and above the floor."""
    first, second = (mel * _DB_PER_NAT for mel in (made, real))
    loud = second > second.max() - _FLOOR_DB / 2
    first = first + (second[loud] - first[loud]).median()
    floor = second.max() - _FLOOR_DB
    return float((first.clamp(min=floor) - second.clamp(min=floor)).abs().mean())


class Judge:
    """Compares what a pipeline plays with real renders of a program."""

    def __init__(self, pipeline: Pipeline, program: int) -> None:
        model = load_model()
        self._pipeline = pipeline
        self._scores = phrases()
        self._real = []
        for score in self._scores:
            audio = recorded(phrase_midi(score.notes), program)
            gain = 10 ** (((model.config.source_lufs or -24.0) - loudness(audio, 44_100)) / 20)
            mel = model.transforms.log_mel(torch.from_numpy((audio * gain).astype(np.float32)))
            self._real.append(mel[..., : round(PHRASE_SECONDS * 44_100 / 1024) + 1])

    def distance(self, sounds: tuple[str, ...], mixes: tuple[tuple[Share, ...], ...] = ()) -> float:
        """The mean distance over all phrases, in dB."""
        scores = [replace(score, sounds=sounds, mixes=mixes) for score in self._scores]
        made = self._pipeline.generate_mel(scores, seeds=range(SEED, SEED + len(scores)))
        pairs = zip(made, self._real, strict=True)
        return float(np.mean([distance_db(mel[..., : real.shape[-1]], real) for mel, real in pairs]))


def measure(program: int, settings: TeachingSettings, sounds: Sequence[str]) -> dict[str, float | str]:
    """Teach a program and measure it."""
    model = load_model()
    with tempfile.TemporaryDirectory(prefix="msanii-teach-") as name:
        folder = Path(name)
        recording = folder / "recording.wav"
        audio = recorded(to_midi(pitched_calibration(read_range(DEFAULT_RANGE))), program)
        soundfile.write(recording, audio.T, 44_100, subtype="PCM_24")
        material = read_material(recording, None, model, kit=False)
        began = time.process_time()
        taught, path = teach(f"program {program}", material, model, folder, settings)
        cpu_seconds = time.process_time() - began
        file = read_file(path)
        pipeline = Pipeline.load(device="cpu")
        pipeline.add_taught_sound(file.sha256, path)
        judge = Judge(pipeline, program)
        distances = {sound: judge.distance((sound,)) for sound in sounds}
        nearest = min(distances, key=lambda sound: distances[sound])
        mix = (Share(file.sha256, file.like, 1.0),)
        ours = judge.distance((file.like,), (mix,))
        return {
            "program": PROGRAMS.get(program, str(program)),
            "steps": taught.steps,
            "cpu_minutes": round(cpu_seconds / 60, 1),
            "file_bytes": path.stat().st_size,
            "started_from": taught.like,
            "loss_before": taught.loss_before,
            "loss_after": taught.loss_after,
            "nearest": nearest,
            "nearest_db": distances[nearest],
            "start_db": distances.get(taught.like, float("nan")),
            "taught_db": ours,
            "ratio": ours / distances[nearest],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", default=",".join(map(str, PROGRAMS)), help="General MIDI, from 0")
    parser.add_argument("--minutes", default="15", help="times to train, with commas between")
    parser.add_argument("--steps", default="", help="steps to train, with commas between, instead of minutes")
    parser.add_argument("--rank", type=int, default=TeachingSettings().rank)
    parser.add_argument("--rate", type=float, default=TeachingSettings().learning_rate)
    parser.add_argument("--sounds", default=",".join(SOUNDS), help="built-in sounds to compare with")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    base = TeachingSettings(rank=asked.rank, learning_rate=asked.rate)
    runs = (
        [replace(base, steps=int(steps), minutes=600.0) for steps in asked.steps.split(",")]
        if asked.steps
        else [replace(base, minutes=float(minutes)) for minutes in asked.minutes.split(",")]
    )
    rows = []
    for program in map(int, asked.programs.split(",")):
        for settings in runs:
            rows.append(measure(program, settings, asked.sounds.split(",")))
            print(json.dumps(rows[-1]), flush=True)
            if asked.json is not None:
                asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
