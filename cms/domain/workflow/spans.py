"""Joining spans: where one publication of an article ends and the next begins, and the address each stands at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.db import one_at_a_time
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.errors import Conflict
from cms.domain.people.staff import Actor

TICK = timedelta(microseconds=1)
STEM = 75
"""How much of a slug, which has at most 80 characters, stays before a number."""


def standing(session: Session, article: Article) -> list[Publication]:
    """The article's publications that have not been cancelled, in order of their start."""
    return [row for row in desk.publications(session, article) if row.cancelled_at is None]


def begun(rows: Iterable[Publication], now: datetime) -> list[Publication]:
    return [row for row in rows if row.live_from <= now]


def coming(rows: Iterable[Publication], now: datetime) -> list[Publication]:
    return [row for row in rows if row.live_from > now]


def earliest_start(rows: Sequence[Publication], now: datetime) -> datetime:
    """Now, or just after the start of a publication that has begun this very instant."""
    return max([now, *(row.live_from + TICK for row in begun(rows, now))])


def put_in(
    session: Session,
    actor: Actor,
    article: Article,
    chosen: Revision,
    now: datetime,
    *,
    zone: ZoneInfo,
    start: datetime,
    live_until: datetime | None,
    minor: bool,
) -> Publication:
    """Write a publication among the others: it ends the one on show at its start, and ends where the next begins.

    Raises Conflict when another begins at that very instant, or when it would end before it begins: what it takes the
    place of ends right now.
    """
    rows = desk.publications(session, article)
    remaining = [row for row in rows if row.cancelled_at is None]
    if any(row.live_from == start for row in remaining):
        raise Conflict("Another publication of this story begins at that very time; cancel it first", code="taken")
    if live_until is not None and live_until <= start:
        raise Conflict("This story's time is over this very instant; republish it", code="over", verbs=["republish"])
    row = Publication(
        article_id=article.id,
        n=max((row.n for row in rows), default=0) + 1,
        revision_id=chosen.id,
        slug=chosen.slug,
        live_from=start,
        expires_at=live_until,
        wall_time=start.astimezone(zone).isoformat() if start > now else None,
        zone=zone.key if start > now else None,
        minor=minor,
        created_at=now,
        created_by=actor.user_id,
    )
    _close_before(session, remaining, start)
    row.live_until = earlier(live_until, following_start(remaining, start))
    _address(session, article, [*remaining, row], [row], zone)
    article.touched_at = now
    session.add(row)
    session.flush()
    return row


def call_off(
    session: Session,
    article: Article,
    standing: Sequence[Publication],
    rows: Sequence[Publication],
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Cancel rows to come, and let the one before them run on to its own end."""
    for row in rows:
        row.cancelled_at = now
    session.flush()
    remaining = sorted((row for row in standing if row.cancelled_at is None), key=lambda row: row.live_from)
    for row, following in zip(remaining, [*remaining[1:], None], strict=False):  # none may remain
        if row.withdrawn_at is None and (row.live_until is None or row.live_until > now):
            row.live_until = earlier(row.expires_at, following.live_from if following else None)
    _address(session, article, remaining, [], zone)


def take_down(live: Publication, now: datetime) -> datetime:
    """End what is on show; the instant from which nothing is."""
    live.live_until, live.withdrawn_at = max(now, live.live_from + TICK), now
    return live.live_until


def told(rows: Iterable[Publication]) -> list[dict[str, str | int | None]]:
    """Spans as the audit log keeps them."""
    return [
        {
            "n": row.n,
            "live_from": row.live_from.isoformat(),
            "live_until": row.live_until.isoformat() if row.live_until else None,
        }
        for row in sorted(rows, key=lambda row: row.live_from)
        if row.cancelled_at is None
    ]


def following_start(rows: Iterable[Publication], start: datetime) -> datetime | None:
    return min((row.live_from for row in coming(rows, start)), default=None)


def earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    """The earlier of two ends, where None is no end."""
    return min((end for end in (a, b) if end is not None), default=None)


def _close_before(session: Session, standing: Sequence[Publication], start: datetime) -> None:
    """End the publication that is on show at ``start`` there, before the new row is written beside it."""
    for row in standing:
        if row.live_from < start and (row.live_until is None or row.live_until > start):
            row.live_until = start
    session.flush()


def _address(
    session: Session,
    article: Article,
    standing: Sequence[Publication],
    fresh: Sequence[Publication],
    zone: ZoneInfo,
) -> None:
    """Set the date in the article's address, and the slug of each fresh row, or of all when the date moved.

    The date is that of the first instant on show; once that is past, neither can move again.
    """
    article.first_live_from = first = min((row.live_from for row in standing), default=None)
    day = first.astimezone(zone).date() if first else None
    if day != article.address_date:
        article.address_date, fresh = day, standing
    one_at_a_time(session, "addresses")
    for row in fresh:
        row.slug = _free_slug(session, article, row, standing)


def _free_slug(session: Session, article: Article, row: Publication, standing: Sequence[Publication]) -> str:
    """The revision's slug, or the next of ``-2``, ``-3``… where another article has it on the same date.

    A slug that this article was given for the same wish before is kept, so that no address moves by itself.
    """
    wish = session.get_one(Revision, row.revision_id).slug
    for other in standing:
        if other.n < row.n and session.get_one(Revision, other.revision_id).slug == wish:
            return other.slug
    taken = set(
        session.scalars(
            select(Publication.slug)
            .join(Publication.article)
            .where(
                Article.address_date == article.address_date,
                Article.id != article.id,
                Publication.cancelled_at.is_(None),
                Publication.slug.startswith(wish[:STEM]),
            )
        )
    )
    slug, count = wish, 1
    while slug in taken:
        count += 1
        slug = f"{wish[:STEM].rstrip('-')}-{count}"
    return slug
