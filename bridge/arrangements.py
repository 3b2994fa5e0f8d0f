"""Requests for several parts at once: one take for each part and one for their mix.

It is a parameter of generate, not a verb of its own: an arrangement is new music in several parts, with
everything that generate is told, and a verb would have to be learned by every preset, menu and control map.
"""

from __future__ import annotations

from bridge.messages import BridgeError, RenderRequest

MOST_PARTS = 8


def part_list(text: str) -> tuple[str, ...]:
    """The names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def take_part(request: RenderRequest, take: int) -> str:
    """What a take plays of an arrangement: its part, the last one the mix; empty where there are no parts."""
    parts = part_list(request.parts) if request.verb == "generate" else ()
    if not parts:
        return ""
    return parts[take] if take < len(parts) else "mix"


def with_parts(request: RenderRequest) -> RenderRequest:
    """The request with as many takes as its parts and their mix need; another comes back as it is.

    Raises:
        BridgeError: `value` for too many parts, or for what an arrangement cannot have.
    """
    parts = part_list(request.parts)
    if not parts or request.verb != "generate":
        return request
    if len(parts) > MOST_PARTS:
        raise BridgeError("value", f"`parts`: got {len(parts)}, expected 1 to {MOST_PARTS} between commas.")
    if request.end == "ring":
        raise BridgeError(
            "value", "`end`: got ring, expected cut or fade: with `parts` there is no tail; send `end cut`."
        )
    if request.part:
        raise BridgeError("value", "`part`: got a part beside `parts`; send one of the two.")
    return request.model_copy(update={"count": len(parts) + 1})
