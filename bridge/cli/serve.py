"""Runs the daemon in this process."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import Callable

import segno

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


def tell_page(address: str, *, with_code: bool, opens: bool) -> None:
    """Print the page's address, also as a QR code for phones, and open it in the browser if it `opens`."""
    print(f"the page is at {address}", flush=True)
    if with_code:
        segno.make(address, micro=False).terminal(compact=True)
    if opens:
        webbrowser.open(address)
