"""Small YAML 1.2 files. What is read is untrusted: limited in size and depth, without aliases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.disk import open_regular, write_whole

MAX_BYTES = 65_536
MAX_DEPTH = 2  # a mapping, whose values may be lists


def read_yaml(path: Path, *, code: str, max_depth: int = MAX_DEPTH) -> Mapping[str, object]:
    """Read a file with one mapping of names to plain values or lists of them, nested up to `max_depth`.

    An empty file is an empty mapping. Raises BridgeError with `code` if the file is not a regular one, cannot
    be read, is larger than `MAX_BYTES`, is not UTF-8, has aliases, anchors or a key twice, or contains
    anything else.
    """
    return parse_yaml(read_yaml_bytes(path, code=code), name=path.name, code=code, max_depth=max_depth)


def read_yaml_bytes(path: Path, *, code: str) -> bytes:
    """Read a file for `parse_yaml`. Raises BridgeError with `code` if it cannot be read or is too large."""
    try:
        with open_regular(path) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise BridgeError(code, f"`{path.name}`: {reason}; check its name and rights.") from error
    if len(data) > MAX_BYTES:
        raise BridgeError(code, f"`{path.name}`: more than {MAX_BYTES} bytes; keep what is needed.")
    return data


def parse_yaml(data: bytes, *, name: str, code: str, max_depth: int = MAX_DEPTH) -> Mapping[str, object]:
    """Parse the content of a file as `read_yaml` does; errors call it `name`."""
    import yaml

    from msanii.yaml_core import CoreLoader, check_shape, mistake

    text = ""
    try:
        text = data.decode("utf-8-sig")
        check_shape(text, max_depth)
        content = yaml.load(text, Loader=CoreLoader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise BridgeError(code, f"`{name}`: {mistake(error, text)}.") from error
    # PyYAML leaks ValueError for numbers with thousands of digits.
    except (RecursionError, ValueError, OverflowError) as error:
        raise BridgeError(code, f"`{name}`: not YAML; write one `name: value` a line.") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise BridgeError(code, f"`{name}`: expected lines of `name: value`; write it so.")
    return content


def dump_yaml(content: Mapping[str, object]) -> str:
    """Write a mapping so that `parse_yaml` reads the same, in the order given."""
    import yaml

    from msanii.yaml_core import CoreDumper

    text = yaml.dump(dict(content), Dumper=CoreDumper, allow_unicode=True, sort_keys=False)
    assert isinstance(text, str)  # noqa: S101  (no stream was given)
    return text


def set_in_yaml(path: Path, name: str, value: float | str | bool, *, code: str) -> None:
    """Set one name in a file like those of `read_yaml`; its other lines stay as they are. Makes a new file.

    Raises BridgeError with `code` if the file is none that can be read, and as `write_whole`.
    """
    line = dump_yaml({name: value}).strip()
    text = ""
    if path.exists():
        data = read_yaml_bytes(path, code=code)
        known = parse_yaml(data, name=path.name, code=code)
        text = data.decode("utf-8-sig")
        if name in known:
            text, count = re.subn(rf"^{re.escape(name)}\s*:.*$", lambda _: line, text, flags=re.MULTILINE)
            if count != 1:
                raise BridgeError(
                    code, f"`{path.name}`: `{name}` stands there in its own way; write `{line}`."
                )
            write_whole(path, text.encode())
            return
    if text and not text.endswith("\n"):
        text += "\n"
    write_whole(path, f"{text}{line}\n".encode())
