"""`meter 7/8`: one word for the parameters `numerator` and `denominator`, wherever a person writes values."""

from __future__ import annotations

import re

from bridge.messages import BridgeError
from bridge.parameters import PARAMETERS
from bridge.values import shown

METER = "meter"
METER_PARTS = ("numerator", "denominator")
_SIGNATURE = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})", re.ASCII)


def meter_values(meter: object) -> dict[str, int]:
    """Return the numerator and denominator of a `meter` such as 7/8. Raises BridgeError."""
    found = _SIGNATURE.fullmatch(meter.strip()) if isinstance(meter, str) else None
    if found is None:
        what = f"`{METER}`: got {shown(meter)}, expected a time signature as text, as in 7/8"
        raise BridgeError("missing" if meter is None else "type", f"{what}; write it so.")
    pairs = zip(METER_PARTS, found.groups(), strict=True)
    return {name: int(PARAMETERS[name].check(part)) for name, part in pairs}
