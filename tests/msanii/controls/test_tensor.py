"""Chords, beats and notes on frames: positions, gaps and errors."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from msanii.config import DEFAULT_CONTROLS, ControlGroup
from msanii.controls.features import Events, chord_rows, measured_feel
from msanii.controls.tensor import control_tensor, events_to_controls
from msanii.errors import ControlError
from msanii.music.chords import parse_chord
from msanii.music.drum_kit import CLOSED_HAT, RIM, SNARE
from msanii.music.palette import PALETTE
from msanii.music.score import Feel, Note, make_score

# The groups of the first default model, which later versions still read.
GROUPS = (
    ControlGroup(name="chords", width=24),
    ControlGroup(name="beat", width=4),
    ControlGroup(name="notes", width=176),
)
CHORDS, BEAT, NOTES = slice(0, 24), slice(25, 29), slice(30, 206)
FLAGS = (24, 29, 206)
FRAME_SECONDS = 1024 / 44_100


def notes_of(*notes: tuple[float, float, int]) -> Events:
    """Notes whose onset and end are given in frames."""
    rows = [[onset * FRAME_SECONDS, end * FRAME_SECONDS, pitch, 80] for onset, end, pitch in notes]
    return Events(notes=np.array(rows, dtype=np.float64).reshape(-1, 4))


def chords_of(*chords: tuple[float, float, str]) -> Events:
    """Chords whose start and end are given in frames."""
    spans = [(start * FRAME_SECONDS, end * FRAME_SECONDS, parse_chord(text)) for start, end, text in chords]
    return Events(chords=chord_rows(spans))


def even_beats(beats: int, seconds: float, per_bar: int = 4) -> Events:
    rows = [[beat * seconds, float(beat % per_bar == 0), 1.0] for beat in range(beats)]
    return Events(beats=np.array(rows))


def held_and_begun(controls: Tensor, pitch: int) -> tuple[list[float], list[float]]:
    held = controls[NOTES][pitch - 21].tolist()
    begun = controls[NOTES][88 + pitch - 21].tolist()
    return [round(value, 4) for value in held], [round(value, 4) for value in begun]


def phase(sine: Tensor, cosine: Tensor) -> Tensor:
    return torch.atan2(sine, cosine) / (2 * math.pi) % 1.0


def test_a_default_tensor_has_263_rows_of_float32() -> None:
    controls = events_to_controls(Events(), DEFAULT_CONTROLS, 16)
    assert (controls.shape, controls.dtype) == ((263, 16), torch.float32)
    assert not controls.any()


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        (2.0, [0, 0, 1, 0, 0]),
        (2.25, [0, 0, 0.75, 0.25, 0]),
        (3.9, [0, 0, 0, 0.1, 0.9]),
        (4.25, [0, 0, 0, 0, 0.75]),
        (-0.25, [0.75, 0, 0, 0, 0]),
        (-1.0, [0, 0, 0, 0, 0]),
        (5.0, [0, 0, 0, 0, 0]),
    ],
)
def test_an_onset_is_split_linearly_over_two_frames(onset: float, expected: list[float]) -> None:
    controls = events_to_controls(notes_of((onset, onset + 1, 60)), GROUPS, 5)
    assert held_and_begun(controls, 60)[1] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("onset", "end", "expected"),
    [
        (1.5, 3.5, [0, 0, 1, 1, 0]),
        (1.0, 3.0, [0, 0.5, 1, 0.5, 0]),
        (2.1, 2.2, [0, 0, 0.1, 0, 0]),
        (-3.0, 0.25, [0.75, 0, 0, 0, 0]),
        (3.75, 99.0, [0, 0, 0, 0, 0.75]),
        (-9.0, -1.0, [0, 0, 0, 0, 0]),
        (7.0, 9.0, [0, 0, 0, 0, 0]),
        (2.0, 2.0, [0, 0, 0, 0, 0]),
    ],
)
def test_a_held_note_fills_its_share_of_each_frames_cell(
    onset: float, end: float, expected: list[float]
) -> None:
    controls = events_to_controls(notes_of((onset, end, 60)), GROUPS, 5)
    assert held_and_begun(controls, 60)[0] == pytest.approx(expected, abs=1e-4)


def test_held_shares_agree_with_counting_fine_steps() -> None:
    draw = np.random.default_rng(3)
    spans = [(float(start), float(start + length)) for start, length in draw.uniform(0, 9, (20, 2))]
    for start, end in spans:
        steps = (np.arange(12 * 1000) + 0.5) / 1000 - 0.5
        counted = ((steps >= start) & (steps < end)).reshape(12, 1000).mean(1)
        controls = events_to_controls(notes_of((start, end, 60)), GROUPS, 12)
        assert held_and_begun(controls, 60)[0] == pytest.approx(counted.tolist(), abs=2e-3)


def test_repeated_and_overlapping_notes_never_exceed_one() -> None:
    controls = events_to_controls(notes_of((1, 4, 60), (2, 5, 60), (2, 3, 60)), GROUPS, 6)
    assert controls.max() == 1
    assert held_and_begun(controls, 60)[1] == [0, 1, 1, 0, 0, 0]


def test_only_piano_keys_have_rows() -> None:
    controls = events_to_controls(notes_of((1, 3, 21), (1, 3, 108), (1, 3, 20), (1, 3, 109)), GROUPS, 5)
    assert controls[NOTES].any(1).nonzero().flatten().tolist() == [0, 87, 88, 175]


def test_a_chord_gives_its_root_and_its_tones() -> None:
    controls = events_to_controls(chords_of((-9, 99, "Am7/G")), GROUPS, 4)
    assert controls[CHORDS, 2].nonzero().flatten().tolist() == [9, 12, 12 + 4, 12 + 7, 12 + 9]
    assert controls[FLAGS[0]].tolist() == [1, 1, 1, 1]


def test_two_chords_share_the_frame_in_which_they_change() -> None:
    controls = events_to_controls(chords_of((-1, 2.25, "C"), (2.25, 9, "F")), GROUPS, 5)
    assert controls[0].tolist() == pytest.approx([1, 1, 0.75, 0, 0])
    assert controls[5].tolist() == pytest.approx([0, 0, 0.25, 1, 1])
    assert controls[12].tolist() == pytest.approx([1, 1, 1, 1, 1])  # both have a C


def test_no_chord_sets_only_the_flag() -> None:
    controls = events_to_controls(chords_of((-1, 9, "N.C.")), GROUPS, 4)
    assert not controls[CHORDS].any()
    assert controls[FLAGS[0]].all()


def test_even_beats_have_an_even_phase() -> None:
    beats = even_beats(64, 0.5)
    controls = events_to_controls(beats, GROUPS, 400, start_seconds=3.2)
    seconds = 3.2 + torch.arange(400, dtype=torch.float64) * FRAME_SECONDS
    rows = controls[BEAT].double()
    for sine, cosine, turns in ((rows[0], rows[1], seconds * 2), (rows[2], rows[3], seconds / 2)):
        assert torch.allclose(sine, torch.sin(2 * math.pi * turns), atol=1e-5)
        assert torch.allclose(cosine, torch.cos(2 * math.pi * turns), atol=1e-5)


def test_uneven_beats_are_interpolated_and_go_on_beyond_their_ends() -> None:
    times = [0.0, 0.4, 1.0, 1.5, 2.1, 2.5]
    bars = [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    events = Events(beats=np.array([times, bars, [1.0] * 6]).T)
    controls = events_to_controls(events, GROUPS, 3, seconds_per_frame=0.6, start_seconds=0.7)
    assert phase(*controls[BEAT][:2]).tolist() == pytest.approx([0.5, 0.6, 2 / 3], abs=1e-5)
    assert phase(*controls[BEAT][2:]).tolist() == pytest.approx([0.5 / 3, 1.6 / 3, 2.6667 / 3], abs=1e-4)
    # Three beats make the bar from 0.4 to 2.1, and so the bar after it.
    after = events_to_controls(events, GROUPS, 1, start_seconds=2.7)
    assert phase(*after[BEAT][:2]).item() == pytest.approx(0.5, abs=1e-5)
    assert phase(*after[BEAT][2:]).item() == pytest.approx(0.5, abs=1e-5)
    before = events_to_controls(events, GROUPS, 1, start_seconds=-0.1)
    assert phase(*before[BEAT][:2]).item() == pytest.approx(0.75, abs=1e-5)


def test_a_crop_is_the_same_as_the_whole_piece_cut() -> None:
    draw = np.random.default_rng(5)
    onsets = np.sort(draw.uniform(0, 20, 60))
    notes = np.stack(
        [onsets, onsets + draw.uniform(0.05, 1, 60), draw.integers(21, 109, 60), onsets * 0 + 80], axis=1
    )
    spans = [
        (second, second + 1.0, parse_chord(name)) for second, name in enumerate(["Am", "F", "C", "G"] * 5)
    ]
    events = Events(chords=chord_rows(spans), beats=even_beats(60, 0.37).beats, notes=notes)
    whole = events_to_controls(events, GROUPS, 800)
    crop = events_to_controls(events, GROUPS, 64, start_seconds=300 * FRAME_SECONDS)
    assert torch.allclose(crop, whole[:, 300:364], atol=1e-5)


@pytest.mark.parametrize("shift", [0, 1, 7, 11, 12, 40])
def test_a_circle_has_no_beginning(shift: int) -> None:
    frames = 12
    spans = [(0.3, 2.6, 60), (9.5, 13.25, 64), (11.75, 12.5, 67), (4.0, 40.0, 72)]
    still = events_to_controls(notes_of(*spans), GROUPS, frames, circular=True)
    moved_spans = [(start + shift, end + shift, pitch) for start, end, pitch in spans]
    moved = events_to_controls(notes_of(*moved_spans), GROUPS, frames, circular=True)
    assert torch.allclose(moved, still.roll(shift, dims=1), atol=1e-5)
    held, begun = held_and_begun(still, 64)
    assert held == pytest.approx([1, 0.75, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], abs=1e-4)
    assert held_and_begun(still, 67)[1] == pytest.approx([0.75] + [0] * 10 + [0.25], abs=1e-4)
    assert sum(begun) == pytest.approx(1)
    assert held_and_begun(still, 72)[0] == [1] * frames


def test_groups_come_in_the_models_order_with_their_flags() -> None:
    groups = (
        ControlGroup(name="beat", width=4),
        ControlGroup(name="sound", width=7),
        ControlGroup(name="chords", width=24),
    )
    events = Events(chords=chords_of((-9, 99, "C")).chords, beats=even_beats(9, 0.5).beats)
    controls = events_to_controls(events, groups, 4)
    assert controls.shape == (5 + 8 + 25, 4)
    assert controls[[4, 13, 37]].all()
    assert not controls[5:13].any()


def test_only_what_is_present_is_shown() -> None:
    events = Events(chords=chords_of((-9, 99, "C")).chords, beats=even_beats(9, 0.5).beats)
    controls = events_to_controls(events, GROUPS, 4, present={"beat"})
    assert [bool(controls[flag].all()) for flag in FLAGS] == [False, True, False]
    assert not controls[CHORDS].any()
    assert not events_to_controls(events, GROUPS, 4, present=()).any()


def test_a_model_without_controls_gets_an_empty_tensor() -> None:
    assert events_to_controls(Events(), (), 8).shape == (0, 8)


def test_asking_for_a_control_the_model_lacks_is_an_error() -> None:
    score = make_score(bars=1, bpm=120, chords="Am")
    with pytest.raises(
        ControlError, match=r"this model has no `chords` control \(it has no controls at all\)"
    ):
        control_tensor(score, (), 8)
    with pytest.raises(ControlError, match=r"no `chords` control \(it has `beat`\)"):
        control_tensor(score, (ControlGroup(name="beat", width=4),), 8)
    assert control_tensor(make_score(bars=1, bpm=120), (), 8).shape == (0, 8)


@pytest.mark.parametrize(
    ("events", "groups", "present", "message"),
    [
        (Events(), GROUPS, {"chords"}, "nothing to show"),
        (Events(beats=np.zeros((1, 3))), GROUPS, None, "expected at least two"),
        (Events(beats=np.array([[1.0, 1, 1], [0.5, 0, 1]])), GROUPS, None, "rising order"),
        (Events(beats=np.array([[0.0, 0, 1], [0.5, 0, 1]])), GROUPS, None, "none of them starts a bar"),
        (Events(notes=np.zeros((3, 3))), GROUPS, None, r"shape \(3, 3\), expected \(N, 4\)"),
        (Events(notes=np.full((1, 4), np.nan)), GROUPS, None, "not a finite number"),
        (notes_of((0, 1, 60)), (ControlGroup(name="notes", width=88),), None, "88 wide"),
    ],
)
def test_unusable_events_are_refused(
    events: Events, groups: tuple[ControlGroup, ...], present: set[str] | None, message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        events_to_controls(events, groups, 8, present=present)


def test_a_score_shows_its_chords_and_beats_from_the_first_frame_on() -> None:
    score = make_score(bars=4, bpm=97.3, chords="Am F C G")
    controls = control_tensor(score, GROUPS, 512)
    assert [bool(controls[flag].all()) for flag in FLAGS] == [True, True, False]
    assert controls[:12, 0].tolist() == [0] * 9 + [1, 0, 0]
    assert controls[BEAT][:, 0].tolist() == pytest.approx([0, 1, 0, 1])
    for frame in range(512):
        chord = score.chord_at(frame * FRAME_SECONDS)
        assert chord is not None
        if controls[:12, frame].max() > 0.99:
            assert controls[:12, frame].argmax() == chord.root


def test_a_score_goes_on_after_its_end_unless_it_rings() -> None:
    score = make_score(
        bars=1, bpm=120, chords="Am", notes=[Note(onset_seconds=1.5, end_seconds=3, pitch=60, velocity=90)]
    )
    end_frame = round(score.seconds / FRAME_SECONDS)
    open_end = control_tensor(score, GROUPS, 200)
    rung = control_tensor(score, GROUPS, 200, ring_from_seconds=score.seconds)
    assert open_end[9, end_frame + 2 :].all()
    assert not rung[CHORDS, end_frame + 2 :].any()
    assert not rung[NOTES, end_frame + 2 :].any()
    assert rung[24].all()
    assert torch.equal(rung[:, : end_frame - 1], open_end[:, : end_frame - 1])
    assert torch.equal(rung[BEAT], open_end[BEAT])


def test_a_later_start_shows_the_later_part_of_a_score() -> None:
    score = make_score(
        bars=8, bpm=120, chords="Am F C G", notes=[Note(onset_seconds=5, end_seconds=6, pitch=60)]
    )
    whole = control_tensor(score, GROUPS, 600)
    later = control_tensor(score, GROUPS, 300, start_seconds=200 * FRAME_SECONDS)
    assert torch.allclose(later[:, 1:], whole[:, 201:500], atol=1e-5)


def test_a_score_on_a_circle_ends_where_it_starts() -> None:
    score = make_score(bars=4, bpm=113, chords="Am F C G")
    samples = score.samples(44_100)
    frames = round(samples / 1024)
    controls = control_tensor(score, GROUPS, frames, circle_samples=samples)
    assert controls[7, 0].item() == pytest.approx(0.5, abs=1e-3)  # half the cell still hears the last G
    assert controls[9, 0].item() == pytest.approx(0.5, abs=1e-3)
    assert controls[:12].sum(0).tolist() == pytest.approx([1.0] * frames, abs=1e-3)
    bar = phase(controls[BEAT][2], controls[BEAT][3])
    steps = [(float(after) - float(before)) % 1.0 for before, after in pairwise([*bar, bar[0]])]
    assert steps == pytest.approx([4 / frames] * frames, abs=1e-4)


def test_a_bar_of_7_8_lasts_three_and_a_half_quarters() -> None:
    score = make_score(bars=2, bpm=120, numerator=7, denominator=8)
    controls = control_tensor(score, GROUPS, 8, hop=1, rate=8)  # a frame every eighth of a second
    assert phase(controls[BEAT][2], controls[BEAT][3]).tolist() == pytest.approx(
        [n / 14 for n in range(8)], abs=1e-5
    )


def test_an_inversion_shows_its_bass_note_beside_the_root() -> None:
    controls = events_to_controls(chords_of((-9, 99, "Am7/G")), DEFAULT_CONTROLS, 2)
    assert controls[:36, 1].nonzero().flatten().tolist() == [9, 12 + 7, 24, 24 + 4, 24 + 7, 24 + 9]


@pytest.mark.parametrize(
    ("numerator", "denominator", "bar_beats", "unit"),
    [(4, 4, 4, 1.0), (3, 4, 3, 1.0), (6, 8, 2, 1.5), (7, 8, 7, 0.5), (5, 4, 5, 1.0)],
)
def test_the_meter_and_the_tempo_have_rows(
    numerator: int, denominator: int, bar_beats: int, unit: float
) -> None:
    score = make_score(bars=4, bpm=90, numerator=numerator, denominator=denominator)
    controls = control_tensor(score, (ControlGroup(name="beat", width=15),), 300)
    meter = controls[4:15, 10:200]
    assert meter[:7].sum(0).tolist() == [1] * 190
    assert set(meter[:7].argmax(0).tolist()) == {(2, 3, 4, 5, 6, 7, 8).index(bar_beats)}
    assert set(meter[7:10].argmax(0).tolist()) == {(0.5, 1.0, 1.5).index(unit)}
    assert meter[10].tolist() == pytest.approx([math.log2(90 / 120)] * 190, abs=1e-5)


def test_sounds_and_part_are_rows_that_last_the_whole_piece() -> None:
    score = make_score(bars=1, bpm=120, sounds=["Strings", "grand_piano"], part="pad")
    groups = (ControlGroup(name="sound", width=16), ControlGroup(name="part", width=6))
    controls = control_tensor(score, groups, 4)
    assert controls[:, 2].nonzero().flatten().tolist() == [0, 6, 16, 17 + 2, 17 + 6]
    assert torch.equal(controls[:, :1].expand(-1, 4), controls)


def test_each_feel_has_a_flag() -> None:
    score = make_score(bars=1, bpm=120, feel=Feel(density=4.0, register=72))
    controls = control_tensor(score, (ControlGroup(name="feel", width=8),), 2)
    assert controls[:, 0].tolist() == pytest.approx([0, 0, 2 / 3, 1, 0.5, 1, 0, 0, 1])


def test_a_feel_is_measured_from_its_notes() -> None:
    notes = np.array([[0.0, 1, 60, 80], [0.01, 1, 64, 90], [1.0, 2, 67, 100], [1.5, 2, 69, 50]])
    feel = measured_feel(notes, 4.0, 0.6, pitched=True)
    assert (feel.swing, feel.density, feel.register, feel.dynamics) == (0.6, 0.75, 65.0, 80.0)
    assert measured_feel(notes, 4.0, None, pitched=False).register is None
    assert measured_feel(notes[:0], 4.0, 0.5, pitched=True) == Feel(swing=0.5)


def test_a_model_with_more_sounds_than_this_version_knows_is_refused() -> None:
    score = make_score(bars=1, bpm=120, sounds=["strings"])
    with pytest.raises(ControlError, match="99 wide, this version of msanii makes 43"):
        control_tensor(score, (ControlGroup(name="sound", width=99),), 4)
    assert control_tensor(score, (ControlGroup(name="sound", width=10),), 4).shape == (11, 4)


def test_a_model_knows_as_many_names_of_the_palette_as_its_group_is_wide() -> None:
    events = Events(sounds=("saw bass", "organ"))
    known, older = (ControlGroup(name="sound", width=width) for width in (len(PALETTE), 16))
    rows = events_to_controls(events, (known,), 2)[:, 0].nonzero().flatten().tolist()
    assert rows == [PALETTE.index("organ"), PALETTE.index("saw bass"), len(PALETTE)]
    with pytest.raises(ControlError, match=r"does not know `saw bass`, expected one of grand piano, "):
        events_to_controls(events, (older,), 2)
    assert events_to_controls(Events(sounds=("organ",)), (older,), 2)[5].all()


def test_a_drum_that_models_did_not_learn_is_shown_as_one_that_they_did() -> None:
    clap, cowbell, shaker = 39, 56, 70
    played = (clap, cowbell, shaker, SNARE)
    notes = tuple(Note(onset_seconds=0.0, end_seconds=0.1, pitch=pitch, velocity=80) for pitch in played)

    def struck(part: str, *, any_drum: bool = False) -> list[int]:
        score = make_score(bars=1, bpm=120, notes=notes, part=part)
        controls = control_tensor(
            replace(score, shows_any_drum=any_drum),
            (ControlGroup(name="notes", width=176), ControlGroup(name="part", width=6)),
            4,
        )
        return [int(key) + 21 for key in controls[88:176, 0].nonzero().flatten()]

    assert struck("drums") == sorted({SNARE, RIM, CLOSED_HAT})
    # The same keys of a piano are pitches.
    assert struck("keys") == struck("drums", any_drum=True) == sorted(played)


WITH_VELOCITY = (*GROUPS, ControlGroup(name="velocity", width=88))
VELOCITY, VELOCITY_FLAG = slice(207, 295), 295


def test_a_velocity_lasts_as_long_as_its_note() -> None:
    notes = [
        Note(onset_seconds=10 * FRAME_SECONDS, end_seconds=20 * FRAME_SECONDS, pitch=60, velocity=127),
        Note(onset_seconds=40 * FRAME_SECONDS, end_seconds=40.1 * FRAME_SECONDS, pitch=36, velocity=64),
    ]
    controls = control_tensor(make_score(seconds=2, bpm=120, notes=notes), WITH_VELOCITY, 64)
    rows = controls[VELOCITY]
    assert controls[VELOCITY_FLAG].all()
    assert rows[60 - 21].tolist() == pytest.approx([0] * 10 + [0.5] + [1] * 9 + [0.5] + [0] * 43)
    # A short stroke counts for a whole frame, or its velocity would depend on its length.
    assert rows[36 - 21, 40:42].tolist() == pytest.approx([64 / 254, 64 / 254])
    assert rows.sum().item() == pytest.approx(10 + 64 / 127)


def test_notes_of_one_pitch_that_overlap_have_their_mean_velocity() -> None:
    times = ((0.0, 30 * FRAME_SECONDS, 100), (10 * FRAME_SECONDS, 20 * FRAME_SECONDS, 50))
    notes = [
        Note(onset_seconds=onset, end_seconds=end, pitch=60, velocity=velocity)
        for onset, end, velocity in times
    ]
    row = control_tensor(make_score(seconds=1, bpm=120, notes=notes), WITH_VELOCITY, 40)[VELOCITY][39]
    assert row[[5, 15, 25]].tolist() == pytest.approx([100 / 127, 75 / 127, 100 / 127])


def test_a_model_without_velocities_sees_what_it_always_saw() -> None:
    score = make_score(
        bars=2,
        bpm=97.3,
        chords="Am F",
        notes=[Note(onset_seconds=0.3, end_seconds=1.1, pitch=60, velocity=33)],
    )
    louder = replace(score, notes=tuple(replace(note, velocity=120) for note in score.notes))
    old, new = (control_tensor(score, groups, 200) for groups in (GROUPS, WITH_VELOCITY))
    assert torch.equal(new[: VELOCITY.start], old)
    assert torch.equal(control_tensor(louder, GROUPS, 200), old)
    assert not torch.equal(control_tensor(louder, WITH_VELOCITY, 200), new)
    silent = control_tensor(replace(score, notes=()), WITH_VELOCITY, 200)
    assert not silent[VELOCITY.start :].any()
