"""An answer made ahead: its body in every encoding that was asked for, its headers, and its 304.

Nothing here depends on who asks, so the same bytes do for everybody. An encoding is made when the first reader wants
it and kept beside the others; its ETag is strong and its own.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import brotli
import zstandard
from werkzeug.http import parse_date

Headers = list[tuple[str, str]]

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=9).compress(body),
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
ENCODINGS = tuple(_ENCODERS)
"""Those on offer, in our order of liking."""

_SHORTEST = 256  # bytes: below that, compressing only costs
_COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/feed+json",
    "application/rss+xml",
    "application/atom+xml",
    "application/opensearchdescription+xml",
    "application/xml",
    "application/javascript",
    "application/manifest+json",
    "image/svg+xml",
)


_BESIDE = 8_192
"""Bytes of memory that an answer takes beside its body, as measured over thousands of them."""

_WHOLE, _VARIES = ("Accept-Ranges", "none"), ("Vary", "Accept-Encoding")


@lru_cache(maxsize=1_024)
def _one(header: tuple[str, str]) -> tuple[str, str]:
    """The same header as one object for all pages: memory, and the processor's caches, hold it once."""
    return header


class Form(NamedTuple):
    """The answer in one encoding."""

    body: bytes
    etag: str
    headers: Headers
    not_modified: Headers


class Ready:
    """A 200 with validators, or any other status without: who is refused learns nothing from a date."""

    def __init__(
        self,
        status: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        modified: datetime,
        encodings: tuple[str, ...] = ENCODINGS,
    ) -> None:
        """``encodings``: those on offer, in our order of liking."""
        self.status = status
        self.body = body
        self._encodings = encodings
        self._headers = [_one(each) for each in headers if each[0] not in ("Content-Length", "ETag", "Vary")]
        kind = next((value for name, value in self._headers if name == "Content-Type"), "")
        self._compressible = worth_compressing(body, kind)
        self.tag = blake2b(body, digest_size=12).hexdigest()
        self.modified = modified.replace(microsecond=0)
        self._last_modified = format_datetime(self.modified, usegmt=True)
        self._forms: dict[str, Form] = {}
        self.size = _BESIDE + _taken(body)

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer a GET or HEAD. A Range is refused by being overlooked: every answer is whole."""
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""), self._encodings) if self._compressible else ""
        form = self._forms.get(encoding) or self.form(encoding)
        if self.status == "200 OK" and self._is_held(form, environ):
            start_response("304 Not Modified", form.not_modified)
            return []
        start_response(self.status, form.headers)
        return [form.body] if environ["REQUEST_METHOD"] == "GET" else []

    def form(self, encoding: str, made: bytes | None = None) -> Form:
        """The answer in this encoding (``""``: as it is), which ``made`` holds if it was made before."""
        body = made or (compressed(self.body, encoding) if encoding else self.body)
        etag = f'"{self.tag}{encoding and "-"}{encoding}"'
        headers = [*self._headers, _WHOLE]
        if self._compressible:
            headers.append(_VARIES)
        if self.status == "200 OK":
            headers += [("ETag", etag), ("Last-Modified", self._last_modified)]
        not_modified = [(name, value) for name, value in headers if name != "Content-Type"]
        headers.append(("Content-Length", str(len(body))))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        self.size += _BESIDE // 4 + (_taken(body) if encoding else 0)
        return self._forms.setdefault(encoding, Form(body, etag, headers, not_modified))

    def anew(self, body: bytes, modified: datetime) -> Ready:
        """The same answer with another body, and a later date than this one has."""
        later = max(modified, self.modified + timedelta(seconds=1))
        return Ready(self.status, self._headers, body, later, self._encodings)

    def dated(self, since: datetime) -> Ready:
        """This answer, told to stand since then. To be said before anybody is answered with it."""
        self.modified, self._last_modified = since, format_datetime(since, usegmt=True)
        return self

    def take_over(self, older: Ready) -> None:
        """Made anew without a byte of difference: keep the encodings, and the date from which this holds."""
        if (older.status, older.body, older._headers) == (self.status, self.body, self._headers):
            self.modified, self._last_modified = older.modified, older._last_modified
            self._forms, self.size = older._forms, older.size

    def _is_held(self, form: Form, environ: dict[str, Any]) -> bool:
        """Whether the reader has it already. A date counts only where no ETag is named."""
        named = environ.get("HTTP_IF_NONE_MATCH")
        if named is not None:
            return named == form.etag or any(
                each.strip().removeprefix("W/") in (form.etag, "*") for each in named.split(",")
            )
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        if since is None:
            return False
        date = parse_date(since)
        return since == self._last_modified or (date is not None and date >= self.modified)


def _taken(body: bytes) -> int:
    """What it takes of memory: a quarter is lost between bodies that come and go."""
    return len(body) * 5 // 4


def worth_compressing(body: bytes, kind: str) -> bool:
    """Whether a body of this media type is text, and long enough."""
    return len(body) >= _SHORTEST and (kind.startswith(_COMPRESSIBLE) or "+xml" in kind)


def compressed(body: bytes, encoding: str) -> bytes:
    return _ENCODERS[encoding](body)


@lru_cache(maxsize=512)
def encoding_for(accepted: str, offered: tuple[str, ...]) -> str:
    """The first on offer of those that an Accept-Encoding header likes best; ``""`` for none."""
    liked: dict[str, float] = {}
    for each in accepted[:500].lower().split(","):
        name, _, parameter = each.partition(";")
        key, _, weight = parameter.strip().partition("=")
        try:
            liked[name.strip()] = float(weight) if key.strip() == "q" else 1.0
        except ValueError:
            continue
    weights = {name: liked.get(name, 0.0) for name in offered}
    best = max(weights, key=lambda name: weights[name])  # the first of equals
    return best if weights[best] > 0 and weights[best] >= liked.get("identity", 0.0) else ""
