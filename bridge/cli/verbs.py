"""The verbs on the command line: `msanii-bridge generate --preset piano_loop`, with the parameters of OSC.

They render through the running daemon, or a temporary one, so that presets, the library and recipes are the
same as over OSC. `msanii generate` is for rendering straight to a file, without a daemon.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.addresses.arguments import EDIT_KEYS
from bridge.cli.options import plain, read_settings
from bridge.cli.whole_paths import whole_path
from bridge.messages import Argument, BridgeError, Verb
from bridge.meter import METER
from bridge.parameters import PARAMETERS, VERBS, Parameter, for_edit, for_verb

if TYPE_CHECKING:
    from bridge.settings import Settings

SOURCES = ("source", "source_b")
"""Parameters that are arguments of a verb, not options."""

_SHORT_NAMES = {
    "register_pitch": "--register", "from_seconds": "--from", "to_seconds": "--to",
    "notes_from_beats": "--notes-from",
}  # fmt: skip
_MODEL_PANEL = "Model and sampling"
_PANELS: Mapping[str, tuple[str, ...]] = {
    "Music": (
        "preset", "chords", "key", "bpm", METER, "numerator", "denominator", "bars", "seconds", "sound",
        "part", "parts", "level_db", "notes", "notes_from_beats", "beat_seconds", "follows", "loop", "end",
        *EDIT_KEYS,
    ),
    "Playing": ("compose", "style", "swing", "density", "register_pitch", "dynamics"),
    "Source": ("strength", "ratio", "from_seconds", "to_seconds", "side"),
    "Takes": (
        "seed",
        "count",
        "candidates",
        "keep",
        "batch",
        "rate",
        "format",
        "loudness_lufs",
        "name_template",
    ),
    _MODEL_PANEL: (),  # all others
    "Daemon": ("port", "library", "models_folder", "settings_file"),
}  # fmt: skip
_WHAT: Mapping[Verb, str] = {
    "generate": "Render new music in the daemon; print the paths of the takes.",
    "vary": "Render a variation of an audio file in the daemon.",
    "interpolate": "Blend two audio files in the daemon.",
    "inpaint": "Replace a region of an audio file in the daemon; the rest stays, sample for sample.",
    "outpaint": "Continue an audio file, or lead up to it, in the daemon.",
}
_METER: Any = Annotated[str | None, typer.Option(help="time signature, as in 7/8", metavar="text")]
_DAEMON: Mapping[str, Any] = {
    "port": Annotated[int | None, typer.Option(help="UDP port of the daemon.")],
    "library": Annotated[Path | None, typer.Option(help="Folder of the library of takes.")],
    "models_folder": Annotated[Path | None, typer.Option(help="Folder of further models.")],
    "settings_file": Annotated[Path | None, typer.Option("--settings", help="YAML settings file.")],
}


_COMPLETE_HELP = (
    "Write a --part to what plays in --notes, a MIDI file or a take, or in the audio of each --source, and "
    "render it as long as that. Tempo, bars and chords of audio are heard unless you say them."
)
_FOLLOWS: Any = Annotated[
    list[str] | None,
    typer.Option("--source", help="audio that plays, or the name of a take; may be given several times"),
]
_EDIT_HELP = (
    "Render a take anew with another score: other chords, notes, sound, tempo or key. Bars that stay the "
    "same keep their samples."
)
_TAKE: Any = Annotated[str, typer.Argument(help="the take's file name or path")]
_EDIT_OPTIONS: Mapping[str, Any] = {
    "chord": Annotated[
        str | None, typer.Option(help="chords of single bars, as in 3 Dm, 4 G", metavar="text")
    ],
    "recompose": Annotated[
        str | None, typer.Option(help="bars to compose anew, as in 3-4,7", metavar="bars")
    ],
    "renew": Annotated[
        str | None, typer.Option(help="bars to play anew with their notes, as in 3-4,7", metavar="bars")
    ],
}


def register(app: typer.Typer) -> None:
    """Add the five verbs, `edit` and `complete` to `app`."""
    for verb in VERBS:
        app.command(verb, help=_WHAT[verb])(_command(verb))
    app.command("edit", help=_EDIT_HELP)(_edit_command())
    app.command("complete", help=_COMPLETE_HELP)(_command("generate", "complete"))


def arguments_of(said: Mapping[str, object]) -> list[Argument]:
    """Return the values of options, None where not given, as checked `key value` pairs of an OSC message.

    Raises BridgeError for a value that its parameter cannot have.
    """
    from bridge.requests.written_values import as_written, with_meter_in_numbers

    given = {name: value for name, value in said.items() if value is not None}
    arguments: list[Argument] = []
    for name, value in with_meter_in_numbers(given).items():
        parameter = PARAMETERS[name]
        written = whole_path(str(value)) if parameter.kind == "path" else as_written(parameter, value)
        arguments += [name, parameter.check(written)]
    return arguments


def _command(verb: Verb, address: str = "") -> Callable[..., None]:
    """Return a command whose options are the verb's parameters, for typer to read.

    It sends them to the `address` of that name, if it is not the verb's.
    """

    def command(**values: Any) -> None:
        daemon = {name: values.pop(name) for name in _DAEMON}
        follows = values.pop("follows", None) or ()
        # A temporary daemon loads the model of the request at once.
        flags = {**daemon, "model": values.get("model")}
        settings = read_settings(flags.pop("settings_file"), **flags)
        arguments = arguments_of(values)
        for source in follows:
            arguments += ["source", whole_path(source)]
        _tell_strange_sounds(values, settings)
        paths = _render(address or verb, arguments, settings)
        for path in paths:
            print(plain(path))

    options = [_option(parameter) for parameter in for_verb(verb)]
    own = {METER: _METER, **_DAEMON, **({"follows": _FOLLOWS} if address == "complete" else {})}
    options += [_in_panel(name, kind) for name, kind in own.items()]
    command.__signature__ = inspect.Signature(sorted(options, key=_place))  # type: ignore[attr-defined]
    return command


def _edit_command() -> Callable[..., None]:
    """Return the command that edits a take, whose options are what an edit may change."""

    def command(take: str, **values: Any) -> None:
        daemon = {name: values.pop(name) for name in _DAEMON}
        texts = {name: values.pop(name) for name in EDIT_KEYS}
        # A temporary daemon loads the model of the request at once.
        flags = {**daemon, "model": values.get("model")}
        settings = read_settings(flags.pop("settings_file"), **flags)
        arguments: list[Argument] = [whole_path(take), *arguments_of(values)]
        for name, text in texts.items():
            arguments += [] if text is None else [name, text]
        for path in _render("edit", arguments, settings):
            print(plain(path))

    options = [_option(parameter) for parameter in for_edit()]
    options += [_in_panel(name, kind) for name, kind in _DAEMON.items()]
    own = [_in_panel(name, kind) for name, kind in _EDIT_OPTIONS.items()]
    take = inspect.Parameter("take", inspect.Parameter.KEYWORD_ONLY, annotation=_TAKE)
    command.__signature__ = inspect.Signature([take, *own, *sorted(options, key=_place)])  # type: ignore[attr-defined]
    return command


def _option(parameter: Parameter) -> inspect.Parameter:
    name = parameter.name
    if name in SOURCES:
        argument = typer.Argument(help=f"{parameter.help}, or the name of a take")
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[str, argument])
    flag = f"--{name.replace('_', '-')}"
    if parameter.is_switch:
        kind: Any = Annotated[bool | None, typer.Option(f"{flag}/--no-{name}", help=parameter.help)]
    else:
        flags = [flag, *filter(None, [_SHORT_NAMES.get(name)])]
        option = typer.Option(*flags, help=parameter.help, metavar=_metavar(parameter))
        kind = Annotated[str | None, option]
    return _in_panel(name, kind)


def _in_panel(name: str, kind: Any) -> inspect.Parameter:
    (option,) = kind.__metadata__
    option.rich_help_panel = _panel_of(name)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


def _panel_of(name: str) -> str:
    return next((panel for panel, names in _PANELS.items() if name in names), _MODEL_PANEL)


def _place(option: inspect.Parameter) -> tuple[int, int]:
    """Sort arguments first, then options as their groups list them; the others stay in the table's order."""
    if option.name in SOURCES:
        return -1, SOURCES.index(option.name)
    panel = _panel_of(option.name)
    names = _PANELS[panel]
    return list(_PANELS).index(panel), names.index(option.name) if names else 0


