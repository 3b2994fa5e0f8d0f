"""The table of request parameters: every value of a request, with its type, range and default.

Requests, presets, session parameters, help texts and the README all derive from `PARAMETERS`; defaults are
defined nowhere else. Checking a value either returns it in the parameter's type or raises `BridgeError`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from bridge.messages import BridgeError, FileFormat, PartialRequest, RenderRequest, Verb, partial_request
from bridge.values import as_typed, check_name, check_template, name_of, number_of, number_remedy, shown
from msanii import limits
from msanii.choices import (
    LATEST_EDITION,
    Compose,
    Edition,
    End,
    GuidanceRule,
    Phase,
    RepaintName,
    Scheduler,
    Side,
)
from msanii.errors import ScoreError
from msanii.music.timeline import read_beat_seconds

Kind = Literal["int", "float", "text", "choice", "path"]
Value = int | float | str

VERBS: tuple[Verb, ...] = get_args(Verb)
# Here and in the table, some limits are narrower than the model's in `msanii.limits`: a single job must not
# block the queue for an hour, knobs should cover the useful range only, and tempos and meters are those of
# DAWs.
MIN_SECONDS, MAX_SECONDS = 0.1, 600.0
_LARGEST = 1e18

# An edit keeps the take's bars, and its own way of composing.
_NOT_EDITED = frozenset(
    (
        "preset",
        "bars",
        "seconds",
        "numerator",
        "denominator",
        "notes_from_beats",
        "beat_seconds",
        "parts",
        "level_db",
        "compose",
    )
)

LENGTHS = ("bars", "seconds")  # the one set last counts

# Verbs that take a length; the output of the others is as long as its source.
NEW_MUSIC: tuple[Verb, ...] = ("generate", "outpaint")
_FROM_SOURCE: tuple[Verb, ...] = ("vary", "interpolate", "inpaint", "outpaint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A row of the table. A default of None means that the parameter may be absent.

    `of_model`: the default is the model's, from `sampling` in its config.json.
    """

    name: str
    kind: Kind
    default: Value | None
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[Value, ...] = ()
    max_characters: int = 256
    holds: str = "an audio file"  # the kind of file that a path names
    verbs: tuple[Verb, ...] = VERBS
    of_model: bool = False

    @property
    def in_presets(self) -> bool:
        """Whether presets may contain it: no file paths, no beats of a recording, and no other preset."""
        return self.kind != "path" and self.name not in ("preset", "beat_seconds")

    @property
    def is_free_text(self) -> bool:
        """Whether it is a text of several words, as chords are, and no name."""
        return self.kind == "text" and self.name not in ("preset", "model", "name_template")

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off, so that OSC's True and False set it too."""
        return self.choices == (0, 1)

    def expected(self) -> str:
        """Describe a valid value, as the second half of a sentence."""
        if self.kind == "choice":
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if self.kind in ("int", "float"):
            number = "a whole number" if self.kind == "int" else "a number"
            unit = f" ({self.unit})" if self.unit else ""
            return f"{number} from {_plain(self.low)} to {_plain(self.high)}{unit}"
        return f"the path of {self.holds}" if self.kind == "path" else "text"

    def check(self, value: object) -> Value:
        """Return `value` in the parameter's type; integral floats are accepted as ints, ints as floats.

        Raises:
            BridgeError: `missing` for None, `type` for a wrong type, `value` for NaN, infinity or a value
                out of range.
        """
        if value is None:
            raise BridgeError("missing", f"`{self.name}` has no value: expected {self.expected()}.")
        if self.kind == "choice":
            return self._check_choice(value)
        if self.kind in ("int", "float"):
            return self._check_number(value)
        return self._check_text(value)

    def _check_number(self, value: object) -> int | float:
        sent = number_of(value)
        if sent is None:
            raise self._error("type", value, number_remedy(value, "send it as an OSC int or float"))
        if abs(sent) > _LARGEST or not math.isfinite(sent):  # in this order: isfinite raises on 10 ** 400
            raise self._error("value", value, "send an ordinary number")
        if self.kind == "int":
            if sent != int(sent):
                raise self._error("value", value, "leave out the fraction")
            number: int | float = int(sent)
        else:
            number = as_typed(float(sent))
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise self._error("value", value, "choose a value inside that range")
        return number

    def _check_choice(self, value: object) -> Value:
        if isinstance(value, bool) and self.is_switch:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._error("type", value, "send one of these")
        word = value.strip().lower() if isinstance(value, str) else value
        for choice in self.choices:
            if choice in (word, number_of(word)):
                return choice
        raise self._error("value", value, "send one of these")

    def _check_text(self, value: object) -> str:
        if self.name in ("preset", "model"):
            value = name_of(value)
        if not isinstance(value, str):
            raise self._error("type", value, "send it as an OSC string")
        if len(value) > self.max_characters:
            got = f"{len(value)} characters"
            raise self._error("value", got, f"shorten it to {self.max_characters} characters or fewer")
        if any(not (character.isprintable() or character in "\t\r\n") for character in value):
            raise self._error("value", value, "leave out control characters")
        if self.name in ("preset", "model"):
            return check_name(self.name, value)
        if self.name == "name_template":
            return check_template(value)
        if self.name == "beat_seconds":
            try:
                read_beat_seconds(value)
            except ScoreError as error:
                raise BridgeError("value", f"`{self.name}`{str(error).removeprefix(self.name)}.") from error
        if self.kind == "path" and not value.strip():
            raise BridgeError("missing", f"`{self.name}` is empty: expected {self.expected()}.")
        return value

    def _error(self, code: str, value: object, remedy: str) -> BridgeError:
        return BridgeError(code, f"`{self.name}`: got {shown(value)}, expected {self.expected()}; {remedy}.")


