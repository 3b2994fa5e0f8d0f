"""The render engine's interface, and the checks of requests and models that the daemon makes itself.

Nothing here imports torch; of msanii it uses only what needs none (chords, lengths, configurations).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

import msanii
from bridge.library.folders import LibraryFolders
from bridge.library.sources import source_seconds
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, Job, PartialRequest, Progress, RenderRequest, TakeReady
from bridge.parameters import MAX_SECONDS, NEW_MUSIC, OF_MODEL, PARAMETERS, check_values
from bridge.render.model_card import Learned, read_learned
from bridge.values import check_name
from bridge.worker.process import as_bridge_error
from bridge.worker.score import check_style, grooves_of, request_score, taught_files
from msanii.config import ModelConfig
from msanii.errors import MsaniiError
from msanii.fingerprints import all_fingerprints
from msanii.limits import REGION_TOLERANCE_SECONDS
from msanii.music import note_files
from msanii.music.chords import Meter
from msanii.music.note_clip import NoteClip
from msanii.music.score import Score
from msanii.music.sounds import PARTS, known_sounds
from msanii.music.taught.folder import read_folder

EngineState = Literal["down", "loading", "ready", "rendering", "no model"]
OnEvent = Callable[[Progress | TakeReady], None]

_LARGEST_CONFIG_BYTES = 64 * 1024


class WorkerDiedError(BridgeError):
    """The render process ended during a render; the job may be tried again."""

    def __init__(self, message: str) -> None:
        super().__init__("render", message)


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One renderer of a pool. `state` is starting, ready, rendering, lost or refused.

    What is not known is empty. `processor` is a GPU's name or a CPU's instruction set; `problem` says why it
    does not render.
    """

    name: str
    state: str
    device: str = ""
    processor: str = ""
    model: str = ""
    job_id: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine's state. Model, device and the like are empty until a model is loaded.

    `nodes` are the renderers of a pool.
    """

    state: EngineState = "down"
    pid: int = 0
    model: str = ""
    fingerprint: str = ""
    device: str = ""
    dtype: str = ""
    threads: int = 0
    layout: str = ""
    job_id: str = ""
    problem: str = ""
    nodes: tuple[NodeStatus, ...] = ()


class Engine(Protocol):
    """A render engine, as the daemon uses it."""

    name: str

    @property
    def status(self) -> EngineStatus:
        """The engine's current state."""

    @property
    def rendering(self) -> tuple[str, ...]:
        """The ids of the jobs that are being rendered."""

    @property
    def capacity(self) -> int:
        """How many jobs to give to `render` at once."""

    async def start(self) -> None:
        """Start the engine; returns before its model is loaded."""

    async def exited(self) -> str:
        """Wait until the engine has ended; return the reason."""

    async def stop(self) -> None:
        """End the engine, and wait until it has ended."""

    def kill(self) -> None:
        """Kill the engine."""

    def check(self, request: RenderRequest) -> None:
        """Raise BridgeError if the request cannot be rendered. Fast enough for the event loop."""

    def hints(self, said: Container[str], request: RenderRequest) -> list[str]:
        """Return sentences for whoever asked; as the function `hints` does."""

    async def render(self, job: Job, paths: Sequence[Path], on_event: OnEvent) -> None:
        """Render a job's takes to `paths`. Raises WorkerDiedError, or BridgeError for other failures."""

    def cancel(self, job_id: str) -> bool:
        """Stop the render of a job. Return False if that job is not being rendered."""


def settle(finished: asyncio.Future[None], error: BridgeError | None) -> None:
    """Let a render end, well without an `error`; only its first end counts."""
    if finished.done():
        return
    if error is None:
        finished.set_result(None)
    else:
        finished.set_exception(error)


def find_model(name: str, folders: Sequence[Path] = ()) -> Path:
    """Return the folder of a model by name: from `folders`, else of a bundled model.

    Raises:
        BridgeError: `model` if there is no such model, with the names of those that exist.
    """
    check_name("model", name)
    shipped = Path(msanii.__file__).parent / "pretrained"
    for folder in (*folders, shipped):
        if (folder / name / "config.json").is_file():
            return folder / name
    known = {path.parent.name for folder in (*folders, shipped) for path in folder.glob("*/config.json")}
    raise BridgeError(
        "model", f"`model`: there is no `{name}` here; there is {', '.join(sorted(known)) or 'none at all'}"
    )


