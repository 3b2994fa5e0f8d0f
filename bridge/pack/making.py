"""Makes a pack: orders its items, checks what comes back, and files it; killed, it goes on where it was."""

from __future__ import annotations

import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridge.library.take_files import TakeFiles
from bridge.messages import Argument, BridgeError
from bridge.pack.filing import Candidate, file_loop, file_one_shot, read_candidate
from bridge.pack.journal import Journal, Outcome
from bridge.pack.planning.names import TakenNames
from bridge.pack.planning.plan import Item
from bridge.pack.planning.recipe import PackRecipe
from bridge.pack.renderer import NotRendered, Rendered, Renderer, Rendering
from bridge.pack.sounds.duplicates import Fingerprints
from bridge.requests.notes import write_notes
from bridge.system.disk import discard
from msanii.limits import MAX_SEED

AHEAD = 4
"""How many orders are open at once: enough that a renderer never waits for a file to be checked."""
MOST_FAILURES_IN_A_ROW = 5
# Failures of the machine, not of the recipe: the item is left for the next run.
_OF_THE_MACHINE = ("render", "internal", "cancelled")
# Seeds of further tries, far from those that a recipe lists.
_NEXT_TRY = 1_000_003


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pack is: items in all and done, of these kept and rejected; seconds left, None if unknown.

    `fraction` counts what is being rendered too. `said` is what just happened, empty if nothing did.
    """

    items: int
    kept: int
    rejected: int
    fraction: float
    seconds_left: float | None
    said: str = ""


OnProgress = Callable[[Progress], None]


@dataclass
class Making:
    """The making of a pack in `folder`. `run` makes what is not made yet, and raises BridgeError.

    `ahead` orders are open at once; with many machines it should be twice their number.
    """

    folder: Path
    recipe: PackRecipe
    items: Sequence[Item]
    journal: Journal
    renderer: Renderer
    on_progress: OnProgress
    ahead: int = AHEAD
    _open: dict[str, tuple[Item, int, float]] = field(default_factory=dict)
    _prints: Fingerprints = field(default_factory=Fingerprints)
    _names: TakenNames = field(default_factory=TakenNames)

    def run(self) -> None:
        """Make everything that is not made yet.

        Raises:
            BridgeError: `disk` or `folder` if files cannot be written, what the renderer refuses, and
                `render` if renders fail one after the other. What is made until then stays.
        """
        waiting = deque((item, 0) for item in self._left())
        self._begun, self._music = time.monotonic(), 0.0
        self._failures = 0
        self._tell()
        run_id, numbers = secrets.token_hex(4), itertools.count()
        while waiting or self._open:
            while waiting and len(self._open) < self.ahead:
                item, tried = waiting.popleft()
                job_id = f"pack-{run_id}-{next(numbers)}"
                self._open[job_id] = (item, tried, 0.0)
                self.renderer.order(job_id, self._arguments(item, tried))
            if (again := self._handle(self.renderer.next_event())) is not None:
                waiting.appendleft(again)

    def _left(self) -> list[Item]:
        planned = {item.key: item for item in self.items}
        self._kept = self._rejected = 0
        left = left_of(self.folder, self.journal, self.items)
        missing = {item.key for item in left}
        for outcome in self.journal.outcomes():
            if outcome.key not in planned or outcome.key in missing:
                continue
            if outcome.state == "kept":
                self._names.keep(Path(outcome.path).with_suffix("").as_posix())
                self._prints.add(_group(planned[outcome.key]), outcome.path, outcome.fingerprint)
                self._kept += 1
            else:
                self._rejected += 1
        self._music_left = sum(item.seconds for item in left)
        return left

    def _arguments(self, item: Item, tried: int) -> list[Argument]:
        values = dict(item.values)
        values["seed"] = (int(values["seed"]) + tried * _NEXT_TRY) % (MAX_SEED - 1_000)
        arguments: list[Argument] = []
        if item.notes:
            notes = write_notes(self.renderer.scratch, item.notes)
            arguments += ["notes", str(notes), "notes_from_beats", 0.0]
        for name, value in values.items():
            arguments += [name, value]
        return arguments

    def _handle(self, event: Rendered | NotRendered | Rendering) -> tuple[Item, int] | None:
        """Take note of an event; return an item to try again, with the number of tries, if there is one."""
        if event.job_id not in self._open:
            return None
        item, tried, _ = self._open[event.job_id]
        if isinstance(event, Rendering):
            self._open[event.job_id] = (item, tried, event.fraction)
            self._tell()
            return None
        del self._open[event.job_id]
        self._music += item.seconds
        if isinstance(event, Rendered):
            self._failures = 0
            try:
                reason = self._filed(item, event.path)
            finally:
                discard(TakeFiles(event.path).all())
        else:
            reason = self._refused(item, event)
        if reason and tried + 1 < item.tries:
            self._music_left += item.seconds
            self._tell(f"{item.stem}: {reason}; trying another seed")
            return item, tried + 1
        if reason:
            self._reject(item, reason)
        return None

    def _refused(self, item: Item, event: NotRendered) -> str:
        """Return why a render gives nothing to keep. Raises BridgeError for what would refuse others too."""
        if event.code == "output":
            return event.message
        if event.code not in _OF_THE_MACHINE:
            raise BridgeError(event.code, f"{item.stem}: {event.message}")
        self._failures += 1
        if self._failures >= MOST_FAILURES_IN_A_ROW:
            raise BridgeError(
                event.code,
                f"{self._failures} renders in a row failed, the last one with: {event.message}; see to that, "
                "and start the pack again: it goes on where it was",
            )
        self._tell(f"{item.stem}: {event.message}; the next run tries it again")
        return ""

    def _filed(self, item: Item, path: Path) -> str:
        """File a take, and record it. Return why it is not kept instead; "" if it is. Raises BridgeError."""
        candidate = read_candidate(item, path, self.recipe.check)
        if isinstance(candidate, str):
            return candidate
        nearest, likeness = self._prints.nearest(_group(item), candidate.fingerprint)
        if nearest and likeness >= self.recipe.check.duplicates:
            return f"it sounds like {nearest} ({likeness:.3f})"
        outcome = self._written(item, candidate)
        self.journal.record(outcome)
        self._prints.add(_group(item), outcome.path, outcome.fingerprint)
        self._kept += 1
        self._tell(outcome.path)
        return ""

    def _written(self, item: Item, candidate: Candidate) -> Outcome:
        suffix = candidate.path.suffix
        stem = self._names.free(item.folder, item.stem, "")
        write = file_loop if item.kind == "loop" else file_one_shot
        facts = write(self.folder / f"{stem}{suffix}", item, candidate)
        return Outcome(item.key, "kept", f"{stem}{suffix}", facts, candidate.fingerprint)

    def _reject(self, item: Item, reason: str) -> None:
        self.journal.record(
            Outcome(item.key, "rejected", "", {**item.labels, "name": item.stem, "reason": reason})
        )
        self._rejected += 1
        self._tell(f"{item.stem}: not kept, {reason}")

    def _tell(self, said: str = "") -> None:
        # Music done, in seconds: what is open counts as far as it is rendered.
        done = self._music + sum(item.seconds * share for item, _, share in self._open.values())
        elapsed = time.monotonic() - self._begun
        is_known = self._music > 0
        left = elapsed * max(0.0, self._music_left - done) / done if is_known and done else None
        fraction = 1.0 if not self._music_left else min(1.0, done / self._music_left)
        self.on_progress(Progress(len(self.items), self._kept, self._rejected, fraction, left, said))


def left_of(folder: Path, journal: Journal, items: Sequence[Item]) -> list[Item]:
    """Return the items that are not made yet, or whose file somebody removed or changed."""
    done = {
        outcome.key
        for outcome in journal.outcomes()
        if outcome.state == "rejected" or (outcome.state == "kept" and _is_there(folder, outcome))
    }
    return [item for item in items if item.key not in done]


def _is_there(folder: Path, outcome: Outcome) -> bool:
    try:
        return (folder / outcome.path).stat().st_size == outcome.facts.get("bytes")
    except OSError:
        return False


def _group(item: Item) -> str:
    """Name what an item is compared with for likeness: the same phrase at another tempo is no duplicate."""
    names = ("part", "bpm", "bars", "key") if item.kind == "loop" else ("part", "note")
    return "|".join([item.kind, *(str(item.labels[name]) for name in names)])
