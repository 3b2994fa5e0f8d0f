"""Reads from a model card which tempos and meters the model was trained on, so that clients can warn.

The card is the README.md in the model's folder. Its machine-readable part is the YAML front matter, as on
model hubs:

    ---
    bpm: [60, 154]
    meters: [4/4, 3/4]
    ---
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.yaml_files import parse_yaml

CARD_NAME = "README.md"
_HEAD_BYTES = 4_096
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?---\r?\n(.*?\r?\n)---\r?\n", re.DOTALL)
_METER = re.compile(r"[1-9]\d?/(?:1|2|4|8|16|32)")


@dataclass(frozen=True, slots=True)
class Learned:
    """Tempos in quarter notes a minute; meters, comma-separated. Zeros and "" if the card gives none."""

    bpm_low: float = 0.0
    bpm_high: float = 0.0
    meters: str = ""


def read_learned(model_folder: Path) -> Learned:
    """Read the card in a model's folder; missing or invalid values count as not given."""
    try:
        with (model_folder / CARD_NAME).open("rb") as file:
            return _learned(file.read(_HEAD_BYTES))
    except (OSError, BridgeError):
        return Learned()


@lru_cache(maxsize=8)
def _learned(data: bytes) -> Learned:
    """Read a card's first bytes; cached, since every status reads its model's. Raises BridgeError."""
    head = _HEAD.match(data)
    said = parse_yaml(head[1], name=CARD_NAME, code="model") if head else {}
    return Learned(*_tempos(said.get("bpm")), _meters(said.get("meters")))


def _tempos(said: object) -> tuple[float, float]:
    if not isinstance(said, list) or len(said) != 2:
        return 0.0, 0.0
    if not all(isinstance(bpm, int | float) and math.isfinite(bpm) for bpm in said):
        return 0.0, 0.0
    low, high = float(said[0]), float(said[1])
    return (low, high) if 0 < low < high else (0.0, 0.0)


def _meters(said: object) -> str:
    if not isinstance(said, list) or not all(_METER.fullmatch(str(meter)) for meter in said):
        return ""
    return ",".join(map(str, said))