def model_fingerprints(name: str, folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return a model's fingerprints, as recipes name them: the current one first, then former ones.

    Raises BridgeError `model` if the model cannot be read.
    """
    try:
        return all_fingerprints(find_model(name, folders))
    except MsaniiError as error:
        raise as_bridge_error(error) from error


def read_model_config(folder: Path) -> ModelConfig:
    """Read a model's configuration. Raises BridgeError `model` if the folder is damaged or incomplete."""
    problem = ""
    try:
        with (folder / "config.json").open("rb") as file:
            data = file.read(_LARGEST_CONFIG_BYTES + 1)
        if len(data) > _LARGEST_CONFIG_BYTES:
            problem = "its config.json is too large"
        elif not (folder / "model.safetensors").is_file():
            problem = "it has no model.safetensors"
        else:
            return _parsed(data)
    except (OSError, ValueError, RecursionError) as error:
        problem = f"its config.json cannot be used ({error})"
    raise BridgeError("model", f"model `{folder.name}`: {problem}; install or import the model again")


def sounds_and_parts(
    model: str, folders: Sequence[Path] = (), sounds_folder: Path | None = None
) -> tuple[str, str]:
    """Return a model's sounds and parts, each as comma-separated names; "" if it has no such control.

    The sounds end with those in a folder of taught ones.
    """
    try:
        config = read_model_config(find_model(model, folders))
    except BridgeError:
        return "", ""
    known = known_sounds(config.unet.controls)
    taught = read_folder(sounds_folder).files if sounds_folder and known else ()
    knows_parts = any(group.name == "part" for group in config.unet.controls)
    return ",".join(dict.fromkeys((*known, *taught))), ",".join(PARTS) if knows_parts else ""


def styles(numerator: int, denominator: int, grooves_folder: Path | None = None) -> tuple[str, ...]:
    """Return the styles that suit a meter: families of grooves, then grooves; all of them if it is 0/0."""
    grooves = grooves_of(grooves_folder)
    if numerator and denominator:
        grooves = grooves.in_meter(Meter(numerator=numerator, denominator=denominator))
    return grooves.styles


def follows_chords(model: str, folders: Sequence[Path] = ()) -> bool:
    """Return whether a model has a chord control; False if the model cannot be read."""
    try:
        config = read_model_config(find_model(model, folders))
    except BridgeError:
        return False
    return any(group.name == "chords" for group in config.unet.controls)


def model_sampling(model: str, folders: Sequence[Path] = ()) -> PartialRequest:
    """Return a model's default `OF_MODEL` values, from its config.json.

    Raises:
        BridgeError: `model` if there is no such model, or its config.json cannot be used or has a value that
            is invalid in a request.
    """
    own = read_model_config(find_model(model, folders)).sampling.to_dict()
    try:
        return check_values({name: own[name] for name in OF_MODEL})
    except BridgeError as error:
        raise BridgeError("model", f"model `{model}`: `sampling` in its config.json: {error}") from error


def learned(model: str, folders: Sequence[Path] = ()) -> Learned:
    """Return the tempos and meters that a model was trained on, as far as its model card gives them."""
    try:
        return read_learned(find_model(model, folders))
    except BridgeError:
        return Learned()


@lru_cache(maxsize=8)
def _parsed(data: bytes) -> ModelConfig:
    """Parse a config.json; cached, since every request reads its model's."""
    return ModelConfig.from_dict(json.loads(data))


def check_renderable(
    request: RenderRequest,
    library: LibraryFolders,
    model_folders: Sequence[Path],
    grooves_folder: Path | None = None,
    sounds_folder: Path | None = None,
) -> None:
    """Check before queueing whether a request can be rendered. Fast enough for the event loop.

    Raises:
        BridgeError: `chords`, `value`, `model` or `source`, with what to do about it.
    """
    config = read_model_config(find_model(request.model, model_folders))
    lengths = [(source.name, source_seconds(library.source_path(source))) for source in request.sources]
    _check_sources(request, lengths)
    # Music made from a source is as long as the source; the request does not have that length.
    seconds = lengths[0][1] if lengths and request.verb not in NEW_MUSIC else None
    try:
        score = request_score(request, seconds)
        check_style(request, grooves_folder)
        taught_files(request, sounds_folder)
    except MsaniiError as error:
        raise as_bridge_error(error) from error
    for control in sorted(score.asked() - {group.name for group in config.unet.controls}):
        why = f"the model `{request.model}` has no {control} control"
        raise BridgeError("model", f"`{control}`: {why}; leave that out, or choose another model")
    known = known_sounds(config.unet.controls)
    for sound in sorted(_sounds_of(score) - {*known}):
        raise BridgeError(
            "model",
            f"`sound`: the model `{request.model}` does not know `{sound}`, expected one of "
            f"{', '.join(known)}; choose one of them, or another model",
        )


def _sounds_of(score: Score) -> set[str]:
    """The built-in sounds that a score's sounds are, or are mixed of."""
    return {*score.sounds, *(one.like for mix in score.mixes for one in mix)}


def hints(said: Container[str], request: RenderRequest, model_folders: Sequence[Path]) -> list[str]:
    """Return sentences on a request: what was heard in its source, and what a client said without effect.

    Raises BridgeError `model` if the model cannot be read.
    """
    return [*_heard(said, request), *_without_effect(said, request, model_folders)]


def _heard(said: Container[str], request: RenderRequest) -> Iterator[str]:
    if not request.heard_values:
        if request.sources and not request.knows_tempo and "chords" not in said:
            yield (
                f"the tempo of `{request.sources[0].name}` is not known, so that the takes follow no beat; "
                "send its `bpm`, and `chords`, if they are to."
            )
        return
    names = " + ".join(f"`{source.name}`" for source in request.follows or request.sources[:1])
    what = [f"{request.bpm:g} bpm"] if "bpm" in request.heard_values else []
    what += [f"{request.numerator}/{request.denominator}"] if "numerator" in request.heard_values else []
    if request.verb != "outpaint" and request.beat_seconds:
        what.append(f"the first bar at {request.timeline.seconds_at(0):.2f} s")
    what += [request.key] if "key" in request.heard_values else []
    what += [request.chords] if "chords" in request.heard_values else []
    yield f"heard in {names}: {', '.join(what)}."


def _without_effect(said: Container[str], request: RenderRequest, model_folders: Sequence[Path]) -> list[str]:
    if request.verb not in ("inpaint", "outpaint"):
        return []
    has_context = read_model_config(find_model(request.model, model_folders)).unet.context
    idle, instead = ("repaint", "steps") if has_context else ("steps", "repaint")
    if idle not in said:
        return []
    has = "has" if has_context else "has no"
    why = f"the model `{request.model}` {has} context, so that {request.verb} is set by `{instead}`"
    return [f"`{idle}` has no effect here: {why}."]


def _check_sources(request: RenderRequest, lengths: Sequence[tuple[str, float]]) -> None:
    for name, seconds in lengths:
        if seconds > MAX_SECONDS:
            raise BridgeError(
                "source",
                f"source `{name}`: {seconds:.0f} seconds, expected at most {MAX_SECONDS:g}; cut it shorter",
            )
    if request.verb != "inpaint" or not lengths:
        return
    name, seconds = lengths[0]
    begin = 0.0 if request.from_seconds is None else request.from_seconds
    end = seconds if request.to_seconds is None else request.to_seconds
    if not (0 <= begin < end <= seconds + REGION_TOLERANCE_SECONDS):
        raise BridgeError(
            "value",
            f"`from_seconds`, `to_seconds`: got {begin:g} to {end:g}, expected a part of `{name}`, "
            f"which lasts {seconds:.3f} seconds",
        )


def parse_notes(data: bytes, name: str) -> NoteClip:
    """Parse the notes of a MIDI file. Raises BridgeError `value` if it cannot be read or has none."""
    try:
        return note_files.parse_notes(data, name)
    except MsaniiError as error:
        raise as_bridge_error(error) from error


def loudness_of(audio_path: Path) -> float:
    """Measure the loudness of an audio file in LUFS, within what a request may ask for."""
    import soundfile

    from msanii.metrics.loudness import loudness

    audio, rate = soundfile.read(audio_path, dtype="float32", always_2d=True)
    row = PARAMETERS["loudness_lufs"]
    low, high = float(row.low or 0), float(row.high or 0)
    return min(max(loudness(audio.T, rate), low), high)


def save_spectrogram(audio_path: Path, picture_path: Path) -> None:
    """Write an audio file's spectrogram as a PNG, below the notes of the MIDI file beside it, if any."""
    import soundfile

    from msanii.music.note_files import read_notes
    from msanii.signal.spectrogram_picture import write_spectrogram

    audio, rate = soundfile.read(audio_path, dtype="float32", always_2d=True)  # (L, C)
    midi_path = TakeFiles(audio_path).midi
    write_spectrogram(picture_path, audio.T, rate, read_notes(midi_path) if midi_path.exists() else None)