def _rows() -> tuple[Parameter, ...]:
    p = Parameter
    return (
        p(name="preset", kind="text", default="piano_loop", help="preset for all values that are not set"),
        p(name="model", kind="text", default="default", help="model to render with"),
        p(name="bars", kind="float", default=limits.DEFAULT_BARS, low=1 / 16, high=1024, unit="bars",
          verbs=(*NEW_MUSIC, "inpaint"),
          help="length in bars, exact to the sample; for inpaint, of the region, instead of to_seconds"),
        p(name="seconds", kind="float", default=None, low=MIN_SECONDS, high=MAX_SECONDS, unit="seconds",
          verbs=(*NEW_MUSIC, "inpaint"), help="length in seconds, instead of bars"),
        p(name="bpm", kind="float", default=limits.DEFAULT_BPM, low=20, high=limits.BPM.high,
          unit="quarter notes a minute", help="tempo"),
        p(name="numerator", kind="int", default=4, low=1, high=32, help="beats in a bar, as in 6 of 6/8"),
        p(name="denominator", kind="choice", default=4, choices=limits.DENOMINATORS,
          help="the beat's note value, as in 8 of 6/8"),
        p(name="key", kind="text", default="", max_characters=32,
          help="key, as in Am or Eb major; required for Roman numerals and numbers"),
        p(name="chords", kind="text", default="", max_characters=limits.MOST_CHORD_CHARACTERS,
          help="chords, one per bar, as in Am F C G; or with lengths in beats, as in Am:2 F:2; B and H are "
               "both B natural"),
        p(name="seed", kind="int", default=-1, low=-1, high=limits.MAX_SEED,
          help="random seed: the same seed gives the same take; -1 picks one"),
        p(name="count", kind="int", default=1, low=1, high=16, unit="takes",
          help="variations rendered together; their seeds are seed, seed + 1 and so on"),
        p(name="candidates", kind="int", default=1, low=1, high=limits.MOST_CANDIDATES, unit="candidates",
          help="renders of each take, of which the one is kept that plays chords and notes best by ear"),
        p(name="keep", kind="int", default=None, low=0, high=limits.MOST_CANDIDATES - 1,
          help="the candidate to keep, counted from 0, instead of the best; recipes name it"),
        p(name="batch", kind="int", default=0, low=0, high=16, unit="takes",
          help="takes to render at once: fewer need less memory, 0 is all; the last bits depend on it, so "
               "recipes name it"),
        p(name="steps", kind="int", default=None, low=1, high=1000, unit="steps", of_model=True,
          help="denoising steps (default: the model's); more is slower and up to a point cleaner; "
               "models without context use `repaint` instead to inpaint and outpaint"),
        p(name="scheduler", kind="choice", default=None, choices=get_args(Scheduler), of_model=True,
          help="sampler (default: the model's); the paper uses ddim"),
        p(name="guidance", kind="float", default=None, low=0, high=20, of_model=True,
          help="classifier-free guidance: how strongly chords and beat are followed (default: the model's); "
               "1 is off, above 4 overshoots"),
        p(name="guidance_of", kind="text", default="",
          help="separate guidance for some controls, as in chords 3, notes 1.5; each costs time"),
        p(name="guidance_rule", kind="choice", default=None, choices=get_args(GuidanceRule), of_model=True,
          help="how guidance is applied (default: the model's): projected keeps the level, plain does not"),
        p(name="iterations", kind="int", default=None, low=1, high=1000, unit="iterations", of_model=True,
          help="Griffin-Lim iterations for phase reconstruction (default: the model's)"),
        p(name="phase", kind="choice", default="auto", choices=get_args(Phase),
          help="phase reconstruction: auto uses the vocoder's phase if it has one; griffin-lim always "
               "estimates it"),
        p(name="strength", kind="float", default=limits.DEFAULT_STRENGTH, low=0.01, high=1,
          verbs=("vary", "interpolate"),
          help="distance from the source, in even steps: small values stay close, 1 ignores it"),
        p(name="ratio", kind="float", default=limits.DEFAULT_RATIO, low=0, high=1, verbs=("interpolate",),
          help="mix of the two sources: 0 is all source, 1 is all source_b"),
        p(name="from_seconds", kind="float", default=None, low=0, high=MAX_SECONDS, unit="seconds",
          verbs=("inpaint",), help="start of the region to regenerate (default: the start of the source)"),
        p(name="to_seconds", kind="float", default=None, low=0, high=MAX_SECONDS, unit="seconds",
          verbs=("inpaint",), help="end of the region to regenerate (default: the end of the source)"),
        p(name="side", kind="choice", default=limits.DEFAULT_SIDE, choices=get_args(Side),
          verbs=("outpaint",), help="side of the source on which music is added"),
        p(name="repaint", kind="choice", default=limits.DEFAULT_REPAINT, choices=get_args(RepaintName),
          verbs=("inpaint", "outpaint"),
          help="RePaint effort of a model without context when it fits new music to old: 92, 140 or 1,910 "
               "network calls; the bundled model has context, so it uses `steps` and ignores this"),
        p(name="source", kind="path", default=None, max_characters=4096, verbs=_FROM_SOURCE,
          help="audio file to start from"),
        p(name="source_b", kind="path", default=None, max_characters=4096, verbs=("interpolate",),
          help="second audio file"),
        p(name="notes", kind="path", default=None, max_characters=4096, holds="a MIDI file",
          help="MIDI file (or JSON) with the notes to play; its tempo, meter and length apply unless set; "
               "with `part` or `parts`, each plays its own track"),
        p(name="notes_from_beats", kind="float", default=None, low=0, high=20_000, unit="quarter notes",
          help="where bar 1 is in the file of `notes`: what begins before is left out, as an upbeat; "
               "a first bar that the file's own meters make shorter stays if this is not set"),
        p(name="beat_seconds", kind="text", default="", max_characters=limits.MOST_BEAT_CHARACTERS,
          help="when the beats of a recording are heard that the music follows, in seconds from its start, "
               "as in 0.25 0.76 1.27: the first begins bar 1; `bpm` goes on before and after them"),
        p(name="sound", kind="text", default="",
          help="instruments, as in grand piano or strings, choir, or taught, as in my juno:0.7"),
        p(name="part", kind="text", default="", max_characters=32,
          help="role in an arrangement: keys, lead, pad, bass, drums or mix"),
        p(name="parts", kind="text", default="", verbs=("generate",),
          help="several parts at once, as in keys,bass,drums,lead: one take per part, then their mix; "
               "`sound` then lists one per part"),
        p(name="level_db", kind="text", default="", verbs=("generate",),
          help="with `parts`: level changes in the mix in dB, as in bass 2, lead -3; from "
               f"{limits.LEVEL_DB.low:g} to {limits.LEVEL_DB.high:g}"),
        p(name="swing", kind="float", default=None, low=limits.SWING.low, high=limits.SWING.high,
          unit="of a quarter note",
          help="position of the off-beat eighth: 0.5 is straight, 0.667 a triplet; the bundled model hardly "
               "follows it, so swing the `notes`"),
        p(name="density", kind="float", default=None, low=limits.DENSITY.low, high=limits.DENSITY.high,
          unit="attacks a quarter note",
          help="note density of the playing; the bundled model does not follow it, so give it `notes`"),
        p(name="register_pitch", kind="float", default=None, low=limits.REGISTER.low,
          high=limits.REGISTER.high, unit="MIDI pitch",
          help="central pitch of the playing; 60 is middle C; the bundled model follows it a little"),
        p(name="dynamics", kind="float", default=None, low=limits.DYNAMICS.low,
          high=limits.DYNAMICS.high, unit="MIDI velocity",
          help="how hard the notes are played"),
        p(name="compose", kind="choice", default=limits.DEFAULT_COMPOSE, choices=get_args(Compose),
          verbs=("generate", "inpaint", "outpaint"),
          help="auto composes the notes first, if the model knows notes, and then plays them; off lets the "
               "model play freely"),
        p(name="style", kind="text", default="", max_characters=64,
          verbs=("generate", "inpaint", "outpaint"),
          help="the groove that is composed, as in deep_house, or a family of grooves, as in funk or waltz"),
        p(name="rate", kind="choice", default=44100, choices=(44100, 48000, 88200, 96000), unit="Hz",
          help="sample rate of the file"),
        p(name="end", kind="choice", default="cut", choices=get_args(End),
          help="cut at the bar line, fade before it, or ring past it"),
        p(name="loop", kind="choice", default=0, choices=(0, 1), verbs=("generate", "vary"),
          help="1 makes a seamless loop; `end ring` adds its tail as a second file"),
        p(name="loudness_lufs", kind="float", default=limits.LOUDNESS_LUFS, low=-36, high=-10, unit="LUFS",
          help="loudness of the file"),
        p(name="format", kind="choice", default="wav", choices=get_args(FileFormat),
          help="wav, aiff and flac have 24 bits; float is a 32-bit float WAV"),
        p(name="name_template", kind="text", max_characters=128,
          default="<preset>_<bpm>bpm_<key>_<bars>bars_<seed>_<n>.wav",
          help="file names; <n> counts up, and the ending follows the format"),
        p(name="edition", kind="choice", default=LATEST_EDITION, choices=get_args(Edition),
          help=f"version of the rendering rules: {LATEST_EDITION} is the latest; recipes of older takes name "
               "an earlier one"),
    )  # fmt: skip


