"""Starts the daemon as `msanii-bridge serve` does: with its log, and what it tells the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.installation.daemon_log import failure_logged, logged
from bridge.cli.options import read_settings
from bridge.messages import BridgeError
from bridge.system.probe_file import forget_probes

if TYPE_CHECKING:
    from bridge.daemon import Daemon


def start(
    settings_file: Path | None, flags: Mapping[str, object], *, opens_page: bool, probes_again: bool = False
) -> None:
    """Read the settings and run the daemon until it is stopped; whatever fails is in the log file.

    Raises BridgeError if the settings are wrong, or its port or its library is not available.
    """
    from functools import partial

    from bridge.settings import default_log_path, wants_log_file

    with failure_logged(default_log_path() if wants_log_file(os.environ) else None):
        settings = read_settings(settings_file, **flags)
        if settings.input and not settings.stream:
            raise BridgeError(
                "value", f"`input`: got `{settings.input}`, which only the stage hears; add `--stream`"
            )
        if probes_again:
            forget_probes(settings.probe_path)
    with logged(settings.log_path if settings.log_file else None) as note:
        from bridge.cli.serve import serve, tell_page
        from bridge.render.status import version

        def ready(daemon: Daemon) -> None:
            # Programs that start a daemon parse this line.
            listens = f"msanii-bridge {version()} listens on {settings.host}:{daemon.port}"
            note(listens)
            print(listens, flush=True)
            print(f"takes go to {settings.drop_folder or settings.library}", flush=True)

        with_code = settings.lan and sys.stdout.isatty()
        serve(settings, ready, partial(tell_page, with_code=with_code, opens=opens_page))
