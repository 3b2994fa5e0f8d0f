"""The daemon's state of decks and master, from which a restarted audio child is restored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.deck_values import defaults
from bridge.library.bar_recipes import find_endless_recipe
from bridge.library.caught_bars import read_caught
from bridge.library.loop_tempo import loop_tempo
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError
from bridge.messages.stage import DeckActivity, Setting
from bridge.parameters import NEW_MUSIC, check_request

# Enough for all that an endless deck may still play: two bars to repeat, the current one, those sent ahead.
_KEPT_BARS = 24
# The number of takes that undo may bring back.
_REMEMBERED_TAKES = 8
_NEARLY_WHOLE_BEATS = 0.01
# An external clock's tempo jitters: smaller relative changes are ignored. Decks tolerate five times as much.
_SAME_TEMPO = 0.001


@dataclass(slots=True)
class DeckState:
    """The state of one deck: what was requested, and what the audio child last reported.

    `file` is the take that was last requested, `take` the name of the one that `activity` is about. `ordered`
    is the last order to it, which counts for a restarted child even if the last one never obeyed: a launch
    until it is reported, a stop or a panic until the next launch. Bars of an endless deck last `bar_beats`
    quarter notes.
    """

    number: int
    values: dict[str, Setting] = field(default_factory=defaults)
    file: p.TakeFile | None = None
    endless: bool = False
    bar_beats: float = 4.0
    activity: DeckActivity = "empty"
    take: str = ""
    launch_beat: float | None = None
    line: float | None = None
    fits: bool = True
    ordered: Literal["", "launch", "stop", "panic"] = ""
    bars: dict[int, p.BarReady] = field(default_factory=dict)
    _held: p.TakeFile | None = None
    _about: p.TakeFile | None = None
    _asked: dict[Path, p.TakeFile] = field(default_factory=dict)

    def hold(self, file: p.TakeFile) -> None:
        """Note a take that the child was told to load."""
        self.file, self.endless = file, False
        self.bars.clear()
        self._asked.pop(file.path, None)
        self._asked[file.path] = file

    def retime(self, file: p.TakeFile) -> None:
        """Note the tempo of the take that the deck was last told to load: `file` is the same with it."""
        before, self.file = self.file, file
        self._asked[file.path] = file
        if self._held is before:
            self._held = file
        if self._about is before:
            self._about = file

    def hold_bars(self, bar_beats: float) -> None:
        """Become an endless deck. Its bars keep this length, in quarter notes, even if the meter changes."""
        self.file, self.endless, self.bar_beats = None, True, bar_beats
        self.bars.clear()

    def reported(self, report: r.DeckReport) -> None:
        """Note the state that the child reports."""
        is_left = report.activity == "stopped" and self.file is None and not self.endless
        self.activity = "empty" if is_left else report.activity
        self.take = report.path.name if report.path is not None else ""
        self.launch_beat, self.line, self.fits = report.launch_beat, report.line, report.fits
        if self.ordered == "launch" and report.activity in ("armed", "playing"):
            self.ordered = ""
        self._about = self._asked.get(report.path) if report.path is not None else None
        self._holds(self._asked.get(report.held) if report.held is not None else None)

    @property
    def is_launched(self) -> bool:
        """Whether it sounds or will sound, by the last order and else by the last report."""
        return self.ordered == "launch" or (not self.ordered and self.activity in ("playing", "armed"))

    @property
    def launched_file(self) -> p.TakeFile | None:
        """The take that sounds or will sound, as `is_launched` says; None without one."""
        if not self.is_launched:
            return None
        return self.file if self.ordered == "launch" else self._about

    def _holds(self, held: p.TakeFile | None) -> None:
        """Note the take that the child holds; a later one may still be loading."""
        if self.endless or held is None:
            return
        if self.file is self._held:  # nothing else is loading
            self.file = held
        self._held = held
        for old in list(self._asked)[:-_REMEMBERED_TAKES]:
            del self._asked[old]

    def end_bars(self) -> None:
        """Leave endless mode: the deck is empty from now on; a stop already sent still ends the sound."""
        self.endless = False
        self.bars.clear()
        if self.activity == "stopped":
            self.activity = "empty"

    def give_back(self) -> None:
        """Go back to the take loaded before, after the child failed to load another."""
        if self.endless:
            return
        self.file, self.ordered = self._held, "" if self.ordered == "launch" else self.ordered
        if self.file is None:
            self.activity, self.take, self.launch_beat, self.line = "empty", "", None, None

    def keep_bar(self, ready: p.BarReady) -> None:
        """Remember a bar, in case the audio child has to be restarted."""
        self.bars[ready.bar] = ready
        for old in sorted(self.bars)[:-_KEPT_BARS]:
            del self.bars[old]

    def restore_commands(self) -> Iterator[object]:
        """Yield the commands that restore this deck in a restarted child; they start no stopped transport.

        What played goes on. If another take was loading or waiting over it, that one is launched instead.
        """
        self._held = None
        for name, value in self.values.items():
            yield p.SetDeck(self.number, name, value)
        plays = self._may_sound and self.ordered != "launch" and self._is_about_what_it_holds
        goes_on = self.launch_beat if plays else None
        if self.endless:
            yield p.OpenEndless(self.number, self.bar_beats, goes_on)
            yield from (ready for _, ready in sorted(self.bars.items()))
        elif self.file is None:
            return
        elif goes_on is not None:
            yield p.Resume(self.number, self.file, goes_on)
        else:
            yield p.LoadDeck(self.number, self.file)
        if goes_on is None and self._is_launched:
            yield p.LaunchDeck(self.number, starts_transport=False)

    @property
    def _may_sound(self) -> bool:
        return self.ordered not in ("stop", "panic") and self.activity != "stopping"

    @property
    def _is_about_what_it_holds(self) -> bool:
        """Whether the activity is that of the take, or the bars, that the deck was last told to hold."""
        return not self.take if self.endless else self._about is self.file

    @property
    def _is_launched(self) -> bool:
        """Whether it is about to play, or plays what the take that is loading changes."""
        is_launched = self.activity in ("armed", "playing")
        if self.endless:
            is_launched = is_launched and not self.take
        elif self._about is None:
            is_launched = False  # endless bars, which ended with the last child
        return self._may_sound and (is_launched or self.ordered == "launch")


@dataclass(frozen=True, slots=True)
class OffTempoDeck:
    """A deck whose take does not fit the tempo: `path` is the take, `bpm` the tempo wanted."""

    deck: int
    path: Path
    bpm: float


@dataclass(slots=True)
class Master:
    """The values that concern all decks; `last` is where the music was when the audio child was lost.

    `runs` is whether the transport was last told, or reported, to run; `told_playing` what clients know.
    `tempo_count` counts how often clients have set the tempo.
    """

    gain_db: float = 0.0
    nudge_ms: float = 0.0
    bpm: float = 120.0
    tempo_count: int = 0
    bar_beats: float = 4.0
    meter: str = "4/4"
    last: Snapshot | None = None
    runs: bool = False
    told_playing: bool = False

    def move(self, *, playing: bool | None = None, beat: float | None = None) -> None:
        """Start, stop or move the transport while there is no audio child."""
        now = time.monotonic()
        last = self.last or Snapshot(now, 0.0, self.bpm, False, self.bar_beats)
        at = last.beat_at(now) if beat is None else beat
        runs = last.playing if playing is None else playing
        self.last = Snapshot(now, at, self.bpm, runs, self.bar_beats)

    def note(self, command: object) -> None:
        """Note whether a command makes the transport run, for a child that may not live to obey it."""
        match command:
            case p.PlayTransport() | p.LaunchDeck(starts_transport=True):
                self.runs = True
            case p.LoadDeck(launch=str(), starts_transport=True):
                self.runs = True
            case p.LaunchScene(starts_transport=True) if command.takes:
                self.runs = True
            case p.StopTransport():
                self.runs = False

    @property
    def beats_per_bar(self) -> int:
        """The number of beats in a bar, as in 7 of 7/8."""
        return int(self.meter.split("/")[0])

    def moves_to(self, bpm: float) -> bool:
        """Follow an external clock's tempo. Return True if it differs from the tempo that clients know."""
        moves = abs(bpm / self.bpm - 1) > _SAME_TEMPO
        if moves:
            self.bpm = bpm
        return moves

    def restore_commands(self) -> Iterator[object]:
        """Yield the commands that restore the master, and the transport where it would be by now."""
        yield p.SetStage("gain", self.gain_db)
        yield p.SetStage("nudge_ms", self.nudge_ms)
        yield p.SetStage("tempo", self.last.bpm if self.last else self.bpm)
        yield p.SetMeter(self.bar_beats)
        if self.last is not None and self.last.playing:
            # The published beat is ahead of the audio by the nudge.
            beat = self.last.beat - self.nudge_ms / 1000 * self.last.bpm / 60
            yield p.PlayTransport(beat, self.last.monotonic_seconds)
        elif self.last is not None:
            yield p.Locate(self.last.beat)
        yield p.Publish()