def seconds_of(bars: float, numerator: int, denominator: int, bpm: float) -> float:
    """Return the duration of `bars`, for display and limits; sample counts are computed from the bars."""
    return bars * 4 * numerator / denominator * 60 / bpm


def check_values(values: Mapping[str, object]) -> PartialRequest:
    """Check values by parameter name; return each in its type. Raises BridgeError as `Parameter.check`."""
    return partial_request({name: PARAMETERS[name].check(value) for name, value in values.items()})


def check_request(request: RenderRequest) -> RenderRequest:
    """Check a request that was read from disk, where it may have been edited; return the request.

    Raises:
        BridgeError: for the first field that is out of range, or as `check_combination`.
    """
    for parameter in for_verb(request.verb):
        value = getattr(request, parameter.name)
        if value is not None and parameter.kind != "path" and parameter.name not in ("seconds", "seed"):
            parameter.check(value)
    return check_combination(request)


def check_combination(request: RenderRequest) -> RenderRequest:
    """Check that the values of a request, each valid on its own, are compatible; return the request.

    Raises:
        BridgeError: `missing` for a source, `value` for the first field that conflicts with another.
    """
    _check_sources(request)
    _check_length(request)
    _check_loop(request)
    _check_candidates(request)
    if request.seed < 0 or request.seed + max(request.renders, request.count) - 1 > limits.MAX_SEED:
        raise BridgeError(
            "value",
            f"`seed`: got {request.seed} for {request.renders} takes, "
            f"expected 0 to {limits.MAX_SEED} for each of them; choose a smaller seed.",
        )
    begin, end = request.from_seconds or 0.0, request.to_seconds
    if request.verb == "inpaint" and end is not None and begin >= end:
        raise BridgeError(
            "value",
            f"`to_seconds`: got {_plain(end)}, expected more than `from_seconds` ({_plain(begin)}); "
            "let the part to renew end after it begins.",
        )
    return request


