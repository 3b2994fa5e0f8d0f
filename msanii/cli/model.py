"""Commands for models: import, export, combine, data, train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from msanii.cli import listen as cli_listen
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
from msanii.music.palette import PaletteName

ModelFolder = Annotated[Path, typer.Argument(help="Model folder, or the name of a shipped model.")]
AudioSongs = Annotated[
    int, typer.Option(min=0, help="Number of songs that keep their audio, for the vocoder.")
]

Data = Annotated[Path, typer.Option(help="Folder from `msanii data`.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("import")(import_checkpoint)
    app.command("export")(export_checkpoint)
    app.command("combine")(combine_parts)
    app.command("average")(average_weights)
    app.command("difference")(model_difference)
    data = typer.Typer(help="Make training data.", no_args_is_help=True)
    data.command("pop909")(data_pop909)
    data.command("folder")(data_folder)
    data.command("composer")(data_composer)
    data.command("listening")(cli_listen.data_listening)
    app.add_typer(data, name="data")
    train = typer.Typer(
        help="Train a network; use `accelerate launch -m msanii train ...` for several GPUs.",
        no_args_is_help=True,
    )
    train.command("unet")(train_unet)
    train.command("vocoder")(train_vocoder)
    train.command("composer")(train_composer)
    train.command("listener")(cli_listen.train_listener)
    app.add_typer(train, name="train")


def import_checkpoint(
    checkpoint: Annotated[Path, typer.Argument(help="Published Msanii checkpoint, a .pt file.")],
    folder: Annotated[Path, typer.Argument(help="Model folder to write.")],
) -> None:
    """Convert a published checkpoint to a model folder; no code in the file is run."""
    from msanii.checkpoint.published import import_published

    config = import_published(checkpoint, folder)
    typer.echo(f"{folder}: a model of {len(config.unet.d_multipliers)} levels, ready for --model")


def export_checkpoint(
    folder: ModelFolder,
    checkpoint: Annotated[Path, typer.Argument(help="The .pt file to write.")],
    without_controls: Annotated[
        bool, typer.Option(help="Drop the controls, which the format lacks.")
    ] = False,
) -> None:
    """Write a model folder in the published checkpoint's format."""
    from msanii.checkpoint.folder import find_model
    from msanii.checkpoint.published import export_published

    export_published(find_model(folder), checkpoint, without_controls=without_controls)
    typer.echo(str(checkpoint))


def combine_parts(
    unet: Annotated[Path, typer.Argument(help="Model folder of the U-Net's training, RUN/model.")],
    vocoder: Annotated[Path, typer.Argument(help="Model folder of the vocoder's training, RUN/model.")],
    folder: Annotated[Path, typer.Argument(help="Model folder to write.")],
    name: Annotated[str, typer.Option(help="The model's name. Default: the folder's.")] = "",
    full: Annotated[bool, typer.Option(help="Store float32 weights, twice the size.")] = False,
    earlier: Annotated[
        Path | None,
        typer.Option(help="Model folder that the vocoder's training started from, to average with."),
    ] = None,
) -> None:
    """Combine the U-Net and the vocoder of two trainings into a model."""
    from msanii.checkpoint.combining import combine

    combine(unet, vocoder, folder, name=name or folder.name, half=not full, earlier_folder=earlier)
    typer.echo(str(folder))


