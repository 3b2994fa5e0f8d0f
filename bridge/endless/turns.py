"""Turns of a player and an answering deck: whose turn a bar is, and what the deck answers to."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from bridge.messages import BeatNote, BridgeError, PartialRequest, RenderRequest, partial_request
from bridge.midi.played_notes import PlayedNote
from bridge.parameters import Value
from msanii.limits import DENSITY, DYNAMICS, REGISTER
from msanii.music.chord_texts import progression_text
from msanii.music.midi_notes import strokes
from msanii.music.progression_recognition import recognise_progression

# The parts whose writer listens to what is there; the first where nothing tells.
PARTS = ("lead", "keys")
DEFAULT_PART = PARTS[0]
# A note struck this much before the bar line means the line.
EARLY_BEATS = 1 / 8
_SHORTEST_BEATS = 1 / 16


@dataclass(frozen=True, slots=True)
class Turns:
    """The player has `bars` bars, the deck answers in as many, and so on. Bars count from 0."""

    bars: int

    def is_answer(self, bar: int) -> bool:
        """Whether a bar is the deck's."""
        return bar // self.bars % 2 == 1

    def begins(self, bar: int) -> bool:
        """Whether a turn begins with a bar."""
        return bar % self.bars == 0

    def ends_answer(self, bar: int) -> bool:
        """Whether a bar is the last one of the deck's turn."""
        return bar % (2 * self.bars) == 2 * self.bars - 1

    def phrase_before(self, bar: int) -> range:
        """The player's bars that the deck's `bar` answers."""
        first = bar // (2 * self.bars) * 2 * self.bars
        return range(first, first + self.bars)


def phrase_notes(
    played: Iterable[PlayedNote], lines: Mapping[int, float], bars: range, bar_beats: float, bpm: float
) -> tuple[BeatNote, ...]:
    """Return what was played in `bars`, in beats from bar 0; notes end with the last of these bars.

    `lines` are the times at which bars begin, in seconds as those of the notes; a bar without one began
    when the tempo says.
    """
    begun = [bar for bar in bars if bar in lines]
    if not begun:
        return ()
    per_second = bpm / 60
    begin, end = bars.start * bar_beats, bars.stop * bar_beats

    def beats_at(seconds: float) -> float:
        bar = max((bar for bar in begun if lines[bar] <= seconds), default=begun[0])
        return bar * bar_beats + (seconds - lines[bar]) * per_second

    found = []
    for note in played:
        onset = beats_at(note.onset_seconds)
        if begin - EARLY_BEATS <= onset < end - EARLY_BEATS:
            onset = max(onset, begin)
            until = end if note.end_seconds is None else min(end, beats_at(note.end_seconds))
            found.append(
                (round(onset, 6), round(max(until, onset + _SHORTEST_BEATS), 6), note.pitch, note.velocity)
            )
    return tuple(sorted(found))


def answering(sound: PartialRequest, said: PartialRequest) -> PartialRequest:
    """Return the values of a deck that answers, in the sound that it has unless another is said."""
    part = sound.get("part", "")
    known = sound if part in PARTS else partial_request({})
    if {"part", "sound"} & said.keys():
        known = partial_request({})
    return {"part": DEFAULT_PART} | known | said


def check_answering(request: RenderRequest) -> None:
    """Raise BridgeError `value` for a part that does not answer, or for music that is not composed."""
    if request.part not in PARTS:
        raise BridgeError(
            "value",
            f"`part`: got `{request.part}`, but only {' and '.join(PARTS)} answer what is played; send one",
        )
    if request.compose == "off":
        raise BridgeError("value", "`compose`: answers are composed; set it to `auto`")


def answer_values(
    request: RenderRequest, said: Container[str], notes: tuple[BeatNote, ...], bars: range
) -> PartialRequest:
    """Return what an answer takes from a phrase unless it is `said`: chords, density, register and dynamics.

    The phrase is what was played in `bars`, as many as the answer has. What the request has without being
    said comes from a preset, which does not know the phrase.
    """
    bar_beats = float(request.meter.bar_beats)
    values: dict[str, Value] = {}
    if "chords" not in said:
        begin = bars.start * bar_beats
        phrase = [(onset - begin, end - begin, pitch, loud) for onset, end, pitch, loud in notes]
        chords = recognise_progression({request.part: phrase}, request.meter, len(bars))
        values["chords"] = progression_text(chords, request.meter)
    if "density" not in said:
        density = len(strokes(notes, request.bpm)) / (len(bars) * bar_beats)
        values["density"] = min(DENSITY.high, max(DENSITY.low, density))
    if "register_pitch" not in said:
        pitch = sum(pitch for _, _, pitch, _ in notes) / len(notes)
        values["register_pitch"] = min(REGISTER.high, max(REGISTER.low, pitch))
    if "dynamics" not in said:
        loud = sum(velocity for *_, velocity in notes) / len(notes)
        values["dynamics"] = min(DYNAMICS.high, max(DYNAMICS.low, loud))
    return partial_request(values)
