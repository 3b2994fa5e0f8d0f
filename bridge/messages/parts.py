"""Requests for several parts at once: one take for each part and one for their mix.

It is a parameter of generate, not a verb of its own: an arrangement is new music in several parts, with
everything that generate is told, and a verb would have to be learned by every preset, menu and control map.
"""

from __future__ import annotations

from bridge.messages.base import BridgeError
from bridge.messages.requests import RenderRequest
from msanii.errors import MsaniiError
from msanii.music.parts import levels_of, levels_that_count, read_parts


def part_list(text: str) -> tuple[str, ...]:
    """The names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def take_part(request: RenderRequest, take: int) -> str:
    """What a take plays of an arrangement: its part, the last one the mix; empty where there are no parts."""
    parts = part_list(request.parts) if request.verb == "generate" else ()
    if not parts:
        return ""
    return parts[take] if take < len(parts) else "mix"


def with_parts(request: RenderRequest, *, asks_levels: bool = True) -> RenderRequest:
    """The request with as many takes as its parts and their mix need; another comes back as it is.

    `asks_levels` is whether its `level_db` was asked for with it. If not, a preset or the session lends it,
    and levels of parts that do not play are left out, all of them where there are no parts.

    Raises:
        BridgeError: `value` for parts or levels that cannot be read, or for what an arrangement cannot have.
    """
    if request.verb != "generate" or not part_list(request.parts):
        if request.level_db and asks_levels:
            raise BridgeError(
                "value",
                f"`level_db`: got {request.level_db[:40]!r} without `parts`, expected it with several parts "
                "alone; send `parts` too, or for one take `loudness_lufs`.",
            )
        return request.model_copy(update={"level_db": ""})
    try:
        parts = read_parts(request.parts)
        if asks_levels:
            levels_of(request.level_db, parts)
        level_db = levels_that_count(request.level_db, parts)
    except MsaniiError as error:
        raise BridgeError("value", str(error)) from error
    if request.end == "ring":
        raise BridgeError(
            "value", "`end`: got ring, expected cut or fade: with `parts` there is no tail; send `end cut`."
        )
    if request.part:
        raise BridgeError("value", "`part`: got a part beside `parts`; send one of the two.")
    return request.model_copy(update={"count": len(parts) + 1, "level_db": level_db})