def take_file(path: Path, bpm: float | None = None) -> p.TakeFile:
    """Return a file with its tempo and length in quarter notes: from `bpm`, its recipe, or its own chunk."""
    if bpm is not None:
        return p.TakeFile(path, bpm, is_given=True)
    try:
        return _take_of_recipe(path)
    except BridgeError:
        return p.TakeFile(path, *_own_tempo(path))  # the user's own audio


def _own_tempo(path: Path) -> tuple[float | None, float | None]:
    try:
        caught = read_caught(path)
        return (caught.bpm, caught.beats) if caught else loop_tempo(path) or (None, None)
    except OSError:
        return None, None  # loading it will say why


def _take_of_recipe(path: Path) -> p.TakeFile:
    """Return a take as its recipe describes it. Raises BridgeError if that is missing or damaged."""
    recipe_path = TakeFiles(path).recipe_source()
    kept = find_endless_recipe(recipe_path)
    if kept is not None:
        return p.TakeFile(path, *kept.tempo_and_beats())
    recipe = read_recipe(recipe_path)
    request = check_request(recipe.request)
    if not request.knows_tempo:
        return p.TakeFile(path)
    followed = request.timeline.beat_seconds
    if len(followed) > 1:
        return p.TakeFile(path)  # it drifts as the recording does that it follows
    bpm, beats = _tempo_and_beats(recipe)
    return p.TakeFile(path, bpm, beats, _first_bar_line(recipe, followed[0]) if followed else 0.0)


def _tempo_and_beats(recipe: Recipe) -> tuple[float | None, float | None]:
    request = recipe.request
    if request.verb == "generate" and request.bars is not None:
        return request.bpm, request.bars * 4 * request.numerator / request.denominator
    beats = recipe.seconds * request.bpm / 60
    if round(beats) and abs(beats - round(beats)) < _NEARLY_WHOLE_BEATS:
        return request.bpm, float(round(beats))
    return (request.bpm, None) if request.verb in NEW_MUSIC else (None, None)


def _first_bar_line(recipe: Recipe, line_seconds: float) -> float:
    """Return the first bar line of the file, by one that counts from the start of the score."""
    request = recipe.request
    bar_seconds = float(request.meter.bar_beats) * 60 / request.bpm
    return (line_seconds + request.score_start(recipe.seconds)) % bar_seconds
