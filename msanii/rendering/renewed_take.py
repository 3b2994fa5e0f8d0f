"""Takes of which some bars were rendered anew: spliced into the untouched source, at its rate and level.

Letters: B variations, C audio channels, L samples. Audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from msanii.choices import End
from msanii.signal.audio_files import Clip
from msanii.signal.finishing import check_output, decayed, ended, resample, soft_edges
from msanii.signal.limiting import Audio
from msanii.signal.loop_finishing import resample_loop, resampled_tail
from msanii.signal.splicing import splice, splice_regions


def renewed_takes(
    rendered: Tensor,
    source: Clip,
    regions: Sequence[tuple[int, int]],
    *,
    source_rate: int,
    loop: bool,
    end: End,
    bar_line: int,
    allow_clipping: bool,
) -> Iterator[tuple[Audio, Audio | None]]:
    """Splice renders (B, C, L) at `source_rate` into the source in its `regions`: audio, and a loop's tail.

    A piece that is no loop ends at the sample `bar_line` by `end`. Raises OutputError for a result that is
    not finite, silent, or clipped unless `allow_clipping`.
    """
    samples = source.samples
    length = source.samples_at(source_rate)
    for variation in rendered:
        made = variation.cpu().numpy()
        if loop:
            new, ringing = resample_loop(made[:, :length], samples), made[:, length:]
            audio = splice_regions(new, source.audio, regions, rate=source.rate, loop=True)
            tail = resampled_tail(made[:, :length], ringing, source_rate, source.rate)
        else:
            new = _fitted(resample(made, source_rate, source.rate), samples)
            new = ended(soft_edges(new, source.rate), bar_line, source.rate, end)
            audio = splice_regions(new, source.audio, regions, rate=source.rate)
            tail = new[:, :0]
        check_output(audio, clipping=not allow_clipping)
        yield audio, _joined_tail(audio, decayed(tail), source.rate)


def _joined_tail(loop: Audio, tail: Audio, rate: int) -> Audio | None:
    """The tail as it goes on from the loop's last samples, which may be old ones; None without a tail."""
    if not tail.shape[1]:
        return None
    samples = loop.shape[1]
    line = np.concatenate((loop, tail), axis=1)
    return splice(line, loop, start=samples, end=line.shape[1], rate=rate)[:, samples:]


def _fitted(audio: Audio, samples: int) -> Audio:
    """Cut or pad audio to an exact length: resampling may lose or add samples by rounding."""
    missing = max(0, samples - audio.shape[1])
    return np.pad(audio, ((0, 0), (0, missing)), mode="edge")[:, :samples]
