"""`msanii arrange`: several parts that fit together, one file each, and their mix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from msanii.cli.options import ComposeOption, Loudness, SharedOptions, Style, with_shared_options
from msanii.errors import MsaniiError
from msanii.limits import LOUDNESS_LUFS

DEFAULT_BARS = 8.0
DEFAULT_PARTS = "keys,bass,drums,lead"


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(with_shared_options(arrange, "Cut files at the bar line, or fade before it: cut or fade."))


def arrange(
    ask: SharedOptions,
    parts: Annotated[str, typer.Option(help="Parts to play: keys, lead, pad, bass, drums.")] = DEFAULT_PARTS,
    sounds: Annotated[str, typer.Option(help="One sound per part, in order; also --sound.")] = "",
    level_db: Annotated[
        str,
        typer.Option(help='Level changes of single parts in dB: "bass 2, lead -3".'),
    ] = "",
    loop: Annotated[
        bool, typer.Option("--loop", help="Make every file a seamless loop; no tail is written.")
    ] = False,
    loudness_lufs: Loudness = LOUDNESS_LUFS,
    compose: ComposeOption = None,
    style: Style = "",
) -> None:
    """Make an arrangement: -o is a folder for one file per part, all on one grid, and the mix, their sum."""
    from msanii.checkpoint.folder import find_model
    from msanii.cli.render import composing, pipeline_of, rendering, write_take
    from msanii.music.note_files import score_notes
    from msanii.music.parts import levels_of, part_names, read_parts
    from msanii.music.taught.asked import read_sounds, without_pins

    _check(ask)
    ask = replace(ask, sound=sounds or ask.sound)
    names, kinds = read_parts(parts), read_sounds(without_pins(ask.sound), ask.taught_sounds())
    levels_db = levels_of(level_db, names)
    clip = ask.clip()
    bars = DEFAULT_BARS if ask.bars is None and ask.seconds is None and clip is None else ask.bars
    score = ask.score(bars=bars, seconds=ask.seconds, arranged=True)
    own = clip.of_parts(names) if clip is not None and clip.parts else ()
    notes = [score_notes(part, score.bpm) for part in own]
    folder = _made(ask.output)
    pipeline = pipeline_of(ask, find_model(ask.model))
    with rendering(ask, pipeline, loop=loop, loudness_lufs=loudness_lufs) as takes:
        made = composing(ask, takes, compose, style).arrange(score, names, kinds, levels_db, notes)
    for name, take in zip((*part_names(names), "mix"), made, strict=True):
        write_take(ask, folder / f"{name}.wav", take)


def _check(ask: SharedOptions) -> None:
    if ask.end == "ring":
        raise MsaniiError(
            "end: got ring, expected cut or fade: an arrangement has no tail, its parts are of one length; "
            "for a loop with its tail make each part with `msanii generate --loop --end ring --part`"
        )
    if ask.part:
        raise MsaniiError("part: an arrangement has several; say them with --parts")
    if ask.file_format not in (None, "wav", "float"):
        raise MsaniiError(f"format: got {ask.file_format}, expected wav or float for an arrangement")


def _made(folder: Path) -> Path:
    """Create the folder if it is missing. Raises MsaniiError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MsaniiError(f"output: `{folder}` cannot be a folder ({error}); choose another name") from error
    return folder