def _metavar(parameter: Parameter) -> str:
    if parameter.kind == "choice":
        return "|".join(map(str, parameter.choices))
    return {"int": "number", "float": "number", "path": "path"}.get(parameter.kind, "text")


def _tell_strange_sounds(values: Mapping[str, Any], settings: Settings) -> None:
    """Print on stderr what to expect of sounds far from the part; the daemon refuses unknown ones."""
    from bridge.render.engine import sounds_and_parts
    from msanii.errors import MsaniiError
    from msanii.music.sounds import hint_on_sounds
    from msanii.music.taught.asked import read_sounds

    with suppress(MsaniiError):
        model = values.get("model") or settings.model or "default"
        known, _ = sounds_and_parts(model, settings.model_folders)
        sounds = read_sounds(values.get("sound") or "")
        if hint := hint_on_sounds(values.get("part") or "", sounds, known.split(",")):
            typer.echo(hint, err=True)


def _render(verb: str, arguments: list[Argument], settings: Settings) -> list[str]:
    """Render with the running daemon, or a temporary one; return the paths of takes and tails.

    Ctrl-C cancels the job. Raises BridgeError if it fails.
    """
    from bridge.cli.options import progress_bar
    from bridge.cli.render import daemon_for

    paths: list[str] = []
    with daemon_for(settings) as client, progress_bar("rendering") as on_progress:
        job_id = ""
        try:
            for answer in client.ask(f"/msanii/{verb}", *arguments):
                match answer.address, answer.arguments:
                    case "/msanii/queued", (str(job_id), *_):
                        pass
                    case "/msanii/progress", (_, float(fraction)):
                        on_progress(fraction)
                    case (("/msanii/take" | "/msanii/tail"), (_, _, str(path), *_)):
                        paths.append(path)
                    case "/msanii/fail", (_, str(code), str(sentence)):
                        raise BridgeError(code, sentence)
        except KeyboardInterrupt:
            if job_id:
                client.send("/msanii/cancel", job_id)
            raise
    return paths
