"""The palette: every sound plays, as loud as the others, in tune, on time, and by its seed."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.data.instruments.playing import RATE, Audio, PlayedNote
from msanii.data.instruments.rendering import render_voice
from msanii.data.instruments.table import FLUID, INSTRUMENTS, OURS, PALETTE_OF_PART
from msanii.data.model_voices import in_range
from msanii.data.synthesizer import find_soundfont
from msanii.metrics.loudness import loudness
from msanii.music.palette import PALETTE
from msanii.music.sounds import FIRST_SOUNDS, SOUNDS, SOUNDS_OF_PART
from tests.msanii.data.instruments.phrases import parts_of_sound, phrase, rendered
from tests.msanii.songs import needs_synthesizer

NEW = PALETTE[len(FIRST_SOUNDS) :]
OF_FONT = [name for name in NEW if INSTRUMENTS[name].is_of_font]
SYNTHESIZED = [name for name in NEW if name not in OF_FONT]
PITCHED = [name for name in NEW if "drums" not in parts_of_sound(name)]
KITS = [name for name in SYNTHESIZED if "drums" in parts_of_sound(name)]
# Between the loudest and the softest of the default model's sounds, near most of them.
LUFS = -20.5


@pytest.fixture(autouse=True)
def _synthesizer() -> None:
    needs_synthesizer()


def test_the_default_models_sounds_come_first_as_they_are() -> None:
    assert PALETTE[:16] == FIRST_SOUNDS
    assert len(set(PALETTE)) == len(PALETTE) >= 34
    assert tuple(INSTRUMENTS) == PALETTE
    for name in FIRST_SOUNDS:
        source, sound = INSTRUMENTS[name].source, SOUNDS[name]
        assert isinstance(source, tuple)
        (program,) = source
        assert (program.program, program.is_kit, program.volume) == (sound.program, sound.is_kit, 100)


def test_names_are_as_requests_spell_them() -> None:
    assert [" ".join(name.lower().replace("-", " ").split()) for name in PALETTE] == list(PALETTE)


@pytest.mark.parametrize("name", PALETTE)
def test_every_row_of_the_table_is_complete(name: str) -> None:
    instrument = INSTRUMENTS[name]
    assert instrument.made
    assert instrument.licence == (FLUID if instrument.is_of_font else OURS)
    assert any(name in names for names in PALETTE_OF_PART.values())
    assert instrument.pitches[1] - instrument.pitches[0] >= 11  # an octave, so that every tone fits
    assert 1 <= instrument.velocities[0] < instrument.velocities[1] <= 127
    assert (instrument.length == "staccato") == (instrument.longest_quarters < 4)


def test_a_part_has_its_former_sounds_and_newer_ones() -> None:
    for part, names in SOUNDS_OF_PART.items():
        assert set(PALETTE_OF_PART[part]) == set(names)
        former = [name for name in names if name in FIRST_SOUNDS]
        assert list(names[: len(former)]) == former
        assert len(names) > len(former)


@pytest.mark.parametrize("name", NEW)
def test_a_sounds_program_is_the_one_that_it_is_made_of(name: str) -> None:
    source, sound = INSTRUMENTS[name].source, SOUNDS[name]
    assert sound.is_kit == (parts_of_sound(name) == ("drums",))
    if isinstance(source, tuple):
        assert (source[0].program, source[0].is_kit) == (sound.program, sound.is_kit)


@pytest.mark.parametrize("name", NEW)
def test_a_sound_is_as_loud_as_the_others_and_clean(name: str) -> None:
    audio = rendered(name)
    assert np.isfinite(audio).all()
    assert abs(loudness(audio, RATE) - LUFS) < 2
    assert np.abs(audio).max() < 1
    assert np.abs(audio.mean(axis=1)).max() < 1e-3


@pytest.mark.parametrize("name", ["grand piano", "strings", "synth bass"])
def test_so_are_the_default_models_sounds(name: str) -> None:
    assert abs(loudness(rendered(name), RATE) - LUFS) < 2


def dry(name: str, notes: list[PlayedNote], seconds: float, seed: int = 0) -> Audio:
    """The instrument alone, without the mixing desk, (2, L)."""
    source = INSTRUMENTS[name].source
    if isinstance(source, tuple):
        return render_voice(name, notes, seconds, find_soundfont(), None)
    return source.play(notes, round(seconds * RATE), np.random.default_rng(seed))


def cents_off(audio: Audio, hertz: float) -> float:
    """How far the power within 40 cents of the first harmonics is from them, in cents, on the average."""
    samples = audio.mean(axis=0)
    window = np.hanning(len(samples))
    size = 2**18
    spectrum = np.abs(np.fft.rfft(samples * window, size)) ** 2
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    total = weight = 0.0
    for harmonic in range(1, 7):
        near = np.abs(1200 * np.log2(np.maximum(frequencies, 1) / (harmonic * hertz))) < 40
        share = float(spectrum[near].sum())
        centroid = float((spectrum * frequencies)[near].sum()) / share
        total += share * 1200 * np.log2(centroid / (harmonic * hertz))
        weight += share
    return total / weight


@pytest.mark.parametrize("name", PITCHED)
def test_a_sound_is_in_tune(name: str) -> None:
    note = PlayedNote(0.0, 2.2, in_range(57, *INSTRUMENTS[name].pitches), 90)
    audio = dry(name, [note], 2.4)[:, round(0.1 * RATE) : round(2.2 * RATE)]
    # The font's string section is 5 cents flat by itself.
    assert abs(cents_off(audio, note.hertz)) < (7 if name in OF_FONT else 5)


@pytest.mark.parametrize("name", SYNTHESIZED)
def test_a_synthesizer_begins_at_the_notes_onset(name: str) -> None:
    note = PlayedNote(0.25, 0.4, 36 if name in KITS else in_range(57, *INSTRUMENTS[name].pitches), 90)
    audio = np.abs(dry(name, [note], 1.0)).max(axis=0)
    onset = round(0.25 * RATE)
    assert audio[:onset].max() < 1e-4 * audio.max()
    assert audio[onset : onset + round(0.003 * RATE)].max() > 1e-3 * audio.max()


@pytest.mark.parametrize("name", NEW)
def test_a_louder_note_is_louder(name: str) -> None:
    pitch = 36 if "drums" in parts_of_sound(name) else in_range(57, *INSTRUMENTS[name].pitches)
    soft, loud = (dry(name, [PlayedNote(0.0, 0.4, pitch, velocity)], 0.6) for velocity in (50, 110))
    assert 10 * np.log10(np.mean(loud**2) / np.mean(soft**2)) > 2.5


@pytest.mark.parametrize("name", KITS)
def test_a_drum_machine_has_every_drum_of_general_midi(name: str) -> None:
    for drum in range(35, 82):
        audio = dry(name, [PlayedNote(0.0, 0.1, drum, 100)], 1.0)
        assert 0.05 < np.abs(audio).max() < 2.5, drum


@pytest.mark.parametrize("name", KITS)
def test_a_closed_hat_stops_an_open_one(name: str) -> None:
    opened = PlayedNote(0.0, 0.1, 46, 100)
    alone, stopped = (dry(name, notes, 0.6) for notes in ([opened], [opened, PlayedNote(0.1, 0.1, 42, 30)]))
    late = slice(round(0.25 * RATE), None)
    assert np.abs(stopped[:, late]).max() < 0.2 * np.abs(alone[:, late]).max()


def test_a_closed_hat_rings_shorter_than_an_open_one() -> None:
    for name in KITS:
        lengths = []
        for drum in (42, 46):
            level = np.abs(dry(name, [PlayedNote(0.0, 0.1, drum, 100)], 1.5)).max(axis=0)
            lengths.append(int(np.flatnonzero(level > 0.1 * level.max())[-1]))
        assert lengths[0] < 0.4 * lengths[1]


def test_a_sub_bass_is_mono_and_low() -> None:
    for name in ("sub bass", "808 bass"):
        audio = rendered(name)
        assert np.abs(audio[0] - audio[1]).max() < 1e-3
        power = np.abs(np.fft.rfft(audio[0])) ** 2
        assert power[np.fft.rfftfreq(audio.shape[1], 1 / RATE) < 200].sum() > 0.9 * power.sum()


def test_a_seed_gives_the_same_samples_and_another_gives_others() -> None:
    for name in ("supersaw", "909 kit", "drawbar organ"):
        notes = phrase(name)[:4]
        first, again, other = (
            render_voice(name, notes, 1.0, find_soundfont(), np.random.default_rng(seed))
            for seed in (3, 3, 4)
        )
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)
