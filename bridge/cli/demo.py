"""`msanii-bridge demo`: starts a daemon, renders two arrangements and a loop over OSC, and edits a take."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.client import Answer, Client
from bridge.cli.listen import ask, sentences
from bridge.cli.own_daemon import launched, wait_for_model
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError
from bridge.render.engine import save_spectrogram

if TYPE_CHECKING:
    from rich.console import Console

Request = tuple[str | int | float, ...]

CHORDS, BPM = "Am F C G", 113.0
MUSIC: Request = ("chords", CHORDS, "bpm", BPM, "bars", 4)
ARRANGED = ("keys", "bass", "drums", "lead")
# Beside the acoustic arrangement, an electronic one.
HOUSE_PARTS = ("drums", "bass", "keys", "pad")
HOUSE: Request = (
    "chords", "Fm Db Ab Eb", "bpm", 122.0, "bars", 4, "style", "house", "seed", 12,
    "parts", ",".join(HOUSE_PARTS),
    "sound", "electronic kit, synth bass, electric piano, warm pad",
)  # fmt: skip
# A chord of the keys is changed: its bar and the next are composed and rendered anew.
EDIT: Request = ("chord", "3 Dm", "recompose", "4")
FIRST_START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class DemoTake:
    """An audio file of the demo, its length, and its picture: notes and spectrogram."""

    path: Path
    seconds: float
    picture: Path


def requests_for(known_parts: str) -> tuple[Request, ...]:
    """Return the demo's requests for a model that plays these parts (a comma-separated list).

    The first is the music that is edited and heard afterwards.
    """
    if set(ARRANGED) <= set(known_parts.split(",")):
        parts: Request = (*MUSIC, "seed", 7, "parts", ",".join(ARRANGED))
        loop: Request = (*MUSIC, "seed", 8, "count", 1, "loop", 1, "part", "keys", "sound", "electric piano")
        return parts, HOUSE, loop
    return (*MUSIC, "seed", 7, "count", 2), (*MUSIC, "seed", 8, "count", 1, "loop", 1)


def run_demo(folder: Path, console: Console, *arguments: str) -> list[DemoTake]:
    """Start a daemon, render two arrangements and a loop to `folder`, edit a part, and hear the first mix.

    A model without parts renders two variations instead of them, and takes without notes are not edited.
    Raises BridgeError if the daemon does not start or a job fails.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with launched("--library", str(folder), *arguments) as daemon:
        _say(console, f"daemon {daemon.version} answers on 127.0.0.1, UDP port {daemon.port}")
        with console.status("loading the model"):
            status = wait_for_model(daemon.client)
        _say(console, "model {model} on {device}, {dtype}, {threads} threads".format_map(status))
        started, takes = time.monotonic(), list[tuple[Path, float]]()
        music, *others = requests_for(str(status["parts"]))
        takes += _rendered(daemon.client, "/msanii/generate", music, console)
        (first, _), (mix, _) = takes[0], takes[-1]
        for other in others:
            takes += _rendered(daemon.client, "/msanii/generate", other, console)
        if TakeFiles(first).midi.exists():
            takes += _rendered(daemon.client, "/msanii/edit", (first.name, *EDIT), console)
        wall_seconds = time.monotonic() - started
        _hear(daemon.client, mix, console)
    made = [DemoTake(path, seconds, _draw(path)) for path, seconds in takes]
    _report(made, wall_seconds, console)
    return made


def _rendered(client: Client, address: str, request: Request, console: Console) -> list[tuple[Path, float]]:
    """Send a request, and return the paths of its takes and their lengths in seconds."""
    job_id = f"demo-{client.port}-{time.time_ns():x}"
    _say(console, f"{address} {job_id} " + " ".join(_quoted(word) for word in request))
    client.send(address, job_id, *request)
    return _follow(client.job(job_id, FIRST_START_SECONDS), console)


def _follow(answers: Iterable[Answer], console: Console) -> list[tuple[Path, float]]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    takes: list[tuple[Path, float]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("queued", total=1.0)
        for answer in answers:
            match answer:
                case Answer("/msanii/progress", (_, float(fraction))):
                    bar.update(task, completed=fraction, description="rendering")
                case Answer("/msanii/take", (_, _, str(path), float(seconds), *_)):
                    takes.append((Path(path), seconds))
                case Answer("/msanii/fail", (_, str(code), str(sentence))):
                    raise BridgeError(code, sentence)
        bar.update(task, completed=1.0, description="done")
    return takes


def _hear(client: Client, take: Path, console: Console) -> None:
    """Print what was asked for in a take, and what the listener hears in it."""
    _say(console, f"/msanii/listen {take.name}")
    _say(console, f"asked: {BPM:g} bpm; chords {CHORDS.replace(' ', ' | ')}")
    try:
        heard = [*sentences(ask(client, take.name))]
    except BridgeError as error:
        heard = [error.message]
    for sentence in heard:
        _say(console, f"heard: {sentence}")


def _draw(path: Path) -> Path:
    picture = TakeFiles(path).picture
    save_spectrogram(path, picture)
    return picture


def _report(made: list[DemoTake], wall_seconds: float, console: Console) -> None:
    for take in made:
        _say(console, f"{take.path}  {take.seconds:.3f} s")
        midi = TakeFiles(take.path).midi
        for beside in (midi, take.picture):
            if beside.exists():
                _say(console, f"{beside}")
    music_seconds = sum(take.seconds for take in made)
    _say(
        console,
        f"{music_seconds:.1f} s of music in {wall_seconds:.1f} s from the first message to the last file: "
        f"real-time factor {music_seconds / wall_seconds:.2f}",
    )


def _say(console: Console, line: str) -> None:
    """Print a line verbatim and without wrapping, so that paths and messages can be copied."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)


def _quoted(word: object) -> str:
    return f'"{word}"' if isinstance(word, str) and " " in word else str(word)
