"""Checks of names, file name templates and numbers, and texts for error messages."""

from __future__ import annotations

import re
import struct
import unicodedata
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from bridge.messages import BridgeError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

MAX_NAME_CHARACTERS = 64
TEMPLATE_FIELDS = (
    "preset", "bpm", "meter", "key", "chords", "bars", "seconds",
    "seed", "n", "verb", "model", "part", "sound",
)  # fmt: skip

_NAME = re.compile(r"\w(?:[\w .-]*[\w-])?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_MOST_DIGITS = 64
_LARGEST_NAME = 1e15
_WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_TEMPLATE_FIELD = re.compile(r"<([^<>]*)>")
_FORBIDDEN_IN_FILE_NAMES = frozenset('/\\:*?"|<>')


def shown(value: object) -> str:
    """Format a value for an error message: text in quotes, numbers as typed, at most 60 characters in all."""
    value = as_typed(value) if isinstance(value, float) else value
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def first_problem(error: ValidationError) -> str:
    """Return the first mistake that pydantic found, as `place: reason`."""
    problem = error.errors(include_url=False)[0]
    return f"{place_of(problem) or 'the whole'}: {reason_of(problem)}"


def place_of(problem: ErrorDetails) -> str:
    """Return the dotted path of the field with the mistake; empty for the whole object."""
    return ".".join(map(str, problem["loc"]))


def reason_of(problem: ErrorDetails) -> str:
    """Return pydantic's message without its prefix for errors that validators raise."""
    return problem["msg"].removeprefix("Value error, ")


def as_typed(number: float) -> float:
    """Restore the decimal number that was typed before OSC rounded it to a 32-bit float.

    97.3 arrives as 97.30000305175781, which would put long clips off by a sample.
    """
    packed = _packed_float32(number)
    if packed is None or struct.unpack("<f", packed)[0] != number:
        return number
    for digits in range(6, 10):
        candidate = float(f"{number:.{digits}g}")
        if _packed_float32(candidate) == packed:
            return candidate
    return number


def number_of(value: object) -> int | float | None:
    """Return a number, also one that is written as text, as in "97.3"; None for anything else."""
    if not isinstance(value, str):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    text = value.strip()
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


def name_of(value: object) -> object:
    """Return a whole number as the text of a name: Max and others send a preset called 808 as a number."""
    number = None if isinstance(value, str) else number_of(value)
    # Written so that NaN fails the comparison.
    if number is None or not abs(number) <= _LARGEST_NAME or number != int(number):
        return value
    return str(int(number))


def number_remedy(value: object, otherwise: str) -> str:
    """Return what to do about a value that is no number: a decimal comma has a remedy of its own."""
    if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value.strip()):
        return f"write it with a point, as in {value.strip().replace(',', '.')}"
    return otherwise


def check_name(field: str, value: str) -> str:
    """Check that the name of a preset or model is a valid file name on every system; return it.

    Raises:
        BridgeError: `value` if it is empty, too long, or has characters besides letters, digits and ` _-.`.
    """
    fits = len(value) <= MAX_NAME_CHARACTERS and _NAME.fullmatch(value)
    if not fits or _WINDOWS_DEVICES.fullmatch(value):
        raise BridgeError(
            "value",
            f"`{field}`: got {shown(value)}, expected a name of at most {MAX_NAME_CHARACTERS} letters, "
            "digits, spaces, dots, hyphens and underscores; choose such a name.",
        )
    return value


def check_label(label: str) -> str:
    """Check the name that a musician gives a take; return it in one form. An empty one stays empty.

    Raises:
        BridgeError: `value` if it is too long, has control characters, or begins as a path does.
    """
    text = unicodedata.normalize("NFC", label).strip()
    is_path = text.startswith(("/", "\\", "~")) or PureWindowsPath(text).is_absolute()
    if len(text) > MAX_NAME_CHARACTERS or not text.isprintable() or is_path:
        raise BridgeError(
            "value",
            f"`label`: got {shown(label)}, expected at most {MAX_NAME_CHARACTERS} printable characters that "
            "do not begin as a path does; choose such a name.",
        )
    return text


def check_template(template: str) -> str:
    """Check a file name template, in which `<bpm>` and the like stand for values; return it.

    Raises:
        BridgeError: `value` for an unknown placeholder, a folder, or a character that file names cannot have.
    """
    problem = _template_problem(template)
    if problem:
        raise BridgeError(
            "value", f"`name_template`: got {shown(template)}, expected a file name; {problem}."
        )
    return template


def _template_problem(template: str) -> str:
    """Say what is wrong with a template, and what to do; empty if nothing is."""
    for field in _TEMPLATE_FIELD.findall(template):
        if field not in TEMPLATE_FIELDS:
            known = ", ".join(f"<{name}>" for name in TEMPLATE_FIELDS)
            return f"{shown(f'<{field}>')} stands for nothing; choose from {known}"
    rest = _TEMPLATE_FIELD.sub("", template)
    if "/" in rest or "\\" in rest:
        return "leave out folders"
    forbidden = [character for character in rest if character in _FORBIDDEN_IN_FILE_NAMES]
    if forbidden:
        return f"leave out {' '.join(dict.fromkeys(forbidden))} , which file names cannot have"
    if not rest.isprintable():
        return "leave out control characters"
    if not template.strip(" ."):
        return "write at least one letter, digit or placeholder such as <n>"
    return "begin with something other than a dot" if template.startswith(".") else ""


def _packed_float32(number: float) -> bytes | None:
    try:
        return struct.pack("<f", number)
    except OverflowError:
        return None
