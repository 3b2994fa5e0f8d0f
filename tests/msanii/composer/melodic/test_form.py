"""Forms: which bars come again in songs, and a song's form for other chords."""

from __future__ import annotations

import numpy as np

from msanii.composer.melodic.config import LAGS, UNKNOWN_LIKENESS
from msanii.composer.melodic.form import drawn_form, forms_of, has_same_chords, usual_form
from tests.msanii.composer.melodic.songs import grid_song


def test_bars_that_come_again_are_alike_and_have_the_same_chords() -> None:
    song = grid_song(bars=16)
    (form,) = forms_of([song], "lead")
    classes = form[:, 3:] % 8
    assert (classes[:1] == UNKNOWN_LIKENESS).all()
    assert (classes[8:, LAGS.index(2)] == 3).all()
    assert (classes[8:, LAGS.index(1)] < 3).all()
    same = has_same_chords(song.chords)
    assert same[2:, LAGS.index(2)].all()
    assert not same[:, LAGS.index(1)].any()


def test_a_form_is_one_of_a_song_with_chords_that_come_again_alike() -> None:
    alternating = forms_of([grid_song(bars=16)], "lead")
    # One of many in which no chord comes again, and no bar does.
    others = np.zeros((40, 16, 3 + len(LAGS)), np.uint8)
    forms = np.concatenate([others, np.repeat(alternating, 80, axis=0)])
    chords = grid_song(2, bars=8).chords
    for seed in range(5):
        form = drawn_form(forms, chords, np.random.default_rng(seed))
        assert [form.density, form.register, form.velocity] == alternating[0, 0, :3].tolist()
        np.testing.assert_array_equal(form.likeness, alternating[0, :8, 3:] % 8)


def test_a_form_has_its_part_s_mean_pitch_in_c_and_velocity() -> None:
    song = grid_song(bars=16)
    form = usual_form(forms_of([song], "keys"))
    # C, E, G, C and G, B, D, G; in the key of C or of G.
    mean = round(float(song.notes["keys"][:, 2].mean()))
    assert form.register - mean in (0, 5)
    assert form.velocity == 88


def test_songs_that_are_too_short_have_no_form() -> None:
    assert forms_of([grid_song(bars=8)], "keys").shape == (0, 16, 3 + len(LAGS))
