"""The rows of the OSC table about the session's parameters."""

from __future__ import annotations

from functools import partial

from bridge import messages as m
from bridge.addresses import arguments as read
from bridge.addresses.arguments import Arguments
from bridge.addresses.row import CHANGES_OTHERS_COST, Address, on_press
from bridge.messages import BridgeError, Message
from bridge.meter import METER, meter_values
from bridge.parameters import PARAMETERS, Parameter
from bridge.values import shown
from msanii.choices import did_you_mean

_ALL = "all"
_COSTS = dict.fromkeys(("preset", "model"), CHANGES_OTHERS_COST)


def rows() -> tuple[Address, ...]:
    """Return the rows, their paths without the root."""
    row = Address
    return (
        row("param/list", "", "lists the parameters that the session sets, its preset among them",
            "param/list.reply name ...", on_press(m.ListParameters)),
        row("param/reset", "name or all", "unsets a parameter of the session, or all: what the preset or the "
            "defaults say holds again", "param/reset.reply name", _reset, cost=CHANGES_OTHERS_COST),
        row(f"param/{METER}", "[text]", "numerator and denominator in one word, as in 7/8",
            "its value, when read", _session_meter, True),
        *(row(f"param/{p.name}", f"[{p.kind}]", f"{p.help} ({p.expected()})", "its value, when read",
              partial(_parameter, p), True, _COSTS.get(p.name, 1)) for p in PARAMETERS.values()),
    )  # fmt: skip


def unknown(code: str, got: str, name: str) -> BridgeError:
    """Return the error for a `name` of no parameter in what was sent, `got`."""
    meant = did_you_mean(name, (*PARAMETERS, METER))
    remedy = f"{meant} Send that." if meant else f"there are {', '.join(PARAMETERS)}."
    return BridgeError(code, f"{shown(got)}: no such parameter; {remedy}")


def _reset(address: str, arguments: Arguments) -> m.ResetParameter | None:
    expected = "a parameter's name, or all"
    read.expect(address, arguments, 1, 1, expected)
    name = arguments[0]
    if not isinstance(name, str):
        return m.ResetParameter(_ALL) if read.is_pressed(address, name, expected) else None
    if name not in (*PARAMETERS, METER, _ALL):
        raise unknown("value", name, name)
    return m.ResetParameter(name)


def _parameter(parameter: Parameter, address: str, arguments: Arguments) -> Message:
    if len(arguments) > 1 and parameter.is_free_text:
        raise read.several_words(parameter.name, arguments)
    read.expect(address, arguments, 0, 1, f"{parameter.expected()}, or nothing to read it")
    if not arguments:
        return m.ReadParameter(parameter.name)
    return m.SetParameter(parameter.name, parameter.check(arguments[0]))


def _session_meter(address: str, arguments: Arguments) -> Message:
    read.expect(address, arguments, 0, 1, "a time signature, as in 7/8, or nothing to read it")
    if not arguments:
        return m.ReadParameter(METER)
    numerator, denominator = meter_values(arguments[0]).values()
    return m.SetParameter(METER, f"{numerator}/{denominator}")