def _check_sources(request: RenderRequest) -> None:
    for name, source in (("source", request.source), ("source_b", request.source_b)):
        if source is None and request.verb in PARAMETERS[name].verbs:
            what = f"`{name}`: got nothing, expected an audio file for {request.verb}"
            raise BridgeError("missing", f"{what}; send `{name}` and the file's path.")


def _check_candidates(request: RenderRequest) -> None:
    if request.candidates == 1 and request.keep is None:
        return
    most = int(PARAMETERS["count"].high or 0)
    if request.renders > most:
        of = f"{len(request.arrangement)} parts" if request.arrangement else f"{request.count} takes"
        raise BridgeError(
            "value",
            f"`candidates`: got {request.candidates} for {of}, which are {request.renders} renders at once, "
            f"expected at most {most}; ask for fewer.",
        )
    if request.keep is not None and request.keep >= request.candidates:
        raise BridgeError(
            "value",
            f"`keep`: got {request.keep}, expected 0 to {request.candidates - 1} with `candidates "
            f"{request.candidates}`; they are counted from 0.",
        )


def _check_loop(request: RenderRequest) -> None:
    ends = ("cut", "ring") if request.verb == "generate" else ("cut",)
    if request.loop and request.end not in ends:
        what = f"`end`: got {request.end}, expected {' or '.join(ends)} for a loop made by {request.verb}"
        raise BridgeError("value", f"{what}; send `end cut`, or `loop 0`.")


