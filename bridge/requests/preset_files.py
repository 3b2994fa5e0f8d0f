"""Preset files: which are in a folder, what one holds, and what is wrong with it in the words of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.messages import BridgeError, PartialRequest, partial_request
from bridge.parameters import LENGTHS, PARAMETERS, Parameter, Value
from bridge.requests.written_values import as_written, with_meter_in_numbers
from bridge.system.yaml_files import dump_yaml, read_yaml
from bridge.values import check_name, shown
from msanii.choices import did_you_mean

SUFFIXES = (".yaml", ".yml")
_DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Preset:
    """Named overrides of the defaults. Factory presets are read-only."""

    name: str
    description: str
    values: PartialRequest
    is_factory: bool


@dataclass(frozen=True, slots=True)
class PresetFile:
    """A file in a presets folder. `problem` says why its name cannot be used, whatever is in it."""

    path: Path
    is_factory: bool
    problem: str = ""

    @property
    def name(self) -> str:
        return self.path.stem


def preset_files(factory_folder: Path, user_folder: Path) -> list[PresetFile]:
    """Return the files of both folders, factory ones first.

    Names are compared without case, since on macOS and Windows `Mine` and `mine` are the same file.
    """
    files: list[PresetFile] = []
    first: dict[str, PresetFile] = {}
    for folder, is_factory in ((factory_folder, True), (user_folder, False)):
        for path in _paths_in(folder):
            problem = _name_problem(path, first.get(path.stem.casefold()))
            files.append(PresetFile(path, is_factory, problem))
            if not problem:
                first[path.stem.casefold()] = files[-1]
    return files


def read_preset(file: PresetFile) -> Preset:
    """Read a file. Raises BridgeError `preset` that names the file and all its mistakes."""
    content = dict(read_yaml(file.path, code="preset"))
    description = content.pop(_DESCRIPTION, "")
    try:
        if not isinstance(description, str):
            got = f"`{_DESCRIPTION}`: got {shown(description)}"
            raise BridgeError("type", f"{got}, expected text; write a sentence.")
        values = checked_values(with_meter_in_numbers(content))
    except BridgeError as error:
        raise BridgeError("preset", f"`{file.path.name}`: {error}") from error
    return Preset(file.name, description, values, file.is_factory)


def preset_text(values: PartialRequest, description: str) -> str:
    """Return the text of a preset's file."""
    described = {_DESCRIPTION: description} if description else {}
    return dump_yaml({**described, **values})


def checked_values(content: Mapping[str, object]) -> PartialRequest:
    """Check every value against the table of parameters; report all mistakes at once."""
    values: dict[str, Value] = {}
    errors: list[BridgeError] = []
    for key, value in content.items():
        try:
            parameter = _parameter(key)
            values[key] = parameter.check(as_written(parameter, value))
        except BridgeError as error:
            errors.append(error)
    if all(name in values for name in LENGTHS):
        errors.append(BridgeError("value", "`bars` and `seconds` both give the length; keep one of them."))
    if errors:
        raise BridgeError(errors[0].code, " ".join(str(error) for error in errors))
    return partial_request(values)


def _paths_in(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix in SUFFIXES]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _name_problem(path: Path, namesake: PresetFile | None) -> str:
    try:
        check_name("preset", path.stem)
    except BridgeError as error:
        return error.message
    if namesake is None:
        return ""
    if namesake.is_factory:
        return f"{shown(path.stem)} came with the program; choose another name."
    return f"`{namesake.path.name}` has this name already; choose another."


def _parameter(key: str) -> Parameter:
    allowed = [name for name, parameter in PARAMETERS.items() if parameter.in_presets]
    if key in allowed:
        return PARAMETERS[key]
    if key in PARAMETERS:
        raise BridgeError("value", f"{shown(key)} belongs in a request, not in a preset; remove it.")
    hint = did_you_mean(key, allowed) or f"a preset takes {', '.join(allowed)}."
    raise BridgeError("value", f"{shown(key)}: no such value; {hint}")
