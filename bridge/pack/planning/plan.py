"""What a recipe asks for: an item for each file, with a key that stays the same as long as the item does."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

from bridge.messages import BeatNote, BridgeError, PartialRequest
from bridge.pack.planning.names import folder_of, stem_of
from bridge.pack.planning.recipe import Loops, OneShots, PackRecipe
from bridge.parameters import LENGTHS, Value, defaults, for_verb, seconds_of
from msanii.errors import MsaniiError
from msanii.music.chords import Meter, parse_chords
from msanii.music.degrees import parse_key
from msanii.music.drum_kit import CRASH, OPEN_HAT, RIDE
from msanii.music.lead_sheet import unified
from msanii.music.midi_notes import DRUMS

Kind = Literal["loop", "one-shot"]
MOST_ITEMS = 20_000
# A note alone: at so slow a tempo no other beat comes within it, on which models like to play as well.
# Strokes are drier at a usual tempo, and are cut where the next one begins; but cymbals need the time.
NOTE_BPM, STROKE_BPM, CYMBAL_BPM = 20.0, 120.0, 60.0
_CYMBALS = (OPEN_HAT, CRASH, RIDE)
# The rest of a note's file is for its release.
_HELD_SHARE = 0.6
_STROKE_SECONDS = 0.2


@dataclass(frozen=True)
class Item:
    """A file to make: `values` are its request, `labels` what its name and the lists say of it.

    `notes` are those of a one-shot, in quarter notes. Of `tries` renders, each with the next seed, the first
    that passes the checks is kept.
    """

    kind: Kind
    values: Mapping[str, Value]
    labels: Mapping[str, str | float | int]
    folder: str
    stem: str
    tries: int = 1
    notes: tuple[BeatNote, ...] = ()
    pitch: int = 0
    peak_db: float = 0.0

    @cached_property
    def key(self) -> str:
        """A name by which a pack knows the item again: a hash of what is rendered, and not of its name."""
        what = [self.kind, dict(self.values), self.notes, self.peak_db, self.tries]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def seconds(self) -> float:
        """How long the file will be, about; a tail is not counted."""
        if "seconds" in self.values:
            return float(self.values["seconds"])
        value = self.values
        return seconds_of(
            float(value["bars"]), int(value["numerator"]), int(value["denominator"]), float(value["bpm"])
        )

    @property
    def has_tail(self) -> bool:
        """Whether a second file with the tail of a loop comes with it."""
        return self.kind == "loop" and self.values.get("loop") == 1 and self.values.get("end") == "ring"


def plan(recipe: PackRecipe) -> list[Item]:
    """Return the items of a recipe in order, each once. Raises BridgeError `value` or `chords`."""
    items = [] if recipe.loops is None else list(_loops(recipe, recipe.loops))
    for one_shots in recipe.one_shots:
        items += _one_shots(recipe, one_shots)
    unique = list({item.key: item for item in items}.values())
    if len(unique) > MOST_ITEMS:
        raise BridgeError(
            "value",
            f"the recipe asks for {len(unique):,} files, expected at most {MOST_ITEMS:,}; shorten its lists",
        )
    return unique


@dataclass(frozen=True, slots=True)
class _Combination:
    """One choice from each list of the loops."""

    part: str
    style: str
    bpm: float
    key: str
    chords: str
    bars: float
    sound: str
    seed: int


class _Product:
    """The product of the loops' lists for one part, by number, never written out: it may be very large."""

    def __init__(self, loops: Loops, part: str) -> None:
        # Drums play no chords: they come once, and not once for each key.
        chords, keys = (("",), ("",)) if part == DRUMS else (loops.chords, loops.keys)
        lists = (
            (part,),
            loops.styles,
            loops.tempos,
            keys,
            chords,
            loops.bars,
            loops.sounds_of(part),
            loops.seeds,
        )
        self._lists: list[list[Any]] = [list(dict.fromkeys(list_)) for list_ in lists]

    def __len__(self) -> int:
        return math.prod(map(len, self._lists))

    def __getitem__(self, number: int) -> _Combination:
        chosen: list[Any] = []
        for list_ in reversed(self._lists):
            number, place = divmod(number, len(list_))
            chosen.append(list_[place])
        return _Combination(*reversed(chosen))


def _loops(recipe: PackRecipe, loops: Loops) -> Iterator[Item]:
    _check_chords(loops)
    products = [_Product(loops, part) for part in dict.fromkeys(loops.parts)]
    size = sum(map(len, products))
    wanted = size if loops.sample is None else min(loops.sample, size)
    if wanted > MOST_ITEMS:
        raise BridgeError(
            "value",
            f"`loops`: {wanted:,} of {size:,} combinations are asked, expected at most {MOST_ITEMS:,}; "
            "shorten the lists, or draw fewer by `sample`, as in `sample: 500`",
        )
    draw = random.Random(recipe.seed)  # noqa: S311
    for product, share in zip(products, _shares([len(product) for product in products], wanted), strict=True):
        for number in sorted(draw.sample(range(len(product)), share)):
            yield _loop(recipe, loops, product[number])


