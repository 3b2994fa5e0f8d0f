"""Options shared by the commands that make music, and the scores that they describe."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.models import OptionInfo

from msanii.choices import Compose, End, FileFormat, GuidanceRule, Phase, Scheduler
from msanii.errors import MsaniiError, ScoreError
from msanii.limits import DEFAULT_BPM, MAX_SEED, RATE_HZ

if TYPE_CHECKING:
    from msanii.music.lead_sheet import Meter
    from msanii.music.note_clip import NoteClip
    from msanii.music.score import Score
    from msanii.music.taught.asked import TaughtRef


ComposeOption = Annotated[
    Compose | None,
    typer.Option(
        help="auto composes the notes first, if the model knows notes, and then plays them; off lets the "
        "model play freely. Default: auto, or off with the preset paper."
    ),
]
Style = Annotated[
    str, typer.Option(help="The groove that is composed, such as deep_house, or a family, such as funk.")
]
Loudness = Annotated[float, typer.Option(min=-36, max=-10, help="Loudness of the file in LUFS.")]

_PANELS: Mapping[str, tuple[str, ...]] = {
    "Music": (
        "chords", "bpm", "bars", "seconds", "meter", "numerator", "denominator", "key", "sound", "sounds",
        "part", "parts", "level_db", "notes", "notes_from_beats", "loop", "preset",
    ),
    "Playing": ("compose", "style", "swing", "density", "register_pitch", "dynamics"),
    "Source": ("strength", "from_seconds", "to_seconds", "side", "ratio"),
    "File": ("seed", "count", "rate", "file_format", "end", "loudness_lufs"),
}  # fmt: skip
_MODEL_PANEL = "Model and sampling"


def _only_paper(preset: str | None) -> str | None:
    if preset not in (None, "paper"):
        raise MsaniiError(
            f"preset: got `{preset}`, expected paper; for the presets of the bridge, "
            "use `msanii-bridge generate`, which has the same options"
        )
    return preset


@dataclass(frozen=True, kw_only=True)
class SharedOptions:
    """The options of every command that makes music."""

    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="File to write: .wav, .aiff or .flac, 24 bit; 32-bit float by --format."
        ),
    ]
    chords: Annotated[str, typer.Option(help='"Am F C G", one per bar; "Dm7:2 G7:2", in beats.')] = ""
    bpm: Annotated[
        float | None, typer.Option(help="Tempo in quarter notes per minute; 120 where one is needed.")
    ] = None
    bars: Annotated[float | None, typer.Option(help="Length in bars.")] = None
    seconds: Annotated[float | None, typer.Option(help="Length in seconds, instead of bars.")] = None
    meter: Annotated[str | None, typer.Option(help="Time signature, such as 3/4; 4/4 if not given.")] = None
    numerator: Annotated[int | None, typer.Option(min=1, help="Beats in a bar: the 7 of 7/8.")] = None
    denominator: Annotated[int | None, typer.Option(min=1, help="The beat's note value: the 8 of 7/8.")] = (
        None
    )
    key: Annotated[str, typer.Option(help='Key, such as "Eb major"; required for Roman numerals.')] = ""
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The same seed gives the same take.")] = 0
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None
    preset: Annotated[
        str | None,
        typer.Option(
            help="paper: 200 DDIM steps or its RePaint plan, 200 iterations, 190 seconds. "
            "For other presets, use `msanii-bridge generate`.",
            callback=_only_paper,
            metavar="paper",
        ),
    ] = None
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Sampling steps, or RePaint's for in- and outpainting by a model without context; "
            "the model has a good default.",
        ),
    ] = None
    scheduler: Annotated[Scheduler | None, typer.Option(help="The sampler; the paper's is ddim.")] = None
    guidance: Annotated[float | None, typer.Option(help="How closely to follow the controls; 1: plain.")] = (
        None
    )
    guidance_rule: Annotated[
        GuidanceRule | None, typer.Option(help="projected keeps guidance from raising the level; or plain.")
    ] = None
    phase: Annotated[
        Phase | None, typer.Option(help="auto: the vocoder's own phase, if it has one; or Griffin-Lim.")
    ] = None
    guidance_of: Annotated[
        str, typer.Option(help='Separate guidance of some controls: "chords 3, notes 1.5".')
    ] = ""
    iterations: Annotated[int | None, typer.Option(min=0, help="Griffin-Lim iterations for the phase.")] = (
        None
    )
    rate: Annotated[
        int | None,
        typer.Option(
            min=int(RATE_HZ.low),
            max=int(RATE_HZ.high),
            help="Sample rate of the file in Hz; default: the model's, or the source's.",
        ),
    ] = None
    file_format: Annotated[
        FileFormat | None,
        typer.Option(
            "--format", help="Default: by the name's ending, with 24 bits. float: a .wav with 32-bit floats."
        ),
    ] = None
    end: Annotated[End, typer.Option()] = "cut"
    sound: Annotated[
        str,
        typer.Option(
            help='Such as "grand piano"; several: "strings, choir". One of yours: "my juno", "my juno:0.7", '
            '"my juno:0.6 + organ:0.4".'
        ),
    ] = ""
    part: Annotated[str, typer.Option(help="Part to play: keys, lead, pad, bass, drums or mix.")] = ""
    swing: Annotated[
        float | None,
        typer.Option(
            help="Position of the second eighth: 0.5 straight, 0.667 triplets. Needs a tempo. "
            "The bundled model hardly follows it."
        ),
    ] = None
    density: Annotated[
        float | None,
        typer.Option(help="Attacks per quarter note, 0.05 to 16. The bundled model does not follow it."),
    ] = None
    register_pitch: Annotated[
        float | None,
        typer.Option(
            "--register-pitch",
            "--register",
            help="Mean pitch as a MIDI note number; 60 is middle C. The bundled model follows it a little.",
        ),
    ] = None
    dynamics: Annotated[float | None, typer.Option(help="How hard notes are played: mean MIDI velocity.")] = (
        None
    )
    notes: Annotated[
        Path | None,
        typer.Option(help="A MIDI file with the notes to play; sets the tempo unless --bpm does."),
    ] = None
    notes_from_beats: Annotated[
        float | None,
        typer.Option(
            "--notes-from-beats",
            "--notes-from",
            min=0,
            help="Where bar 1 is in the MIDI file, in quarter notes: 4 skips a bar of 4/4.",
        ),
    ] = None

    def clip(self) -> NoteClip | None:
        """Read the file of notes, if there is one. Raises ScoreError."""
        from msanii.music.note_files import read_notes

        return None if self.notes is None else read_notes(self.notes).from_beats(self.notes_from_beats)

    def taught_sounds(self) -> dict[str, TaughtRef]:
        """The user's taught sounds in `sound`, by name. Raises ScoreError for one whose file is damaged."""
        from msanii.music.taught.folder import default_folder, taught_in

        return taught_in(self.sound, default_folder())

    def score(
        self,
        *,
        bars: float | None,
        seconds: float | None,
        arranged: bool = False,
        clip: NoteClip | None = None,
    ) -> Score:
        """Return a score of that length; with none, of the notes' length. Raises ScoreError, ChordError.

        It has the notes of the part, or if they are to be `arranged` those of all parts. A `clip` is what
        other parts play, and all its notes are in the score.
        """
        from msanii.music.score_request import ScoreRequest
        from msanii.music.taught.asked import without_pins

        arranged = arranged or clip is not None
        clip = clip or self.clip()
        part = self.part
        if clip is not None and not arranged:
            part = self.part or clip.lone_part
            clip = clip.of_part(self.part)
        if clip is not None and clip.tempo_changes and self.bpm is None:
            typer.echo(f"notes: the tempo of `{clip.name}` changes; the first is taken for all", err=True)
        tempos = (self.bpm, None if clip is None else clip.bpm, DEFAULT_BPM)
        numerator, denominator = _meter(self, clip)
        if clip is not None and bars is None and seconds is None:
            bars = clip.bars(numerator, denominator)
        return ScoreRequest(
            bpm=next(tempo for tempo in tempos if tempo is not None),
            numerator=numerator,
            denominator=denominator,
            chords=self.chords,
            key=self.key,
            notes=None if clip is None else clip.notes,
            sound=without_pins(self.sound),
            taught=self.taught_sounds(),
            part=part,
            swing=self.swing,
            density=self.density,
            register_pitch=self.register_pitch,
            dynamics=self.dynamics,
        ).score(bars=bars, seconds=seconds)

    def said_meter(self) -> Meter | None:
        """The meter that the options say; None if they say none. Raises ScoreError."""
        from msanii.music.lead_sheet import Meter

        if self.meter is None and not (self.numerator or self.denominator):
            return None
        numerator, denominator = _meter(self, None)
        return Meter(numerator=numerator, denominator=denominator)

    def score_over(self, source_seconds: float) -> Score | None:
        """Return the score for music from a source; None if nothing is set. Raises ScoreError, ChordError."""
        from msanii.music.score_request import over_source

        if self.chords and self.bpm is None and self.notes is None:
            raise ScoreError("bpm: chords need a tempo; give the source's with --bpm")
        knows_tempo = self.bpm is not None or self.notes is not None
        if self.swing is not None and not knows_tempo:
            typer.echo("swing: left out, since it needs the source's tempo; give it with --bpm", err=True)
        return over_source(self.score(bars=None, seconds=source_seconds), knows_tempo=knows_tempo)


