"""`msanii-bridge doctor`: checks this machine and suggests remedies."""

from __future__ import annotations

import http.client
import socket
import tempfile
from collections.abc import Sequence

from bridge.cli.client import Client
from bridge.cli.doctor.purpose_checks import (
    check_device,
    check_drop,
    check_lan,
    check_link,
    check_listener,
    check_log,
    check_probe,
)
from bridge.cli.own_daemon import launched, wait_for_model
from bridge.messages import BridgeError
from bridge.settings import Settings
from bridge.system.machine_checks import Check, check_machine


def examine(settings: Settings, flags: Sequence[str] = ()) -> list[Check]:
    """Run all checks; those of the page if the settings want one.

    `flags` are the options of the `serve` to test: model and device.
    """
    return [
        *check_machine(settings.library),
        _model(flags),
        check_probe(settings),
        check_port(settings.port),
        check_log(settings),
        *([check_page(settings.http_port)] if settings.http else []),
        check_link(),
        check_listener(settings.model_folders),
        check_device(),
        check_drop(settings),
        check_lan(settings),
    ]


def check_page(port: int) -> Check:
    """Check whether the page's port is free, or serves the page (both fine), or is another program's."""
    address = f"http://127.0.0.1:{port}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1.0)
    try:
        connection.request("GET", "/?HOST_INFO")
        if b"OSC_PORT" in connection.getresponse().read(4_096):
            return Check(
                "page", True, f"a running daemon serves it at {address}", needed=False, purpose="page"
            )
    except ConnectionRefusedError:
        return Check("page", True, f"will be at {address}; the port is free", needed=False, purpose="page")
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    remedy = "close the other program, or choose another port with --http-port"
    return Check("page", False, f"another program has port {port}", remedy, needed=False, purpose="page")


def check_port(port: int) -> Check:
    """Check whether the port is free, used by a daemon (both fine), or taken by another program."""
    try:
        with Client(port) as client:
            version = str(client.hello(0.3).arguments[1])
        return Check("OSC port", True, f"a daemon {version} answers on {port}")
    except BridgeError:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return Check(
                "OSC port",
                False,
                f"{port}: {error.strerror}",
                "close the other program, or choose another with --port",
            )
    return Check("OSC port", True, f"{port} is free")


def _model(flags: Sequence[str]) -> Check:
    """Check that a temporary daemon loads its model, as a client would see it."""
    remedy = "install or import the model again, or choose another with --model"
    try:
        with (
            tempfile.TemporaryDirectory(prefix="msanii-doctor-", ignore_cleanup_errors=True) as library,
            launched("--library", library, *flags) as daemon,
        ):
            status = wait_for_model(daemon.client)
    except BridgeError as error:
        return Check("model", False, error.message, remedy)
    return Check(
        "model",
        True,
        "{model} ({fingerprint}) on {device}, {dtype}, {layout}, {threads} threads".format_map(status),
    )
