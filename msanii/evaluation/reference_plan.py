"""The prompts that the evaluation needs, and how to find them in the test songs.

Every prompt is a stretch of a take of a test song, drawn as for training (`msanii.data.take_plan`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from msanii.controls.features import measured_feel
from msanii.data.bar_time import METERS, BarSong
from msanii.data.midi_take import MidiTake
from msanii.data.take_plan import draw_take
from msanii.errors import DataError
from msanii.evaluation.prompts import DRUMS_STEP, PROMPT_SECONDS, Prompt
from msanii.metrics.rhythm import strokes
from msanii.music.chords import spans_without_gaps
from msanii.music.palette import PaletteName
from msanii.music.score import Feel, Note, Score
from msanii.music.sounds import PARTS, SOUNDS_OF_PART

BPM_BANDS = ((60.0, 90.0), (90.0, 130.0), (130.0, 180.0))
GRID_METERS = ("4/4", "3/4", "6/8", "7/8")
FEWEST_CHORDED = 0.9
_FEWEST_STROKES = 6
_MOST_TURNS = 400


@dataclass(frozen=True, kw_only=True)
class PromptSpec:
    """A prompt's purpose, and what its take must be."""

    purpose: str
    part: str
    meter: str | None = None
    bpm_range: tuple[float, float] = (0.0, 1e9)
    is_swung: bool | None = None
    sound: str | None = None

    def fits(self, take: MidiTake) -> bool:
        """Return whether a take meets the specification."""
        return (
            take.part == self.part
            and self.meter in (None, take.song.meter.text)
            and self.bpm_range[0] <= take.bpm < self.bpm_range[1]
            and self.is_swung in (None, take.off_beat > 0.5)
            and self.sound in (None, *take.sounds)
        )


