"""Arrangements: requests for several parts at once, with one take per part and one of their mix.

`parts` is a parameter of generate rather than a verb: an arrangement takes every parameter of generate,
and a new verb would have to be added to every preset, menu and control map.
"""

from __future__ import annotations

from bridge.messages import BridgeError, RenderRequest
from msanii.errors import MsaniiError
from msanii.music.parts import levels_of, levels_that_count, read_parts


def with_parts(request: RenderRequest, *, asks_levels: bool = True) -> RenderRequest:
    """Set the request's take count to one per part plus the mix; without parts, keep it.

    `asks_levels` is whether the message itself set `level_db`. If a preset or the session set it, the levels
    of parts that do not play are dropped: without parts, all of them.

    Raises:
        BridgeError: `value` for parts or levels that are malformed or conflict with other values.
    """
    if not request.arrangement:
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
