"""The built front-end files: their addresses, and the files themselves.

``scripts/build.mjs`` names each file by its content, so an answer may be kept for ever; templates ask for the file by
its logical name (``site.css``, ``search-window.js``, ``admin.js``). Beside each lie its .br and .gz.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from cms.web.headers import ALWAYS, PUBLIC_POLICY
from cms.web.ready import Ready

BUILD = Path(__file__).resolve().parents[2] / "static" / "build"
PREFIX = "/static/build/"

_FOR_EVER = ("Cache-Control", "public, max-age=31536000, immutable")
_SHORTLY = ("Cache-Control", "no-cache")
_NAME = re.compile(r"[A-Za-z0-9_-]+\.[a-z0-9]+(\.map)?")
_SUFFIXES = {"br": ".br", "gzip": ".gz"}
_ENCODINGS = (*_SUFFIXES, "zstd")  # the last is made when somebody takes nothing else
_ON_ALL = (*ALWAYS.items(), ("Content-Security-Policy", PUBLIC_POLICY))

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class AssetMissing(Exception):
    """The front-end is not built, or the build has no such file; the message says what to do."""


def asset_url(name: str, build: Path = BUILD) -> str:
    """The path of a built file: ``site.css`` → ``/static/build/site-4F7K2QZA.css``. Raises AssetMissing."""
    built = _manifest(build)
    if name not in built:
        raise AssetMissing(f"the front-end build has no {name}, only {', '.join(sorted(built)) or 'nothing'}")
    return f"{PREFIX}{built[name]}"


@cache
def _manifest(build: Path) -> dict[str, str]:
    # Read once: a new build is served by a new start, so one process never mixes two builds.
    try:
        manifest: dict[str, str] = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssetMissing("the front-end is not built; `sh scripts/run` builds it") from None
    return manifest


class BuiltFiles:
    """WSGI middleware that answers for the build's files, from memory once they were asked for."""

    def __init__(self, app: Application, hosts: frozenset[str], build: Path = BUILD) -> None:
        self._app = app
        self._hosts = hosts
        self._build = build
        self._files: dict[str, Ready] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        asked = path.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if not asked or environ.get("HTTP_HOST") not in self._hosts:
            return self._app(environ, start_response)
        name = path.removeprefix(PREFIX)
        file = self._files.get(name) or self._read(name)
        if file is None:
            start_response("404 Not Found", [*_ON_ALL, _SHORTLY, ("Content-Type", "text/plain")])
            return [b"There is no such file.\n"] if environ["REQUEST_METHOD"] == "GET" else []
        return file.answer(environ, start_response)

    def _read(self, name: str) -> Ready | None:
        """A file of the build, which a newer process may have made since this one began."""
        path = self._build / name
        if not _NAME.fullmatch(name) or name == "manifest.json" or not path.is_file():
            return None
        kind = guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        headers = [("Content-Type", kind + charset), _FOR_EVER, *_ON_ALL]
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        file = Ready("200 OK", headers, path.read_bytes(), made, _ENCODINGS)
        for encoding, suffix in _SUFFIXES.items():
            packed = path.with_name(name + suffix)
            if packed.exists():
                file.form(encoding, packed.read_bytes())
        return self._files.setdefault(name, file)