def prompt_specs(count: int, palette: PaletteName = "full") -> tuple[PromptSpec, ...]:
    """`count` prompts or more for each row of the table.

    Rows of drums by tempo and by meter share prompts: eleven for each pair serve 44 and 33. Mixes come last
    (`before_mixes`). On the full palette the sounds of a part take turns; the default model's are drawn.
    """
    parts = [
        PromptSpec(purpose=part, part=part, sound=_sound_in_turn(part, place, palette))
        for part in ("keys", "pad", "bass", "lead")
        for place in range(count)
    ]
    each = -(-count // len(BPM_BANDS))
    grids = [(meter, band) for meter in GRID_METERS for band in BPM_BANDS for _ in range(each)]
    drums = [
        PromptSpec(
            purpose="drums",
            part="drums",
            meter=meter,
            bpm_range=band,
            is_swung=False,
            # Every sixth goes to the classifier, and there are six kits.
            sound=_sound_in_turn("drums", place + place // DRUMS_STEP, palette),
        )
        for place, (meter, band) in enumerate(grids)
    ]
    # A quarter is straight, so that the rank correlation covers the whole range.
    swung = [
        PromptSpec(purpose="swing", part="drums", meter="4/4", is_swung=number % 4 > 0)
        for number in range(count)
    ]
    piano = PromptSpec(purpose="piano", part="keys", sound="grand piano", meter="4/4")
    return (*parts, *drums, *swung, *[piano] * count, *[PromptSpec(purpose="mix", part="mix")] * count)


def _sound_in_turn(part: str, place: int, palette: PaletteName) -> str | None:
    names = SOUNDS_OF_PART[part]
    return names[place % len(names)] if palette == "full" else None


def before_mixes(wanted: Sequence[PromptSpec]) -> int:
    """The number of prompts before the mixes."""
    return sum(item.purpose != "mix" for item in wanted)


def find_takes(
    wanted: PromptSpec,
    songs: Mapping[int, tuple[BarSong, float]],
    *,
    seed: int,
    palette: PaletteName = "full",
) -> Iterator[tuple[int, MidiTake]]:
    """Yield (song number, take) that fit, going round the songs, which come with their tempos.

    Takes are at least as long as a prompt.
    """
    sound = wanted.sound if palette == "full" else None
    for turn in range(_MOST_TURNS):
        for number, (song, bpm) in songs.items():
            try:
                place = _turn(wanted, turn, number, seed)
                take, _ = draw_take(
                    song, bpm, number=number, turn=place, seed=seed, palette=palette, sound=sound
                )
            except DataError:
                continue
            if wanted.fits(take) and take.seconds >= PROMPT_SECONDS:
                yield number, take


def prompt_of(wanted: PromptSpec, number: int, take: MidiTake, real: dict[str, float]) -> Prompt:
    """The first stretch of a take as a prompt, with the metrics of its render."""
    notes = take_notes(take)
    events = take.events()
    feel = Feel()
    if events.notes is not None:
        begun = events.notes[events.notes[:, 0] < PROMPT_SECONDS]
        quarters = PROMPT_SECONDS * take.bpm / 60
        feel = measured_feel(begun, quarters, take.off_beat, pitched=take.part != "drums")
    return Prompt(
        purpose=wanted.purpose,
        song=f"{number:03d}",
        score=take_score(take),
        notes=notes,
        feel=feel,
        real=real,
    )


def take_score(take: MidiTake) -> Score:
    """The score of a take's first stretch: chords, tempo, meter, sound, part and swing."""
    meter = take.song.meter
    quarters = PROMPT_SECONDS * take.bpm / 60
    chords = [(span.start, span.end, span.chord) for span in take.song.chords]
    return Score(
        seconds=PROMPT_SECONDS,
        bars=None,
        bpm=round(take.bpm, 3),
        numerator=meter.numerator,
        denominator=meter.denominator,
        chords=spans_without_gaps(chords, quarters),
        notes=(),
        sounds=take.sounds,
        part=take.part,
        feel=Feel(swing=round(take.off_beat, 4)),
    )


def take_notes(take: MidiTake) -> tuple[Note, ...]:
    """The notes that begin in a take's first stretch."""
    events = take.events()
    rows = [] if events.notes is None else events.notes.tolist()
    return tuple(
        Note(
            onset_seconds=onset,
            end_seconds=min(end, PROMPT_SECONDS),
            pitch=int(pitch),
            velocity=int(velocity),
        )
        for onset, end, pitch, velocity in rows
        if onset < PROMPT_SECONDS
    )


def is_playable(take: MidiTake) -> bool:
    """Return whether the first stretch has chords nearly everywhere, and enough notes to measure."""
    score = take_score(take)
    named = sum(s.end_beats - s.start_beats for s in score.chords if s.chord.root is not None)
    events = take.events()
    onsets = events.notes[:, 0] if events.notes is not None else None
    count = 0 if onsets is None else len(strokes(onsets[onsets < PROMPT_SECONDS]))
    fewest = 3 if take.part == "pad" else _FEWEST_STROKES
    return named >= FEWEST_CHORDED * score.chords[-1].end_beats and count >= fewest


def first_stretch(take: MidiTake) -> MidiTake:
    """Cut a take after the first whole bars that hold a prompt."""
    meter = METERS[take.song.meter.text]
    bar_seconds = meter.quarters * 60 / take.bpm
    bars = min(take.song.bars, int(PROMPT_SECONDS / bar_seconds) + 1)
    end = bars * meter.quarters
    voices = tuple(
        replace(
            voice,
            notes=tuple(replace(note, end=min(note.end, end)) for note in voice.notes if note.onset < end),
        )
        for voice in take.voices
    )
    return replace(take, song=take.song.excerpt(0, bars), voices=voices)


def _turn(wanted: PromptSpec, turn: int, number: int, seed: int) -> int:
    """The `turn`th turn of a song in which it has the wanted part: its parts repeat in a cycle."""
    import numpy as np

    first = int(np.random.default_rng([seed, number]).integers(len(PARTS)))
    return (PARTS.index(wanted.part) - first) % len(PARTS) + len(PARTS) * turn
