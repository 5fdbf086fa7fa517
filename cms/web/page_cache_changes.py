"""What has changed since this process last looked: by somebody's act, or by the clock alone.

Every request asks, so asking must cost next to nothing: a word of shared memory is compared, and one instant. Only
when either has moved is the database asked *which* keys that concerns, and those who remember something about them
are told before anybody is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from cms.domain.articles.boundaries import crossed, next_boundary
from cms.domain.audit import keys_changed, newest_change
from cms.newsroom import Newsroom

Listener = Callable[[frozenset[str] | None], None]

_TOO_MANY = 5_000
"""Changes after which it is cheaper to forget everything than to read what changed: an import, a long sleep."""


class Changes:
    """One a process; safe for threads."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._listeners: list[Listener] = []
        self._looking = threading.Lock()
        self._begun = self._done = 0  # looks, counted; the last one that came to its end
        self._number: int | None = None  # the shared number as it was before our last look; None: look again
        self._seq: int | None = None  # the newest change that the last look saw
        self._looked_at = self._boundary = datetime.min.replace(tzinfo=UTC)

    def tell(self, listener: Listener) -> None:
        """From now on call this with the keys that changed, or with None when it may be any."""
        self._listeners.append(listener)

    def catch_up(self, now: datetime) -> None:
        """Returns once the listeners know of every change that was committed before the call.

        While a commit is under way nobody can say which side of it we are on, so the database is asked: by one of
        those who wait, for all who came before it began to ask.
        """
        if self._is_old(self._newsroom.signal.read(), now):
            begun = self._begun
            with self._looking:
                number = self._newsroom.signal.read()  # before the snapshot begins: it can only be too old
                if self._is_old(number, now) and (self._done <= begun or now >= self._boundary):
                    self._begun += 1
                    with self._newsroom.sessions.read() as session:
                        self._look(session, now)
                    self._number, self._done = number, self._begun

    def _is_old(self, number: int | None, now: datetime) -> bool:
        return number is None or number != self._number or now >= self._boundary

    def _look(self, session: Session, now: datetime) -> None:
        seq, since, due = newest_change(session), self._looked_at, now >= self._boundary
        if seq == self._seq and not due:
            return
        changed: frozenset[str] | None = None
        if self._seq is not None and 0 <= seq - self._seq <= _TOO_MANY:
            changed = frozenset(key for _, key in keys_changed(session, self._seq))
            if due:
                changed |= crossed(session, since, now)
        boundary = next_boundary(session, max(since, now))
        for listener in self._listeners if self._seq is not None else ():
            listener(changed)
        self._seq, self._looked_at, self._boundary = seq, max(since, now), boundary
