"""The listener's figures, by mir_eval's measures, on clips that no training had. A table in Markdown.

    python -m tests.msanii.listening.measure pop909.tar.xz --clips FOLDER --unseen TimGM6mb.sf2 \
        [--listener RUN/model] [--librosa PYTHON] [--count 32] [--json figures.json]

Clips are rendered once, into FOLDER. PYTHON is one that has librosa, for a column of its beat tracker and of
chroma with a Viterbi.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np

from msanii.data import synthesizer
from msanii.data.listening.no_music import KINDS as NO_MUSIC
from msanii.data.listening.no_music import no_music
from msanii.listening.heard import Heard
from msanii.listening.listener import Listener, heard_from
from msanii.music.chord_classes import chord_class, class_chord
from msanii.music.chords import parse_chord
from msanii.music.families import FAMILIES, FAMILY_OF
from msanii.music.palette import PALETTE
from msanii.music.sounds import FIRST_SOUNDS
from msanii.signal.audio_files import Clip, read_clip
from tests.msanii.listening.figure_clips import write_clips

Truth = dict[str, Any]
_HARTE = {
    "": "maj", "m": "min", "7": "7", "maj7": "maj7", "m7": "min7", "sus4": "sus4", "sus2": "sus2",
    "7sus4": "sus4(b7)", "dim": "dim", "aug": "aug", "m7b5": "hdim7",
}  # fmt: skip
_NO_MUSIC_CLIPS = 8
_TEMPO_TOLERANCE = 0.04
_OCTAVES = (0.5, 2.0, 1 / 3, 3.0, 1.5, 2 / 3)


def harte(index: int) -> str:
    """A chord class in Harte's syntax."""
    if index == 0:
        return "N"
    text = class_chord(index).text
    root = text[:2] if text[1:2] in ("b", "#") else text[:1]
    return f"{root}:{_HARTE[text[len(root) :]]}"


def tempo_score(truth: Truth, bpm: float | None) -> dict[str, float]:
    """Whether a tempo is within 4 %, and whether it is so but for an octave."""
    ratio = 0.0 if bpm is None else bpm / truth["bpm"]
    right = abs(ratio - 1) <= _TEMPO_TOLERANCE
    octave = not right and any(abs(ratio / factor - 1) <= _TEMPO_TOLERANCE for factor in _OCTAVES)
    return {"tempo": float(right), "tempo, octave errors": float(octave)}


def beat_score(truth: Truth, beats: Sequence[float], downbeats: Sequence[float] | None) -> dict[str, float]:
    """F-measures of beats and downbeats, 70 ms, without the first five seconds as mir_eval has it."""
    true = np.array(truth["beats"])
    said = {"beats": (true[:, 0], beats)}
    if downbeats is not None:
        said["downbeats"] = (true[true[:, 1] == 0, 0], downbeats)
    trim = mir_eval.beat.trim_beats
    return {
        name: float(mir_eval.beat.f_measure(trim(one), trim(np.array(other))))
        for name, (one, other) in said.items()
    }


def chord_score(truth: Truth, chords: Sequence[tuple[float, float, str]]) -> dict[str, float]:
    """Weighted overlap of major and minor chords; `chords` have labels in Harte's syntax."""
    rows = truth["chords"]
    if not rows or not chords:
        return {"chords": 0.0}
    scores = mir_eval.chord.evaluate(
        np.array([row[:2] for row in rows]),
        [harte(int(row[2])) for row in rows],
        np.array([[start, end] for start, end, _ in chords]),
        [label for _, _, label in chords],
    )
    return {"chords": float(scores["majmin"])}


def chord_spans(heard: Heard) -> list[tuple[float, float, str]]:
    """The chords that were heard, in Harte's syntax."""
    return [
        (one.start_seconds, one.end_seconds, harte(chord_class(parse_chord(one.text))))
        for one in heard.chord_spans
    ]


def key_score(truth: Truth, key: str | None) -> dict[str, float]:
    """The MIREX weighted score; nothing where the song's key is not known."""
    if truth["key"] is None:
        return {}
    return {"key": 0.0 if key is None else float(mir_eval.key.weighted_score(truth["key"], key))}


def note_score(truth: Truth, heard: Heard) -> dict[str, float]:
    """The F-measure of onsets and pitches within 50 ms."""
    true, said = truth["notes"], heard.notes
    if not true:
        return {}
    if not said:
        return {"notes": 0.0}
    _, _, f_measure, _ = mir_eval.transcription.precision_recall_f1_overlap(
        np.array([[onset, max(end, onset + 0.02)] for onset, end, _ in true]),
        mir_eval.util.midi_to_hz(np.array([pitch for _, _, pitch in true])),
        np.array([[note.onset_seconds, note.end_seconds] for note in said]),
        mir_eval.util.midi_to_hz(np.array([note.pitch for note in said])),
        onset_tolerance=0.05,
        offset_ratio=None,
    )
    return {"notes": float(f_measure)}


