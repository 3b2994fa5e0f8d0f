"""The page's files: packed once, and kept by browsers until one of them changes."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ETag, web

from bridge.messages import BridgeError

INDEX = "index.html"
_TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
    ".png": "image/png", ".json": "application/json", ".woff2": "font/woff2",
}  # fmt: skip
_UNPACKED = frozenset((".png", ".woff2"))  # they are packed already
_ROOT = "/page/"
_VERSIONED = re.compile(r"(?:v-([0-9a-f]{16})/)?(.*)", re.DOTALL)
_DIGITS = 16
_YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Packed:
    """What is sent again and again, as it is and for browsers that unpack it. `gzipped` may be empty."""

    kind: str
    plain: bytes
    gzipped: bytes
    digest: str

    @classmethod
    def of(cls, plain: bytes, kind: str, *, packs: bool = True) -> Packed:
        """Pack bytes of a media type."""
        gzipped = gzip.compress(plain, mtime=0) if packs else b""
        return cls(kind, plain, gzipped, hashlib.sha256(plain).hexdigest()[:_DIGITS])

    def response(self, request: web.Request, cache: str = "no-cache") -> web.Response:
        """Return the answer to a request; without a body if the browser has just this."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        etag = ETag(self.digest)
        if etag in (request.if_none_match or ()):
            answer = web.Response(status=304, headers=headers)
        else:
            packs = bool(self.gzipped) and "gzip" in request.headers.get("Accept-Encoding", "")
            headers |= {"Content-Encoding": "gzip"} if packs else {}
            answer = web.Response(
                body=self.gzipped if packs else self.plain,
                content_type=self.kind,
                charset="utf-8",
                headers=headers,
            )
        answer.etag = etag
        return answer


class PageFiles:
    """The files of the page in `folder`. A file that changes is read again.

    The index names the others below `/page/v-<version>/`, so that a browser asks for them once, and again
    when one has changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._version = ""
        self._kept: dict[Path, tuple[tuple[int, int], Packed]] = {}

    def index(self, request: web.Request) -> web.Response:
        """Return the page itself, which names the files of the version that there is now."""
        self._version = self._version_now()
        html = self._packed(INDEX).plain.replace(b'"/page/', f'"/page/v-{self._version}/'.encode())
        return Packed.of(html, _TYPES[".html"]).response(request)

    def file(self, request: web.Request, path: str) -> web.Response:
        """Return the file at a path below `/page/`. Raises BridgeError `missing`."""
        found = _VERSIONED.fullmatch(path)
        version, name = found.groups() if found else (None, path)
        is_kept = version is not None and version == self._version
        cache = f"private, max-age={_YEAR_SECONDS}, immutable" if is_kept else "no-cache"
        return self._packed(name).response(request, cache)

    def _packed(self, name: str) -> Packed:
        kind = _TYPES.get(Path(name).suffix)
        try:
            path = (self._folder / name).resolve()
            is_inside = path.is_relative_to(self._folder) and path.is_file()
            state = _state(path)
            if kind is not None and is_inside:
                if path not in self._kept or self._kept[path][0] != state:
                    packs = path.suffix not in _UNPACKED
                    self._kept[path] = state, Packed.of(path.read_bytes(), kind, packs=packs)
                return self._kept[path][1]
        except (OSError, ValueError):  # no name that a file can have
            pass
        raise BridgeError("missing", f"`{name[:120]}`: the page has no such file")

    def _version_now(self) -> str:
        """Return what changes whenever a file does."""
        states = sorted((str(path), *_state(path)) for path in self._folder.rglob("*") if path.is_file())
        return hashlib.sha256(repr(states).encode()).hexdigest()[:_DIGITS]


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