def average_weights(
    run: Annotated[Path, typer.Argument(help="Folder of a U-Net's training whose settings have `averages`.")],
    sigma_rel: Annotated[
        float,
        typer.Option(
            help="Length of the average: 0.05 is about the last tenth of the training, 0.1 a fifth."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write.")],
) -> None:
    """Average the U-Net's weights over the end of a training, as long as you choose now."""
    from msanii.training.optimizing.averaged_model import write_averaged_model

    error = write_averaged_model(run, out, sigma_rel)
    typer.echo(f"{out}: {100 * error:.1f} % from the average asked for")


def model_difference(
    model: Annotated[Path, typer.Argument(help="Model folder; with --apply, the one to write.")],
    file: Annotated[Path, typer.Argument(help="File with the difference.")],
    base: Annotated[str, typer.Option(help="The model that MODEL was trained from.")] = "default",
    apply: Annotated[bool, typer.Option("--apply", help="Write MODEL from FILE.")] = False,
) -> None:
    """Write a model as its difference to the one it was trained from, in a quarter of the space."""
    from msanii.checkpoint.difference import apply_difference, write_difference
    from msanii.checkpoint.folder import find_model

    if apply:
        apply_difference(file, find_model(base), model)
        print(model)
    else:
        write_difference(find_model(model), find_model(base), file)
        print(f"{file}: {file.stat().st_size / 2**20:.1f} MiB")


def data_pop909(
    archive: Annotated[Path, typer.Argument(help="pop909.tar.xz")],
    out: Annotated[Path, typer.Argument(help="Folder to write; an interrupted run continues.")],
    soundfont: Annotated[Path | None, typer.Option(help="An .sf2 file. Default: FluidR3 GM.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most songs per split.")] = None,
    jobs: Jobs = None,
    seed: Annotated[int, typer.Option(help="Seed of each take's part, sound, key, tempo, meter, feel.")] = 0,
    turns: Annotated[int, typer.Option(min=1, max=6, help="Takes per song, each in another part.")] = 6,
    audio_takes: Annotated[int, typer.Option(min=0, help="Training takes that keep their audio.")] = 150,
    palette: Annotated[
        PaletteName, typer.Option(help="Sounds: all, or those of the default model as it learned them.")
    ] = "full",
) -> None:
    """Render POP909's songs in many parts and sounds, with their events as controls."""
    from msanii.data.pop909 import render_pop909

    with song_progress() as on_song:
        summary = render_pop909(
            archive,
            out,
            soundfont=soundfont,
            limit=limit,
            jobs=jobs,
            seed=seed,
            turns=turns,
            audio_takes=audio_takes,
            palette=palette,
            on_song=on_song,
        )
    report(summary, out)


def data_folder(
    folder: Annotated[Path, typer.Argument(help="Folder of audio files.")],
    out: Annotated[Path, typer.Argument(help="Folder to write; an interrupted run continues.")],
    jobs: Jobs = None,
    audio_songs: AudioSongs = 24,
) -> None:
    """Encode a folder of audio files, without controls."""
    from msanii.data.audio_folder import render_folder

    with song_progress() as on_song:
        summary = render_folder(folder, out, jobs=jobs, audio_songs=audio_songs, on_song=on_song)
    report(summary, out)


def train_unet(
    settings: Settings,
    data: Data,
    out: Out,
    vocoder: Annotated[
        Path | None, typer.Option(help="Model folder whose vocoder the result takes over.")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Model folder, or the name of a shipped model, that a new run starts from; the settings may "
            "have more controls."
        ),
    ] = None,
    minutes: Minutes = None,
    steps: StepsOverride = None,
    batch_size: BatchOverride = None,
    seed: SeedOverride = None,
    compiled: Compiled = None,
) -> None:
    """Train the U-Net; writes OUT/model."""
    from msanii.training import unet as training

    overrides = {"steps": steps, "batch_size": batch_size, "seed": seed, "compile": compiled}
    training.train_unet(
        shipped_settings(settings), data, out, vocoder=vocoder, start=start, minutes=minutes, **overrides
    )


def train_vocoder(
    settings: Settings,
    data: Data,
    out: Out,
    start: Annotated[
        Path | None, typer.Option(help="Model folder whose vocoder a new run starts from.")
    ] = None,
    unet: Annotated[
        Path | None, typer.Option(help="Model folder whose U-Net makes the round-trip mels.")
    ] = None,
    steps: StepsOverride = None,
    batch_size: BatchOverride = None,
    seed: SeedOverride = None,
    compiled: Compiled = None,
) -> None:
    """Train the vocoder; writes OUT/model."""
    from msanii.training import vocoder as vocoder_training

    overrides = {"steps": steps, "batch_size": batch_size, "seed": seed, "compile": compiled}
    vocoder_training.train_vocoder(shipped_settings(settings), data, out, start=start, unet=unet, **overrides)


def data_composer(
    archive: Annotated[Path, typer.Argument(help="pop909.tar.xz")],
    out: Annotated[Path, typer.Argument(help="File to write, an .npz.")],
    test: Annotated[bool, typer.Option(help="The test songs instead, which the evaluation reads.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Most songs.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of each song's other meters and tempos.")] = 0,
) -> None:
    """Put POP909's songs on the composer's grid: their piano, melodies and chords."""
    from msanii.training.composer_data import write_composer_data

    with song_progress() as on_song:
        summary = write_composer_data(archive, out, test=test, limit=limit, seed=seed, on_song=on_song)
    report(summary, out)


def train_composer(
    settings: Settings,
    data: Annotated[Path, typer.Option(help="File from `msanii data composer`.")],
    out: Out,
    steps: StepsOverride = None,
    seed: SeedOverride = None,
    compiled: Compiled = None,
) -> None:
    """Train the network that composes keys and lead; writes OUT/model."""
    from msanii.training import composer

    composer.train_composer(shipped_settings(settings), data, out, steps=steps, seed=seed, compile=compiled)
