"""Values as people write them, in a preset's file or on the command line; errors say what to write."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.messages import BridgeError
from bridge.meter import METER, METER_PARTS, meter_values
from bridge.parameters import Parameter, Value
from bridge.values import name_of, number_of, number_remedy, shown
from msanii.choices import did_you_mean

_LARGEST = 1e18
_SWITCH_WORDS = {"yes": 1, "on": 1, "true": 1, "1": 1, "no": 0, "off": 0, "false": 0, "0": 0}


def as_written(parameter: Parameter, value: object) -> object:
    """Return what a written value means: `yes` for 1, "97.3" for 97.3. Its range is for `Parameter.check`.

    Raises:
        BridgeError: `type` if it is nothing that the parameter could be.
    """
    if parameter.is_switch:
        return _switch(parameter, value)
    if parameter.kind == "choice":
        return _choice(parameter, value)
    if parameter.kind in ("int", "float"):
        return _number(parameter, value)
    text = name_of(value)  # the name of a model may be a number
    if not isinstance(text, str):
        raise _mistake(parameter, value, "write it in quotes.")
    return text


def with_meter_in_numbers(values: Mapping[str, object]) -> dict[str, object]:
    """Return values with a written `meter` as numerator and denominator.

    Raises:
        BridgeError: as `meter_values`; `value` if the two are given as well.
    """
    rest = {name: value for name, value in values.items() if name != METER}
    if METER not in values:
        return rest
    for name in METER_PARTS:
        if name in rest:
            raise BridgeError("value", f"`{METER}` and `{name}` both give the meter; keep one of them.")
    return rest | meter_values(values[METER])


def _switch(parameter: Parameter, value: object) -> int:
    word = str(value).strip().lower()
    if word not in _SWITCH_WORDS:
        raise _mistake(parameter, value, "write yes or no.")
    return _SWITCH_WORDS[word]


def _choice(parameter: Parameter, value: object) -> Value:
    for choice in parameter.choices:
        if str(value).strip().lower() == str(choice):
            return choice
    hint = did_you_mean(str(value), map(str, parameter.choices))
    raise _mistake(parameter, value, hint or "write one of these.")


def _number(parameter: Parameter, value: object) -> int | float:
    number = number_of(value)
    if number is None or not abs(number) <= _LARGEST:  # so written for NaN
        raise _mistake(parameter, value, number_remedy(value, "write a number") + ".")
    return number


def _mistake(parameter: Parameter, value: object, remedy: str) -> BridgeError:
    expected = parameter.expected()
    return BridgeError("type", f"`{parameter.name}`: got {shown(value)}, expected {expected}; {remedy}")
