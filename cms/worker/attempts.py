"""An attempt at an errand: taken, then settled, each in a commit of its own.

The attempt is counted and committed before it is made. A worker that dies in between leaves the errand to be tried
again after its lease, under the same id.
"""

from __future__ import annotations

from datetime import timedelta

from cms import reactions
from cms.domain import outbox
from cms.newsroom import Newsroom

KEPT = timedelta(days=7)
"""How long an errand that is done with is kept to be looked at."""


def take(newsroom: Newsroom, kind: str) -> outbox.OutboxRow | None:
    """The next errand of this kind that is due, its attempt counted; None when there is none.

    It is looked for first where nobody is held up: workers ask every second, and mostly in vain.
    """
    now = newsroom.clock.now()
    with newsroom.sessions.read() as session:
        if not outbox.due(session, kind, now, limit=1):
            return None
    with newsroom.sessions.write() as session:
        row = outbox.take(session, kind, now)
        reactions.commit(session, [], now, newsroom.signal)
    return row


def settle(
    newsroom: Newsroom,
    row_id: int,
    failure: OSError | None = None,
    *,
    for_good: bool = False,
    answer: str | None = None,
) -> None:
    """Write down how an attempt went, and what was answered, if anything was."""
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        if answer is not None:
            outbox.note_answer(session, row_id, answer)
        if failure is None:
            outbox.mark_done(session, [row_id], now, forget_before=now - KEPT)
        else:
            outbox.note_failure(session, row_id, str(failure), now, for_good=for_good)
        reactions.commit(session, [], now, newsroom.signal)
