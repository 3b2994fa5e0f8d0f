"""What librosa reaches on the same clips: its beat tracker, and chroma with a Viterbi over 25 chords.

Run with a Python that has librosa, which the project does not need: `librosa_baseline.py FOLDER` reads every
.wav of the folder and writes `librosa.json` there. It knows no downbeats, meters, sounds or polyphonic notes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import librosa
import numpy as np

HOP = 512
NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# Krumhansl and Kessler 1982.
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
STAYS = 0.97


def heard(path: Path) -> dict[str, object]:
    """Tempo, beats, chords as (start, end, Harte label) and key of a file."""
    audio, rate = librosa.load(path, sr=22_050)
    tempo, beats = librosa.beat.beat_track(y=audio, sr=rate, hop_length=HOP, units="time")
    chroma = librosa.feature.chroma_cqt(y=librosa.effects.harmonic(audio), sr=rate, hop_length=HOP)
    chroma = librosa.util.normalize(chroma, norm=2, axis=0)
    templates, labels = [], []
    for quality, tones in (("maj", (0, 4, 7)), ("min", (0, 3, 7))):
        for root in range(12):
            templates.append(np.isin(np.arange(12), [(root + tone) % 12 for tone in tones]) / np.sqrt(3))
            labels.append(f"{NAMES[root]}:{quality}")
    likeness = np.exp(8 * np.array(templates) @ chroma)
    chances = likeness / likeness.sum(axis=0)
    path_of = librosa.sequence.viterbi_discriminative(chances, librosa.sequence.transition_loop(24, STAYS))
    edges = [0, *(np.flatnonzero(np.diff(path_of)) + 1).tolist(), len(path_of)]
    seconds = [edge * HOP / rate for edge in edges]
    chords = [[seconds[i], seconds[i + 1], labels[path_of[edges[i]]]] for i in range(len(edges) - 1)]
    mean = chroma.mean(axis=1)
    fits = [
        np.corrcoef(np.roll(profile, root), mean)[0, 1] for profile in (MAJOR, MINOR) for root in range(12)
    ]
    best = int(np.argmax(fits))
    key = f"{NAMES[best % 12]} {'major' if best < 12 else 'minor'}"
    return {"bpm": float(np.atleast_1d(tempo)[0]), "beats": beats.tolist(), "chords": chords, "key": key}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = {path.stem: heard(path) for path in sorted(folder.glob("*.wav"))}
    (folder / "librosa.json").write_text(json.dumps(found))
