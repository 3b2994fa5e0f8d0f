"""The weights that ship, where a figure of the model card would be too late to find out."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msanii.checkpoint.folder import DEFAULT_FOLDER, load_model
from msanii.choices import Edition
from msanii.data.synthesizer import find_soundfont, synthesize
from msanii.devices import Placement
from msanii.metrics.faults import dc_share, subsonic_share
from msanii.metrics.level import level_db
from msanii.music.score import make_score
from msanii.music.sounds import FIRST_SOUNDS, PARTS, SOUNDS
from msanii.pipelines import Pipeline
from msanii.rendering.codec import Codec
from msanii.rendering.job import own_sampling
from msanii.rendering.resynthesis import Resynthesis
from tests.msanii.songs import needs_synthesizer

MOST_MIB = 60
RATE, LOW_HZ, MOST_HZ_OFF = 44_100, 500.0, 3.0


def test_they_know_every_part_and_sound_and_are_small_enough_for_git() -> None:
    config = load_model(DEFAULT_FOLDER).config
    assert {group.name: group.width for group in config.unet.controls}.items() >= {
        "part": len(PARTS),
        "sound": len(FIRST_SOUNDS),
    }.items()
    assert config.unet.context
    assert sum(path.stat().st_size for path in Path(DEFAULT_FOLDER).iterdir()) < MOST_MIB * 2**20


def played(program: int, *pitches: int) -> NDArray[np.float32]:
    """(2, L): two seconds of notes, and how they end."""
    track = mido.MidiTrack([mido.Message("program_change", program=program)])
    track += [mido.Message("note_on", note=pitch, velocity=90) for pitch in pitches]
    track += [
        mido.Message("note_off", note=pitch, time=0 if place else 1920) for place, pitch in enumerate(pitches)
    ]
    file = io.BytesIO()
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(file=file)
    return synthesize(file.getvalue(), find_soundfont())


@pytest.mark.parametrize("pitch", [28, 33, 38, 43])
def test_a_bass_keeps_its_pitch_through_the_vocoder(pitch: int) -> None:
    """From the low E of a bass on, where the mel's bands are a fifth wide and more."""
    needs_synthesizer()
    audio = played(33, pitch)[:, : 2 * RATE]
    made = Resynthesis(load_model(DEFAULT_FOLDER), Placement(torch.device("cpu"), torch.float32))(
        torch.from_numpy(audio)
    )
    heard, real = (
        _share_on_partials(sound, 440.0 * 2 ** ((pitch - 69) / 12)) for sound in (made.numpy(), audio)
    )
    assert real > 0.9
    assert heard > 0.6 * real


def test_a_pad_whose_soundfont_stands_on_an_offset_is_made_without_it() -> None:
    """The warm pad of FluidR3 does, and the model learned that with the rest; guidance makes it worse."""
    needs_synthesizer()
    pad = played(SOUNDS["warm pad"].program, 57, 60, 64)[:, : 2 * RATE]
    assert subsonic_share(pad, RATE) > 0.2
    codec = Codec(load_model(DEFAULT_FOLDER), Placement(torch.device("cpu"), torch.float32))
    mel = codec.encode(torch.from_numpy(pad))

    def made(edition: Edition) -> NDArray[np.float32]:
        with torch.inference_mode():
            line: NDArray[np.float32] = codec.decode(mel, iterations=None, edition=edition)[0].numpy()
        return line

    assert subsonic_share(made(1), RATE) > 0.1
    assert subsonic_share(made(2), RATE) < 0.001
    assert dc_share(made(2), RATE) < 0.001
    # Above, it is the same sound.
    window = np.hanning(len(made(1)[0]))
    spectra = [np.fft.rfft(made(edition)[0] * window)[100 * len(window) // RATE :] for edition in (1, 2)]
    assert np.linalg.norm(spectra[1] - spectra[0]) < 0.01 * np.linalg.norm(spectra[0])


@pytest.mark.parametrize("verb", ["inpaint", "outpaint"])
def test_new_drums_beside_old_ones_have_their_level_from_edition_6_on(verb: str) -> None:
    """By the mel's level alone they were 2 dB louder in the mean of 32 pieces."""
    pipeline = Pipeline.load(DEFAULT_FOLDER, device="cpu", dtype="float32")
    score = make_score(bars=2, bpm=120.0, part="drums")
    sampling = replace(own_sampling(pipeline.config), steps=4, guidance=1.0)
    source = pipeline.generate(score, seeds=[3], sampling=sampling)[0]

    def distance_db(edition: Edition) -> float:
        ask = replace(sampling, edition=edition)
        if verb == "inpaint":
            made = pipeline.inpaint(source, 1.5, 2.5, score, seeds=[4], sampling=ask)
            new, old = slice(round(1.5 * RATE), round(2.5 * RATE)), [(0, 1.5), (2.5, 4.0)]
        else:
            made = pipeline.outpaint(source, 1.0, "after", score, seeds=[4], sampling=ask)
            new, old = slice(source.shape[1], None), [(0, 4.0)]
        kept = torch.cat([source[:, round(start * RATE) : round(end * RATE)] for start, end in old], dim=1)
        return level_db(made[0, :, new].numpy()) - level_db(kept.numpy())

    assert abs(distance_db(6)) < 0.5 < abs(distance_db(5))


def _share_on_partials(audio: NDArray[np.float32], hertz: float) -> float:
    """Of the energy of (C, L) below 500 Hz, what lies within 3 Hz of a partial, from the attack's end on."""
    sound = audio.mean(axis=0)[RATE // 4 : 7 * RATE // 4]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    places = np.arange(len(power)) * RATE / len(sound)
    low = (places > MOST_HZ_OFF) & (places < LOW_HZ)
    off = np.abs((places + hertz / 2) % hertz - hertz / 2)
    return float(power[low & (off < MOST_HZ_OFF)].sum() / power[low].sum())
