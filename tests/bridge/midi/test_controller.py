"""The hands without a device: what moves becomes messages, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from bridge import messages as m
from bridge.messages import BridgeError
from bridge.messages import midi as mm
from bridge.messages.scenes import SceneActive, SceneChanged
from bridge.messages.stage import DeckChanged
from bridge.midi_child.hints import no_midi_system
from bridge.midi_child.wire import ClockHeard, Ports, SendClock, SendMidi
from tests.bridge.midi.controller_table import GRID, KEYS, PAD, FakeStage, Table

ME = m.Peer("127.0.0.1", 5000)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "maps")


# --- knobs and pads ---


def test_of_a_turned_knob_the_last_value_counts_and_before_a_pad(table: Table) -> None:
    table.values["guidance"] = 1.0
    table.move(PAD, *[("cc", 70, value) for value in range(100)], ("note", 48, 90), ("cc", 70, 127))
    assert [type(message).__name__ for message in table.received] == ["SetParameter", "Render"]
    assert table.received[0] == m.SetParameter("guidance", pytest.approx(1 + 4 * 99 / 127))
    table.wait()
    assert table.received[2] == m.SetParameter("guidance", 5.0)


def test_every_press_counts_and_no_release(table: Table) -> None:
    table.move(PAD, *[("note", 48, value) for value in (90, 0) * 50])
    assert table.received == [m.Render("generate", None, {})] * 50


def test_a_button_of_a_knobs_kind_is_pressed_on_its_way_up(table: Table) -> None:
    table.move(KEYS, *[("cc", 67, value) for value in (127, 127, 0, 127, 100, 63, 64)])
    assert len(table.received) == 3


def test_a_knob_picks_up_and_is_dropped_when_another_moves_the_parameter(table: Table) -> None:
    table.values["guidance"] = 3.0
    table.move(PAD, ("cc", 70, 10), ("cc", 70, 20))
    table.wait()
    assert table.received == []
    assert table.said("pickup") == [(PAD, "guidance")]
    table.move(PAD, ("cc", 70, 100))
    table.wait()
    assert table.values["guidance"] == pytest.approx(1 + 4 * 100 / 127)
    table.values["guidance"] = 1.2
    table.move(PAD, ("cc", 70, 101))
    table.wait()
    assert table.values["guidance"] == 1.2


def test_a_program_change_loads_a_preset_or_says_why_not(table: Table) -> None:
    table.move(PAD, ("program", 0, 1), ("program", 0, 2))
    assert table.received == [m.LoadPreset("sketch")]
    assert table.said("problem")[-1][0] == "preset"


def test_two_maps_on_one_parameter_are_a_warning(table: Table) -> None:
    (said,) = [words for _, words in table.said("problem") if "`guidance`" in str(words)]
    assert "pads on `My pad`" in str(said)
    assert "the last one moved counts" in str(said)


# --- maps ---


def test_a_broken_map_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    (folder / "mine.yaml").write_text("controls: [{cc: 1, parameter: nothing}]")
    (folder / "pads.yaml").write_text("controls: [{note: 1, address: status}]\nports: ['*pad*']")
    table = Table(folder)
    assert any("mine.yaml" in str(words) for _, words in table.said("problem"))
    table.move(PAD, ("note", 1, 1), ("note", 48, 1))
    assert table.received == [m.Status()], "the user's map of that name stands over the factory's"
    (folder / "mine.yaml").unlink()
    (folder / "pads.yaml").write_text("controls: [")
    table.ask(mm.ReloadMaps())
    table.move(PAD, ("note", 1, 1))
    assert len(table.received) == 2, "what was read before stays"


def test_a_map_is_chosen_for_a_port(table: Table) -> None:
    table.ask(mm.UseMap("grid", "*keyboard*"))
    table.move(KEYS, ("cc", 91, 127))
    assert table.received == [m.Render("generate", None, {})]
    with pytest.raises(BridgeError, match="there is no 'drums', expected one of grid, keyboard, pads"):
        table.ask(mm.UseMap("drums", "*"))


# --- keys ---


def press(table: Table, *keys: int) -> None:
    table.move(KEYS, *[("note", key, 80) for key in keys])


def release(table: Table, *keys: int) -> None:
    table.move(KEYS, *[("note", key, 0) for key in keys])


def test_what_was_played_is_in_the_next_generate_unless_it_says_chords_itself(table: Table) -> None:
    generate = m.Render("generate", None, {"seed": 1})
    assert table.hands.with_played(generate) == generate
    press(table, 57, 60, 64)
    release(table, 57, 60, 64)
    press(table, 53, 57, 60)
    assert table.said("chord")[-1][:4] == ("F", "F", "F", 0)
    assert table.hands.with_played(generate).values == {"seed": 1, "chords": "Am F", "bars": 2.0}
    for said in (m.PartialRequest(chords="C"), m.PartialRequest(notes="x.mid")):
        ask = m.Render("generate", None, said)
        assert table.hands.with_played(ask) == ask
    lasting = table.hands.with_played(m.Render("generate", None, {"seconds": 9.0}))
    assert lasting.values == {"chords": "Am F", "seconds": 9.0}
    vary = m.Render("vary", None, {})
    assert table.hands.with_played(vary) == vary


def test_capture_of_notes_and_off_and_clear(table: Table) -> None:
    generate = m.Render("generate", None, {})
    table.ask(mm.Capture("notes"))
    press(table, 60)
    release(table, 60)
    played = table.hands.with_played(generate)
    assert played.notes is not None
    assert [note[2:] for note in played.notes] == [(60, 80)]
    assert played.values == {"bars": 1.0}
    table.ask(mm.Capture("off"))
    assert table.hands.with_played(generate).values == {}
    press(table, 60, 64, 67)
    assert table.hands.with_played(generate).values == {"chords": "C"}, "held keys count all the same"
    release(table, 60, 64, 67)
    table.ask(mm.Capture("chords"))
    table.ask(mm.CaptureTiming("bar"))
    assert table.said("capturing")[-1] == ("chords", "bar")
    assert ":" in str(table.hands.with_played(generate).values["chords"])
    table.ask(mm.EditCapture("clear"))
    assert table.said("progression")[-1] == ("", 0.0)


def test_a_child_that_dies_lets_go_of_every_key(table: Table) -> None:
    press(table, 60, 64, 67)
    table.hands.heard(Ports((), (), ""))
    table.ask(mm.Capture("off"))
    assert table.hands.with_played(m.Render("generate", None, {})).values == {}
    assert ("in", PAD, 0) in table.said("port")


# --- lamps ---


def test_lamps_show_what_decks_do_also_on_a_pad_that_comes_late(table: Table) -> None:
    table.sent.clear()
    table.hands.event(DeckChanged(2, "playing", "a.wav"))
    assert table.sent == [SendMidi(GRID, bytes((0x90, 12, 21)))]
    table.hands.heard(Ports((GRID,), (), "control"))
    table.sent.clear()
    table.hands.heard(Ports((GRID,), (GRID,), "control"))
    assert SendMidi(GRID, bytes((0x90, 12, 21))) in table.sent
    assert SendMidi(GRID, bytes((0x90, 11, 0))) in table.sent


def test_a_lamp_shows_a_scene(tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    lamp = "lamp: {scene: 3, playing: 21, armed: 13, stopped: 1}"
    row = f"- {{note: 36, address: scene/3/launch, arguments: [1], {lamp}}}"
    (folder / "scenes.yaml").write_text(f"controls:\n{row}\nports: ['S*']")
    table = Table(folder)
    table.hands.heard(Ports((), ("Scenes",), "control"))
    table.sent.clear()
    for activity in ("stopped", "armed", "playing"):
        table.hands.event(SceneActive(3, activity))
    table.hands.event(SceneActive(2, "playing"))
    table.hands.event(SceneChanged(3, "empty", "", None, ()))
    assert [order.data for order in table.sent if isinstance(order, SendMidi)] == [
        bytes((0x90, 36, value)) for value in (1, 13, 21, 0)
    ]


def test_an_echo_follows_its_parameter_in_7_and_14_bits(tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    ratio = "- {cc: 9, parameter: ratio, echo: true}"
    bars = "- {cc14: 2, parameter: bars, low: 0.1, high: 1000, echo: true}"
    rows = f"controls:\n{ratio}\n{bars}"
    (folder / "faders.yaml").write_text(rows + "\nports: ['F*']")
    table = Table(folder)
    assert not any("faders" in str(words) for _, words in table.said("problem")), table.said("problem")
    table.hands.heard(Ports((), ("Faders",), "control"))
    table.sent.clear()
    table.values.update(ratio=1.0, bars=1000.0)
    table.hands.parameter_changed(None)
    sent = [order.data for order in table.sent if isinstance(order, SendMidi)]
    assert sent == [bytes((0xB0, 9, 127)), bytes((0xB0, 2, 127)), bytes((0xB0, 34, 127))]


@pytest.mark.parametrize(
    "ask",
    [mm.Learn("guidance", ()), mm.ClockIn(True), mm.ClockOut(True, "*")],
    ids=["learn", "in", "out"],
)
def test_without_a_midi_system_everything_that_needs_it_says_so_and_the_remedy(
    tmp_path: Path, ask: m.Message
) -> None:
    table = Table(tmp_path, FakeStage())
    problem = no_midi_system("", "no ALSA sequencer", "linux")
    table.hands.heard(Ports((), (), "", problem))
    table.hands.heard(Ports((), (), "", problem))
    assert table.said("problem").count(("missing", problem)) == 1
    table.ask(mm.ListMidiPorts(sender=ME))
    assert table.replies == [(ME, "midi/ports.reply", "none", "", problem)]
    with pytest.raises(BridgeError) as raised:
        table.ask(ask)
    assert (raised.value.code, raised.value.message) == ("missing", problem)
    assert "--midi-api UNIX_JACK" in problem
    table.hands.heard(Ports((PAD,), (), "control"))
    table.ask(ask)
    assert table.said("learning") or table.said("clock")


def test_panic_sends_all_notes_off_everywhere(table: Table) -> None:
    table.sent.clear()
    table.ask(mm.MidiPanic())
    assert table.sent == [SendMidi("*", bytes((0xB0 | channel, 123, 0))) for channel in range(16)]


# --- clock ---


def test_the_first_clock_leads_until_it_is_lost(tmp_path: Path) -> None:
    stage = FakeStage()
    table = Table(tmp_path, stage)
    tempo = ClockHeard(PAD, "tempo", 4.0, 120.0, 10.0)
    table.hands.heard(tempo)
    assert stage.asked == [], "nobody asked to follow"
    table.ask(mm.ClockIn(True))
    for heard in (
        ClockHeard(PAD, "start", 0.0, 0.0, 9.0), tempo, ClockHeard(KEYS, "tempo", 0.0, 90.0, 11.0),
        ClockHeard(PAD, "stop", 5.0, 120.0, 12.0), ClockHeard(PAD, "locate", 8.0, 120.0, 12.0),
        ClockHeard(PAD, "lost", 8.0, 120.0, 13.0), ClockHeard(KEYS, "tempo", 0.0, 90.0, 14.0),
    ):  # fmt: skip
        table.hands.heard(heard)
    assert stage.asked == [
        ("start", 0.0, 9.0), ("follow", "midi", 120.0, 4.0, 10.0), ("stop",), ("locate", 5.0),
        ("locate", 8.0), ("unfollow",), ("follow", "midi", 90.0, 0.0, 14.0),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["stop", "locate"])
def test_a_port_that_sends_no_ticks_is_obeyed_and_keeps_no_clock_from_leading(
    tmp_path: Path, state: Literal["stop", "locate"]
) -> None:
    stage = FakeStage()
    table = Table(tmp_path, stage)
    table.ask(mm.ClockIn(True))
    table.hands.heard(ClockHeard(PAD, state, 8.0, 0.0, 13.0))
    table.hands.heard(ClockHeard(KEYS, "tempo", 0.0, 90.0, 14.0))
    assert [asked[0] for asked in stage.asked] == [state, "follow"]


def test_clock_out_names_the_board_and_keeps_its_nudge(tmp_path: Path) -> None:
    table = Table(tmp_path, FakeStage())
    table.ask(mm.NudgeClock(-12.5))
    table.ask(mm.ClockOut(True, "*synth*"))
    assert table.sent[-1] == SendClock(True, "*synth*", -0.0125, "board")


def test_without_a_stage_the_clock_says_what_to_do(tmp_path: Path) -> None:
    table = Table(tmp_path, FakeStage(snapshot_name=""))
    for ask in (mm.ClockIn(True), mm.ClockOut(True, "*")):
        with pytest.raises(BridgeError, match="--stream"):
            table.ask(ask)
