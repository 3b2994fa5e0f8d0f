"""Sounds as people ask for them: `strings, choir`, `my juno:0.7`, `my juno:0.6 + organ:0.4`.

Commas part sounds that play side by side, or those of the parts of an arrangement. A taught sound may have a
strength, 0 to 1, and stand in a mix, whose numbers are its shares. `my juno@1a2b3c4d5e6f` asks for the sound
whose file has a hash that begins so, as recipes do. Pure Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msanii.choices import did_you_mean
from msanii.errors import ScoreError
from msanii.music.sounds import SOUNDS

LONGEST_NAME = 40
_MOST_IN_A_MIX = 4
_PIN_DIGITS = 12
_PIN = re.compile(r"\s*@\s*([0-9a-f]{12,64})(?=\s*(?:[:+,]|$))")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")
# Windows keeps these names to itself, with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")


@dataclass(frozen=True, slots=True)
class TaughtRef:
    """A taught sound in requests and recipes: its file's hash, and the built-in sound that it is `like`."""

    sha256: str
    like: str


NONE_TAUGHT: Mapping[str, TaughtRef] = {}


@dataclass(frozen=True, slots=True)
class Share:
    """A sound's share of a mix; `sha256` is empty for a built-in sound, which is `like` itself."""

    sha256: str
    like: str
    share: float


Mix = tuple[Share, ...]
"""What a sound of a score is made of; empty for a built-in sound."""


@dataclass(frozen=True, slots=True)
class AskedSound:
    """A sound that was asked for: its text in plain spelling, and its `mix`, empty for a built-in sound.

    `like` is the built-in sound in whose place it stands; what is missing from a strength of 1 is that sound.
    """

    text: str
    like: str
    mix: Mix = ()


def plain_name(name: str) -> str:
    """A name as it is compared: lower case, with single spaces for underscores and hyphens."""
    plain = unicodedata.normalize("NFC", name).lower().replace("_", " ").replace("-", " ")
    return " ".join(plain.split())


def check_name(name: str) -> str:
    """The plain spelling of a name for a new sound. Raises ScoreError for one that cannot be asked for."""
    plain = plain_name(name)
    is_plain = name.isprintable() and bool(plain) and all(one.isalnum() or one == " " for one in plain)
    if not is_plain or len(plain) > LONGEST_NAME or _NUMBER.fullmatch(plain):
        raise ScoreError(
            f"name: got {name[:60]!r}, expected 1 to {LONGEST_NAME} letters, digits and spaces, such as "
            '"my juno"'
        )
    if plain in SOUNDS:
        raise ScoreError(f"name: `{plain}` is a built-in sound; choose another name")
    if _DEVICES.fullmatch(plain):
        raise ScoreError(f"name: Windows has a device called `{plain}`; choose another name")
    return plain


def asked_names(text: str) -> tuple[str, ...]:
    """The plain names in a text, whether such sounds exist or not."""
    return tuple(
        plain_name(part.partition(":")[0])
        for item in without_pins(text).split(",")
        for part in item.split("+")
        if part.strip()
    )


def pins_in(text: str) -> dict[str, str]:
    """How the hashes of files begin that a text asks for, by the plain names of the sounds."""
    parts = [part for item in text.split(",") for part in item.split("+")]
    found = ((part, _PIN.search(part)) for part in parts)
    return {plain_name(part[: pin.start()]): pin[1] for part, pin in found if pin}


def without_pins(text: str) -> str:
    """The text without hashes."""
    return _PIN.sub("", text)


def with_pins(text: str, taught: Mapping[str, TaughtRef]) -> str:
    """The text with the hashes of the taught sounds in it, so that no other file is taken for them."""

    def pinned(part: str) -> str:
        name, colon, strength = part.partition(":")
        ref = taught.get(plain_name(name))
        return f"{name.rstrip()}@{ref.sha256[:_PIN_DIGITS]}{colon}{strength}" if ref else part

    return ",".join("+".join(map(pinned, item.split("+"))) for item in without_pins(text).split(","))


def read_asked(text: str, taught: Mapping[str, TaughtRef] = NONE_TAUGHT) -> tuple[AskedSound, ...]:
    """Parse a comma-separated list of sounds; `taught` are those that exist, by plain name.

    Raises ScoreError for an unknown sound, with all names, or for a strength or a mix that cannot be read.
    """
    return tuple(_asked(item, taught) for item in text.split(",") if item.strip())


def read_sounds(text: str, taught: Mapping[str, TaughtRef] = NONE_TAUGHT) -> tuple[str, ...]:
    """The built-in sounds of a list, with those that taught ones stand in for. Raises ScoreError."""
    return tuple(asked.like for asked in read_asked(text, taught))


def mixes_of(sounds: Sequence[AskedSound]) -> tuple[Mix, ...]:
    """The mix of each sound, as scores have them: none at all if no sound is taught."""
    mixes = tuple(sound.mix for sound in sounds)
    return mixes if any(mixes) else ()


def _asked(item: str, taught: Mapping[str, TaughtRef]) -> AskedSound:
    parts = item.split("+")
    read = [_part(part, item, taught) for part in parts]
    if not any(ref for _, ref, _ in read):
        name, _, number = read[0]
        if len(read) > 1 or number is not None:
            raise ScoreError(
                f"sound: got `{_shown(item)}`, expected a taught sound in it; built-in sounds have no "
                "strength, and play side by side with a comma, as in strings, choir"
            )
        return AskedSound(name, name)
    if len(read) > _MOST_IN_A_MIX:
        raise ScoreError(f"sound: got a mix of {len(read)}, expected at most {_MOST_IN_A_MIX} sounds in one")
    numbers = [1.0 if number is None else number for _, _, number in read]
    total = max(1.0, sum(numbers))
    mix = tuple(
        Share(ref.sha256 if ref else "", ref.like if ref else name, number / total)
        for (name, ref, _), number in zip(read, numbers, strict=True)
        if number
    )
    text = " + ".join(name if number is None else f"{name}:{number:g}" for name, _, number in read)
    return AskedSound(text, max(mix, key=lambda share: (bool(share.sha256), share.share)).like, mix)


def _part(
    part: str, item: str, taught: Mapping[str, TaughtRef]
) -> tuple[str, TaughtRef | None, float | None]:
    """The plain name, the taught sound if it is one, and the number behind the name if there is one."""
    name, colon, number = part.partition(":")
    plain = plain_name(name)
    if plain not in SOUNDS and plain not in taught:
        names = (*SOUNDS, *taught)
        message = f"sound: got {name.strip()[:LONGEST_NAME]!r}, expected one of {', '.join(names)}"
        hint = did_you_mean(plain, names)
        raise ScoreError(f"{message}; {hint}" if hint else message)
    strength = None
    if colon:
        strength = float(number) if _NUMBER.fullmatch(number.strip()) else -1.0
        if not 0 < strength <= 1:
            raise ScoreError(
                f"sound: got `{_shown(item)}`, expected a strength above 0 and up to 1 behind the colon, as "
                f"in {plain}:0.7"
            )
    return plain, taught.get(plain), strength


def _shown(item: str) -> str:
    return " ".join(item.split())[:60]
