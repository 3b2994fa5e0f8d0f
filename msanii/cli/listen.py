"""The commands `msanii listen`, `msanii data listening` and `msanii train listener`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from msanii.cli.training_options import (
    BatchOverride,
    Compiled,
    Jobs,
    Minutes,
    Out,
    SeedOverride,
    Settings,
    StepsOverride,
    report,
    shipped_settings,
    song_progress,
)
from msanii.errors import MsaniiError

Fonts = Annotated[
    list[Path] | None,
    typer.Option("--soundfont", help="An .sf2 or .sf3 file; several take turns. Default: FluidR3 GM."),
]
ListenerFolder = Annotated[
    Path | None, typer.Option("--listener", help="Folder of a trained listener. Default: the shipped one.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(listen)


def listen(
    source: Annotated[Path, typer.Argument(help="Audio file: WAV, FLAC, AIFF, MP3, OGG.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    midi: Annotated[Path | None, typer.Option(help="Write the notes and chords to this .mid file.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Write the spectrogram with beats and chords to this .png file.")
    ] = None,
    listener: ListenerFolder = None,
) -> None:
    """Hear tempo, meter, key, chords, notes and instrument in an audio file."""
    for name, path, ending in (("midi", midi, ".mid"), ("picture", picture, ".png")):
        if path is not None and (path.suffix.lower() != ending or not path.parent.is_dir()):
            raise MsaniiError(
                f"{name}: got `{path}`, expected a name that ends in {ending}, in a folder that exists"
            )
    from msanii.signal.audio_files import read_clip

    clip = read_clip(source)
    from msanii.listening.export import heard_midi, write_heard_picture
    from msanii.listening.listener import Listener

    heard = Listener.load(listener).listen(clip)
    if midi is not None:
        try:
            midi.write_bytes(heard_midi(heard))
        except OSError as error:
            raise MsaniiError(f"midi: `{midi}` cannot be written ({error}); check the folder") from error
    if picture is not None:
        write_heard_picture(picture, clip, heard)
    if as_json:
        typer.echo(json.dumps({"source": source.name, **heard.to_json()}, indent=1))
        return
    for sentence in heard.sentences():
        typer.echo(sentence)


def data_listening(
    archive: Annotated[Path, typer.Argument(help="pop909.tar.xz")],
    out: Annotated[Path, typer.Argument(help="Folder to write; an interrupted run continues.")],
    soundfont: Fonts = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most songs per split.")] = None,
    turns: Annotated[int, typer.Option(min=1, help="Takes per song, each drawn anew.")] = 2,
    jobs: Jobs = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of each take's sounds, key, tempo and meter.")] = 0,
) -> None:
    """Render POP909's songs voice by voice, for the training of a listener."""
    from msanii.data.listening.render import render_listening

    with song_progress() as on_song:
        summary = render_listening(
            archive,
            out,
            soundfonts=soundfont or (),
            limit=limit,
            turns=turns,
            jobs=jobs,
            seed=seed,
            on_song=on_song,
        )
    report(summary, out)


def train_listener(
    settings: Settings,
    data: Annotated[Path, typer.Option(help="Folder from `msanii data listening`.")],
    out: Out,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a listener that a new run starts from. Give another --seed than that one had, or "
            "it hears the same clips again."
        ),
    ] = None,
    minutes: Minutes = None,
    steps: StepsOverride = None,
    batch_size: BatchOverride = None,
    seed: SeedOverride = None,
    compiled: Compiled = None,
) -> None:
    """Train the listener; writes OUT/model."""
    from msanii.training.listening.task import train_listener as train

    overrides = {"steps": steps, "batch_size": batch_size, "seed": seed, "compile": compiled}
    train(shipped_settings(settings), data, out, start=start, minutes=minutes, **overrides)