def _shares(sizes: Sequence[int], wanted: int) -> list[int]:
    """Share so many among parts that have so many combinations: alike, as far as each has enough."""
    shares = [0] * len(sizes)
    left = wanted
    # The part with the fewest first: what it cannot give, the others share.
    for done, place in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        shares[place] = min(sizes[place], left // (len(sizes) - done))
        left -= shares[place]
    return shares


def _loop(recipe: PackRecipe, loops: Loops, chosen: _Combination) -> Item:
    numerator, denominator = (int(number) for number in loops.meter.split("/"))
    values = _usual() | _values(loops.request_values()) | {
        "model": recipe.model, "chords": chosen.chords, "key": chosen.key, "bpm": chosen.bpm,
        "bars": chosen.bars, "numerator": numerator, "denominator": denominator, "style": chosen.style,
        "part": chosen.part, "parts": "", "sound": chosen.sound, "seed": chosen.seed,
        "loop": int(loops.loop), "end": "ring" if loops.tails else "cut",
    }  # fmt: skip
    labels: dict[str, str | float | int] = {
        "pack": recipe.name, "part": chosen.part, "sound": chosen.sound, "style": chosen.style,
        "bpm": chosen.bpm, "key": chosen.key, "chords": chosen.chords, "bars": chosen.bars,
        "meter": loops.meter, "seed": chosen.seed,
    }  # fmt: skip
    return Item("loop", values, labels, _folder("Loops", recipe, labels), stem_of(recipe.names, labels))


def _one_shots(recipe: PackRecipe, ask: OneShots) -> Iterator[Item]:
    held_seconds = _STROKE_SECONDS if ask.part == DRUMS else _HELD_SHARE * ask.longest_seconds
    choices = itertools.product(ask.chosen_sounds(), ask.pitches().items(), ask.velocities, ask.seeds)
    for sound, (name, pitch), velocity, seed in choices:
        stroke_bpm = CYMBAL_BPM if pitch in _CYMBALS else STROKE_BPM
        bpm = stroke_bpm if ask.part == DRUMS else NOTE_BPM
        # Told no chord, models play a note up to a semitone off; its root and fifth are the least to tell.
        chords = "" if ask.part == DRUMS else f"{name.rstrip('0123456789-')}5"
        # Models do not hear the velocity of a note: layers differ by the dynamics of the playing.
        dynamics = {"dynamics": float(velocity)} if len(set(ask.velocities)) > 1 else {}
        values = _usual() | dynamics | _values(ask.request_values()) | {
            "model": recipe.model, "chords": chords, "key": "", "bpm": bpm, "seconds": ask.longest_seconds,
            "numerator": 4, "denominator": 4, "part": ask.part, "parts": "", "sound": sound, "seed": seed,
            "loop": 0, "end": "cut",
        }  # fmt: skip
        labels: dict[str, str | float | int] = {
            "pack": recipe.name, "part": ask.part, "sound": sound, "note": name, "velocity": velocity,
            "seed": seed,
        }  # fmt: skip
        yield Item(
            "one-shot",
            values,
            labels,
            _folder("One-Shots", recipe, labels),
            stem_of(recipe.one_shot_names, labels),
            tries=ask.tries,
            notes=((0.0, held_seconds * bpm / 60, pitch, velocity),),
            pitch=pitch,
            peak_db=ask.peak_db,
        )


def _usual() -> dict[str, Value]:
    """Return every default of a render, so that no session and no preset adds another, but for the length."""
    taken = {parameter.name for parameter in for_verb("generate")}.difference(LENGTHS)
    return {name: value for name, value in _values(defaults()).items() if name in taken}


def _values(values: PartialRequest) -> dict[str, Value]:
    return cast("dict[str, Value]", dict(values))


def _folder(kind: str, recipe: PackRecipe, labels: Mapping[str, str | float | int]) -> str:
    value = labels.get(recipe.folders, "")
    if recipe.folders == "none":
        return kind
    words = f"{value:g} bpm" if isinstance(value, float) else str(value)
    return f"{kind}/{folder_of(words)}" if words else kind


def _check_chords(loops: Loops) -> None:
    """Raise BridgeError `chords` for chords that cannot be read in one of the keys."""
    numerator, denominator = (int(number) for number in loops.meter.split("/"))
    meter = Meter(numerator=numerator, denominator=denominator)
    try:
        for key, chords in itertools.product(dict.fromkeys(loops.keys), dict.fromkeys(loops.chords)):
            parse_key(unified(key))
            parse_chords(chords, key=key, meter=meter)
    except MsaniiError as error:
        raise BridgeError("chords", f"`loops`: {error}") from error
