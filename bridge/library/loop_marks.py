"""What DAWs and samplers read in an audio file beside its samples: tempo, root, loop, and chords as markers.

WAV has `acid` for tempo, beats and root (by Sonic Foundry; known from libsndfile's and ExifTool's readers),
`smpl` for root and loop, `cue ` with `LIST adtl` for markers (Multimedia Programming Interface 1.0). AIFF has
`MARK` for markers and `INST` for root and loop (Audio Interchange File Format 1.3), and nothing for tempo.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bridge.library.riff_chunks import append_chunk

MIDDLE_C = 60
ACID = struct.Struct("<IHHfIHHf")
"""the `acid` chunk: flags, root, two unknown, beats, denominator, numerator, bpm"""
_ROOT_IS_SET = 0x02
_MOST_MARKERS = 1_000
_FORWARD = 1
_NO_LOOP = struct.pack(">hhh", 0, 0, 0)
# Signs of chords and how they are spelled, in this order.
_SPELLED = {r"Δ(?=\d)": "maj", "Δ": "maj7", "ø7?": "m7b5", "°": "dim", "♯": "#", "♭": "b"}
_LOOP_NAMES = ("loop start", "loop end")

Marker = tuple[int, str]


@dataclass(frozen=True, slots=True)
class LoopMarks:
    """What is known of a take: its tempo, its key's root as a MIDI note from middle C, whether it is a loop.

    `chords` are names with the quarter note on which each begins. None and () are not known.
    """

    bpm: float | None = None
    root: int | None = None
    is_loop: bool = False
    chords: tuple[tuple[float, str], ...] = ()

    @property
    def pitch(self) -> int:
        """The root as samplers want it: middle C where none is known."""
        return MIDDLE_C if self.root is None else self.root

    def markers(self, rate: int, samples: int) -> list[Marker]:
        """Return the first sample and the name of each chord within so many samples."""
        if self.bpm is None:
            return []
        placed = [(round(beats * 60 / self.bpm * rate), name) for beats, name in self.chords]
        return [marker for marker in placed if 0 <= marker[0] < samples][:_MOST_MARKERS]


def append_loop_marks(file: BinaryIO, marks: LoopMarks, rate: int, samples: int) -> None:
    """Append to an open WAV or AIFF file of so many samples what is known of it."""
    file.seek(0)
    chunks = _wav_chunks if file.read(4) == b"RIFF" else _aiff_chunks
    for name, payload in chunks(marks, rate, samples):
        append_chunk(file, name, payload)


def _wav_chunks(marks: LoopMarks, rate: int, samples: int) -> list[tuple[bytes, bytes]]:
    chunks = []
    beats = None if marks.bpm is None else samples / rate * marks.bpm / 60
    if beats is not None and abs(beats - round(beats)) <= 1e-3 and round(beats) >= 1:
        chunks.append((b"acid", _acid(round(beats), marks)))
    if marks.is_loop or marks.root is not None:
        chunks.append((b"smpl", _sampler(marks, rate, samples)))
    if markers := marks.markers(rate, samples):
        chunks += [(b"cue ", _cues(markers)), (b"LIST", _labels(markers))]
    return chunks


def _acid(beats: int, marks: LoopMarks) -> bytes:
    flags = 0 if marks.root is None else _ROOT_IS_SET
    # Programs agree only on 4/4, so beats are quarter notes.
    return ACID.pack(flags, marks.pitch, 0x8000, 0.0, beats, 4, 4, marks.bpm)


def _sampler(marks: LoopMarks, rate: int, samples: int) -> bytes:
    head = struct.pack("<9I", 0, 0, round(1e9 / rate), marks.pitch, 0, 0, 0, int(marks.is_loop), 0)
    return head + (struct.pack("<6I", 0, 0, 0, samples - 1, 0, 0) if marks.is_loop else b"")


def _cues(markers: Sequence[Marker]) -> bytes:
    points = (
        struct.pack("<II4sIII", number, sample, b"data", 0, 0, sample)
        for number, (sample, _) in enumerate(markers, start=1)
    )
    return struct.pack("<I", len(markers)) + b"".join(points)


def _labels(markers: Sequence[Marker]) -> bytes:
    labels = b"adtl"
    for number, (_, name) in enumerate(markers, start=1):
        text = struct.pack("<I", number) + _ascii(name) + b"\0"
        labels += b"labl" + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    return labels


def _aiff_chunks(marks: LoopMarks, rate: int, samples: int) -> list[tuple[bytes, bytes]]:
    ends = list(zip((0, samples), _LOOP_NAMES, strict=True)) if marks.is_loop else []
    markers = [*ends, *marks.markers(rate, samples)]
    chunks = [(b"MARK", _aiff_markers(markers))] if markers else []
    if marks.is_loop or marks.root is not None:
        loop = struct.pack(">hhh", _FORWARD, 1, 2) if marks.is_loop else _NO_LOOP
        chunks.append((b"INST", struct.pack(">6bh", marks.pitch, 0, 0, 127, 1, 127, 0) + loop + _NO_LOOP))
    return chunks


def _aiff_markers(markers: Sequence[Marker]) -> bytes:
    packed = struct.pack(">H", len(markers))
    for number, (sample, name) in enumerate(markers, start=1):
        text = _ascii(name)[:255]
        # A Pascal string: its length comes first, and the whole is padded to an even size.
        string = bytes((len(text),)) + text
        packed += struct.pack(">hI", number, sample) + string + b"\0" * (len(string) % 2)
    return packed


def _ascii(name: str) -> bytes:
    for sign, letters in _SPELLED.items():
        name = re.sub(sign, letters, name)
    return name.encode("ascii", "replace")
