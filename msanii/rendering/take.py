"""Takes, the finished samples of audio files: from rendered audio to exact length, ending and loudness.

Letters: B variations, C audio channels, L samples. Audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor

from msanii.choices import Edition, End
from msanii.composer.scores import Written
from msanii.music.midi_notes import BeatNote
from msanii.signal.audio_files import Clip
from msanii.signal.finishing import check_output, finish, resample, soft_edges
from msanii.signal.limiting import Audio
from msanii.signal.loop_finishing import finish_loop
from msanii.signal.splicing import splice


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """The samples of a file at `rate` hertz, and of a second one for the tail that follows a loop.

    `notes`, in beats, are those of all parts that were rendered together, by name; empty if nobody wrote any.
    `midi` is a MIDI file of those that are heard, None without notes.
    """

    audio: Audio
    rate: int
    tail: Audio | None = None
    notes: Mapping[str, tuple[BeatNote, ...]] = field(default_factory=dict)
    midi: bytes | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """New samples from `start` to `end` of a file of `samples`, in which the source begins at `offset`."""

    start: int
    end: int
    samples: int
    offset: int = 0


def finished_takes(
    rendered: Tensor,
    *,
    samples: int,
    source_rate: int,
    rate: int,
    end: End,
    loop_samples: int | None,
    loudness_lufs: float | None,
    edition: Edition,
) -> Iterator[Take]:
    """Finish takes (B, C, L) at `source_rate` that are new from end to end, as files of `samples` at `rate`.

    `loop_samples` is the length of a loop at `source_rate`, after which its tail follows; None for no loop.
    """
    for variation in rendered:
        audio, tail = variation.cpu().numpy(), None
        if loop_samples is not None:
            audio, tail = finish_loop(
                audio,
                loop_samples=loop_samples,
                samples=samples,
                source_rate=source_rate,
                rate=rate,
                loudness_lufs=loudness_lufs,
                edition=edition,
            )
        else:
            audio = finish(
                audio,
                samples=samples,
                source_rate=source_rate,
                rate=rate,
                end=end,
                loudness_lufs=loudness_lufs,
                edition=edition,
            )
        yield Take(audio, rate, tail)


def spliced_takes(
    rendered: Tensor,
    source: Clip,
    span: Span,
    *,
    samples: int,
    source_rate: int,
    rate: int,
    allow_clipping: bool,
    edition: Edition,
) -> Iterator[Take]:
    """Finish takes (B, C, L) at `source_rate` that keep their source, as files of `samples` at `rate`."""
    for variation in rendered:
        audio = variation.cpu().numpy()
        if source.rate != source_rate:
            audio = _cut_or_padded(resample(audio, source_rate, source.rate), span.samples)
            audio = splice(
                audio, source.audio, start=span.start, end=span.end, rate=source.rate, offset=span.offset
            )
        if edition > 1:
            # New audio must not begin or end a file with a click; a kept source stays as it is.
            at_start, at_end = span.start == 0, span.end == span.samples
            audio = soft_edges(audio, source.rate, start=at_start, end=at_end)
        check_output(audio, clipping=not allow_clipping)
        yield Take(_cut_or_padded(resample(audio, source.rate, rate), samples), rate)


def with_notes(takes: Iterator[Take], written: Sequence[Written]) -> Iterator[Take]:
    """Give each take its notes and their MIDI file; where nothing was `written`, takes stay as they are."""
    if not written:
        return takes
    pairs = zip(takes, written, strict=True)
    return (replace(take, notes=one.notes, midi=one.midi()) for take, one in pairs)


def _cut_or_padded(audio: Audio, samples: int) -> Audio:
    """Cut or pad audio to an exact length: resampling may lose or add samples by rounding."""
    missing = max(0, samples - audio.shape[1])
    return np.pad(audio, ((0, 0), (0, missing)), mode="edge")[:, :samples]
