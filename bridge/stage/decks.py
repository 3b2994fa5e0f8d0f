"""The daemon's state of decks and master, from which a restarted audio child is restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.audio_child.snapshot import Snapshot
from bridge.deck_values import defaults
from bridge.library.bar_recipes import find_endless_recipe
from bridge.library.recipes import read_recipe
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

    Bars of an endless deck last `bar_beats` quarter notes.
    """

    number: int
    values: dict[str, Setting] = field(default_factory=defaults)
    file: p.TakeFile | None = None
    endless: bool = False
    bar_beats: float = 4.0
    activity: DeckActivity = "empty"
    launch_beat: float | None = None
    fits: bool = True
    bars: dict[int, p.BarReady] = field(default_factory=dict)
    _held: p.TakeFile | None = None
    _asked: dict[Path, p.TakeFile] = field(default_factory=dict)

    @property
    def take(self) -> str:
        """The file name of the loaded take; empty if there is none."""
        return self.file.path.name if self.file else ""

    def hold(self, file: p.TakeFile) -> None:
        """Note a take that the child was told to load."""
        self.file, self.endless = file, False
        self.bars.clear()
        self._asked.pop(file.path, None)
        self._asked[file.path] = file

    def hold_bars(self, bar_beats: float) -> None:
        """Become an endless deck. Its bars keep this length, in quarter notes, even if the meter changes."""
        self.file, self.endless, self.bar_beats = None, True, bar_beats
        self.bars.clear()

    def holds(self, path: Path | None) -> None:
        """Note the take that the child reports as loaded; a later one may still be loading."""
        held = self._asked.get(path) if path is not None else None
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

    def give_back(self) -> None:
        """Go back to the take loaded before, after the child failed to load another."""
        if self.endless:
            return
        self.file = self._held
        if self.file is None:
            self.activity, self.launch_beat = "empty", None

    def keep_bar(self, ready: p.BarReady) -> None:
        """Remember a bar, in case the audio child has to be restarted."""
        self.bars[ready.bar] = ready
        for old in sorted(self.bars)[:-_KEPT_BARS]:
            del self.bars[old]

    def restore_commands(self, clock_runs: bool) -> Iterator[object]:
        """Yield the commands that restore this deck in a restarted child; they start no stopped transport."""
        self._held = None
        for name, value in self.values.items():
            yield p.SetDeck(self.number, name, value)
        if self.endless:
            yield from self._bars_as_told(clock_runs)
            return
        if self.file is None:
            return
        if self.launch_beat is None:
            yield p.LoadDeck(self.number, self.file, "1" if self.activity == "armed" and clock_runs else None)
        else:
            yield p.Resume(self.number, self.file, self.launch_beat)

    def _bars_as_told(self, clock_runs: bool) -> Iterator[object]:
        yield p.OpenEndless(self.number, self.bar_beats, self.launch_beat)
        for _, ready in sorted(self.bars.items()):
            yield ready
        if self.launch_beat is None and self.activity == "armed" and clock_runs:
            yield p.LaunchDeck(self.number)


@dataclass(frozen=True, slots=True)
class OffTempoDeck:
    """A deck whose take does not fit the tempo: `path` is the take, `bpm` the tempo wanted."""

    deck: int
    path: Path
    bpm: float


@dataclass(slots=True)
class Master:
    """The values that concern all decks; `last` is where the music was when the audio child was lost."""

    gain_db: float = 0.0
    nudge_ms: float = 0.0
    bpm: float = 120.0
    bar_beats: float = 4.0
    meter: str = "4/4"
    last: Snapshot | None = None

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
    """Return a file with its tempo and length in quarter notes, from its recipe or from `bpm`."""
    if bpm is not None:
        return p.TakeFile(path, bpm)
    try:
        return p.TakeFile(path, *_tempo_and_beats(TakeFiles(path).recipe_source()))
    except BridgeError:
        return p.TakeFile(path)  # the user's own audio: its tempo is unknown


def _tempo_and_beats(recipe_path: Path) -> tuple[float | None, float | None]:
    """Return tempo and beats from a recipe. Raises BridgeError if it is missing or damaged."""
    kept = find_endless_recipe(recipe_path)
    if kept is not None:
        return kept.tempo_and_beats()
    recipe = read_recipe(recipe_path)
    request = check_request(recipe.request)
    if request.verb == "generate" and request.bars is not None:
        return request.bpm, request.bars * 4 * request.numerator / request.denominator
    beats = recipe.seconds * request.bpm / 60
    if round(beats) and abs(beats - round(beats)) < _NEARLY_WHOLE_BEATS:
        return request.bpm, float(round(beats))
    return (request.bpm, None) if request.verb in NEW_MUSIC else (None, None)
