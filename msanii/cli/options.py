"""The options that the five verbs share on the command line, and what they add up to."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from msanii.config import GuidanceRule, Scheduler
from msanii.errors import ScoreError

if TYPE_CHECKING:
    from msanii.music.note_files import NoteClip
    from msanii.music.score import Score

DEFAULT_BPM = 120.0

End = Literal["cut", "fade", "ring"]


@dataclass(frozen=True, kw_only=True)
class SharedOptions:
    """The options that all five verbs share."""

    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write: .wav, .aiff or .flac, 24 bit.")
    ]
    chords: Annotated[str, typer.Option(help='"Am F C G", one a bar; "Dm7:2 G7:2", with beats.')] = ""
    bpm: Annotated[
        float | None, typer.Option(help="Quarter notes a minute; 120 if needed and not given.")
    ] = None
    bars: Annotated[float | None, typer.Option(help="Length in bars.")] = None
    seconds: Annotated[float | None, typer.Option(help="Length in seconds, instead of bars.")] = None
    meter: Annotated[str | None, typer.Option(help="Time signature, such as 3/4; 4/4 if not given.")] = None
    key: Annotated[str, typer.Option(help='Such as "Eb major"; Roman numerals need one.')] = ""
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed gives the same take.")] = 0
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None
    preset: Annotated[
        Literal["paper"] | None,
        typer.Option(help="paper: 200 DDIM steps or its RePaint plan, 200 iterations, 190 seconds."),
    ] = None
    steps: Annotated[
        int | None, typer.Option(min=1, help="Sampling steps; the model knows a good number.")
    ] = None
    scheduler: Annotated[Scheduler | None, typer.Option(help="Who walks from noise to music.")] = None
    guidance: Annotated[
        float | None, typer.Option(help="How closely the controls are followed; 1: plain.")
    ] = None
    guidance_rule: Annotated[
        GuidanceRule | None, typer.Option(help="projected: the level stays while guidance acts; or plain.")
    ] = None
    phase: Annotated[
        Literal["auto", "griffin-lim"] | None,
        typer.Option(help="Who finds the phase: auto is the vocoder, where it can."),
    ] = None
    guidance_of: Annotated[
        str, typer.Option(help='Another guidance for some controls: "chords 3, notes 1.5".')
    ] = ""
    iterations: Annotated[int | None, typer.Option(min=0, help="Griffin-Lim iterations for the phase.")] = (
        None
    )
    rate: Annotated[
        int | None,
        typer.Option(min=8_000, max=384_000, help="The file's rate in Hz; the model's, or the source's."),
    ] = None
    end: Annotated[
        End, typer.Option(help="At the end: cut at the bar line, fade, or (generate) let it ring on.")
    ] = "cut"
    sound: Annotated[str, typer.Option(help='Such as "grand piano", or several: "strings, choir".')] = ""
    part: Annotated[str, typer.Option(help="keys, lead, pad, bass, drums or mix.")] = ""
    swing: Annotated[
        float | None, typer.Option(help="Where the second eighth falls: 0.5 straight, 0.667 a triplet.")
    ] = None
    density: Annotated[float | None, typer.Option(help="Attacks in a quarter note, 0.05 to 16.")] = None
    register_pitch: Annotated[
        float | None, typer.Option("--register", help="The mean pitch, as in MIDI; 60 is middle C.")
    ] = None
    dynamics: Annotated[float | None, typer.Option(help="How hard it is played, as MIDI velocity.")] = None
    notes: Annotated[
        Path | None, typer.Option(help="A MIDI file whose notes are played; its tempo, unless given.")
    ] = None


def with_shared_options(verb: Callable[..., None]) -> Callable[..., None]:
    """The same function with the fields of SharedOptions as parameters of its own, for typer to read."""
    own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]
    names = [field.name for field in fields(SharedOptions)]
    hints = get_type_hints(SharedOptions, include_extras=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter(
            field.name,
            keyword,
            annotation=hints[field.name],
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
        )
        for field in fields(SharedOptions)
    ]

    @functools.wraps(verb)
    def command(**values: Any) -> None:
        ask = SharedOptions(**{name: values.pop(name) for name in names})
        verb(ask, **values)

    parameters = [parameter.replace(kind=keyword) for parameter in own] + shared
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def make_asked_score(ask: SharedOptions, *, bars: float | None, seconds: float | None) -> Score:
    from msanii.music.note_files import read_notes, score_notes
    from msanii.music.score import Feel, make_score
    from msanii.music.sounds import read_sounds

    clip = None if ask.notes is None else read_notes(ask.notes)
    said = (ask.bpm, None if clip is None else clip.bpm, DEFAULT_BPM)
    bpm = next(tempo for tempo in said if tempo is not None)
    numerator, denominator = _asked_meter(ask, clip)
    if clip is not None and bars is None and seconds is None:
        bars = clip.bars(numerator, denominator)
    return make_score(
        bars=bars,
        seconds=seconds,
        bpm=bpm,
        numerator=numerator,
        denominator=denominator,
        chords=ask.chords,
        key=ask.key,
        notes=() if clip is None else score_notes(clip.notes, bpm),
        sounds=read_sounds(ask.sound),
        part=ask.part,
        feel=Feel(swing=ask.swing, density=ask.density, register=ask.register_pitch, dynamics=ask.dynamics),
    )


def _asked_meter(ask: SharedOptions, clip: NoteClip | None) -> tuple[int, int]:
    """The meter asked for, else the notes' own, else 4/4."""
    if ask.meter is not None:
        return _meter(ask.meter)
    if clip is None or clip.numerator is None or clip.denominator is None:
        return 4, 4
    return clip.numerator, clip.denominator


def optional_score(ask: SharedOptions, seconds: float) -> Score | None:
    """What the music is to follow; None where nothing was given. Without a tempo nobody knows its beats."""
    if ask.bpm is not None or ask.notes is not None:
        return make_asked_score(ask, bars=None, seconds=seconds)
    if ask.chords or ask.swing is not None:
        raise ScoreError("bpm: chords and swing need a tempo; give the source's with --bpm")
    feel = (ask.density, ask.register_pitch, ask.dynamics)
    if not (ask.sound or ask.part or any(value is not None for value in feel)):
        return None
    return replace(make_asked_score(ask, bars=None, seconds=seconds), knows_beat=False)


def _meter(text: str) -> tuple[int, int]:
    numerator, _, denominator = text.partition("/")
    if not (numerator.isdecimal() and denominator.isdecimal() and len(text) < 8):
        raise ScoreError(f"meter: got `{text}`, expected two numbers such as 3/4")
    return int(numerator), int(denominator)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import Progress

    # On stderr, so that nothing but results is ever piped on.
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1.0)

        def on_step(fraction: float) -> None:
            progress.update(task, completed=fraction)

        yield on_step
