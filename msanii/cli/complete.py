"""`msanii complete`: the part that is missing, composed to the notes or the audio of those that play."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msanii.cli.options import Loudness, SharedOptions, Style, with_shared_options
from msanii.errors import MsaniiError
from msanii.limits import LOUDNESS_LUFS

if TYPE_CHECKING:
    from msanii.music.midi_notes import BeatNote
    from msanii.music.note_clip import NoteClip
    from msanii.music.score import Score

Files = Annotated[
    list[Path],
    typer.Argument(help="MIDI files of what plays, all from the same bar 1; or audio that plays together."),
]
_MIDI_SUFFIXES = frozenset({".mid", ".midi", ".json"})


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command()(with_shared_options(complete, "Cut at the bar line, fade before it, or ring past it."))


def complete(
    ask: SharedOptions,
    files: Files,
    loop: Annotated[bool, typer.Option("--loop", help="Make a seamless loop.")] = False,
    count: Annotated[int, typer.Option(min=1, max=16, help="Variations: a_1.wav, a_2.wav for -o a.wav.")] = 1,
    loudness_lufs: Loudness = LOUDNESS_LUFS,
    style: Style = "",
) -> None:
    """Write a --part to what plays in files, as long as they are, and render it.

    Tempo and meter are those of the files, and so are the chords: they are recognised unless --chords says
    them. Audio is heard, and the new part begins where the audio begins.
    """
    from dataclasses import replace

    from msanii.cli.render import load_pipeline, rendering, write_takes
    from msanii.score_takes import ScoreRenderer

    _check(ask)
    score, parts = _read(ask, files)
    with rendering(ask, load_pipeline(ask), loop=loop, count=count, loudness_lufs=loudness_lufs) as takes:
        renderer = ScoreRenderer(**{name: getattr(takes, name) for name in takes.__dataclass_fields__})
        composing = replace(renderer, compose="auto", style=style)
        made = composing.rewrite(range(score.whole_bars), score, parts, [ask.part])
    write_takes(ask, made, count)


def _check(ask: SharedOptions) -> None:
    if not ask.part:
        raise MsaniiError("part: say which part to write to these, as in --part bass")
    if ask.part == "mix":
        raise MsaniiError("part: got mix, expected a single part: keys, lead, pad, bass or drums")
    if ask.notes is not None:
        raise MsaniiError("notes: give the MIDI files without --notes, as in `msanii complete a.mid b.mid`")


def _read(ask: SharedOptions, files: list[Path]) -> tuple[Score, Mapping[str, tuple[BeatNote, ...]]]:
    """The score of the new part, and the notes of the others: those of audio are not known."""
    from msanii.music.note_clip import merged
    from msanii.music.note_files import read_notes

    is_midi = [path.suffix.lower() in _MIDI_SUFFIXES for path in files]
    if not any(is_midi):
        return _heard_score(ask, files), {}
    if not all(is_midi):
        raise MsaniiError("files: got MIDI and audio, expected files of one kind; leave the others out")
    clip = merged([read_notes(path) for path in files]).from_beats(ask.notes_from_beats)
    clip.require_free(ask.part)
    return _score(ask, clip), clip.parts


def _heard_score(ask: SharedOptions, files: list[Path]) -> Score:
    """The score of what is to be played to audio: on what is heard there, where the options say nothing."""
    from dataclasses import replace

    from msanii.listening.listener import Listener
    from msanii.signal.audio_files import read_clip, together

    playing = together([read_clip(path) for path in files])
    heard = Listener.load().listen(playing)
    for sentence in heard.sentences():
        typer.echo(sentence, err=True)
    grid = heard.followed(ask.bpm, ask.said_meter())
    if grid is None:
        if ask.bpm is None:
            raise MsaniiError("bpm: no beat was heard that is sure, or in that meter; give it with --bpm")
        return replace(ask.score(bars=ask.bars, seconds=_seconds(ask, playing.seconds)), notes=())
    follows = replace(
        ask,
        bpm=grid.bpm,
        meter=ask.meter or f"{heard.numerator}/{heard.denominator}",
        chords=ask.chords or " | ".join(heard.chords or ()),
        key=ask.key or heard.key or "",
    )
    score = follows.score(bars=ask.bars, seconds=_seconds(ask, playing.seconds))
    return replace(score, beat_seconds=grid.beat_seconds, notes=())


def _seconds(ask: SharedOptions, playing_seconds: float) -> float | None:
    return None if ask.bars is not None else ask.seconds or playing_seconds


def _score(ask: SharedOptions, clip: NoteClip) -> Score:
    """The score of what is to be played: as long as the clip, on its chords where none are given."""
    from dataclasses import replace

    from msanii.music.chords import parse_chords
    from msanii.music.progression_recognition import clip_progression

    score = replace(ask.score(bars=ask.bars, seconds=ask.seconds, clip=clip), notes=())
    if score.chords:
        return score
    chords = clip_progression(clip, score.meter, score.whole_bars)
    if chords:
        typer.echo(f"chords: {chords}", err=True)
    return replace(score, chords=parse_chords(chords, meter=score.meter))
