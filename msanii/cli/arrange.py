"""`msanii arrange`: several parts that fit each other, one file each, and their mix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from msanii.cli.options import SharedOptions, make_asked_score, progress_bar, with_shared_options
from msanii.errors import MsaniiError

DEFAULT_BARS = 8.0
DEFAULT_PARTS = "keys,bass,drums,lead"


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(with_shared_options(arrange))


def arrange(
    ask: SharedOptions,
    parts: Annotated[str, typer.Option(help="What is played: keys, lead, pad, bass, drums.")] = DEFAULT_PARTS,
    sounds: Annotated[str, typer.Option(help="A sound for each part, in their order.")] = "",
    level_db: Annotated[
        str,
        typer.Option(help='Parts louder or softer than their places in the mix: "bass 2, lead -3", in dB.'),
    ] = "",
    loop: Annotated[
        bool, typer.Option("--loop", help="Every file goes round without a seam; no tail is written.")
    ] = False,
) -> None:
    """Make an arrangement on one grid: -o is a folder, with a file for each part and the mix, their sum."""
    from msanii.checkpoint.folder import find_model
    from msanii.cli.render import sampling_for
    from msanii.music.parts import levels_of, read_parts
    from msanii.music.sounds import read_sounds
    from msanii.rendering.arrangement import finish_arrangement, part_scores
    from msanii.signal.audio_files import Clip, write_clip

    _check(ask, loop=loop)
    names = read_parts(parts)
    levels = levels_of(level_db, names)
    bars = DEFAULT_BARS if ask.bars is None and ask.seconds is None else ask.bars
    score = make_asked_score(ask, bars=bars, seconds=ask.seconds)
    scores = part_scores(score, names, read_sounds(sounds))
    folder = _made(ask.output)
    from msanii.pipelines import Pipeline

    pipeline = Pipeline.load(find_model(ask.model))
    with progress_bar("rendering") as on_step:
        made = pipeline.generate(
            scores,
            seeds=[ask.seed + place for place in range(len(scores))],
            sampling=sampling_for(ask, pipeline),
            loop=loop,
            on_step=on_step,
        )
    rate = ask.rate or pipeline.rate
    done = finish_arrangement(
        made.cpu().numpy(),
        names,
        samples=score.samples(rate),
        source_rate=pipeline.rate,
        rate=rate,
        loop=loop,
        fade=ask.end == "fade",
        levels_db=levels,
    )
    for name, line in {**done.parts, "mix": done.mix}.items():
        path = folder / f"{name}.wav"
        write_clip(path, Clip(line, rate))
        typer.echo(str(path))


def _check(ask: SharedOptions, *, loop: bool) -> None:
    if ask.end == "ring":
        raise MsaniiError(
            "end: got ring, expected cut or fade: an arrangement has no tail, its parts are of one length; "
            "for a loop with its tail make each part with `msanii generate --loop --end ring --part`"
        )
    if loop and ask.end == "fade":
        raise MsaniiError("end: got fade, expected cut for a loop, whose end goes on with its start")
    if ask.part or ask.sound:
        raise MsaniiError("part, sound: an arrangement has several; say them with --parts and --sounds")


def _made(folder: Path) -> Path:
    """The folder, there to be written into. Raises MsaniiError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MsaniiError(f"output: `{folder}` cannot be a folder ({error}); choose another name") from error
    return folder
