"""`msanii-bridge doctor`: checks this machine and suggests remedies."""

from __future__ import annotations

import http.client
import json
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.client import Client
from bridge.cli.options import safe
from bridge.cli.own_daemon import launched, wait_for_model
from bridge.messages import BridgeError
from bridge.system.machine_checks import Check, check_machine

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.cli.doctor.measure import Row


def examine(
    library: Path, port: int, flags: Sequence[str] = (), *, http_port: int | None = None
) -> list[Check]:
    """Run all checks; those of the page if it has an `http_port`.

    `flags` are the options of the `serve` to test: model and device.
    """
    page = [] if http_port is None else [check_page(http_port)]
    return [*check_machine(library), _model(flags), check_port(port), *page]


def check_page(port: int) -> Check:
    """Check whether the page's port is free, or serves the page (both fine), or is another program's."""
    address = f"http://127.0.0.1:{port}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1.0)
    try:
        connection.request("GET", "/?HOST_INFO")
        if b"OSC_PORT" in connection.getresponse().read(4_096):
            return Check("page", True, f"a running daemon serves it at {address}", needed=False)
    except ConnectionRefusedError:
        return Check("page", True, f"will be at {address}; the port is free", needed=False)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    remedy = "close the other program, or choose another port with --http-port"
    return Check("page", False, f"another program has port {port}", remedy, needed=False)


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
        "model", True, "{model} ({fingerprint}) on {device}, {dtype}, {threads} threads".format_map(status)
    )


def print_checks(checks: Sequence[Check], console: Console) -> bool:
    """Print a line per check; return whether everything that is needed works."""

    for check in checks:
        mark = (
            "[green]works [/]"
            if check.works
            else "[bold red]broken[/]"
            if check.needed
            else "[yellow]absent[/]"
        )
        console.print(f"{mark} {check.name}: {safe(check.detail)}", soft_wrap=True, highlight=False)
        if not check.works and check.remedy:
            console.print(f"       remedy: {safe(check.remedy)}", soft_wrap=True, highlight=False)
    return all(check.works or not check.needed for check in checks)


def print_rows(rows: Sequence[Row], console: Console) -> None:
    """Print the measurements as a table."""
    from rich.table import Table

    table = Table("figure", "value", "target", "reached", box=None)
    for row in rows:
        target = "" if row.target is None else f"under {row.target:g} {row.unit}"
        reached = {None: "", True: "yes", False: "no"}[row.reached]
        table.add_row(row.name, f"{row.value:.4g} {row.unit}", target, reached)
    console.print(table)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write the measurements as a JSON list of {name, value, target, reached}.

    Raises BridgeError `folder` if the file cannot be written.
    """
    listed = [
        {"name": f"{row.name} ({row.unit})", "value": row.value, "target": row.target, "reached": row.reached}
        for row in rows
    ]
    try:
        path.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BridgeError(
            "folder", f"`{path}` cannot be written ({error.strerror}); choose another file"
        ) from error
