"""The settings that a run's folder was begun with: it goes on only with the same."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from msanii.errors import ConfigError
from msanii.training.config import RunConfig

_MAY_CHANGE = (
    "steps", "minutes", "decay_steps", "decay_share", "checkpoint_every", "preview_every", "saves",
    "log_every",
    "workers", "compile", "precision",
)  # fmt: skip


def check_same_run(folder: Path, config: RunConfig, origin: dict[str, Any]) -> None:
    """Write all that decides a clip or a draw, the settings and their origin, to `training.json`.

    Raises ConfigError if the folder holds a run with others.
    """
    path = folder / "training.json"
    wanted = {**config.to_dict(), **origin}
    if path.exists():
        before = _with_defaults(json.loads(path.read_text(encoding="utf-8")), type(config))
        changed = [name for name in wanted if name not in _MAY_CHANGE and before.get(name) != wanted[name]]
        if changed:
            raise ConfigError(
                f"{folder.name}: holds a run with other {', '.join(changed)}; give a new folder"
            )
    path.write_text(json.dumps(wanted, indent=1), encoding="utf-8")


def _with_defaults(stored: dict[str, Any], kind: type[RunConfig]) -> dict[str, Any]:
    """A stored run's settings as this version would write them, with the defaults of settings added since."""
    names = {field.name for field in dataclasses.fields(kind)}
    with suppress(ConfigError, TypeError):
        settings = {name: value for name, value in stored.items() if name in names}
        return {**stored, **kind.from_dict(settings).to_dict()}
    return stored
