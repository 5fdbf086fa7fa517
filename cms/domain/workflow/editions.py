"""Other editions of a story than its newest text: back to an earlier one, on show again, at another time, hidden."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.workflow import publishing, spans
from cms.domain.workflow.permissions import require
from cms.domain.workflow.reasons import reason_given


def rollback(
    session: Session,
    actor: Actor,
    article: Article,
    n: int,
    now: datetime,
    *,
    zone: ZoneInfo,
    minor: bool = False,
    knowingly: bool = False,
) -> tuple[Publication, Event]:
    """Show readers again what publication ``n`` of a live story showed, in one act. The working copy stays.

    It runs until the end that was set for what it replaces. Raises Conflict when the story isn't live, ``n`` has
    not begun, or ``n`` shows what is on show anyway.
    """
    require(session, actor, "publish", article)
    rows = spans.standing(session, article)
    earlier, live = _row(rows, n), desk.on_show(rows, now)
    if live is None:
        raise Conflict("This story isn't live; republish it instead", code="not_live", verbs=["republish"])
    if earlier.live_from > now:
        raise Conflict(f"Publication {n} has not begun", code="not_begun", state=article.state)
    if earlier.revision_id == live.revision_id:
        raise Conflict(f"Readers see the text of publication {n} already", code="on_show", state=article.state)
    start = spans.earliest_start(rows, now)
    publishing.refuse_unless_free(session, article, earlier.revision, start, knowingly=knowingly)
    before = spans.told(rows)
    row = spans.put_in(
        session,
        actor,
        article,
        earlier.revision,
        now,
        zone=zone,
        start=start,
        live_until=live.expires_at,
        minor=minor,
    )
    return row, publishing.event_of(session, "rollback", actor, article, row, earlier.revision, before)


def republish(
    session: Session,
    actor: Actor,
    article: Article,
    now: datetime,
    *,
    zone: ZoneInfo,
    live_until: datetime | None = None,
    knowingly: bool = False,
) -> tuple[Publication, Event]:
    """Put a withdrawn or expired story on show again as it last was, at its old address.

    Raises Conflict when it is live, or never was.
    """
    require(session, actor, "publish", article)
    rows = spans.standing(session, article)
    if desk.on_show(rows, now) is not None:
        raise Conflict("This story is live", code="live", state=article.state, verbs=["withdraw"])
    begun = spans.begun(rows, now)
    if not begun:
        raise Conflict("This story has never been live; publish it", code="never", verbs=["publish"])
    last = begun[-1]
    start = spans.earliest_start(rows, now)
    if live_until is not None and live_until <= start:
        raise Invalid({"live_until": ["Takes a time to come."]})
    publishing.refuse_unless_free(session, article, last.revision, start, knowingly=knowingly)
    before = spans.told(rows)
    row = spans.put_in(
        session, actor, article, last.revision, now, zone=zone, start=start, live_until=live_until, minor=True
    )
    return row, publishing.event_of(session, "republish", actor, article, row, last.revision, before)


def reschedule(
    session: Session,
    actor: Actor,
    article: Article,
    n: int,
    live_from: datetime,
    now: datetime,
    *,
    zone: ZoneInfo,
    knowingly: bool = False,
) -> tuple[Publication, Event]:
    """Move a publication that has not begun to another time to come. It gets a new number; the old one stays on
    record as cancelled. Its end stays where it was set. Raises Conflict or Invalid."""
    require(session, actor, "publish", article)
    rows = spans.standing(session, article)
    row = _row(rows, n)
    if row.live_from <= now:
        raise Conflict("This publication has begun; withdraw the story instead", code="begun", verbs=["withdraw"])
    if live_from <= now:
        raise Invalid({"live_from": ["Takes a time to come."]})
    if row.expires_at is not None and row.expires_at <= live_from:
        raise Invalid({"live_from": ["Takes a time before its end; move that first."]})
    publishing.refuse_unless_free(session, article, row.revision, live_from, knowingly=knowingly)
    before = spans.told(rows)
    spans.call_off(session, article, rows, [row], now, zone)
    moved = spans.put_in(
        session,
        actor,
        article,
        row.revision,
        now,
        zone=zone,
        start=live_from,
        live_until=row.expires_at,
        minor=row.minor,
    )
    return moved, publishing.event_of(session, "reschedule", actor, article, moved, row.revision, before)


def expire(
    session: Session,
    actor: Actor,
    article: Article,
    n: int,
    live_until: datetime | None,
    now: datetime,
    *,
    zone: ZoneInfo,
) -> tuple[Publication, Event]:
    """Set, move or take away the end of a publication that is live or to come. Raises Conflict once it is over."""
    require(session, actor, "publish", article)
    rows = spans.standing(session, article)
    row = _row(rows, n)
    if row.withdrawn_at is not None or (row.live_until is not None and row.live_until <= now):
        raise Conflict(f"Publication {n} is over; republish the story", code="over", verbs=["republish"])
    if live_until is not None and live_until <= max(row.live_from, now):
        raise Invalid({"live_until": ["Takes a time after live_from, and to come."]})
    before = spans.told(rows)
    row.expires_at = live_until
    row.live_until = spans.earlier(live_until, spans.following_start(rows, row.live_from))
    article.touched_at = now
    session.flush()
    return row, Event(
        "expire",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": n, "spans": spans.told(rows)},
        keys=touched(session, article.public_id, [row.revision_id]),
        errands=search_errands(article.public_id, [row.live_until or now, row.expires_at]),
    )


def hide(session: Session, actor: Actor, article: Article, n: int, reason: str, now: datetime) -> Event:
    """Leave a publication out of the public history. Its text stays in the newsroom's own, and the chain is whole.

    Raises Conflict for what readers see now: another text has to take its place first.
    """
    require(session, actor, "withdraw", article)
    reason = reason_given(reason)
    rows = spans.standing(session, article)
    row = _row(rows, n)
    if row.live_from > now:
        raise Conflict(f"Publication {n} has not begun: no history shows it", code="not_begun", state=article.state)
    if row is desk.on_show(rows, now):
        raise Conflict("Readers see this edition now; publish another text first", code="on_show", verbs=["publish"])
    if row.hidden_at is not None:
        raise Conflict(f"Publication {n} is hidden already", code="hidden", state=article.state)
    row.hidden_at = article.touched_at = now
    return _of_history("hide_edition", actor, article, {"publication": n, "reason": reason})


def unhide(session: Session, actor: Actor, article: Article, n: int, now: datetime) -> Event:
    """Show a hidden publication in the public history again."""
    require(session, actor, "withdraw", article)
    row = _row(spans.standing(session, article), n)
    if row.hidden_at is None:
        raise Conflict(f"Publication {n} is not hidden", code="not_hidden", state=article.state)
    row.hidden_at, article.touched_at = None, now
    return _of_history("unhide_edition", actor, article, {"publication": n})


def _of_history(verb: str, actor: Actor, article: Article, after: dict[str, object]) -> Event:
    subject = f"article:{article.public_id}"
    return Event(verb, actor, subject, after=after, keys=frozenset({keys.article(article.public_id)}))


def _row(rows: list[Publication], n: int) -> Publication:
    row = next((row for row in rows if row.n == n), None)
    if row is None:
        raise NotFound(f"This story has no publication {n}")
    return row
