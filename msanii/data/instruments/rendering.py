"""A voice of a take, rendered by its instrument and treated. Letters: L samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msanii.data import synthesizer
from msanii.data.instruments.font import to_midi
from msanii.data.instruments.mixing import treated
from msanii.data.instruments.playing import RATE, Audio, PlayedNote, faded
from msanii.data.instruments.table import INSTRUMENTS


def render_voice(
    sound: str,
    notes: Sequence[PlayedNote],
    seconds: float,
    soundfont: Path,
    random: np.random.Generator | None,
) -> Audio:
    """Play notes, sorted by onset, on a sound of the palette: (2, L), cut after `seconds`, with its gain.

    Without a generator nothing is drawn: programs of the sound font only, and no treatment. Raises DataError
    if FluidSynth fails, or renders silence.
    """
    instrument = INSTRUMENTS[sound]
    samples = round(seconds * RATE)
    if isinstance(instrument.source, tuple):
        midi = to_midi(notes, instrument.source, seconds)
        has_own_effects = instrument.treatment == "as in fluidsynth"
        rendered = synthesizer.synthesize(midi, soundfont, sample_rate=RATE, effects=has_own_effects)
        audio = np.zeros((2, samples), np.float32)  # FluidSynth adds two seconds
        audio[:, : rendered.shape[1]] = rendered[:, :samples]
    else:
        if random is None:
            raise ValueError(f"{sound}: a synthesizer draws; give it a generator")
        audio = instrument.source.play(notes, samples, random)
    if random is not None:
        audio = treated(audio, instrument.treatment, random)
    return faded(audio * np.float32(10 ** (instrument.gain_db / 20)))
