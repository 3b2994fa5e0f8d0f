"""What `serve --pool` may be: so many renderers on this machine, or a Ray cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MOST_LOCAL = 64
EXPECTED = (
    "expected local:N for N renderers on this machine (such as local:2), ray://HOST:PORT for a Ray cluster "
    "(such as ray://192.168.1.20:10001), or auto for the one that this machine is a node of"
)
_LOCAL = re.compile(r"local:([0-9]{1,4})")
_CLIENT = re.compile(r"ray://(\[[0-9a-fA-F:.]+\]|[^\s:/@?#\[\]]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class PoolAddress:
    """A parsed `--pool`: `count` renderers for `local`, `host` and `port` for `ray`, nothing for `auto`."""

    kind: Literal["local", "ray", "auto"]
    count: int = 0
    host: str = ""
    port: int = 0


def parse_pool(text: str) -> PoolAddress:
    """Parse `local:N`, `ray://HOST:PORT` or `auto`. Raises ValueError with what was expected."""
    if text == "auto":
        return PoolAddress("auto")
    if local := _LOCAL.fullmatch(text):
        count = int(local[1])
        if not 1 <= count <= MOST_LOCAL:
            raise ValueError(f"expected 1 to {MOST_LOCAL} renderers, such as local:2")
        return PoolAddress("local", count=count)
    if client := _CLIENT.fullmatch(text):
        port = int(client[2])
        if not 1 <= port <= 65535:
            raise ValueError("expected a port from 1 to 65535; that of `ray start --head` is 10001")
        return PoolAddress("ray", host=client[1].strip("[]"), port=port)
    raise ValueError(EXPECTED)
