"""Pack recipes: what a sample pack is made of, as a musician writes it in YAML.

Lists are multiplied: two keys at three tempos are six loops a part. Every mistake in a file is reported at
once, each with its field, what it got, what was expected and what to do.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bridge.messages import BridgeError, PartialRequest
from bridge.pack.planning.mistakes import sentences
from bridge.pack.planning.names import LOOP_FIELDS, ONE_SHOT_FIELDS, check_name_template
from bridge.pack.planning.note_range import DRUM_STROKES, read_notes
from bridge.parameters import PARAMETERS, Value
from bridge.requests.preset_files import checked_values
from bridge.requests.written_values import as_written
from bridge.system.yaml_files import read_yaml
from bridge.values import shown
from msanii.choices import did_you_mean
from msanii.errors import MsaniiError
from msanii.music.midi_notes import DRUMS
from msanii.music.sounds import SOUNDS_OF_PART, require_part
from msanii.music.taught.asked import asked_names

MAX_DEPTH = 4
_RANGE = re.compile(r"\s*(\d{1,10})\s+to\s+(\d{1,10})\s*")
MOST_IN_A_LIST = 1_000
Folders = Literal["part", "style", "sound", "key", "bpm", "none"]

# What the lists of a recipe say, and what a pack decides itself: these are no further `values`.
_LISTED = {
    "chords": "chords", "key": "keys", "bpm": "tempos", "style": "styles", "part": "parts", "parts": "parts",
    "sound": "sounds", "seed": "seeds", "bars": "bars", "name_template": "names", "loop": "loop",
    "end": "tails", "numerator": "meter", "denominator": "meter",
}  # fmt: skip
_DECIDED = ("count", "seconds", "notes_from_beats", "keep", "level_db", "edition")


def _listed(value: object) -> object:
    """Take one value for a list of one; a text is never a list of letters."""
    return value if isinstance(value, list | tuple) else [value]


def _seeds(value: object) -> object:
    """Take `1 to 20` for the seeds from 1 to 20."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return _listed(value)
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + MOST_IN_A_LIST:
        expected = f"expected the lower one first, and at most {MOST_IN_A_LIST:,} seeds"
        raise ValueError(f"got {shown(value)}, {expected}; write, for instance, `1 to 20`")
    return list(range(first, last + 1))


def _parameter(name: str) -> BeforeValidator:
    """Check a written value as the parameter of that name."""

    def check(value: object) -> object:
        parameter = PARAMETERS[name]
        try:
            return parameter.check(as_written(parameter, value))
        except BridgeError as error:
            # The place in the recipe is said already.
            raise ValueError(error.message.removeprefix(f"`{name}`: ")) from error

    return BeforeValidator(check)


def _part(value: object) -> str:
    try:
        return require_part(str(value))
    except MsaniiError as error:
        raise ValueError(str(error)) from error


def _sound(value: object) -> str:
    # Whether taught sounds are there only the engine knows.
    try:
        asked_names(str(value))
    except MsaniiError as error:
        raise ValueError(str(error)) from error
    return str(PARAMETERS["sound"].check(value))


_Part = Annotated[str, BeforeValidator(_part)]
_Sound = Annotated[str, BeforeValidator(_sound)]
_Sounds = Annotated[tuple[_Sound, ...], BeforeValidator(_listed), Field(min_length=1, max_length=64)]
_Many = Field(min_length=1, max_length=MOST_IN_A_LIST)
_Seed = Annotated[int, _parameter("seed"), Field(ge=0)]
_Seeds = Annotated[tuple[_Seed, ...], BeforeValidator(_seeds), _Many]


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, strict=False
    )


