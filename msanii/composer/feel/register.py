"""Register: notes move by octaves inside the instrument's range until their mean pitch is as asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msanii.composer.plan import Notes, Plan
from msanii.limits import Range
from msanii.music.midi_notes import BeatNote

RANGES: Mapping[str, Range] = {
    "bass": Range(28, 60),
    "keys": Range(28, 100),
    "pad": Range(36, 96),
    "lead": Range(43, 100),
}
"""lowest and highest pitch of each pitched part"""
_CLOSE = 1.0
_TOLERANCE = 2.0


def with_register(notes: Notes, register: float, kind: str, plan: Plan) -> Notes:
    """Move the mean pitch to `register`, as near as the range of the part allows.

    The whole part moves by octaves; then bars do, their lowest or highest voice first, as an inversion, and
    then single notes. Where that leaves the mean too far, notes change to other tones of their chords.
    """
    if not notes:
        return ()
    allowed = RANGES[kind]
    register = min(max(register, allowed.low), allowed.high)
    octaves = round((register - _mean(notes)) / 12)
    near = [
        (start, end, _inside(pitch + 12 * octaves, allowed), velocity)
        for start, end, pitch, velocity in notes
    ]
    moved = _Moved(near, register, allowed)
    moved.invert([plan.bar_at(note[0]) for note in moved.notes])
    moved.invert(list(range(len(moved.notes))))
    if abs(moved.missing()) > _TOLERANCE:
        moved.change_tones([plan.chord_at(note[0]).tones for note in moved.notes])
    if abs(moved.missing()) > _TOLERANCE:
        tones = frozenset(tone for span in plan.chords for tone in span.chord.tones)
        moved.change_tones([tones or frozenset(range(12))] * len(moved.notes))
    return tuple(sorted(moved.notes))


def _mean(notes: Sequence[BeatNote]) -> float:
    return sum(note[2] for note in notes) / len(notes)


def _inside(pitch: int, allowed: Range) -> int:
    """The pitch by octaves inside a range of at least an octave."""
    while pitch < allowed.low:
        pitch += 12
    while pitch > allowed.high:
        pitch -= 12
    return pitch


class _Moved:
    """Notes on their way to a mean pitch, in order of time; no two of them alike in onset and pitch."""

    def __init__(self, notes: Sequence[BeatNote], register: float, allowed: Range) -> None:
        louder = {(note[0], note[2]): note for note in sorted(notes, key=lambda note: note[3])}
        self.notes = sorted(louder.values())
        self._register = register
        self._allowed = allowed
        self._taken = set(louder)
        self._total = sum(note[2] for note in self.notes)

    def missing(self) -> float:
        """How far the mean is below the register, in semitones."""
        return self._register - self._total / len(self.notes)

    def invert(self, groups: Sequence[int]) -> None:
        """Move the outer voice of each stroke by an octave, group by group, as long as it helps."""
        members: dict[int, list[int]] = defaultdict(list)
        for index, group in enumerate(groups):
            members[group].append(index)
        # Every other bar first: the answer of a phrase is higher than its question.
        order = sorted(members, key=lambda group: ((group + 1) % 2, group))
        is_moving = True
        while is_moving and abs(self.missing()) > _CLOSE:
            is_moving = False
            for group in order:
                step = 12 if self.missing() > 0 else -12
                if abs(self.missing()) > _CLOSE:
                    is_moving |= self._shift(self._outer(members[group], step), step)

    def change_tones(self, tones: Sequence[frozenset[int]]) -> None:
        """Replace pitches, one after another, by others of their tones, as long as it helps."""
        for index, allowed in enumerate(tones):
            if abs(self.missing()) <= _CLOSE:
                return
            pitch = self.notes[index][2]
            wanted = pitch + self.missing() * len(self.notes)
            low, high = max(pitch - 12, int(self._allowed.low)), min(pitch + 12, int(self._allowed.high))
            choices = [
                one for one in range(low, high + 1)
                if one % 12 in allowed and (self.notes[index][0], one) not in self._taken
            ]  # fmt: skip
            if choices:
                best = min(choices, key=lambda one: (abs(one - wanted), one))
                self._shift([index], best - pitch)

    def _outer(self, members: Sequence[int], step: int) -> list[int]:
        """The lowest note of each stroke if they go up, the highest if they go down."""
        outer: dict[float, int] = {}
        for index in members:
            onset, pitch = self.notes[index][0], self.notes[index][2]
            if onset not in outer or (self.notes[outer[onset]][2] - pitch) * step > 0:
                outer[onset] = index
        return list(outer.values())

    def _shift(self, indices: Sequence[int], step: int) -> bool:
        """Move notes that stay in range and meet no other, if the mean comes nearer; say whether it did."""
        able = [
            index for index in indices
            if self._allowed.low <= self.notes[index][2] + step <= self._allowed.high
            and (self.notes[index][0], self.notes[index][2] + step) not in self._taken
        ]  # fmt: skip
        change = len(able) * step / len(self.notes)
        if not able or abs(self.missing() - change) >= abs(self.missing()) - 1e-9:
            return False
        for index in able:
            onset, end, pitch, velocity = self.notes[index]
            self._taken.discard((onset, pitch))
            self._taken.add((onset, pitch + step))
            self.notes[index] = (onset, end, pitch + step, velocity)
        self._total += len(able) * step
        return True
