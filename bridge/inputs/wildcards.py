"""OSC address patterns, matched in time linear in the address, without backtracking.

python-osc turns patterns into regular expressions, where twelve stars were measured to cost two seconds.
Here a pattern is a nondeterministic automaton with one bit for each position, which takes one pass over the
address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.messages import BridgeError

SPECIAL = frozenset("*?[{")
MAX_CHARACTERS = 256
MAX_ALTERNATIVES = 16


@dataclass(frozen=True, slots=True)
class _Step:
    """One position of a pattern: the characters it matches (`negated`: all others), once or repeatedly."""

    characters: frozenset[str]
    negated: bool = False
    repeats: bool = False

    def takes(self, character: str) -> bool:
        # In OSC 1.0 wildcards do not match a slash.
        return (character in self.characters) is not self.negated and not (self.negated and character == "/")


def is_pattern(address: str) -> bool:
    """Return whether an address has wildcards."""
    return not SPECIAL.isdisjoint(address)


def matching(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses that match an OSC 1.0 pattern (`*`, `?`, `[a-c]`, `[!a]`, `{one,two}`), in order.

    Raises:
        BridgeError: `address` if a bracket is not closed, or the pattern is too long.
    """
    if len(pattern) > MAX_CHARACTERS:
        raise _bad(f"{len(pattern)} characters, expected at most {MAX_CHARACTERS}")
    matchers = [_Matcher(_steps(plain)) for plain in _without_braces(pattern)]
    return [address for address in addresses if any(matcher.fits(address) for matcher in matchers)]


class _Matcher:
    """The automaton of one pattern: bit i of a state is set if the first i steps may have matched."""

    def __init__(self, steps: list[_Step]) -> None:
        self._steps = steps
        self._stars = sum(1 << i for i, step in enumerate(steps) if step.repeats)
        self._moves: dict[str, tuple[int, int]] = {}
        self._goal = 1 << len(steps)

    def fits(self, address: str) -> bool:
        states = self._past_stars(1)
        for character in address:
            stay, move = self._moves_for(character)
            states = self._past_stars((states & stay) | ((states & move) << 1))
            if not states:
                return False
        return bool(states & self._goal)

    def _moves_for(self, character: str) -> tuple[int, int]:
        if character not in self._moves:
            taking = sum(1 << i for i, step in enumerate(self._steps) if step.takes(character))
            self._moves[character] = (taking & self._stars, taking & ~self._stars)
        return self._moves[character]

    def _past_stars(self, states: int) -> int:
        # A star may match nothing. Adjacent stars were merged, so one shift passes them all.
        return states | ((states & self._stars) << 1)


def _steps(pattern: str) -> list[_Step]:
    steps: list[_Step] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "*":
            if not (steps and steps[-1].repeats):
                steps.append(_Step(frozenset(), negated=True, repeats=True))
        elif character == "?":
            steps.append(_Step(frozenset(), negated=True))
        elif character == "[":
            end = pattern.find("]", position + 1)
            if end < 0:
                raise _bad("a `[` without its `]`")
            steps.append(_set(pattern[position + 1 : end]))
            position = end
        else:
            steps.append(_Step(frozenset(character)))
        position += 1
    return steps


def _set(inside: str) -> _Step:
    negated = inside.startswith("!")
    inside = inside[negated:]
    characters: set[str] = set()
    position = 0
    while position < len(inside):
        first = inside[position]
        if inside[position + 1 : position + 2] == "-" and position + 2 < len(inside):
            last = inside[position + 2]
            characters.update(map(chr, range(ord(first), ord(last) + 1)))
            position += 3
        else:
            characters.add(first)
            position += 1
    return _Step(frozenset(characters), negated)


def _without_braces(pattern: str) -> list[str]:
    """Expand `a{b,c}d` to `abd` and `acd`."""
    patterns = [""]
    rest = pattern
    while "{" in rest:
        before, _, after = rest.partition("{")
        inside, closed, rest = after.partition("}")
        if not closed or "{" in inside:
            raise _bad("a `{` without its `}`")
        patterns = [done + before + choice for done in patterns for choice in inside.split(",")]
        if len(patterns) > MAX_ALTERNATIVES:
            raise _bad(f"more than {MAX_ALTERNATIVES} alternatives")
    return [done + rest for done in patterns]


def _bad(what: str) -> BridgeError:
    return BridgeError("address", f"address pattern: {what}; write the addresses out.")
