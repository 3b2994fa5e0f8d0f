"""Names of takes: telling, unique, and fit for every system."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.library.file_names import LONGEST_STEM_BYTES, file_name
from tests.bridge.render_requests import make_request


def test_a_name_says_what_the_take_is() -> None:
    request = make_request(bpm=97.3, key="F# minor", bars=4.0)
    assert file_name(request, take=0, number=12) == "piano_loop_97.3bpm_F#minor_4bars_7_12.wav"


def test_a_name_claims_no_tempo_that_nobody_knows() -> None:
    request = make_request(verb="vary", bars=None, seconds=0.0, knows_tempo=False)
    assert file_name(request, take=0, number=1) == "piano_loop_vary_7_1.wav"


def test_a_length_asked_in_seconds_is_named_in_seconds() -> None:
    assert file_name(make_request(bars=None, seconds=3.5), 0, 1) == "piano_loop_120bpm_3.5s_7_1.wav"


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("<n>", "5.wav"),
        ("take.wav", "take_5.wav"),
        ("../../etc/<n>", "etc5.wav"),
        ("con.<n>", "take_con.5.wav"),
        ("Übung <n> <preset>.aiff", "Übung 5 piano_loop.wav"),
        ("<key>_<n>", "5.wav"),
    ],
)
def test_templates_give_names_that_every_system_takes(template: str, name: str) -> None:
    assert file_name(make_request(name_template=template), 0, 5) == name


def test_a_long_template_is_cut_and_keeps_its_number() -> None:
    name = file_name(make_request(name_template="é" * 120 + "<n>" + "x" * 100), 0, 123_456)
    assert "123456" in name
    assert len(name.removesuffix(".wav").encode()) <= LONGEST_STEM_BYTES


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("<seed>", "8_bass_5.wav"),
        ("<preset>_<bpm>bpm_<n>.wav", "piano_loop_120bpm_bass_5.wav"),
        ("<part> <n>", "bass 5.wav"),
        ("<n>", "bass_5.wav"),
        ("song", "song_bass_5.wav"),
    ],
)
def test_a_take_of_an_arrangement_is_named_after_its_part(template: str, name: str) -> None:
    assert file_name(make_request(parts="keys,bass", name_template=template), 1, 5) == name


def test_one_part_alone_is_named_where_the_template_asks() -> None:
    assert file_name(make_request(part="lead", name_template="<part>_<n>"), 0, 5) == "lead_5.wav"


@pytest.mark.parametrize(
    ("format", "suffix"), [("wav", ".wav"), ("aiff", ".aiff"), ("flac", ".flac"), ("float", ".wav")]
)
def test_the_ending_follows_the_format(format: str, suffix: str) -> None:
    assert file_name(make_request(format=format), 0, 1).endswith(suffix)


def test_meter_chords_and_sound_stand_where_the_template_asks() -> None:
    said = {"numerator": 6, "denominator": 8, "chords": "Am F|C/E G:2", "sound": "strings, choir"}
    request = make_request(name_template="<meter> <chords> <sound> <n>", **said)
    assert file_name(request, 0, 5) == "6-8 Am-F-C_E-G=2 strings+choir 5.wav"


def test_a_take_of_an_arrangement_is_named_after_its_own_sound() -> None:
    said = {"parts": "keys,bass", "sound": "organ, finger bass"}
    assert (
        file_name(make_request(name_template="<part> <sound> <n>", **said), 1, 5) == "bass finger bass 5.wav"
    )


def test_long_chords_end_between_two_and_leave_room_for_the_seed() -> None:
    request = make_request(name_template="<chords>_<seed>_<n>", chords="Cmaj7 " * 64)
    assert file_name(request, 0, 5) == "Cmaj7-Cmaj7-Cmaj7-Cmaj7-Cmaj7-Cmaj7_7_5.wav"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"knows_tempo": False, "preset_chosen": False}, "vary_7_5.wav"),
        ({"preset_chosen": False, "bpm": 97.3}, "97.3bpm_vary_7_5.wav"),
        ({"knows_tempo": False, "preset": "mine"}, "mine_vary_7_5.wav"),
        ({"knows_tempo": False, "name_template": "at <bpm> <n>"}, "at 5.wav"),
    ],
)
def test_a_name_claims_no_tempo_that_nobody_knows_and_no_preset_that_nobody_chose(
    values: dict[str, Any], name: str
) -> None:
    assert file_name(make_request(verb="vary", bars=None, **values), 0, 5) == name
