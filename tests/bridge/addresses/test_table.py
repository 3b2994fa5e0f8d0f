"""The OSC table: what each address takes, and what a bad message is told."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import messages as m
from bridge.addresses.arguments import EDIT_KEYS
from bridge.addresses.table import ADDRESSES, BY_PATH, about_of, help_text, is_answer, parse, readme_table
from bridge.inputs.osc_packets import read_message
from bridge.messages import ERROR_CODES, BridgeError, Message, Peer, stage
from bridge.parameters import PARAMETERS, VERBS
from tests.bridge.every_address import message_to
from tests.soak.hostile_packets import HOSTILE_VALUES

ME = Peer("127.0.0.1", 5000)
GENERATE = "/msanii/generate"


def read(address: str, *arguments: object) -> Message | None:
    return parse(address, arguments, ME)


def code_of(address: str, *arguments: object) -> str:
    with pytest.raises(BridgeError) as raised:
        read(address, *arguments)
    assert raised.value.code in ERROR_CODES
    return raised.value.code


def test_an_even_count_is_pairs_and_an_odd_one_begins_with_a_job_id() -> None:
    assert read(GENERATE, "bpm", 120) == m.Render("generate", None, {"bpm": 120.0}, sender=ME)
    assert read(GENERATE, "n1-7", "bpm", 120, "seed", 3.0) == m.Render(
        "generate", "n1-7", {"bpm": 120.0, "seed": 3}, sender=ME
    )
    assert read(GENERATE) == m.Render("generate", None, {}, sender=ME)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("pressed", [1, 1.0, 127, True])
def test_a_lone_number_is_a_button_whose_release_does_nothing(verb: m.Verb, pressed: float) -> None:
    address = f"/msanii/{verb}"
    assert read(address, pressed) == m.Render(verb, None, {}, sender=ME)
    assert read(address, 0) is None
    assert read(address, 0.0) is None
    assert read(address, False) is None


@pytest.mark.parametrize("name", ["cancel", "status", "version", "help", "preset/list", "preset/save"])
def test_every_command_knows_a_buttons_release(name: str) -> None:
    assert read(f"/msanii/{name}", 0) is None


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ((GENERATE, "x"), "type", "lone word"),
        ((GENERATE, math.nan), "value", "got nan, expected `key value` pairs"),
        ((GENERATE, None), "missing", "expected"),
        ((GENERATE, "bpm", 120, "chords"), "missing", "`chords` has no value"),
        ((GENERATE, "bpm", None), "missing", "`bpm` has no value"),
        ((GENERATE, "bpm", "fast"), "type", "`bpm`: got 'fast', expected a number from 20 to 999"),
        ((GENERATE, "bpm", math.nan), "value", "`bpm`: got nan"),
        ((GENERATE, "bpm", 4), "value", "`bpm`: got 4, expected a number from 20 to 999"),
        ((GENERATE, "tempo", 120), "value", "'tempo': no such parameter; did you mean `bpm`?"),
        ((GENERATE, "BPM", 120), "value", "did you mean `bpm`?"),
        ((GENERATE, "chord", "Am"), "value", "did you mean `chords`?"),
        ((GENERATE, "zzz", 120), "value", "'zzz': no such parameter; generate takes preset"),
        ((GENERATE, "bpm", "97,3"), "type", "write it with a point, as in 97.3"),
        ((GENERATE, "bpm", 0.05000000074505806), "value", "got 0.05, expected"),
        (
            (GENERATE, "meter", "7:8"),
            "type",
            "`meter`: got '7:8', expected a time signature as text, as in 7/8",
        ),
        ((GENERATE, "meter", "7/9"), "value", "`denominator`: got '9', expected one of 1, 2, 4"),
        ((GENERATE, "meter", "7/8", "numerator", 7), "value", "the meter is given twice"),
        ((GENERATE, "chords", "Am", "F", "C", "G"), "value", "send them in one string: 'Am F C G'"),
        ((GENERATE, "bpm", 90, "chords", "Am", "F", "C"), "value", "send them in one string: 'Am F C'"),
        ((GENERATE, "j1", "chords", "Am", "F", "C"), "value", "send them in one string: 'Am F C'"),
        ((GENERATE, "sound", "grand", "piano", "bpm", 90), "value", "in one string: 'grand piano'"),
        (("/msanii/param/chords", "Am", "F"), "value", "send them in one string: 'Am F'"),
        (("/msanii/param/BPM", 1), "address", "did you mean `bpm`?"),
        (("/msanii/deck/3/lunch", 1), "address", "did you mean `/msanii/deck/<n>/launch`?"),
        (("/msanii/deck/3/gain", "-6,5"), "type", "write it with a point, as in -6.5"),
        ((GENERATE, "bpm", 120, "bpm", 130), "value", "`bpm` is given twice"),
        ((GENERATE, "bars", 4, "seconds", 9), "value", "send one of them"),
        ((GENERATE, "strength", 0.5), "value", "`strength`: generate does not take it"),
        ((GENERATE, 7, "bpm", 120), "type", "job id: got 7"),
        ((GENERATE, [7], "bpm", 120), "type", "job id: got"),
        ((GENERATE, "all", "bpm", 120), "value", "job id: got 'all'"),
        ((GENERATE, "/msanii/x", "bpm", 120), "value", "job id"),
        ((GENERATE, "x" * 65, "bpm", 120), "value", "job id"),
        ((GENERATE, [1, [2]], 3), "type", "where a name was expected"),
        (("/msanii/vary", "strength", 0), "value", "`strength`: got 0, expected a number from 0.01 to 1"),
        (("/msanii/param/steps", 0), "value", "`steps`: got 0"),
        (("/msanii/param/steps", 1, 2), "value", "got 2 arguments"),
        (("/msanii/param/tempo",), "address", "no such parameter; did you mean `bpm`?"),
        (("/msanii/param/zzz",), "address", "no such parameter; there are preset"),
        (("/msanii/param/reset",), "missing", "a parameter's name, or all"),
        (("/msanii/param/reset", "tempo"), "value", "'tempo': no such parameter; did you mean `bpm`?"),
        (("/msanii/param/reset", "bpm", "key"), "value", "a parameter's name, or all"),
        (("/msanii/nope",), "address", "send /msanii/help"),
        (("/",), "address", "no such address"),
        (("/msanii/hello",), "missing", "expected a nonce"),
        (("/msanii/hello", "n", 80), "value", "reply port: got 80, expected 1024 to 65535"),
        (("/msanii/hello", "n", 65536), "value", "reply port"),
        (("/msanii/hello", "n", math.nan), "value", "reply port"),
        (("/msanii/notify",), "missing", "expected 1 or 0"),
        (("/msanii/notify", "on"), "type", "lone word"),
        (("/msanii/sync",), "missing", "an id of your own"),
        (("/msanii/sync", math.inf), "type", "id: got inf"),
        (("/msanii/sync", "x" * 257), "type", "at most 256 characters"),
        (("/msanii/cancel",), "missing", "a job id, or all"),
        (("/msanii/cancel", ""), "value", "a job id, or all"),
        (("/msanii/preset/load", 3.5), "type", "a preset's name"),
        (("/msanii/preset/load", True), "type", "a preset's name"),
        (("/msanii/preset/load", "../x"), "value", "`preset`: got '../x'"),
        (("/msanii/preset/save", 1), "missing", "a name, and then"),
        (("/msanii/preset/save", "mine", "bpm"), "missing", "'bpm' has no value"),
        (("/msanii/preset/save", "mine", "source", "/x.wav"), "value", "`source`: a preset does not take it"),
        (("/msanii/take/star", None), "type", "path or file name"),
        (("/msanii/take/name",), "missing", "the name to give it"),
        (("/msanii/take/name", "a.wav", None), "type", "the name to give it"),
        (("/msanii/take/name", "a.wav", "Bright", "chorus"), "value", "in one string"),
        (("/msanii/take/name", "a.wav", "a\x07"), "value", "printable characters"),
    ],
)
def test_a_bad_message_is_told_what_was_wrong(message: tuple[object, ...], code: str, words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        parse(str(message[0]), message[1:], ME)
    assert raised.value.code == code
    assert words in raised.value.message
    assert raised.value.message.endswith(".")


def test_the_other_commands_are_read() -> None:
    assert read("/msanii/hello", "n", 9001.0) == m.Hello("n", reply_port=9001, sender=ME)
    assert read("/msanii/hello", 7) == m.Hello("7", sender=ME)
    assert read("/msanii/notify", 1, 9001) == m.Notify(True, reply_port=9001, sender=ME)
    assert read("/msanii/notify", 0) == m.Notify(False, sender=ME)
    assert read("/msanii/sync", 4) == m.Sync(4, sender=ME)
    assert read("/msanii/cancel", "n1-7") == m.Cancel("n1-7", sender=ME)
    assert read("/msanii/cancel", "all") == m.Cancel("all", sender=ME)
    assert read("/msanii/cancel", 1) == m.Cancel("all", sender=ME)
    assert read("/msanii/status") == m.Status(sender=ME)
    assert read("/msanii/param/steps") == m.ReadParameter("steps", sender=ME)
    assert read("/msanii/param/steps", 20.0) == m.SetParameter("steps", 20, sender=ME)
    assert read("/msanii/param/list") == m.ListParameters(sender=ME)
    assert read("/msanii/param/reset", "bpm") == m.ResetParameter("bpm", sender=ME)
    assert read("/msanii/param/reset", "meter") == m.ResetParameter("meter", sender=ME)
    assert read("/msanii/param/reset", 1) == m.ResetParameter("all", sender=ME)
    assert read("/msanii/preset/load", "paper") == m.LoadPreset("paper", sender=ME)
    assert read("/msanii/preset/read", "paper") == m.ReadPreset("paper", sender=ME)
    assert read("/msanii/preset/list") == m.ListPresets(sender=ME)
    assert read("/msanii/style/list") == m.ListStyles(sender=ME)
    assert read("/msanii/style/list", 1) == m.ListStyles(sender=ME)
    assert read("/msanii/style/list", 6, 8.0) == m.ListStyles(6, 8, sender=ME)
    assert read("/msanii/preset/save", "mine") == m.SavePreset("mine", False, {}, sender=ME)
    assert read("/msanii/preset/save", "mine", "bpm", 90, "replace", 1) == m.SavePreset(
        "mine", True, {"bpm": 90.0}, sender=ME
    )
    assert read("/msanii/take/star", "a.wav") == m.StarTake("a.wav", True, sender=ME)
    assert read("/msanii/take/star", "a.wav", 0) == m.StarTake("a.wav", False, sender=ME)
    assert read("/msanii/take/reveal", "a.wav") == m.RevealTake("a.wav", sender=ME)
    assert read("/msanii/take/name", "a.wav", 808) == m.NameTake("a.wav", "808", sender=ME)
    assert read("/msanii/take/name", "a.wav") == m.NameTake("a.wav", "", sender=ME)


def test_a_switch_is_set_by_true_and_false_and_nothing_else_is() -> None:
    assert read("/msanii/param/loop", True) == m.SetParameter("loop", 1, sender=ME)
    assert read(GENERATE, "loop", False) == m.Render("generate", None, {"loop": 0}, sender=ME)
    assert read("/msanii/deck/1/mute", True) == stage.SetDeck(1, "mute", True, sender=ME)
    assert read("/msanii/deck/1/loop", False) == stage.SetDeck(1, "loop", False, sender=ME)
    assert read("/msanii/stretch", True) == stage.SetStage("stretch", True, sender=ME)
    for name in ("count", "denominator", "bpm", "chords"):
        assert code_of(f"/msanii/param/{name}", True) == "type"


def _parsed_with_each_hostile_value(address: str, arguments: tuple[object, ...]) -> int:
    """Put every hostile value in every place; return how many were refused. Nothing else may be raised."""
    codes = []
    for at, value in itertools.product(range(len(arguments)), HOSTILE_VALUES):
        try:
            read(address, *arguments[:at], value, *arguments[at + 1 :])
        except BridgeError as error:
            codes.append(error.code)
    assert set(codes) <= set(ERROR_CODES)
    return len(codes)


def test_any_value_in_any_place_is_taken_or_refused_in_words() -> None:
    refused = sum(_parsed_with_each_hostile_value(*message_to(row)) for row in ADDRESSES)
    for verb in VERBS:
        for parameter in PARAMETERS.values():
            refused += _parsed_with_each_hostile_value(f"/msanii/{verb}", (parameter.name, parameter.default))
    for key in EDIT_KEYS:
        refused += _parsed_with_each_hostile_value("/msanii/edit", ("take.wav", key, "3"))
    assert refused > 1_000


def test_numbers_may_be_written_as_text() -> None:
    assert read(GENERATE, "bpm", "97.3", "seed", "7", "rate", "48000") == m.Render(
        "generate", None, {"bpm": 97.3, "seed": 7, "rate": 48000}, sender=ME
    )
    assert read("/msanii/transport/tempo", " 97.3 ") == stage.SetStage("tempo", 97.3, sender=ME)
    assert read("/msanii/deck/1/mute", "1") == stage.SetDeck(1, "mute", True, sender=ME)
    for text in ("1_000", "0x10", "१२", "nan", "inf", "1e999", "9" * 5000, "97,3", ""):
        assert code_of(GENERATE, "bpm", text) in ("type", "value")


def test_a_name_may_be_sent_as_a_number() -> None:
    packet = b"/msanii/preset/load\x00,i\x00\x00\x00\x00\x03\x28"
    assert read(*_sent(packet)) == m.LoadPreset("808", sender=ME)
    assert read(GENERATE, "preset", 808.0) == m.Render("generate", None, {"preset": "808"}, sender=ME)
    assert read("/msanii/preset/save", 808, "bpm", 90) == m.SavePreset("808", False, {"bpm": 90.0}, sender=ME)
    assert read("/msanii/deck/1/load", 909) == stage.LoadDeck(1, "909", None, sender=ME)


def test_a_button_may_send_its_own_name_behind_its_press() -> None:
    packet = b"/msanii/deck/1/launch\x00\x00\x00,is\x00\x00\x00\x00\x01button-7\x00\x00\x00\x00"
    assert read(*_sent(packet)) == stage.LaunchDeck(1, sender=ME)
    assert read("/msanii/deck/1/launch", 0, "button-7") == stage.ReleaseDeck(1, sender=ME)
    assert read("/msanii/deck/1/stop", 0, "button-7") is None


def test_the_meter_is_one_word_or_two_numbers() -> None:
    assert read(GENERATE, "meter", "7/8") == m.Render(
        "generate", None, {"numerator": 7, "denominator": 8}, sender=ME
    )
    assert read("/msanii/param/meter", "6 / 8") == m.SetParameter("meter", "6/8", sender=ME)
    assert read("/msanii/param/meter") == m.ReadParameter("meter", sender=ME)
    assert read("/msanii/transport/meter", "7/8") == stage.SetMeter(7, 8, sender=ME)
    assert read("/msanii/transport/meter", 7, 8) == stage.SetMeter(7, 8, sender=ME)
    assert read("/msanii/preset/save", "mine", "meter", "7/8") == m.SavePreset(
        "mine", False, {"numerator": 7, "denominator": 8}, sender=ME
    )


def _sent(packet: bytes) -> tuple[Any, ...]:
    address, arguments = read_message(packet)
    return address, *arguments


def test_a_failure_names_the_job_id_or_else_the_address() -> None:
    assert about_of(GENERATE, ("j1", "bpm", "x")) == "j1"
    assert about_of(GENERATE, ("bpm", 120, "chords")) == GENERATE
    assert about_of(GENERATE, (7, "bpm", 120)) == GENERATE
    assert about_of(GENERATE, ()) == GENERATE
    assert about_of("/msanii/cancel", ("j1",)) == "/msanii/cancel"


@pytest.mark.parametrize(
    ("address", "arguments", "about"),
    [
        (GENERATE, ("j1", "bpm", 120), "j1"),
        (GENERATE, ("bpm", 120), GENERATE),
        ("/msanii/cancel", ("j1",), "j1"),
        ("/msanii/cancel", (1,), "all"),
        ("/msanii/param/steps", (20,), "/msanii/param/steps"),
        ("/msanii/midi/capture/clear", (), "/msanii/midi/capture/clear"),
        ("/msanii/deck/16/generate", ("j1", "bpm", 120), "/msanii/deck/16/generate"),
        ("/msanii/transport/stop", (), "/msanii/transport/stop"),
        ("/msanii/endless/stop", (2,), "/msanii/endless/stop"),
    ],
)
def test_a_message_knows_what_its_failure_names(
    address: str, arguments: tuple[object, ...], about: str
) -> None:
    message = parse(address, arguments, ME)
    assert message is not None
    assert (message.about, message.sender) == (about, ME)


ANY_ARGUMENT = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80), st.binary(max_size=8),
    st.sampled_from(sorted(PARAMETERS)), st.lists(st.integers(), max_size=3),
)  # fmt: skip


@given(st.sampled_from(sorted(BY_PATH)), st.lists(ANY_ARGUMENT, max_size=7))
def test_whatever_is_sent_is_read_or_refused(address: str, arguments: list[object]) -> None:
    assert len(about_of(address, arguments)) <= 64
    outcome: Message | BridgeError | None
    try:
        outcome = parse(address, arguments, ME)
    except BridgeError as error:
        outcome = error
    if isinstance(outcome, BridgeError):
        assert outcome.code in ERROR_CODES
        assert 0 < len(outcome.message) < 1_000
    else:
        assert outcome is None or outcome.sender == ME


def test_unknown_addresses_are_refused() -> None:
    assert code_of("/x" * 100) == "address"
    assert code_of("") == "address"


def test_every_verb_and_parameter_has_its_address() -> None:
    paths = [row.path for row in ADDRESSES]
    assert len(paths) == len(set(paths))
    assert {f"/msanii/{verb}" for verb in VERBS} <= set(paths)
    assert {f"/msanii/param/{name}" for name in PARAMETERS} <= set(paths)
    assert not any(is_answer(path) for path in paths)
    assert is_answer("/msanii/fail")
    assert is_answer("/msanii/status.reply")


def test_help_and_readme_name_every_address() -> None:
    table, text = readme_table(), help_text()
    for row in ADDRESSES:
        assert f"| `{row.path}` |" in table
        assert row.path in text
    assert all(line.count("|") == 5 for line in table.splitlines())
