"""YAML with the core schema of YAML 1.2: `yes`, `010` and `1:30` are what they look like.

PyYAML reads YAML 1.1, where they are True, 8 and 90.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

_CORE_SCHEMA = (  # https://yaml.org/spec/1.2.2/#1032-tag-resolution
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
)


class DoubledKeyError(yaml.MarkedYAMLError):
    """A key that a mapping has twice; `lines` count from 1."""

    def __init__(self, key: str, lines: tuple[int, int]) -> None:
        super().__init__(problem=f"`{key}` is given twice")
        self.key = key
        self.lines = lines


class ShapeError(yaml.YAMLError):
    """A file that may be YAML, but not of the small kind that is read here."""


class CoreLoader(yaml.SafeLoader):
    """Reads plain values as YAML 1.2 does. A key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, line) != line:
                raise DoubledKeyError(key.value, (first[key.value], line))
        return super().construct_mapping(node, deep)

    def construct_core_int(self, node: yaml.ScalarNode) -> int:
        text = self.construct_scalar(node)
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


class CoreDumper(yaml.SafeDumper):
    """Quotes text that YAML 1.1 or 1.2 would take for something else."""


# Without the inherited resolvers; a class attribute, so that SafeLoader keeps its own.
CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _CORE_SCHEMA:
    for _class in (CoreLoader, CoreDumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _first)
CoreLoader.add_constructor("tag:yaml.org,2002:int", CoreLoader.construct_core_int)


def check_shape(text: str, max_depth: int) -> None:
    """Check depth and aliases on the parser's events, so that an alias bomb is rejected before it expands.

    Raises ShapeError, and YAMLError for text that is no YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=CoreLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ShapeError("aliases (& and *) are not allowed; write the values out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > max_depth:
            raise ShapeError("nested too deep; write one `name: value` a line")


def mistake(error: yaml.YAMLError, text: str) -> str:
    """Say what is wrong in a file of this text, on which line, and what to do."""
    if isinstance(error, ShapeError):
        return str(error)
    if isinstance(error, DoubledKeyError):
        first, second = error.lines
        return f"`{error.key}` is given twice, on lines {first} and {second}; keep one of them"
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "not YAML; write one `name: value` a line"
    line = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    if line[mark.column : mark.column + 1] == "\t":
        return f"a tab on line {mark.line + 1}; use spaces"
    if getattr(error, "problem", None) == "mapping values are not allowed here":
        return f"a colon inside the text on line {mark.line + 1}; put the text in quotes"
    return f"not YAML near line {mark.line + 1}; write one `name: value` a line"
