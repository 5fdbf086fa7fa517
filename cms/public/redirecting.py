"""Former addresses, followed once everything else has missed."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from cms import reactions
from cms.domain.redirects import leading
from cms.web.current import newsroom, now

WRITTEN_EVERY = timedelta(seconds=5)


class Hits:
    """What this process has yet to write down: a much followed link must not be a write each time."""

    def __init__(self) -> None:
        self._waiting: Counter[int] = Counter()
        self._written: datetime | None = None
        self._lock = threading.Lock()

    def note(self, number: int, at: datetime) -> dict[int, int]:
        """Add one; what is to be written now, if anything is."""
        with self._lock:
            self._waiting[number] += 1
            if self._written is not None and self._written <= at < self._written + WRITTEN_EVERY:
                return {}
            taken, self._waiting, self._written = dict(self._waiting), Counter(), at
            return taken


def follow(hits: Hits) -> tuple[Response | None, bool]:
    """The answer 301 for a former address; and whether the address is known to be gone for good."""
    if request.method not in ("GET", "HEAD"):
        return None, False
    room = newsroom()
    with room.sessions.read() as session:
        found = leading.lookup(session, f"/?{by_number()}" if request.path == "/" else request.path)
    if found is None:
        return None, False
    _write(hits.note(found.id, now()))
    if found.target is None:
        return None, True
    answer = Response(status=301)
    answer.location = found.target
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer, False


def by_number() -> str:
    """``p=12``, as WordPress's short links have it; empty for any other request."""
    name = next((name for name in ("p", "page_id") if name in request.args), "")
    number = request.args.get(name, "")
    return f"{name}={number}" if number.isascii() and number.isdigit() and len(number) < 15 else ""


def _write(hits: dict[int, int]) -> None:
    """Best effort: a reader gets where they are led even while nothing can be written."""
    if not hits:
        return
    room = newsroom()
    try:
        with room.sessions.write() as session:
            leading.count(session, hits, now())
            reactions.commit(session, [], now(), room.signal)
    except SQLAlchemyError:
        return