def _check_length(request: RenderRequest) -> None:
    if request.verb not in NEW_MUSIC:
        return
    expected = f"expected {_plain(MIN_SECONDS)} to {_plain(MAX_SECONDS)} seconds"
    bars = request.bars
    if bars is None:
        if not MIN_SECONDS <= request.seconds <= MAX_SECONDS:
            got = f"`seconds`: got {_plain(request.seconds)}"
            raise BridgeError("value", f"{got}, {expected}; ask for another length.")
        return
    seconds = seconds_of(bars, request.numerator, request.denominator, request.bpm)
    lasts = f"`bars`: {_plain(bars)} at {_plain(request.bpm)} bpm last {seconds:.6g} seconds"
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise BridgeError("value", f"{lasts}, {expected}; ask for another number of bars.")
    if not math.isclose(seconds, request.seconds, rel_tol=1e-6):
        also = f"but `seconds` says {_plain(request.seconds)}"
        raise BridgeError("value", f"{lasts}, {also}; correct one of them.")


def defaults() -> PartialRequest:
    """Return the defaults, without the parameters that may be absent."""
    given = {name: row.default for name, row in PARAMETERS.items() if row.default is not None}
    return partial_request(given)


def value_of(values: PartialRequest, name: str) -> Value | None:
    """Return the value of a parameter whose name is known only at run time; None if it is absent."""
    return cast("Value | None", values.get(name))


def for_edit() -> tuple[Parameter, ...]:
    """Return the parameters that an edit of a take may change, in table order."""
    return tuple(row for row in for_verb("generate") if row.name not in _NOT_EDITED)


def for_verb(verb: Verb) -> tuple[Parameter, ...]:
    """Return the parameters that a verb takes, in table order."""
    return tuple(parameter for parameter in PARAMETERS.values() if verb in parameter.verbs)


def _plain(number: float | None) -> str:
    return "?" if number is None else f"{number:.10g}"


PARAMETERS: Mapping[str, Parameter] = {row.name: row for row in _rows()}
PATHS = frozenset(name for name, row in PARAMETERS.items() if row.kind == "path")
OF_MODEL: tuple[str, ...] = tuple(name for name, row in PARAMETERS.items() if row.of_model)
"""Parameters with a default per model: the names of `msanii.config.SamplingDefaults`."""