def sound_score(truth: Truth, pooled: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Whether sound, among the 16 of the default model, and family are right."""
    sound = truth["voices"][0][1]
    of_16 = pooled["sound"][: len(FIRST_SOUNDS)]
    return {
        "sound of 16": float(PALETTE[int(of_16.argmax())] == sound),
        "family": float(FAMILIES[int(pooled["family"].argmax())] == FAMILY_OF[sound]),
    }


def listener_scores(listener: Listener, path: Path, kind: str, truth: Truth) -> dict[str, float]:
    """All scores of a clip that belong to its kind, and the seconds that hearing took."""
    clip = read_clip(path)
    started = time.perf_counter()
    activations = listener.ears.hear(clip.at(listener.ears.rate).mean(axis=0))
    heard = heard_from(activations, clip.samples, clip.rate)
    scores = {"seconds": time.perf_counter() - started}
    if kind == "lone":
        return scores | sound_score(truth, activations.pooled)
    if kind == "keys":
        return scores | note_score(truth, heard)
    beats = [at for at, _ in heard.beats]
    downbeats = [at for at, place in heard.beats if place == 0]
    return (
        scores
        | tempo_score(truth, heard.bpm)
        | beat_score(truth, beats, downbeats)
        | {"meter": float([heard.numerator, heard.denominator] == truth["meter"])}
        | chord_score(truth, chord_spans(heard))
        | key_score(truth, heard.key)
        | {"confidence": heard.confidence}
    )


def librosa_scores(found: dict[str, Any], kind: str, truth: Truth) -> dict[str, float]:
    """The same of what librosa hears in a mix."""
    if kind != "mix":
        return {}
    chords = [(start, end, label) for start, end, label in found["chords"]]
    return (
        tempo_score(truth, found["bpm"])
        | beat_score(truth, found["beats"], None)
        | chord_score(truth, chords)
        | key_score(truth, found["key"])
    )


def means(
    folder: Path, group: str, score: Callable[[Path, str, Truth], dict[str, float]]
) -> dict[str, float]:
    """The mean of each score over a group of clips: seen, unseen or loop."""
    scores: dict[str, list[float]] = {}
    for path in sorted(folder.glob(f"{group}_*.wav")):
        truth: Truth = json.loads(path.with_suffix(".json").read_text())
        for name, value in score(path, path.stem.split("_")[1], truth).items():
            scores.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in scores.items()}


def no_music_confidence(listener: Listener) -> dict[str, float]:
    """The highest confidence in a tempo on sounds that have none, by kind; 0 where no tempo is told."""
    found: dict[str, float] = {}
    for kind in NO_MUSIC:
        for seed in range(_NO_MUSIC_CLIPS):
            audio = no_music(20 * 44_100, np.random.default_rng([909, seed]), kind)
            heard = listener.listen(Clip(audio[None], 44_100))
            found[kind] = max(found.get(kind, 0.0), 0.0 if heard.bpm is None else heard.confidence)
    return found


def table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """A table in Markdown; a row a score."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    lines = [f"| figure | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name in names:
        cells = (f"{column[name]:.3f}" if name in column else "" for column in columns.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Write the clips that are missing, hear all, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--unseen", type=Path, required=True)
    parser.add_argument("--listener", type=Path)
    parser.add_argument("--librosa", type=Path)
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    fonts = {"seen": synthesizer.find_soundfont(), "unseen": synthesizer.find_soundfont(asked.unseen)}
    write_clips(asked.archive, asked.clips, fonts, asked.count)
    columns: dict[str, dict[str, float]] = {}
    if asked.librosa is not None:
        record = asked.clips / "librosa.json"
        if not record.is_file():
            script = Path(__file__).with_name("librosa_baseline.py")
            subprocess.run([asked.librosa, script, asked.clips], check=True)
        found = json.loads(record.read_text())
        for group in ("seen", "unseen", "loop"):
            columns[f"librosa, {group}"] = means(
                asked.clips, group, lambda path, kind, truth: librosa_scores(found[path.stem], kind, truth)
            )
    if asked.listener is not None:
        listener = Listener.load(asked.listener)
        for group in ("seen", "unseen", "loop"):
            columns[group] = means(
                asked.clips, group, lambda path, kind, truth: listener_scores(listener, path, kind, truth)
            )
        columns["no music"] = {
            f"confidence, {kind}": value for kind, value in no_music_confidence(listener).items()
        }
    print(table(columns))
    if asked.json is not None:
        asked.json.write_text(json.dumps(columns, indent=1) + "\n")


if __name__ == "__main__":
    main()
