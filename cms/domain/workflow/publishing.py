"""Publishing: rows in time.

Publish now, schedule, schedule a change to a live story, cancel, expire and withdraw are all the same thing:
writing where one publication's span begins and another's ends. What readers see follows from the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.workflow import lineage, spans
from cms.domain.workflow.checks import refuse_blocked
from cms.domain.workflow.holds import refuse_if_held
from cms.domain.workflow.permissions import may, require
from cms.domain.workflow.states import State, moved


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
    knowingly: bool = False,
) -> tuple[Publication, list[Event]]:
    """Put a revision on show from ``live_from`` (now if not given) until ``live_until`` (no end if not given).

    Without a number the approved revision is meant, if readers have not had it yet; else the newest. A past
    ``live_from`` is taken only for an article's first publication. A text that would undo a live fix is taken only
    ``knowingly``. Raises Forbidden, Conflict (spiked, embargoed, held, checks that block, span taken, not rebased)
    or Invalid.
    """
    may_publish(session, actor, article, now, minor=minor, at_once=live_from is None)
    rows = spans.standing(session, article)
    chosen = _chosen(session, article, revision or _meant(article, rows, now))
    start = _start(rows, now, live_from)
    if live_until is not None and live_until <= max(start, now):
        raise Invalid({"live_until": ["Takes a time after live_from, and to come."]})
    refuse_unless_free(session, article, chosen, start, knowingly=knowingly)
    refuse_blocked(session, article, chosen, start)
    before = spans.told(rows)
    approval = _imply_approval(actor, article, chosen)
    row = spans.put_in(session, actor, article, chosen, now, zone=zone, start=start, live_until=live_until, minor=minor)
    verb = "publish" if start <= now else "schedule"
    return row, [*approval, event_of(session, verb, actor, article, row, chosen, before)]


def cancel(session: Session, actor: Actor, article: Article, n: int, now: datetime, *, zone: ZoneInfo) -> Event:
    """Call off a publication that has not begun; what it would have replaced stays on show. Raises Conflict."""
    require(session, actor, "unschedule", article)
    standing = spans.standing(session, article)
    row = next((row for row in standing if row.n == n), None)
    if row is None:
        raise NotFound(f"This story has no publication {n} to cancel")
    if row.live_from <= now:
        raise Conflict("This publication has begun; withdraw the story instead", code="begun", verbs=["withdraw"])
    keys = touched(session, article.public_id, {r.revision_id for r in standing})
    before = spans.told(standing)
    spans.call_off(session, article, standing, [row], now, zone)
    article.touched_at = now
    return Event(
        "unschedule",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": n, "spans": spans.told(standing)},
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
    standing = spans.standing(session, article)
    live = desk.on_show(standing, now)
    if live is None:
        raise Conflict("This story isn't live, so there is nothing to withdraw", code="not_live", state=article.state)
    keys = touched(session, article.public_id, {row.revision_id for row in standing})
    before = spans.told(standing)
    spans.call_off(session, article, standing, spans.coming(standing, now), now, zone)
    down = spans.take_down(live, now)
    live.notice = notice or None
    article.touched_at = now
    session.flush()
    return Event(
        "takedown" if notice else "withdraw",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": live.n, "notice": notice, "at": now.isoformat(), "spans": spans.told(standing)},
        keys=keys,
        errands=search_errands(article.public_id, [down], purge=bool(notice)),
    )


def spike(session: Session, actor: Actor, article: Article, now: datetime, *, zone: ZoneInfo) -> Event:
    """Bin an article and call off what was scheduled. A live story is refused: withdraw it first."""
    require(session, actor, "spike", article)
    state = moved(article, "spike")
    refuse_if_held(session, article)
    standing = spans.standing(session, article)
    if desk.on_show(standing, now) is not None:
        raise Conflict("This story is live; withdraw it first", code="live", state=article.state, verbs=["withdraw"])
    future = spans.coming(standing, now)
    spans.call_off(session, article, standing, future, now, zone)
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


def may_publish(session: Session, actor: Actor, article: Article, now: datetime, *, minor: bool, at_once: bool) -> None:
    """An editor may publish; a reporter may publish a minor change to a live story of their own, at once."""
    if minor and at_once and not may(session, actor, "publish", article):
        rows = desk.publications(session, article)
        if desk.on_show(rows, now) is not None:
            require(session, actor, "publish_minor", article)
            return
    require(session, actor, "publish", article)


def _chosen(session: Session, article: Article, number: int | None) -> Revision:
    try:
        return desk.revision(session, article, number)
    except NotFound:
        raise Invalid({"revision": [f"This story has no revision {number}."]}) from None


def _meant(article: Article, standing: Sequence[Publication], now: datetime) -> int | None:
    """What was approved and waits to go out. Once that was on show, whoever publishes again means what came since."""
    had = {row.revision.number for row in spans.begun(standing, now)}
    return article.approved if article.state == State.READY and article.approved not in had else None


def _start(standing: Sequence[Publication], now: datetime, live_from: datetime | None) -> datetime:
    """Never at or before the start of a publication that has begun."""
    if live_from is not None and live_from < now:
        if spans.begun(standing, now):
            raise Invalid({"live_from": ["Takes a time to come; only a first publication may be dated back."]})
        return live_from
    return max(live_from or now, spans.earliest_start(standing, now))


def refuse_unless_free(
    session: Session, article: Article, chosen: Revision, start: datetime, *, knowingly: bool
) -> None:
    """Raise Conflict when a hold, an embargo, an erasure or a live fix stands against this text at this time."""
    refuse_if_held(session, article)
    if article.embargo_until is not None and start < article.embargo_until:
        raise Conflict(
            f"This story is embargoed until {article.embargo_until.isoformat(timespec='minutes')}",
            code="embargoed",
            embargo_until=article.embargo_until.isoformat(),
            verbs=["schedule", "lift_embargo"],
        )
    if chosen.erased_at is not None:
        raise Conflict(f"The text of revision {chosen.number} has been erased", code="erased", state=article.state)
    if not knowingly and not lineage.has_fix(session, article, chosen.number):
        raise Conflict(
            f"Revision {chosen.number} does not carry the live fix made in revision {article.fixed}: "
            "rebase it, or publish it knowingly",
            code="not_rebased",
            state=article.state,
            fix=article.fixed,
            verbs=["rebase"],
        )


def event_of(
    session: Session,
    verb: str,
    actor: Actor,
    article: Article,
    row: Publication,
    chosen: Revision,
    before: list[dict[str, str | int | None]],
) -> Event:
    """What putting this row in did: the spans before and after, the keys of every text, an errand at each end.

    One also where it will end if what follows is called off.
    """
    standing = spans.standing(session, article)
    return Event(
        verb,
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"n": row.n, "revision": chosen.number, "spans": spans.told(standing), "minor": row.minor},
        keys=touched(session, article.public_id, {each.revision_id for each in standing}),
        errands=search_errands(article.public_id, [row.live_from, row.live_until, row.expires_at]),
    )


def _imply_approval(actor: Actor, article: Article, chosen: Revision) -> list[Event]:
    """Publishing a text that nobody approved approves it, and says so in the log."""
    if article.approved == chosen.number and article.state == State.READY:
        return []
    before = {"state": article.state, "approved": article.approved}
    article.state, article.approved = State.READY.value, chosen.number
    after = {"state": article.state, "approved": chosen.number, "implied_by": "publish"}
    return [Event("approve", actor, f"article:{article.public_id}", before=before, after=after)]
