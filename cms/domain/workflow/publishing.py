"""Publishing: rows in time.

Publish now, schedule, schedule a change to a live story, cancel, expire and withdraw are all the same thing:
writing where one publication's span begins and another's ends. What readers see follows from the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.db import one_at_a_time
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.workflow.checks import refuse_blocked
from cms.domain.workflow.permissions import may, require
from cms.domain.workflow.states import State, moved

TICK = timedelta(microseconds=1)


def publish(
    session: Session,
    actor: Actor,
    article: Article,
    now: datetime,
    *,
    zone: ZoneInfo,
    revision: int | None = None,
    live_from: datetime | None = None,
    live_until: datetime | None = None,
    minor: bool = False,
) -> tuple[Publication, list[Event]]:
    """Put a revision on show from ``live_from`` (now if not given) until ``live_until`` (no end if not given).

    Without a number the approved revision is meant, else the newest. A past ``live_from`` is taken only for an
    article's first publication. Raises Forbidden, Conflict (spiked, embargoed, checks that block, span taken) or
    Invalid.
    """
    _may_publish(session, actor, article, now, minor=minor, at_once=live_from is None)
    chosen = _chosen(session, article, revision)
    rows = list(desk.publications(session, article))
    standing = [row for row in rows if row.cancelled_at is None]
    start = _start(standing, now, live_from)
    _check_span(standing, start, live_until, now)
    _check_embargo(article, start)
    refuse_blocked(session, article, chosen, start)
    row = Publication(
        article_id=article.id,
        n=max((row.n for row in rows), default=0) + 1,
        revision_id=chosen.id,
        slug=chosen.slug,
        live_from=start,
        expires_at=live_until,
        minor=minor,
        created_at=now,
        created_by=actor.user_id,
    )
    before = _spans(standing)
    _close_before(session, standing, start)
    _join(standing, row)
    session.add(row)
    session.flush()
    standing.append(row)
    _address(session, article, standing, [row], zone)
    approval = _imply_approval(actor, article, chosen)
    article.touched_at = now
    session.flush()
    event = Event(
        "publish" if start <= now else "schedule",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": row.n, "revision": chosen.number, "spans": _spans(standing), "minor": minor},
        keys=touched(session, article.public_id, {r.revision_id for r in standing}),
        errands=search_errands(article.public_id, [start, row.live_until]),
    )
    return row, [*approval, event]


def cancel(session: Session, actor: Actor, article: Article, n: int, now: datetime, *, zone: ZoneInfo) -> Event:
    """Call off a publication that has not begun; what it would have replaced stays on show. Raises Conflict."""
    require(session, actor, "unschedule", article)
    standing = [row for row in desk.publications(session, article) if row.cancelled_at is None]
    row = next((row for row in standing if row.n == n), None)
    if row is None:
        raise NotFound(f"This story has no publication {n} to cancel")
    if row.live_from <= now:
        raise Conflict("This publication has begun; withdraw the story instead", code="begun", verbs=["withdraw"])
    keys = touched(session, article.public_id, {r.revision_id for r in standing})
    before = _spans(standing)
    call_off(session, article, standing, [row], now, zone)
    article.touched_at = now
    return Event(
        "unschedule",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": n, "spans": _spans(r for r in standing if r.cancelled_at is None)},
        keys=keys,
        errands=search_errands(article.public_id, [now]),
    )


def withdraw(
    session: Session,
    actor: Actor,
    article: Article,
    now: datetime,
    *,
    zone: ZoneInfo,
    notice: str | None = None,
) -> Event:
    """Take a live story down now and call off what was scheduled to follow it.

    With a notice its address answers 410 and tells it; without, the address answers as if nothing had been there.
    Raises Conflict when it isn't live.
    """
    require(session, actor, "withdraw", article)
    standing = [row for row in desk.publications(session, article) if row.cancelled_at is None]
    live = desk.on_show(standing, now)
    if live is None:
        raise Conflict("This story isn't live, so there is nothing to withdraw", code="not_live", state=article.state)
    keys = touched(session, article.public_id, {row.revision_id for row in standing})
    before = _spans(standing)
    call_off(session, article, standing, [row for row in standing if row.live_from > now], now, zone)
    live.live_until = max(now, live.live_from + TICK)
    live.withdrawn_at = now
    live.notice = notice or None
    article.touched_at = now
    session.flush()
    return Event(
        "takedown" if notice else "withdraw",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": live.n, "notice": notice, "at": now.isoformat()},
        keys=keys,
        errands=search_errands(article.public_id, [live.live_until]),
    )


def spike(session: Session, actor: Actor, article: Article, now: datetime, *, zone: ZoneInfo) -> Event:
    """Bin an article and call off what was scheduled. A live story is refused: withdraw it first."""
    require(session, actor, "spike", article)
    state = moved(article, "spike")
    standing = [row for row in desk.publications(session, article) if row.cancelled_at is None]
    if desk.on_show(standing, now) is not None:
        raise Conflict("This story is live; withdraw it first", code="live", state=article.state, verbs=["withdraw"])
    future = [row for row in standing if row.live_from > now]
    call_off(session, article, standing, future, now, zone)
    before, article.state, article.touched_at = article.state, state.value, now
    return Event(
        "spike",
        actor,
        f"article:{article.public_id}",
        before={"state": before},
        after={"state": article.state, "cancelled": [row.n for row in future]},
        keys=touched(session, article.public_id, {row.revision_id for row in future}) if future else frozenset(),
        errands=search_errands(article.public_id, [now] if future else []),
    )


# --- Who, what and when ------------------------------------------------------------------------------------


def _may_publish(
    session: Session, actor: Actor, article: Article, now: datetime, *, minor: bool, at_once: bool
) -> None:
    """An editor may publish; a reporter may publish a minor change to a live story of their own, at once."""
    if minor and at_once and not may(session, actor, "publish", article):
        rows = desk.publications(session, article)
        if desk.on_show(rows, now) is not None:
            require(session, actor, "publish_minor", article)
            return
    require(session, actor, "publish", article)


def _chosen(session: Session, article: Article, number: int | None) -> Revision:
    try:
        return desk.revision(session, article, number or article.approved)
    except NotFound:
        raise Invalid({"revision": [f"This story has no revision {number}."]}) from None


def _start(standing: Sequence[Publication], now: datetime, live_from: datetime | None) -> datetime:
    """Never at or before the start of a publication that has begun."""
    begun_rows = [row for row in standing if row.live_from <= now]
    if live_from is not None and live_from < now:
        if begun_rows:
            raise Invalid({"live_from": ["Takes a time to come; only a first publication may be dated back."]})
        return live_from
    start = max(live_from or now, now)
    return max([start, *(row.live_from + TICK for row in begun_rows)])


def _check_span(standing: Sequence[Publication], start: datetime, live_until: datetime | None, now: datetime) -> None:
    if live_until is not None and live_until <= max(start, now):
        raise Invalid({"live_until": ["Takes a time after live_from, and to come."]})
    if any(row.live_from == start for row in standing):
        raise Conflict("Another publication of this story begins at that very time; cancel it first", code="taken")


def _check_embargo(article: Article, start: datetime) -> None:
    if article.embargo_until is not None and start < article.embargo_until:
        raise Conflict(
            f"This story is embargoed until {article.embargo_until.isoformat(timespec='minutes')}",
            code="embargoed",
            embargo_until=article.embargo_until.isoformat(),
            verbs=["schedule", "lift_embargo"],
        )


def _imply_approval(actor: Actor, article: Article, chosen: Revision) -> list[Event]:
    """Publishing a text that nobody approved approves it, and says so in the log."""
    if article.approved == chosen.number and article.state == State.READY:
        return []
    before = {"state": article.state, "approved": article.approved}
    article.state, article.approved = State.READY.value, chosen.number
    after = {"state": article.state, "approved": chosen.number, "implied_by": "publish"}
    return [Event("approve", actor, f"article:{article.public_id}", before=before, after=after)]


# --- Joining the spans -------------------------------------------------------------------------------------


def _close_before(session: Session, standing: Sequence[Publication], start: datetime) -> None:
    """End the publication that is on show at ``start`` there, before the new row is written beside it."""
    for row in standing:
        if row.live_from < start and (row.live_until is None or row.live_until > start):
            row.live_until = start
    session.flush()


def _join(standing: Sequence[Publication], row: Publication) -> None:
    """The new row ends where the following one begins, if it isn't meant to end sooner."""
    following = min((other.live_from for other in standing if other.live_from > row.live_from), default=None)
    row.live_until = _earlier(row.expires_at, following)


