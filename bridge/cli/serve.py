"""Runs the daemon in this process."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import segno

from bridge.daemon import Daemon
from bridge.library.daemon_record import DaemonRecord, remove_record, write_record
from bridge.render.status import version
from bridge.settings import Settings


def serve(settings: Settings, on_ready: Callable[[Daemon], None], on_page: Callable[[str], None]) -> None:
    """Run a daemon in this process until it is stopped; `on_page` is called with the address of its page.

    Raises BridgeError if its port or its library is not available.
    """

    async def main() -> None:
        daemon = Daemon(settings)
        record = DaemonRecord(version(), 0)

        def ready() -> None:
            nonlocal record
            record = replace(record, port=daemon.port)
            write_record(settings.library, record)
            on_ready(daemon)

        def page(address: str) -> None:
            write_record(settings.library, replace(record, http_port=urlsplit(address).port or 0))
            on_page(address)

        try:
            await daemon.run(ready, page)
        finally:
            if record.port:  # else the library may be another daemon's
                remove_record(settings.library)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


def tell_page(address: str, *, with_code: bool, opens: bool) -> None:
    """Print the page's address, also as a QR code for phones, and open it in the browser if it `opens`."""
    print(f"the page is at {address}", flush=True)
    if with_code:
        segno.make(address, micro=False).terminal(compact=True)
    if opens:
        webbrowser.open(address)