class Loops(_Strict):
    """The loops: one for each combination of the lists, or `sample` of them, drawn by the recipe's seed."""

    chords: Annotated[tuple[Annotated[str, _parameter("chords")], ...], BeforeValidator(_listed), _Many] = (
        "",
    )
    keys: Annotated[tuple[Annotated[str, _parameter("key")], ...], BeforeValidator(_listed), _Many] = ("",)
    tempos: Annotated[tuple[Annotated[float, _parameter("bpm")], ...], BeforeValidator(_listed), _Many] = (
        120.0,
    )
    styles: Annotated[tuple[Annotated[str, _parameter("style")], ...], BeforeValidator(_listed), _Many] = (
        "",
    )
    parts: Annotated[tuple[_Part, ...], BeforeValidator(_listed), Field(min_length=1, max_length=6)]
    sounds: dict[_Part, _Sounds] = {}
    seeds: _Seeds = (1,)
    bars: Annotated[tuple[Annotated[float, _parameter("bars")], ...], BeforeValidator(_listed), _Many] = (
        4.0,
    )
    meter: str = "4/4"
    loop: bool = True
    tails: bool = True
    sample: int | None = Field(None, ge=1)
    values: dict[str, object] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for part in self.sounds:
            if part not in self.parts:
                raise ValueError(
                    f"`sounds`: got sounds for {part}, which is none of `parts`; add it there, or remove them"
                )
        if len(set(self.keys)) > 1:
            fixed = next((chords for chords in self.chords if chords and not _moves(chords)), None)
            if fixed is not None:
                raise ValueError(
                    f"`chords`: got {shown(fixed)} for {len(set(self.keys))} keys, expected chords that move "
                    "with the key; write Roman numerals, as in `i VI III VII`, or one key"
                )
        if not any(self.keys) and any(_moves(chords) for chords in self.chords):
            raise ValueError(
                "`keys` is missing: Roman numerals need one; write, for instance, `keys: [Am, Cm]`"
            )
        self.request_values()
        return self

    def request_values(self) -> PartialRequest:
        """Return `values` as those of a request. Raises ValueError that names the mistakes."""
        return _request_values(self.values, self.meter)

    def sounds_of(self, part: str) -> tuple[str, ...]:
        """The sounds of a part: those of the recipe, or else the part's usual one."""
        usual = SOUNDS_OF_PART.get(part, ("",))
        return self.sounds.get(part) or usual[:1]


class OneShots(_Strict):
    """Single notes of a sound, or strokes of a kit: a file for each note, velocity, sound and seed."""

    part: _Part
    sounds: Annotated[tuple[_Sound, ...], BeforeValidator(_listed), Field(max_length=64)] = ()
    notes: str | tuple[str | int, ...] = ""
    strokes: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(max_length=64)] = ()
    velocities: Annotated[
        tuple[Annotated[int, Field(ge=1, le=127)], ...], BeforeValidator(_listed), Field(min_length=1)
    ] = (100,)
    seeds: _Seeds = (1,)
    seconds: float | None = Field(None, ge=0.2, le=12)
    peak_db: float = Field(-1.0, ge=-24, le=0)
    tries: int = Field(6, ge=1, le=16)
    values: dict[str, object] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.part == "mix":
            raise ValueError("`part`: got mix, which plays no single notes; choose another part")
        if self.part == DRUMS:
            if self.notes:
                raise ValueError("`notes`: drums have none; write `strokes`, as in `strokes: [kick, snare]`")
            for stroke in self.strokes:
                if stroke not in DRUM_STROKES:
                    hint = did_you_mean(stroke, DRUM_STROKES) or f"choose from {', '.join(DRUM_STROKES)}"
                    raise ValueError(f"`strokes`: got {shown(stroke)}, expected strokes of a kit; {hint}")
            if not self.strokes:
                raise ValueError(f"`strokes` is missing: choose from {', '.join(DRUM_STROKES)}")
        elif self.strokes:
            raise ValueError("`strokes`: these are of drums; write `notes`, as in `notes: C2 to C5 every 3`")
        else:
            self.pitches()
        _request_values(self.values, "4/4")
        return self

    def pitches(self) -> dict[str, int]:
        """The names and MIDI pitches of the notes or strokes. Raises ValueError."""
        if self.part == DRUMS:
            return {stroke: DRUM_STROKES[stroke] for stroke in dict.fromkeys(self.strokes)}
        return read_notes(self.notes)

    def request_values(self) -> PartialRequest:
        """Return `values` as those of a request."""
        return _request_values(self.values, "4/4")

    def chosen_sounds(self) -> tuple[str, ...]:
        """The recipe's sounds, or else the part's usual one."""
        return self.sounds or SOUNDS_OF_PART[self.part][:1]

    @property
    def longest_seconds(self) -> float:
        """How long a file may be: 1 s for drums and 3 s for notes, unless the recipe says otherwise."""
        return self.seconds or (1.0 if self.part == DRUMS else 3.0)


