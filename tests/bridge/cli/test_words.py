"""The command lines and OSC have the same words: a parameter of OSC is an option of the same name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import typer

from bridge.cli.app import app
from bridge.messages import Verb
from bridge.parameters import PARAMETERS, VERBS, for_verb
from msanii.__main__ import build_app

BRIDGE = typer.main.get_command(app)
MSANII = typer.main.get_command(build_app())

ARGUMENTS = ("source", "source_b")
OTHER_ARGUMENTS = ("other",)  # source_b's name there
METER = "--meter"

# What `msanii` has no option for, and why.
NOT_IN_MSANII: Mapping[str, str] = {
    "parts": "`msanii arrange` renders several parts",
    "level_db": "`msanii arrange` has it",
    "name_template": "-o names the file",
    "batch": "`msanii` renders all takes of a command at once",
    "candidates": "the daemon hears takes; `msanii listen` hears a file",
    "keep": "as candidates",
    "beat_seconds": "recipes and OSC clients name beats; `msanii complete` hears them",
    "edition": "recipes name editions; the command line renders by the latest",
}
NOT_IN_PAINTING: Mapping[str, str] = {
    "loudness_lufs": "what is new has the level of the source, over OSC too",
    "compose": "a file has no recipe whose notes new bars could be composed to",
    "style": "as compose",
}


# What only `msanii` has, and why.
ONLY_IN_MSANII: Mapping[str, str] = {
    "--output": "the daemon names takes and keeps them in its library",
    METER: "numerator and denominator in one word",
    "--bars": "a length cuts a source short; over OSC bring one of the length",
    "--seconds": "as --bars",
}


def options_of(command: object, verb: str) -> set[str]:
    found = command.commands[verb].params  # type: ignore[attr-defined]
    return {name for option in found for name in (*option.opts, *option.secondary_opts)}


@pytest.mark.parametrize("verb", VERBS)
def test_every_parameter_is_an_option_of_msanii_bridge(verb: Verb) -> None:
    known = options_of(BRIDGE, verb)
    for parameter in for_verb(verb):
        expected = parameter.name if parameter.name in ARGUMENTS else f"--{parameter.name.replace('_', '-')}"
        assert expected in known
    assert METER in known


@pytest.mark.parametrize("verb", VERBS)
def test_every_parameter_is_an_option_of_msanii_or_has_a_reason(verb: Verb) -> None:
    known = options_of(MSANII, verb)
    for parameter in for_verb(verb):
        name = parameter.name
        if name in ARGUMENTS or name in NOT_IN_MSANII:
            continue
        if name in NOT_IN_PAINTING and verb in ("inpaint", "outpaint"):
            continue
        assert f"--{name.replace('_', '-')}" in known, name
    assert METER in known


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_msanii_is_a_parameter_or_has_a_reason(verb: Verb) -> None:
    names = {parameter.name for parameter in for_verb(verb)}
    for option in MSANII.commands[verb].params:  # type: ignore[attr-defined]
        known = {name.removeprefix("--").replace("-", "_") for name in option.opts}
        has_reason = not ONLY_IN_MSANII.keys().isdisjoint(option.opts)
        assert known & names or has_reason or option.name in (*OTHER_ARGUMENTS, "help"), option.opts


def test_the_reasons_are_of_parameters_that_exist() -> None:
    assert NOT_IN_MSANII.keys() <= PARAMETERS.keys()
    assert "--level-db" in options_of(MSANII, "arrange")
    assert "--parts" in options_of(MSANII, "arrange")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("command", [BRIDGE, MSANII], ids=["msanii-bridge", "msanii"])
def test_short_names_are_the_same_on_both(command: object, verb: Verb) -> None:
    known = options_of(command, verb)
    assert "--register" in known
    assert {"--from", "--to"} <= known or verb != "inpaint"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("command", [BRIDGE, MSANII], ids=["msanii-bridge", "msanii"])
def test_options_are_in_groups(command: object, verb: Verb) -> None:
    loose = {
        option.name
        for option in command.commands[verb].params  # type: ignore[attr-defined]
        if getattr(option, "rich_help_panel", None) is None and option.param_type_name == "option"
    }
    assert loose <= {"output"}
