"""The daemon is found by programs that look for OSC or OSCQuery, over the loopback device alone."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from bridge.http.discovery import OSC, OSCQUERY, Announcement


async def found(kind: str) -> tuple[str, int]:
    """The address and port of the first service of a kind."""
    from zeroconf import IPVersion, ServiceStateChange, Zeroconf
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

    names: asyncio.Queue[str] = asyncio.Queue()

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Added:
            names.put_nowait(name)

    looking = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        browser = AsyncServiceBrowser(looking.zeroconf, kind, handlers=[changed])
        name = await asyncio.wait_for(names.get(), 60)
        service = AsyncServiceInfo(kind, name)
        assert await service.async_request(looking.zeroconf, 10_000)
        await browser.async_cancel()
        assert name.startswith("msanii-bridge on ")
        return service.parsed_addresses()[0], service.port or 0
    finally:
        await looking.async_close()


def test_both_services_are_found_at_their_ports() -> None:
    async def look() -> None:
        announcement = Announcement("127.0.0.1", 9_800, 9_801)
        announcement.start()
        try:
            assert await found(OSC) == ("127.0.0.1", 9_800)
            assert await found(OSCQUERY) == ("127.0.0.1", 9_801)
        finally:
            await announcement.stop()

    asyncio.run(look())


@pytest.mark.parametrize("missing", ["zeroconf", "network"])
def test_without_zeroconf_or_network_the_daemon_goes_on(
    missing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_network(**_: object) -> None:
        raise OSError("network is unreachable")

    if missing == "zeroconf":
        monkeypatch.setitem(sys.modules, "zeroconf", None)
    else:
        monkeypatch.setattr("zeroconf.asyncio.AsyncZeroconf", no_network)
    caplog.set_level(logging.INFO)

    async def start() -> None:
        announcement = Announcement("127.0.0.1", 9_800, 9_801)
        announcement.start()
        assert announcement._announcing is not None
        await announcement._announcing
        await announcement.stop()

    asyncio.run(start())
    assert "not announced on the network" in caplog.text
