"""Prompts' own notes, played by models, by the real instrument, and by the vocoder alone.

The vocoder alone gets the mel of the real render, so that it is the most that the model could reach.
Letters: C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from msanii.data.instruments.playing import RATE
from msanii.evaluation.clip_metrics import Metrics, note_metrics
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.prompts import Prompt
from msanii.evaluation.real_renders import render_real
from msanii.evaluation.reference import PITCHED, Reference, share_correct
from msanii.evaluation.sound_classifier import classify_windows, clip_log_mel
from msanii.listening.listener import Listener
from msanii.metrics.composition import voices
from msanii.metrics.harmony import Audio, FloatArray, onset_seconds
from msanii.metrics.level import level_metrics
from msanii.metrics.transcription import missing_and_spurious, missing_and_spurious_strokes
from msanii.music.score import Score
from msanii.rendering.resynthesis import Resynthesis
from msanii.signal.audio_files import Clip
from msanii.signal.finishing import resample

MODEL, REAL, VOCODER = "model", "real", "vocoder alone"
PLAYED_PARTS = (*PITCHED, "drums")
_DECIBELS_PER_NEPER = 20 / np.log(10)
_HEARD_DB = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class PlayedClip:
    """A prompt's notes by each version: its audio (2, L) at `RATE`, its metrics, and the sound it is told as.

    Versions are `REAL`, `VOCODER` and the names of models. `heard_as` is the sound of most windows, or "".
    """

    prompt: Prompt
    audio: Mapping[str, Audio]
    metrics: Mapping[str, Metrics]
    heard_as: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Judges:
    """What measures the clips of a part that was asked to play notes."""

    reference: Reference
    listener: Listener

    def measure(self, audio: Audio, score: Score) -> tuple[Metrics, str]:
        """The metrics of a clip (C, L) of the score's notes at `RATE`, and the sound of most of its windows.

        Levels as in `level_metrics`; `notes`, the F-measure of onsets; `missing` and `spurious`, shares of
        notes (of drums: strokes); `notes_a_second`; `voices` at once (not of drums); `right`, the share of
        windows that have the asked sound.
        """
        found: Metrics = level_metrics(audio, RATE) | note_metrics(audio, RATE, score.notes)
        asked = np.array([[n.onset_seconds, n.end_seconds, n.pitch, n.velocity] for n in score.notes])
        seconds = audio.shape[-1] / RATE
        if score.part == "drums":
            onsets = onset_seconds(audio, RATE)
            missing, spurious = missing_and_spurious_strokes(onsets, asked[:, 0])
            found |= {"notes_a_second": len(onsets) / seconds}
        else:
            heard = self._heard_notes(audio)
            missing, spurious = missing_and_spurious(heard, asked)
            found |= {"notes_a_second": len(heard) / seconds, "voices": voices(heard)}
        _, named = classify_windows(self.reference.classifier, audio, RATE)
        right = share_correct(named, score.sounds[0])
        most = max(named, key=named.count, default="")
        return found | {"missing": missing, "spurious": spurious, "right": right}, most

    def _heard_notes(self, audio: Audio) -> FloatArray:
        notes = self.listener.listen(Clip(audio, RATE)).notes
        rows = [(note.onset_seconds, note.end_seconds, note.pitch, note.velocity) for note in notes]
        return np.array(rows, np.float64).reshape(-1, 4)


def playable(prompts: Sequence[Prompt], renderers: Iterable[ClipRenderer]) -> list[Prompt]:
    """The prompts that have notes of their own, and a sound that all models know."""
    known = [renderer.sounds for renderer in renderers]
    return [
        prompt
        for prompt in prompts
        if prompt.notes and all(prompt.score.sounds[0] in sounds for sounds in known)
    ]


def play(
    renderers: Mapping[str, ClipRenderer],
    prompts: Sequence[Prompt],
    judges: Judges,
    soundfont: Path,
    vocoder: Resynthesis | None = None,
) -> Iterator[PlayedClip]:
    """Play and measure prompts of `playable` by each model; `VOCODER` is left out without one.

    Raises DataError if FluidSynth fails.
    """
    scores = [replace(prompt.score, notes=prompt.notes) for prompt in prompts]
    made = {name: renderer.render(scores, salt=1_000) for name, renderer in renderers.items()}
    for number, (prompt, score) in enumerate(zip(prompts, scores, strict=True)):
        real = render_real(score, soundfont, number)
        audio = {REAL: real}
        audio |= {name: resample(next(made[name]), one.rate, RATE) for name, one in renderers.items()}
        if vocoder is not None:
            audio[VOCODER] = through_vocoder(vocoder, real, number)
        metrics: dict[str, Metrics] = {}
        heard_as: dict[str, str] = {}
        for name, version in audio.items():
            metrics[name], heard_as[name] = judges.measure(version, score)
            metrics[name]["distance"] = mel_distance_db(version, real)
        yield PlayedClip(prompt=prompt, audio=audio, metrics=metrics, heard_as=heard_as)


def through_vocoder(vocoder: Resynthesis, audio: Audio, seed: int) -> Audio:
    """A clip (C, L) at `RATE` through mel and vocoder as generated mels are: not corrected by the mel."""
    source = resample(audio, RATE, vocoder.rate)
    missing = -source.shape[1] % vocoder.hop
    whole = functional.pad(torch.from_numpy(source)[None], (0, missing), mode="reflect")[0]
    made = vocoder.decode(vocoder.encode(whole), seed=seed)[0].cpu().numpy()
    return resample(made, vocoder.rate, RATE)[:, : audio.shape[1]]


def mel_distance_db(first: Audio, second: Audio) -> float:
    """The mean difference of the log-mels of two clips at `RATE`, in dB.

    Only bins that are within 60 dB of the loudest in either clip count. Levels are not aligned: what is too
    loud is far away.
    """
    one, other = (
        _DECIBELS_PER_NEPER * clip_log_mel(audio, RATE).mean(dim=0).numpy() for audio in (first, second)
    )
    floor = max(float(one.max()), float(other.max())) - _HEARD_DB
    counts = np.maximum(one, other) > floor
    return float(np.abs(np.maximum(one, floor) - np.maximum(other, floor))[counts].mean())
