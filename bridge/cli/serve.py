"""Runs the daemon in this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from bridge.daemon import Daemon
from bridge.settings import Settings


def serve(settings: Settings, on_ready: Callable[[Daemon], None], on_page: Callable[[str], None]) -> None:
    """Run a daemon in this process until it is stopped; `on_page` is called with the address of its page.

    Raises BridgeError if its port or its library is not available.
    """

    async def main() -> None:
        daemon = Daemon(settings)
        await daemon.run(lambda: on_ready(daemon), on_page)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
