"""File names of takes: a name template filled from a request, valid on every system."""

from __future__ import annotations

import re
import unicodedata

from bridge.messages import FileFormat, RenderRequest
from bridge.parameters import NEW_MUSIC

EXTENSIONS: dict[FileFormat, str] = {"wav": ".wav", "aiff": ".aiff", "flac": ".flac", "float": ".wav"}
LONGEST_STEM_BYTES = 120
_MOST_CHORD_CHARACTERS = 40

_AUDIO_SUFFIX = re.compile(r"\.(wav|aiff?|flac)$", re.IGNORECASE)
# Forbidden on Windows, or a path separator on some system.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_WINDOWS_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_name(request: RenderRequest, take: int, number: int) -> str:
    """Return the file name of the take with index `take`, with the library's `number` for `<n>`.

    `bridge.values.TEMPLATE_FIELDS` are the placeholders of `request.name_template`. One without a value is
    left out, as is `<bpm>bpm` for a source whose tempo nobody knows. A missing `<n>` is appended, so that
    names are unique; for an arrangement, a missing `<part>` is inserted before it.
    """
    template = _AUDIO_SUFFIX.sub("", request.name_template)
    if "<n>" not in template:
        template += "_<n>"
    if request.arrangement and "<part>" not in template:
        template = template.replace("<n>", "_<part>_<n>", 1)
    if request.verb not in NEW_MUSIC:
        # The source determines the length; the verb is more useful in the name.
        template = (
            template.replace("<bars>bars", "<verb>")
            .replace("<bars>", "<verb>")
            .replace("<seconds>", "<verb>")
        )
    elif request.bars is None:
        template = template.replace("<bars>bars", "<seconds>s").replace("<bars>", "<seconds>s")
    if not request.knows_tempo:
        template = template.replace("<bpm>bpm", "<bpm>")
    values = {
        "preset": request.preset if request.preset_chosen else "",
        "bpm": f"{request.bpm:g}" if request.knows_tempo else "",
        "meter": f"{request.numerator}-{request.denominator}",
        "chords": in_a_name(request.chords),
        "sound": request.sound_of(take).replace(", ", "+"),
        "key": request.key.replace(" ", ""),
        "bars": f"{request.bars or 0:g}",
        "seconds": f"{request.seconds:g}",
        "seed": str(request.seed_of(take)),
        "n": str(number),
        "verb": request.verb,
        "model": request.model,
        "part": request.part_of(take),
    }
    # The number is inserted last, so that shortening never cuts it off.
    head, tail = template.split("<n>", 1)
    head, tail = _filled(head, values), _filled(tail.replace("<n>", ""), values)
    room = LONGEST_STEM_BYTES - len(values["n"])
    stem = safe_stem(
        _shortened(head, room) + values["n"] + _shortened(tail, max(0, room - len(head.encode())))
    )
    return stem + EXTENSIONS[request.format]


def in_a_name(chords: str) -> str:
    """Write the first chords of a progression so that every system takes them: `Am-F-C_E-G=2`."""
    names = chords.replace("|", " ").replace("/", "_").replace(":", "=").split()
    written = ""
    for name in names:
        longer = f"{written}-{name}" if written else name
        if len(longer) > _MOST_CHORD_CHARACTERS:
            break
        written = longer
    return written


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda match: values.get(match[1], ""), template)


def safe_stem(stem: str) -> str:
    """Return a file name without its ending as every system takes it; "" if nothing of it is left."""
    stem = unicodedata.normalize("NFC", stem)
    stem = _FORBIDDEN.sub("", stem)
    stem = re.sub(r"\s+", " ", stem)
    # Merge separators that empty values leave behind.
    stem = re.sub(r"([_-])\1+", r"\1", stem).strip(" ._-")
    return f"take_{stem}" if _WINDOWS_DEVICES.match(stem) else stem


def _shortened(text: str, size_bytes: int) -> str:
    return text.encode("utf-8", "ignore")[:size_bytes].decode("utf-8", "ignore")
