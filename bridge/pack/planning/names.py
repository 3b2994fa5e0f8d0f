"""Names of a pack's files: templates filled from what was asked, each name once, valid on every system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.library.file_names import LONGEST_STEM_BYTES, in_a_name, safe_stem
from bridge.values import shown

LOOP_FIELDS = ("pack", "part", "sound", "style", "bpm", "key", "chords", "bars", "meter", "seed")
ONE_SHOT_FIELDS = ("pack", "part", "sound", "note", "velocity", "seed")
_FIELD = re.compile(r"<([^<>]*)>")
_FORBIDDEN = frozenset('/\\:*?"|<>')
_LONGEST_TEMPLATE = 200
# Room for `_tail` and a number that keeps two names apart.
_ROOM_BYTES = 12


def check_name_template(name: str, template: str, fields: tuple[str, ...]) -> None:
    """Raise ValueError for a placeholder or a character that no file name can have."""
    for placeholder in _FIELD.findall(template):
        if placeholder not in fields:
            known = ", ".join(f"<{each}>" for each in fields)
            raise ValueError(f"`{name}`: got {shown(f'<{placeholder}>')}, expected one of {known}; use these")
    rest = _FIELD.sub("", template)
    if not template.strip(" ._-") or len(template) > _LONGEST_TEMPLATE or set(rest) & _FORBIDDEN:
        raise ValueError(
            f"`{name}`: got {shown(template)}, expected a name of at most {_LONGEST_TEMPLATE} characters "
            'without / \\ : * ? " | < >; folders are chosen by `folders`'
        )
    if not rest.isprintable():
        raise ValueError(f"`{name}`: leave out control characters")


def stem_of(template: str, values: Mapping[str, object]) -> str:
    """Return the file name without its ending; placeholders without a value are left out."""
    words = {name: _word(name, value) for name, value in values.items()}
    if not words.get("bpm"):
        template = template.replace("<bpm>bpm", "<bpm>")
    filled = _FIELD.sub(lambda match: words.get(match[1], ""), template)
    return safe_stem(filled.encode()[: LONGEST_STEM_BYTES - _ROOM_BYTES].decode(errors="ignore")) or "sample"


def folder_of(words: str) -> str:
    """Return the name of a folder for a part, style or sound."""
    return safe_stem(words) or "other"


@dataclass
class TakenNames:
    """Names that are in use, compared without case, since some systems do not tell it apart."""

    _taken: set[str] = field(default_factory=set)

    def keep(self, path: str) -> None:
        """Note a path that is in use."""
        self._taken.add(path.casefold())

    def free(self, folder: str, stem: str, suffix: str) -> str:
        """Return a path that is not in use, numbered if need be, and note it."""
        number = 1
        while True:
            ending = "" if number == 1 else f"_{number}"
            path = f"{folder}/{stem}{ending}{suffix}"
            if path.casefold() not in self._taken:
                self.keep(path)
                return path
            number += 1


def _word(name: str, value: object) -> str:
    if name == "chords":
        return in_a_name(str(value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace(", ", "+").replace("/", "-")
