"""The only commit. A verb changes rows and says what it did; everything that follows from that is here.

In the same transaction: an audit line for each event, a change row for each cache key it touches, an outbox row
for each errand, and the notices to staff. Around it: the shared change number is marked pending before COMMIT and
set after, so that no process serves a page from before the change once the verb has returned.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cms.db import one_at_a_time
from cms.domain import audit, outbox
from cms.domain.events import Event
from cms.domain.webhooks import queueing as webhooks
from cms.domain.workflow.alerting import alert
from cms.domain.workflow.announcing import announce
from cms.interfaces import SiteSignal


def commit(
    session: Session,
    events: Iterable[Event],
    now: datetime,
    signal: SiteSignal,
    *,
    derived: frozenset[str] = frozenset(),
) -> None:
    """Record the events, commit, and tell every process. Call it once, last.

    ``derived``: cache keys of what was only worked out anew, which is nobody's act.
    """
    events = list(events)
    keys = {key for event in events for key in event.keys} | derived
    # A sequence hands out 7 before 6 is committed; who saw 7, of changes or of the log, would never look for 6 again.
    if keys:
        one_at_a_time(session, "changes")
    for event in events:
        session.add(_audit_line(event, now))
        for errand in event.errands:
            outbox.put(session, errand, now, event.pull)
        announce(session, event, now)
        alert(session, event, now)
        webhooks.put(session, event, now)
    if not keys:
        session.commit()
        return
    session.execute(insert(audit.Change), [{"key": key, "at": now} for key in sorted(keys)])
    newest = audit.newest_change(session)
    pending = signal.pending()
    try:
        session.commit()
    except BaseException:
        session.rollback()
        newest = audit.newest_change(session)
        raise
    finally:
        pending.publish(newest)


def _audit_line(event: Event, now: datetime) -> audit.AuditLine:
    return audit.AuditLine(
        at=event.at or now,
        actor_id=event.actor.user_id,
        actor_name=event.actor.name,
        verb=event.verb,
        subject=event.subject,
        before=dict(event.before),
        after=dict(event.after),
    )