def call_off(
    session: Session,
    article: Article,
    standing: Sequence[Publication],
    rows: Sequence[Publication],
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Cancel rows to come, and let the one before them run on to its own end."""
    if not rows:
        return
    for row in rows:
        row.cancelled_at = now
    session.flush()
    remaining = sorted((row for row in standing if row.cancelled_at is None), key=lambda row: row.live_from)
    for row, following in zip(remaining, [*remaining[1:], None], strict=False):  # none may remain
        if row.withdrawn_at is None and (row.live_until is None or row.live_until > now):
            row.live_until = _earlier(row.expires_at, following.live_from if following else None)
    _address(session, article, remaining, [], zone)


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return min((end for end in (a, b) if end is not None), default=None)


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
    first = min((row.live_from for row in standing), default=None)
    if first != article.first_live_from:
        article.first_live_from = first
        day = first.astimezone(zone).date() if first else None
        if day != article.address_date:
            article.address_date, fresh = day, standing
    one_at_a_time(session, "addresses")
    for row in fresh:
        row.slug = _free_slug(session, article, row, standing)
        session.flush()


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
                Publication.slug.startswith(wish[:75], autoescape=True),
            )
        )
    )
    slug, count = wish, 1
    while slug in taken:
        count += 1
        slug = f"{wish[: 79 - len(str(count))].rstrip('-')}-{count}"
    return slug


def _spans(rows: Iterable[Publication]) -> list[dict[str, str | int | None]]:
    return [
        {
            "n": row.n,
            "live_from": row.live_from.isoformat(),
            "live_until": row.live_until.isoformat() if row.live_until else None,
        }
        for row in sorted(rows, key=lambda row: row.live_from)
    ]
