"""How a request changes anything: one writing session, one commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from cms import reactions
from cms.domain.events import Event
from cms.web.current import newsroom, now


@contextmanager
def changing() -> Iterator[tuple[Session, list[Event]]]:
    """A session to change things in and the events to commit with it, all or nothing."""
    with newsroom().sessions.write() as session:
        events: list[Event] = []
        yield session, events
        reactions.commit(session, events, now(), newsroom().signal)
