"""The command `listen`: what the daemon hears in an audio file or a take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.options import LibraryFolder, ModelsFolder, Port, SettingsFile, plain, read_settings
from bridge.cli.whole_paths import whole_path
from bridge.messages import BridgeError, HeardAudio

if TYPE_CHECKING:
    from bridge.cli.client import Client

# The daemon answers, or says why not, before that: it waits for other files and for a busy machine.
_LIMIT_SECONDS = 3600.0


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(listen)


def listen(
    source: Annotated[str, typer.Argument(help="An audio file, or the name of a take.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    port: Port = None,
    library: LibraryFolder = None,
    models_folder: ModelsFolder = None,
    settings_file: SettingsFile = None,
) -> None:
    """Hear tempo, meter, first downbeat, key and chords of an audio file in the daemon."""
    import json

    from bridge.cli.render import daemon_for

    settings = read_settings(settings_file, port=port, library=library, models_folder=models_folder)
    with daemon_for(settings) as client:
        heard = ask(client, whole_path(source))
    if as_json:
        print(json.dumps({"source": source, **heard}, indent=1))
        return
    for sentence in sentences(heard):
        print(plain(sentence))


def ask(client: Client, path_or_name: str) -> dict[str, Any]:
    """Return what the daemon hears, by the names that `msanii listen --json` has; None is not known.

    Raises BridgeError if it cannot be heard.
    """
    client.send("/msanii/listen", path_or_name)
    while True:
        answer = client.wait_for("/msanii/heard", "/msanii/fail", timeout_seconds=_LIMIT_SECONDS)
        match answer.address, answer.arguments:
            case "/msanii/heard", (_, *words):
                return named_values(HeardAudio(*words))  # type: ignore[arg-type]
            case "/msanii/fail", (_, str(code), str(sentence)):
                raise BridgeError(code, sentence)


def named_values(heard: HeardAudio) -> dict[str, Any]:
    """Return what was heard by the names that `msanii listen --json` has; None is not known."""
    return {
        "bpm": heard.bpm or None,
        "confidence": heard.confidence,
        "numerator": heard.numerator or None,
        "denominator": heard.denominator or None,
        "first_downbeat_samples": None if heard.first_beat < 0 else heard.first_beat,
        "key": heard.key or None,
        "chords": [bar.strip() for bar in heard.chords.split("|")] if heard.chords else None,
    }


def sentences(heard: dict[str, Any]) -> Iterator[str]:
    """Yield a few lines for a terminal."""
    sure = f"(confidence {heard['confidence']:.2f})"
    meter = f"{heard['numerator']}/{heard['denominator']}" if heard["numerator"] else ""
    if heard["bpm"]:
        yield f"tempo: {heard['bpm']:.2f} bpm in {meter} {sure}"
    else:
        yield f"tempo: none that is sure{meter and f', in {meter}'} {sure}"
    if heard["first_downbeat_samples"] is not None:
        yield f"first downbeat: sample {heard['first_downbeat_samples']}"
    yield f"key: {heard['key'] or 'none that is sure'}"
    yield f"chords: {' | '.join(heard['chords'] or ()) or 'none that are sure'}"
