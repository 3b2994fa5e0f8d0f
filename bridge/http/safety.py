"""Who may ask what of the page's server.

A page of any site may send requests to 127.0.0.1 from the browser of whoever visits it. So the `Host` must be
this machine (a name that an attacker points at it is not), and the `Origin`, which browsers send, must be
the page itself. Programs of the network need the token beside being allowed.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bridge.inputs.without_folders import text_without_folders
from bridge.messages import BridgeError
from bridge.messages.base import is_loopback
from bridge.system.disk import disk_error
from bridge.system.inbox import internal_error

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address may hold the token
}
TOKEN = "token"  # noqa: S105  (its name in the address)
_TOKEN_BYTES = 16
_COOKIE_SECONDS = 365 * 86_400
_STATUS = {
    "forbidden": 403, "missing": 404, "exists": 409, "busy": 503, "disk": 507, "folder": 507, "internal": 500,
}  # fmt: skip

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def error_response(error: BridgeError, *, status: int | None = None, folders: bool = True) -> web.Response:
    """Return an error as JSON, with the status that suits its code; without `folders` for the network."""
    message = error.message if folders else text_without_folders(error.message)
    content = {"code": error.code, "message": message}
    return web.json_response(content, status=status or _STATUS.get(error.code, 400))


def read_token(path: Path) -> str:
    """Return the token that network clients need; made once, so that a phone's bookmark stays good.

    Raises BridgeError `folder` or `disk` if it cannot be kept.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        token = ""
    if token:
        return token
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    try:
        path.unlink(missing_ok=True)
        with open(
            path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)
        ) as file:
            file.write(token)
    except OSError as error:
        raise disk_error(error, path.parent) from error
    return token


class Guard:
    """Lets requests pass or not; `token` is empty for a server that is heard on this machine alone."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._names = frozenset(_own_names() if token else ())

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request if it may pass; return errors as JSON."""
        try:
            self._check(request)
            response = await handler(request)
        except BridgeError as error:
            return error_response(error, folders=is_loopback(request.remote or ""))
        except web.HTTPException as error:
            if error.status < 400:
                raise
            code = "missing" if error.status == 404 else "value"
            return error_response(
                BridgeError(code, f"{request.path[:120]}: {error.reason}"), status=error.status
            )
        except Exception as error:
            _log.exception("%s failed", request.path)
            return error_response(internal_error(error))
        if not response.prepared and self._is_token(request.query.get(TOKEN, "")):
            # Who brought the token has it from now on as a cookie.
            response.set_cookie(
                self._cookie(request), self._token, httponly=True, samesite="Strict", max_age=_COOKIE_SECONDS
            )
        return response

    @staticmethod
    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        """Add the headers of every answer."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-cache")

    def _check(self, request: web.Request) -> None:
        """Raise BridgeError `forbidden` unless the request may pass."""
        host = request.headers.get("Host", "")
        if not self._is_own(host, request):
            raise BridgeError(
                "forbidden", "this server answers at the address that the daemon printed; open that"
            )
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise BridgeError(
                "forbidden", "a page of another site may not use this server; open its own page"
            )
        site = request.headers.get("Sec-Fetch-Site", "none")
        navigates = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
        if site not in ("same-origin", "none") and not navigates:
            raise BridgeError(
                "forbidden", "a page of another site may not use this server; open its own page"
            )
        if not is_loopback(request.remote or "") and not self._knows_token(request):
            raise BridgeError(
                "forbidden",
                "the address lacks its token; open the address that the daemon printed, or its QR code",
            )

    def _is_own(self, host: str, request: web.Request) -> bool:
        name = host.rsplit(":", 1)[0].lower()
        if name in ("localhost", "127.0.0.1"):
            return is_loopback(request.remote or "")
        ours = request.transport.get_extra_info("sockname") if request.transport else None
        return bool(self._token) and (name in self._names or (ours is not None and name == ours[0]))

    def _knows_token(self, request: web.Request) -> bool:
        return self._is_token(request.query.get(TOKEN, "")) or self._is_token(
            request.cookies.get(self._cookie(request), "")
        )

    def _is_token(self, given: str) -> bool:
        return bool(self._token) and hmac.compare_digest(given.encode(errors="replace"), self._token.encode())

    @staticmethod
    def _cookie(request: web.Request) -> str:
        # Browsers share cookies among the ports of a host, and two daemons may have one each.
        return f"msanii_{request.host.rpartition(':')[2]}"


def lan_address() -> str:
    """Return this machine's IPv4 address on its network; the loopback address if it is on none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # UDP: nothing is sent
            return str(ipaddress.IPv4Address(probe.getsockname()[0]))
        except (OSError, ValueError):
            return "127.0.0.1"


def _own_names() -> tuple[str, ...]:
    name = socket.gethostname().lower()
    return (name, f"{name.removesuffix('.local')}.local")
