"""At most half of a process's threads read request bodies, so that readers of pages always find one.

A body arrives as slowly as its sender likes, and whoever waits for it holds a thread: twenty senders that dribble
could stop a whole process. Small bodies are therefore read here, before anything else is done about the request, and
a place is held no longer than that. Who finds no place soon is asked to come again.

What a refusal left unread of a larger body is read to its end: a sender that is cut off while it sends never gets to
read why.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

THREADS = 64
"""Threads of a web process. They cost readers nothing (27,000 to 31,000 pages a second with 1 or 64)."""

_PATIENCE = 0.1  # seconds: a burst of honest bodies is through in that time
_SMALL = 65_536
_MOST_UNREAD = 64_000_000  # bytes; who sends more than that beyond what was asked for is cut off
_REFUSAL = (
    b'{"code": "busy", "status": 503, "message": "Too much is being sent at once. Try again soon.", "errors": {}}'
)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BodyGate:
    """WSGI middleware, in front of everything that reads a body."""

    def __init__(self, app: Application, threads: int = THREADS) -> None:
        self._app = app
        self._reading = threading.BoundedSemaphore(threads // 2)
        self._waiting = threading.BoundedSemaphore(threads // 4)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if length == "0" and not chunked:
            return self._app(environ, start_response)
        if not self._admitted():
            start_response(
                "503 Service Unavailable",
                [
                    ("Retry-After", "2"),
                    ("Cache-Control", "no-store"),
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(len(_REFUSAL))),
                ],
            )
            return [_REFUSAL]
        try:
            if chunked or not length.isascii() or not length.isdigit() or int(length) > _SMALL:
                answer = self._app(environ, start_response)  # it is read piece by piece, in its place
                _read_to_its_end(environ["wsgi.input"])
                return answer
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))
        finally:
            self._reading.release()
        return self._app(environ, start_response)

    def _admitted(self) -> bool:
        if self._reading.acquire(blocking=False):
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return self._reading.acquire(timeout=_PATIENCE)
        finally:
            self._waiting.release()


def _read_to_its_end(body: Any) -> None:
    read = 0
    while read < _MOST_UNREAD and (piece := body.read(_SMALL)):
        read += len(piece)