def with_shared_options(verb: Callable[..., None], end_help: str = "") -> Callable[..., None]:
    """Give a command the fields of SharedOptions as parameters, for typer to read, in groups.

    `end_help` describes `--end`, which is hidden if empty: the command then knows `cut` alone.
    """
    own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]
    names = [field.name for field in fields(SharedOptions)]
    hints = get_type_hints(SharedOptions, include_extras=True)
    hints["end"] = Annotated[End, typer.Option(help=end_help, hidden=not end_help)]
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
    for parameter in parameters:
        _put_in_panel(parameter)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _put_in_panel(parameter: inspect.Parameter) -> None:
    (option,) = parameter.annotation.__metadata__
    panel = next((panel for panel, names in _PANELS.items() if parameter.name in names), _MODEL_PANEL)
    if isinstance(option, OptionInfo) and parameter.name != "output":
        option.rich_help_panel = panel


def _meter(ask: SharedOptions, clip: NoteClip | None) -> tuple[int, int]:
    """The meter given by the options, else by the notes, else 4/4."""
    if ask.meter is not None and (ask.numerator or ask.denominator):
        raise ScoreError("meter: `--meter` and `--numerator` or `--denominator` say the same; keep one")
    if ask.meter is not None:
        return _read_meter(ask.meter)
    is_said = ask.numerator and ask.denominator
    if clip is not None and clip.no_meter and not is_said:
        raise ScoreError(
            f"notes `{clip.name}`: its meter is {clip.no_meter}, which is none; give one, as in --meter 4/4"
        )
    numerator, denominator = (None, None) if clip is None else (clip.numerator, clip.denominator)
    return ask.numerator or numerator or 4, ask.denominator or denominator or 4


def _read_meter(text: str) -> tuple[int, int]:
    numerator, _, denominator = text.partition("/")
    if not (numerator.isdecimal() and denominator.isdecimal() and len(text) < 8):
        raise ScoreError(f"meter: got `{text}`, expected two numbers such as 3/4")
    return int(numerator), int(denominator)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import Progress

    # On stderr, so that only results are piped on; a log gets no bar.
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)

        def on_step(fraction: float) -> None:
            progress.update(task, completed=fraction)

        yield on_step
