"""Configurations that read and write plain dictionaries and refuse what they do not know."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from msanii.errors import ConfigError

Config = TypeVar("Config", bound="StrictConfig")


@dataclass(frozen=True, kw_only=True)
class StrictConfig:
    """Base of every configuration: frozen, built from plain data, checked against its annotations."""

    @classmethod
    def from_dict(cls: type[Config], values: object) -> Config:
        """Build from JSON or YAML data. Raises ConfigError on an unknown key or a value of the wrong type."""
        if not isinstance(values, dict):
            raise ConfigError(f"{cls.__name__}: got {type(values).__name__}, expected a mapping")
        fields = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(str(key) for key in values if key not in fields)
        if unknown:
            raise ConfigError(
                f"{cls.__name__}: unknown {', '.join(unknown)}; known are {', '.join(sorted(fields))}"
            )
        hints = typing.get_type_hints(cls)
        return cls(
            **{key: _convert(f"{cls.__name__}.{key}", value, hints[key]) for key, value in values.items()}
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: tuples become lists, nested configurations become dictionaries."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


def require_positive(section: str, name: str, value: int) -> None:
    """Raise ConfigError unless `value` is at least 1."""
    if value < 1:
        raise ConfigError(f"{section}.{name}: got {value}, expected at least 1")


def _plain(value: Any) -> Any:
    if isinstance(value, StrictConfig):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _convert(name: str, value: Any, hint: Any) -> Any:
    """Check `value` against the annotation of its field; lists become tuples, whole floats become ints."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _convert_tuple(name, value, typing.get_args(hint))
    if origin is Literal:
        allowed = typing.get_args(hint)
        if value not in allowed:
            raise ConfigError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, allowed))}")
        return value
    if origin is types.UnionType:
        return _convert_union(name, value, typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, StrictConfig):
        return hint.from_dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"{name}: got {value!r}, expected {hint.__name__}")
    return value


def _convert_union(name: str, value: Any, hints: tuple[Any, ...]) -> Any:
    """Something or None; or one of several families, told apart by `kind` (left out: the first)."""
    families = {hint.kind: hint for hint in hints if hasattr(hint, "kind")}
    if not families:
        return None if value is None else _convert(name, value, hints[0])
    kind = value.get("kind", next(iter(families))) if isinstance(value, dict) else next(iter(families))
    if not isinstance(kind, str) or kind not in families:
        raise ConfigError(f"{name}.kind: got {kind!r}, expected one of {', '.join(families)}")
    return families[kind].from_dict(value)


def _convert_tuple(name: str, value: Any, item_hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{name}: got {value!r}, expected a list")
    if len(item_hints) == 2 and item_hints[1] is Ellipsis:
        item_hints = (item_hints[0],) * len(value)
    if len(value) != len(item_hints):
        raise ConfigError(f"{name}: got {len(value)} values, expected {len(item_hints)}")
    return tuple(
        _convert(f"{name}[{i}]", item, hint)
        for i, (item, hint) in enumerate(zip(value, item_hints, strict=True))
    )
