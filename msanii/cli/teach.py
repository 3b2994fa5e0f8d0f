"""`msanii teach`: the calibration for an instrument, and a sound from a recording of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.teaching.training import OnStep

_MOST_MINUTES = 240.0


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(teach)


def teach(
    name: Annotated[str, typer.Argument(help="The sound's name: letters, digits and spaces.")],
    recording: Annotated[
        Path | None, typer.Argument(help="Recording of the calibration: WAV, FLAC or AIFF at any rate.")
    ] = None,
    played: Annotated[
        Path | None,
        typer.Argument(
            metavar="[--calibration FILE.mid]",
            help="The MIDI file that was played, if it is not the usual one.",
        ),
    ] = None,
    calibration: Annotated[
        bool, typer.Option("--calibration", help="Write the MIDI file to play, five minutes long.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The MIDI file to write. Default: by the name.")
    ] = None,
    keys: Annotated[
        str, typer.Option("--range", help="Keys that the calibration plays; C4 is middle C.")
    ] = "C2-C6",
    kit: Annotated[bool, typer.Option("--kit", help="Drums instead of pitches.")] = False,
    minutes: Annotated[
        float, typer.Option(min=0.01, max=_MOST_MINUTES, help="Time to train; Ctrl-C keeps what is learned.")
    ] = 15.0,
    model: Annotated[str | None, typer.Option(help="A model folder, or the name of one that ships.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Folder of taught sounds. Default: your own.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a sound of this name.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
) -> None:
    """Teach an instrument: write the calibration, play it through the instrument, record it, teach it.

    `msanii teach "my juno" --calibration`, then `msanii teach "my juno" recording.wav`.
    """
    if recording is None:
        if not calibration:
            raise MsaniiError(
                "teach: name the recording, or write the file to play first: "
                f'msanii teach "{name}" --calibration'
            )
        _write_calibration(name, output, keys, kit=kit)
        return
    if played is not None and not calibration:
        raise MsaniiError(f"teach: got `{played.name}` too; name the file that was played by --calibration")
    if played is not None and recording.suffix.lower() in (".mid", ".midi"):
        recording, played = played, recording
    if calibration and played is None:
        raise MsaniiError("teach: --calibration beside a recording names the MIDI file that was played")
    _teach(name, recording, played, model, folder, kit=kit, minutes=minutes, replace=replace, seed=seed)


def _write_calibration(name: str, output: Path | None, keys: str, *, kit: bool) -> None:
    from msanii.cli.render import write_midi
    from msanii.music.taught.asked import check_name
    from msanii.teaching.calibration import kit_calibration, pitched_calibration, read_range, to_midi

    path = output or Path(f"{check_name(name).replace(' ', '_')}_calibration.mid")
    made = kit_calibration() if kit else pitched_calibration(read_range(keys))
    write_midi(path, to_midi(made))
    typer.echo(str(path))


def _teach(
    name: str,
    recording: Path,
    played: Path | None,
    model_name: str | None,
    folder: Path | None,
    *,
    kit: bool,
    minutes: float,
    replace: bool,
    seed: int,
) -> None:
    from msanii.checkpoint.folder import find_model, load_model
    from msanii.checkpoint.taught_sound import check_new
    from msanii.music.taught.asked import check_name
    from msanii.music.taught.folder import default_folder

    folder, plain = folder or default_folder(), check_name(name)
    if not replace:
        check_new(folder, plain)
    from msanii.teaching.teach import read_material, teach
    from msanii.teaching.training import TeachingSettings

    model = load_model(find_model(model_name))
    material = read_material(recording, played, model, kit=kit)
    found = material.alignment
    _say(f"latency {found.latency_seconds * 1000:.0f} ms, drift {found.drift_ppm:.0f} ppm")
    with _training_progress(minutes) as on_step:
        taught, path = teach(
            plain,
            material,
            model,
            folder,
            TeachingSettings(minutes=minutes, seed=seed),
            replace=replace,
            on_step=on_step,
            on_like=lambda like: _say(f"starts from {like}, which is nearest"),
        )
    better = 1 - taught.loss_after / taught.loss_before if taught.loss_before > 0 else 0.0
    _say(
        f"{taught.steps} steps in {taught.seconds / 60:.1f} minutes; on notes that it never heard it errs "
        f"{better:.0%} less than {taught.like}"
    )
    typer.echo(str(path))


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)


@contextmanager
def _training_progress(minutes: float) -> Iterator[OnStep]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("teaching"), BarColumn(), TextColumn("{task.fields[said]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=minutes * 60, said="")
        smooth = 0.0

        def on_step(step: int, seconds: float, loss: float) -> None:
            nonlocal smooth
            smooth = loss if step == 1 else 0.95 * smooth + 0.05 * loss
            progress.update(task, completed=seconds, said=f"{step} steps, error {smooth:.4f}")

        yield on_step
