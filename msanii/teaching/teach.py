"""Teaching a sound from a recording of the calibration: read, align, train, keep.

Letters: C audio channels, L samples, M mels, T frames, N notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from msanii.checkpoint.folder import LoadedModel
from msanii.checkpoint.taught_sound import Description, check_new, write_taught
from msanii.controls.frame_grid import FloatArray
from msanii.errors import AudioError, ControlError, ScoreError
from msanii.music.midi_notes import DRUMS, BeatNote
from msanii.music.note_clip import NoteClip
from msanii.music.note_files import parse_notes, read_notes
from msanii.music.sounds import SOUNDS, known_sounds
from msanii.music.taught.asked import check_name
from msanii.signal.audio_files import Clip
from msanii.teaching.alignment import Alignment, align
from msanii.teaching.calibration import (
    BPM,
    DEFAULT_RANGE,
    kit_calibration,
    pitched_calibration,
    read_range,
    to_midi,
)
from msanii.teaching.clips import Lesson, LessonClips
from msanii.teaching.recording import at_level, read_recording
from msanii.teaching.training import OnStep, Taught, Teacher, TeachingSettings

# A fifth of the calibration has enough of everything to learn something.
_SHORTEST_SHARE = 0.2
_SHORTEST_SECONDS = 30.0
_FEWEST_NOTES = 40
_BASS_BELOW = 48
_PARTS = ("keys", "lead", "pad")
# By how much the level at the notes' own pitches exceeds that at the eleven keys around: another range had
# up to 2, the right one more than 8.
_LEAST_PITCH_CONTRAST = 2.0
_HARMONICS = 3
# A tone without its attack, long enough to tell semitones above C2 apart.
_ATTACK_SECONDS, _HEARD_SECONDS = 0.03, 0.25
_FEWEST_HELD = 12


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A recording that fits its notes: `audio` (C, L) at the model's level, and the notes in its seconds."""

    audio: NDArray[np.float32]
    rate: int
    notes: FloatArray
    beats: FloatArray
    alignment: Alignment
    recording_sha256: str
    is_kit: bool

    @property
    def keys(self) -> tuple[int, int]:
        """The lowest and the highest key."""
        return int(self.notes[:, 2].min()), int(self.notes[:, 2].max())

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that may play such notes."""
        if self.is_kit:
            return (DRUMS,)
        return ("bass",) if float(np.median(self.notes[:, 2])) < _BASS_BELOW else _PARTS


def read_material(recording: Path, calibration: Path | None, model: LoadedModel, *, kit: bool) -> Material:
    """Read a recording and align it with its notes; without a file of them, the usual calibration's.

    Raises AudioError and ScoreError for files that cannot be used or do not belong together.
    """
    played = _calibration(calibration, kit=kit)
    notes = _in_seconds(played)
    end_seconds = float(notes[:, 1].max())
    shortest = max(_SHORTEST_SECONDS, min(end_seconds, _SHORTEST_SHARE * end_seconds))
    rate = model.config.transforms.sample_rate
    clip = read_recording(recording, rate, seconds=shortest)
    alignment = align(clip.audio.mean(axis=0), rate, notes[:, 0])
    is_kit = tuple(played.parts) == (DRUMS,)
    notes[:, :2] = alignment.seconds(notes[:, :2])
    heard = notes[(notes[:, 0] >= 0) & (notes[:, 0] < clip.seconds)]
    if len(heard) < _FEWEST_NOTES:
        raise AudioError(
            f"recording: only {len(heard)} notes of the calibration are in it, expected at least "
            f"{_FEWEST_NOTES}; record it whole"
        )
    if not is_kit:
        _check_pitches(clip, heard)
    audio = at_level(clip, model.config.source_lufs)
    # What was recorded before and after the music teaches nothing.
    last = min(audio.shape[1], round((heard[:, 1].max() + 2.0) * rate))
    first = round(max(0.0, heard[:, 0].min() - 0.5) * rate)
    heard[:, :2] -= first / rate
    beats = _beats(played, alignment, first / rate)
    digest = hashlib.sha256(recording.read_bytes()).hexdigest()
    return Material(audio[:, first:last], rate, heard, beats, alignment, digest, is_kit)


def lesson_of(material: Material, model: LoadedModel) -> Lesson:
    """The material as the U-Net sees it."""
    transforms = model.transforms
    with torch.inference_mode():
        mel = transforms.scale(transforms.log_mel(torch.from_numpy(material.audio)))
    seconds_per_frame = model.config.transforms.hop_length / material.rate
    return Lesson(mel.clone(), material.notes, material.beats, material.parts, seconds_per_frame)


def teach(
    name: str,
    material: Material,
    model: LoadedModel,
    folder: Path,
    settings: TeachingSettings,
    *,
    replace: bool = False,
    on_step: OnStep | None = None,
    on_like: Callable[[str], None] | None = None,
) -> tuple[Taught, Path]:
    """Train a sound and write its file; Ctrl-C ends the training early and keeps what was learned.

    `on_like` is told the built-in sound that it starts from. Raises ScoreError for a name that cannot be
    used, CheckpointError if the file cannot be written, ControlError for a model without sounds or notes.
    """
    name = check_name(name)
    if not replace:
        check_new(folder, name)
    widths = {group.name: group.width for group in model.config.unet.controls}
    if not {"sound", "notes"} <= widths.keys():
        raise ControlError("model: it knows no sounds or notes, so that it can be taught none; use another")
    clips = LessonClips(
        lesson_of(material, model), model.config.unet.controls, settings.frames, seed=settings.seed
    )
    teacher = Teacher(model.unet, model.config, clips, settings)
    known = known_sounds(model.config.unet.controls)
    like = teacher.nearest([sound for sound in known if SOUNDS[sound].is_kit == material.is_kit] or known)
    if on_like is not None:
        on_like(like)
    taught = teacher.teach(like, known.index(like), on_step)
    description = Description(
        name=name,
        like=like,
        model_fingerprint=model.fingerprint,
        rank=settings.rank,
        seed=settings.seed,
        keys=material.keys,
        recording_sha256=material.recording_sha256,
        figures={
            "steps": taught.steps,
            "seconds": round(taught.seconds, 1),
            "loss_before": round(taught.loss_before, 6),
            "loss_after": round(taught.loss_after, 6),
            "latency_ms": round(material.alignment.latency_seconds * 1000, 1),
            "drift_ppm": round(material.alignment.drift_ppm, 1),
        },
    )
    return taught, write_taught(folder, taught.sound, description, replace=replace)


def _calibration(path: Path | None, *, kit: bool) -> NoteClip:
    if path is None:
        usual = kit_calibration() if kit else pitched_calibration(read_range(DEFAULT_RANGE))
        return parse_notes(to_midi(usual), "calibration.mid")
    clip = read_notes(path)
    if clip.tempo_changes:
        raise ScoreError(f"calibration: the tempo of `{clip.name}` changes; play a file of one tempo")
    if len(clip.notes) < _FEWEST_NOTES:
        raise ScoreError(
            f"calibration: `{clip.name}` has {len(clip.notes)} notes, expected at least {_FEWEST_NOTES}"
        )
    return clip


def _in_seconds(clip: NoteClip) -> FloatArray:
    """(N, 4): onset and end in seconds, pitch, velocity."""
    per_beat = 60 / (clip.bpm or BPM)
    notes: Iterable[BeatNote] = clip.notes
    return np.array([(onset * per_beat, end * per_beat, pitch, loud) for onset, end, pitch, loud in notes])


def _beats(clip: NoteClip, alignment: Alignment, first_seconds: float) -> FloatArray:
    """(N, 3): seconds, 1 where a bar starts, quarter notes; see `msanii.controls.features.Events`."""
    numerator, denominator = clip.numerator or 4, clip.denominator or 4
    quarters = 4 / denominator
    count = int(clip.length_beats / quarters) + 2 * numerator
    at = np.arange(count, dtype=np.float64) * (quarters * 60 / (clip.bpm or BPM))
    starts = (np.arange(count) % numerator == 0).astype(np.float64)
    return np.stack([alignment.seconds(at) - first_seconds, starts, np.full(count, quarters)], axis=1)


def _check_pitches(clip: Clip, notes: FloatArray) -> None:
    """Raise AudioError if the notes' own pitches do not stand out of those around them."""
    held = notes[notes[:, 1] - notes[:, 0] > _HEARD_SECONDS]
    starts = np.round((held[:, 0] + _ATTACK_SECONDS) * clip.rate).astype(int)
    size = round(_HEARD_SECONDS * clip.rate)
    inside = starts + size <= clip.samples
    if inside.sum() < _FEWEST_HELD:
        return
    mono, window = clip.audio.mean(axis=0), np.hanning(size)
    around = np.arange(-6, 6)
    levels = np.zeros(len(around))
    for start, pitch in zip(starts[inside], held[inside, 2], strict=True):
        spectrum = np.abs(np.fft.rfft(mono[start : start + size] * window))
        hertz = 440 * 2 ** ((pitch + around - 69) / 12)
        bins = np.round(np.outer(np.arange(1, _HARMONICS + 1), hertz) * size / clip.rate).astype(int)
        heard = spectrum[np.minimum(bins, len(spectrum) - 1)].sum(axis=0)
        levels += heard / max(float(heard.sum()), 1e-9)
    own, others = levels[around == 0].sum(), levels[around != 0].mean()
    if own < _LEAST_PITCH_CONTRAST * others:
        raise AudioError(
            "recording: its notes come at the right times, but they have other pitches than the calibration; "
            "name the file that you played by --calibration, and switch off any transposition"
        )