class Check(_Strict):
    """What is too bad to keep: shares as in `/msanii/take/heard`, and likeness of two files, 0 to 1."""

    heard_chords: float = Field(0.0, ge=0, le=1)
    heard_onsets: float = Field(0.0, ge=0, le=1)
    duplicates: float = Field(0.985, ge=0.5, le=1)


class PackRecipe(_Strict):
    """A pack's recipe. `model` is the model's name, `seed` draws the sample."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    description: str = Field("", max_length=2_000)
    author: str = Field("", max_length=200)
    model: Annotated[str, _parameter("model")] = "default"
    seed: int = Field(1, ge=0)
    loops: Loops | None = None
    one_shots: Annotated[tuple[OneShots, ...], BeforeValidator(_listed), Field(max_length=64)] = ()
    check: Check = Check()
    folders: Folders = "part"
    names: str = "<pack>_<part>_<bpm>bpm_<key>_<chords>_<style>_<sound>_<seed>"
    one_shot_names: str = "<pack>_<sound>_<note>_<velocity>"

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if self.loops is None and not self.one_shots:
            raise ValueError("`loops` and `one_shots` are both missing; write at least one of them")
        if not self.name.isprintable() or not self.name.strip(" ._-"):
            raise ValueError(f"`name`: got {shown(self.name)}, expected letters or digits; choose another")
        check_name_template("names", self.names, LOOP_FIELDS)
        check_name_template("one_shot_names", self.one_shot_names, ONE_SHOT_FIELDS)
        return self


def read_pack_recipe(path: Path) -> PackRecipe:
    """Read a recipe. Raises BridgeError `value` that names the file and all its mistakes."""
    content = read_yaml(path, code="value", max_depth=MAX_DEPTH)
    try:
        return PackRecipe.model_validate(content)
    except ValidationError as error:
        mistakes = "\n".join(sentences(error, PackRecipe, content))
        raise BridgeError("value", f"`{path.name}`:\n{mistakes}") from None


def _moves(chords: str) -> bool:
    """Whether chords are named by degrees, so that they move with the key."""
    from msanii.music.degrees import is_degree

    words = [word for word in chords.replace("|", " ").split() if word != "%"]
    return bool(words) and is_degree(words[0], numbers=True)


def _request_values(values: dict[str, object], meter: str) -> PartialRequest:
    from bridge.requests.written_values import with_meter_in_numbers

    for name in values:
        if name in PARAMETERS and "generate" not in PARAMETERS[name].verbs:
            raise ValueError(f"`values`: {name} is for music from a source; remove it")
        if name in _LISTED:
            raise ValueError(f"`values`: {name} is given by `{_LISTED[name]}`; write it there")
        if name in _DECIDED:
            raise ValueError(f"`values`: {name} is decided by the pack; remove it")
    try:
        checked: dict[str, Value] = dict(checked_values(with_meter_in_numbers({**values, "meter": meter})))  # type: ignore[arg-type]
    except BridgeError as error:
        raise ValueError(error.message.removesuffix(".")) from error
    return checked  # type: ignore[return-value]
