"""THE parameter table: every value a request can carry, its kind, range and default.

Requests, presets, session parameters, help and the README all derive from `PARAMETERS`; a default is
written nowhere else. Checking a value either returns it in its own type or raises `BridgeError`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from bridge.messages import BridgeError, FileFormat, PartialRequest, RenderRequest, Verb, partial_request
from bridge.values import as_typed, check_name, check_template, shown
from msanii import limits
from msanii.choices import (
    LATEST_EDITION,
    Edition,
    End,
    GuidanceRule,
    Phase,
    RepaintName,
    Scheduler,
    Side,
)

Kind = Literal["int", "float", "text", "choice", "path"]
Value = int | float | str

VERBS: tuple[Verb, ...] = get_args(Verb)
# The limits of requests that are narrower than the model's own in `msanii.limits`, here and in the table:
# one job must not hold up the queue for an hour, a knob must not reach what is never wanted, and tempos and
# meters are those of DAWs.
MIN_SECONDS, MAX_SECONDS = 0.1, 600.0
_LARGEST = 1e18

# The verbs that are told a length; the others last as long as their source.
NEW_MUSIC: tuple[Verb, ...] = ("generate", "outpaint")
_FROM_SOURCE: tuple[Verb, ...] = ("vary", "interpolate", "inpaint", "outpaint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One row of the table. A default of None means that absence has a meaning of its own.

    `of_model`: what nobody says is the model's own, from the `sampling` of its config.json.
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
    holds: str = "an audio file"  # what a path leads to
    verbs: tuple[Verb, ...] = VERBS
    of_model: bool = False

    @property
    def in_presets(self) -> bool:
        """Whether presets may hold it: a preset names no files, and no other preset."""
        return self.kind != "path" and self.name != "preset"

    def expected(self) -> str:
        """What a right value looks like, as the second half of a sentence."""
        if self.kind == "choice":
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if self.kind in ("int", "float"):
            number = "a whole number" if self.kind == "int" else "a number"
            unit = f" ({self.unit})" if self.unit else ""
            return f"{number} from {_plain(self.low)} to {_plain(self.high)}{unit}"
        return f"the path of {self.holds}" if self.kind == "path" else "text"

    def check(self, value: object) -> Value:
        """Returns `value` in the parameter's own type; whole floats pass as ints and ints as floats.

        Raises:
            BridgeError: `missing` for nothing at all, `type` for another kind of thing, `value` for
                NaN, infinity, or what lies out of range.
        """
        if value is None:
            raise BridgeError("missing", f"`{self.name}` has no value: expected {self.expected()}.")
        if self.kind == "choice":
            return self._check_choice(value)
        if self.kind in ("int", "float"):
            return self._check_number(value)
        return self._check_text(value)

    def _check_number(self, value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error("type", value, "send it as an OSC int or float")
        if abs(value) > _LARGEST or not math.isfinite(value):  # in this order: isfinite raises on 10 ** 400
            raise self._error("value", value, "send an ordinary number")
        if self.kind == "int":
            if value != int(value):
                raise self._error("value", value, "leave out the fraction")
            number: int | float = int(value)
        else:
            number = as_typed(float(value))
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise self._error("value", value, "choose a value inside that range")
        return number

    def _check_choice(self, value: object) -> Value:
        if isinstance(value, str):
            value = value.strip().lower()
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error("type", value, "send one of these")
        for choice in self.choices:
            if value == choice:
                return choice
        raise self._error("value", value, "send one of these")

    def _check_text(self, value: object) -> str:
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
        if self.kind == "path" and not value.strip():
            raise BridgeError("missing", f"`{self.name}` is empty: expected {self.expected()}.")
        return value

    def _error(self, code: str, value: object, remedy: str) -> BridgeError:
        return BridgeError(code, f"`{self.name}`: got {shown(value)}, expected {self.expected()}; {remedy}.")


def _rows() -> tuple[Parameter, ...]:
    p = Parameter
    return (
        p(name="preset", kind="text", default="piano_loop", help="the preset whose values come first"),
        p(name="model", kind="text", default="default", help="the model that renders"),
        p(name="bars", kind="float", default=limits.DEFAULT_BARS, low=1 / 16, high=1024, unit="bars",
          verbs=NEW_MUSIC, help="length in bars, exact to the sample"),
        p(name="seconds", kind="float", default=None, low=MIN_SECONDS, high=MAX_SECONDS, unit="seconds",
          verbs=NEW_MUSIC, help="length in seconds, instead of bars"),
        p(name="bpm", kind="float", default=limits.DEFAULT_BPM, low=20, high=limits.BPM.high,
          unit="quarter notes a minute", help="tempo"),
        p(name="numerator", kind="int", default=4, low=1, high=32, help="beats in a bar, as in 6 of 6/8"),
        p(name="denominator", kind="choice", default=4, choices=limits.DENOMINATORS,
          help="the beat's note value, as in 8 of 6/8"),
        p(name="key", kind="text", default="", max_characters=32,
          help="the key, as in Am or Eb major; Roman numerals need it"),
        p(name="chords", kind="text", default="", max_characters=limits.MOST_CHORD_CHARACTERS,
          help="one chord a bar, as in Am F C G; or with lengths in beats, as in Am:2 F:2"),
        p(name="seed", kind="int", default=-1, low=-1, high=limits.MAX_SEED,
          help="the same seed gives the same take; -1 chooses one"),
        p(name="count", kind="int", default=1, low=1, high=16, unit="takes",
          help="variations rendered together; their seeds are seed, seed + 1 and so on"),
        p(name="steps", kind="int", default=None, low=1, high=1000, unit="steps", of_model=True,
          help="denoising steps, the model's own unless said: more is slower and up to a point cleaner; "
               "models without context in- and outpaint by `repaint` instead"),
        p(name="scheduler", kind="choice", default=None, choices=get_args(Scheduler), of_model=True,
          help="how steps are taken, the model's own unless said; the paper's is ddim"),
        p(name="guidance", kind="float", default=None, low=0, high=20, of_model=True,
          help="how strongly chords and beat are followed, the model's own unless said; 1 is plain, "
               "above 4 overshoots"),
        p(name="guidance_of", kind="text", default="",
          help="a guidance of its own for some controls, as in chords 3, notes 1.5; each costs time"),
        p(name="guidance_rule", kind="choice", default=None, choices=get_args(GuidanceRule), of_model=True,
          help="projected keeps the level while guidance acts, plain does not; the model's own unless said"),
        p(name="iterations", kind="int", default=None, low=1, high=1000, unit="iterations", of_model=True,
          help="Griffin-Lim iterations that turn the spectrum into sound, the model's own unless said"),
        p(name="phase", kind="choice", default="auto", choices=get_args(Phase),
          help="auto leaves the phase to a vocoder that gives one; griffin-lim always searches for it"),
        p(name="strength", kind="float", default=limits.DEFAULT_STRENGTH, low=0.01, high=1,
          verbs=("vary", "interpolate"), help="how far from the source: small keeps it, 1 forgets it"),
        p(name="ratio", kind="float", default=limits.DEFAULT_RATIO, low=0, high=1, verbs=("interpolate",),
          help="0 is all source, 1 is all source_b"),
        p(name="from_seconds", kind="float", default=None, low=0, high=MAX_SECONDS, unit="seconds",
          verbs=("inpaint",), help="where the part to renew begins; left out, at the start"),
        p(name="to_seconds", kind="float", default=None, low=0, high=MAX_SECONDS, unit="seconds",
          verbs=("inpaint",), help="where the part to renew ends; left out, at the end"),
        p(name="side", kind="choice", default=limits.DEFAULT_SIDE, choices=get_args(Side),
          verbs=("outpaint",), help="which side of the source gets new music"),
        p(name="repaint", kind="choice", default=limits.DEFAULT_REPAINT, choices=get_args(RepaintName),
          verbs=("inpaint", "outpaint"),
          help="how thoroughly a model without context fits new music to old: 92, 140 or 1,910 network "
               "calls; the model that ships has context, takes `steps` and ignores this"),
        p(name="source", kind="path", default=None, max_characters=4096, verbs=_FROM_SOURCE,
          help="the audio file to start from"),
        p(name="source_b", kind="path", default=None, max_characters=4096, verbs=("interpolate",),
          help="the second audio file"),
        p(name="notes", kind="path", default=None, max_characters=4096, holds="a MIDI file",
          help="a MIDI file (or JSON) whose notes are played; its tempo, meter and length too, unless given"),
        p(name="sound", kind="text", default="", help="what plays, as in grand piano or strings, choir"),
        p(name="part", kind="text", default="", max_characters=32,
          help="what it plays in an arrangement: keys, lead, pad, bass, drums or mix"),
        p(name="parts", kind="text", default="", verbs=("generate",),
          help="several at once, as in keys,bass,drums,lead: a take for each, and last their mix; "
               "`sound` then names one for each"),
        p(name="level_db", kind="text", default="", verbs=("generate",),
          help="with `parts`: by how many dB some are louder or softer than their places in the mix, as in "
               f"bass 2, lead -3; from {limits.LEVEL_DB.low:g} to {limits.LEVEL_DB.high:g}"),
        p(name="swing", kind="float", default=None, low=limits.SWING.low, high=limits.SWING.high,
          unit="of a quarter note",
          help="where the second eighth falls: 0.5 is straight, 0.667 a triplet"),
        p(name="density", kind="float", default=None, low=limits.DENSITY.low, high=limits.DENSITY.high,
          unit="attacks a quarter note",
          help="how busy it plays"),
        p(name="register_pitch", kind="float", default=None, low=limits.REGISTER.low,
          high=limits.REGISTER.high, unit="MIDI pitch",
          help="around which pitch it plays; 60 is middle C"),
        p(name="dynamics", kind="float", default=None, low=limits.DYNAMICS.low,
          high=limits.DYNAMICS.high, unit="MIDI velocity",
          help="how hard it is played"),
        p(name="rate", kind="choice", default=44100, choices=(44100, 48000, 88200, 96000), unit="Hz",
          help="sample rate of the file"),
        p(name="end", kind="choice", default="cut", choices=get_args(End),
          help="cut at the bar line, fade before it, or ring past it"),
        p(name="loop", kind="choice", default=0, choices=(0, 1), verbs=("generate", "vary"),
          help="1 lets the end go on into the start without a seam; `end ring` adds a tail as a second file"),
        p(name="loudness_lufs", kind="float", default=limits.LOUDNESS_LUFS, low=-36, high=-10, unit="LUFS",
          help="loudness of the file"),
        p(name="format", kind="choice", default="wav", choices=get_args(FileFormat),
          help="wav, aiff and flac have 24 bits; float is a 32-bit float WAV"),
        p(name="name_template", kind="text", max_characters=128,
          default="<preset>_<bpm>bpm_<key>_<bars>bars_<seed>_<n>.wav",
          help="file names; <n> counts up, and the ending follows the format"),
        p(name="edition", kind="choice", default=LATEST_EDITION, choices=get_args(Edition),
          help="the rules of rendering: 3 is the latest; recipes of older takes name an earlier one"),
    )  # fmt: skip


def seconds_of(bars: float, numerator: int, denominator: int, bpm: float) -> float:
    """How long bars last, for display and limits; samples are counted from the bars themselves."""
    return bars * 4 * numerator / denominator * 60 / bpm


def check_values(values: Mapping[str, object]) -> PartialRequest:
    """Checks values by parameter; returns each in its own type. Raises BridgeError as `Parameter.check`."""
    return partial_request({name: PARAMETERS[name].check(value) for name, value in values.items()})


def check_request(request: RenderRequest) -> RenderRequest:
    """Checks a request from disk, where anybody may have edited it; returns the request.

    Raises:
        BridgeError: for the first field that is out of range, or as `check_combination`.
    """
    for parameter in for_verb(request.verb):
        value = getattr(request, parameter.name)
        if value is not None and parameter.kind != "path" and parameter.name not in ("seconds", "seed"):
            parameter.check(value)
    return check_combination(request)


def check_combination(request: RenderRequest) -> RenderRequest:
    """Checks that the values of a request, each in its range, go together; returns the request.

    Raises:
        BridgeError: `missing` for a source, `value` for the first field at odds with another.
    """
    _check_sources(request)
    _check_length(request)
    _check_loop(request)
    if request.seed < 0 or request.seed_of(request.count - 1) > limits.MAX_SEED:
        raise BridgeError(
            "value",
            f"`seed`: got {request.seed} for {request.count} takes, "
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
    """Every parameter's default; those whose absence has a meaning are absent."""
    given = {name: row.default for name, row in PARAMETERS.items() if row.default is not None}
    return partial_request(given)


def value_of(values: PartialRequest, name: str) -> Value | None:
    """The value of a parameter whose name is known only at run time; None where it is left open."""
    return cast("Value | None", values.get(name))


def for_verb(verb: Verb) -> tuple[Parameter, ...]:
    """The parameters that a verb takes, in table order."""
    return tuple(parameter for parameter in PARAMETERS.values() if verb in parameter.verbs)


def _plain(number: float | None) -> str:
    return "?" if number is None else f"{number:.10g}"


PARAMETERS: Mapping[str, Parameter] = {row.name: row for row in _rows()}
OF_MODEL: tuple[str, ...] = tuple(name for name, row in PARAMETERS.items() if row.of_model)
"""What a model says for itself: the names of `msanii.config.SamplingDefaults`."""
