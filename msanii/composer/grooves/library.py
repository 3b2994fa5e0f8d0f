"""The grooves of the program and the user's own: found by style, meter and tempo. Pure Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from msanii.choices import did_you_mean
from msanii.composer.grooves.files import read_groove
from msanii.composer.grooves.fitting import can_be_fitted, fitted
from msanii.composer.grooves.groove import Groove
from msanii.errors import GrooveError
from msanii.music.chords import Meter

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Grooves:
    """Grooves by name, and what is wrong with the files that hold none, by file name."""

    by_name: Mapping[str, Groove]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def styles(self) -> tuple[str, ...]:
        """Every style that can be asked for: families, then the names of grooves."""
        families = {family for groove in self.by_name.values() for family in groove.families}
        return (*sorted(families), *sorted(set(self.by_name) - families))

    def in_meter(self, meter: Meter) -> Grooves:
        """Those that make sense in a meter, whether written in it or rewritten for it."""
        fit = {
            name: groove
            for name, groove in self.by_name.items()
            if groove.meter == meter or can_be_fitted(groove.meter, meter)
        }
        return Grooves(fit, self.problems)

    def of_style(self, style: str) -> tuple[Groove, ...]:
        """The groove of this name, or those of this family, in whatever case; all of them for "".

        Raises GrooveError with the styles that there are.
        """
        if not style.strip():
            return tuple(self.by_name.values())
        wanted = "_".join(style.lower().replace("-", " ").replace("_", " ").split())
        found = tuple(groove for groove in self.by_name.values() if wanted in groove.styles)
        if wanted in self.by_name:
            return (self.by_name[wanted],)
        if not found:
            hint = did_you_mean(wanted, self.styles) or f"expected one of {', '.join(self.styles)}"
            raise GrooveError(f"style: got `{style[:40]}`; {hint}")
        return found

    def fitting(self, style: str, meter: Meter, bpm: float) -> tuple[Groove, ...]:
        """The grooves of a style that suit a meter and a tempo best, fitted to both.

        Those written in the meter come before those that are rewritten for it, and those for the tempo before
        others. Raises GrooveError if the style is unknown or none of its grooves makes sense in the meter.
        """
        grooves = self.of_style(style)
        inside = [groove for groove in grooves if groove.meter == meter]
        if not inside:
            inside = [groove for groove in grooves if can_be_fitted(groove.meter, meter)]
        if not inside:
            raise GrooveError(self._misfit(style, grooves, meter))
        nearest = min(_tempo_distance(groove, bpm) for groove in inside)
        return tuple(
            fitted(groove, meter, bpm) for groove in inside if _tempo_distance(groove, bpm) <= nearest + 1e-9
        )

    def _misfit(self, style: str, grooves: Sequence[Groove], meter: Meter) -> str:
        written = sorted({f"{groove.meter.numerator}/{groove.meter.denominator}" for groove in grooves})
        others = self.by_name.values()
        exact = [groove for groove in others if groove.meter == meter]
        able = exact or [groove for groove in others if can_be_fitted(groove.meter, meter)]
        families = sorted({(*groove.families, groove.name)[0] for groove in able})
        asked = f"{meter.numerator}/{meter.denominator}"
        remedy = f"in {asked} ask for {', '.join(families)}" if families else f"no groove fits {asked}"
        return f"style: `{style[:40]}` is in {', '.join(written)}, not in {asked}; {remedy}"


def shipped_grooves_folder() -> Path:
    """The folder of the grooves that came with the program: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent.parent
    packed = package / "_grooves"
    return packed if packed.is_dir() else package.parent / "presets" / "grooves"


def load_grooves(*user_folders: Path) -> Grooves:
    """Load the program's grooves, then those in the user's folders, which need not exist.

    A file with a mistake, or with a name that is taken, is among the `problems` and hides no other.
    """
    by_name = dict(shipped_grooves().by_name)
    problems: dict[str, str] = {}
    shipped = frozenset(by_name)
    for folder in user_folders:
        for path in _paths_in(folder):
            if path.stem in by_name:
                owner = "came with the program" if path.stem in shipped else "is the name of another file"
                problems[path.name] = f"`{path.name}`: `{path.stem}` {owner}; choose another name"
                continue
            try:
                by_name[path.stem] = _read_once(path, _stamp(path))
            except GrooveError as error:
                problems[path.name] = str(error)
    return Grooves(by_name, problems)


@lru_cache(maxsize=1)
def shipped_grooves() -> Grooves:
    """The grooves that came with the program. Raises GrooveError if one is broken."""
    return Grooves({path.stem: read_groove(path) for path in _paths_in(shipped_grooves_folder())})


@lru_cache(maxsize=256)
def _read_once(path: Path, _stamp: tuple[int, int]) -> Groove:
    """Read a groove; cached until its file changes, since menus ask for all of them every few seconds."""
    return read_groove(path)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _paths_in(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix in SUFFIXES]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _tempo_distance(groove: Groove, bpm: float) -> float:
    """How far a tempo is from the groove's range, in octaves."""
    return max(math.log2(groove.bpm.low / bpm), math.log2(bpm / groove.bpm.high), 0.0)
