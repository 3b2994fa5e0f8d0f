"""How often the chords recognised in POP909's test songs are those that its annotations name.

    python -m tests.msanii.music.measure_progressions pop909.tar.xz

Compares every beat of songs 880 to 909 with mir_eval: the root, major or minor, and three tones in common.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import mir_eval
import numpy as np

from msanii.data.bar_time import BarSong, bar_song
from msanii.data.pop909 import FIRST_TEST_SONG, read_archive
from msanii.data.pop909_song import read_pop909_song
from msanii.errors import DataError
from msanii.music.chords import ChordSpan, Meter
from msanii.music.progression_recognition import recognise_progression

_TRACKS = ("MELODY", "BRIDGE", "PIANO")
_HARTE = {
    "": "maj", "m": "min", "m7": "min7", "m7b5": "hdim7", "7sus4": "sus4(b7)", "6": "maj6",
}  # fmt: skip


def main() -> None:
    """Print a table: what is heard, and the share of beats that agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    songs: list[BarSong] = []
    for number, files in read_archive(parser.parse_args().archive).items():
        if number >= FIRST_TEST_SONG:
            with suppress(DataError):  # a song in three, which has no bars of four beats
                songs.append(bar_song(read_pop909_song(files.midi, files.beats, files.chords)))
    print(f"{len(songs)} songs | root | major or minor | three tones")
    for heard in (_TRACKS, ("PIANO",), ("MELODY", "PIANO"), ("MELODY",)):
        shares = np.array([agreement(song, heard) for song in songs]).sum(axis=0)
        root, third, whole = shares[0] / shares[1], shares[2] / shares[3], shares[4] / shares[5]
        print(f"{' + '.join(heard)} | {root:.3f} | {third:.3f} | {whole:.3f}")


def agreement(song: BarSong, heard: Collection[str]) -> tuple[float, ...]:
    """Beats that agree, and those compared: for the root, for major or minor, for three tones."""
    parts = {
        name: [(note.onset, note.end, note.pitch, note.velocity) for note in notes]
        for name, notes in song.tracks.items()
        if name in heard
    }
    found = recognise_progression(parts, Meter(), song.bars)
    beats = np.arange(song.bars * 4) + 0.5
    annotated = [
        next((span.chord.text for span in song.chords if span.start <= beat < span.end), "N")
        for beat in beats
    ]
    asked = ["N" if text == "N.C." else text for text in annotated]
    made = [_harte(found, beat) for beat in beats]
    shares: list[float] = []
    for compare in (mir_eval.chord.root, mir_eval.chord.majmin, mir_eval.chord.mirex):
        scores = compare(asked, made)
        shares += [float(scores[scores >= 0].sum()), float((scores >= 0).sum())]
    return tuple(shares)


def _harte(spans: tuple[ChordSpan, ...], beat: float) -> str:
    span = next((span for span in spans if span.start_beats <= beat < span.end_beats), None)
    if span is None:
        return "N"
    root = span.chord.text[:2] if span.chord.text[1:2] in ("b", "#") else span.chord.text[:1]
    kind = span.chord.text[len(root) :]
    return f"{root}:{_HARTE.get(kind, kind)}"


if __name__ == "__main__":
    main()
