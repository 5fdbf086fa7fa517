"""Putting a story out, taking it back, and moving it through the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask import abort, g, request
from sqlalchemy.orm import Session

from cms.admin.in_place import Answer, in_place
from cms.admin.wall_clock import wall_time
from cms.admin.writing import MOVES
from cms.domain.articles.model import Article
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.text import plain
from cms.domain.workflow import editing, editions, embargoes
from cms.domain.workflow import publishing as verbs
from cms.web.current import now


def publish(public_id: str) -> Answer:
    """Now, or at a wall-clock time in the site's zone. The form names the revision that its reader saw."""
    form = request.form
    at_once = form.get("when") == "now"

    def act(session: Session, article: Article, revision: int) -> Iterable[Event]:
        if not at_once and form.get("when") == "later" and not form.get("live_from"):
            raise Invalid({"live_from": ["Say when it is to go live."]})
        if not revision:
            raise Invalid({"revision": ["Name the revision to publish."]})
        _row, events = verbs.publish(
            session,
            g.actor,
            article,
            now(),
            zone=g.zone,
            revision=revision,
            live_from=None if at_once else wall_time("live_from"),
            live_until=wall_time("live_until"),
            minor=form.get("minor") == "1",
            knowingly=knowingly(),
        )
        return events

    return in_place(public_id, act, "published" if at_once or not form.get("live_from") else "scheduled")


def withdraw(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [verbs.withdraw(session, g.actor, article, now(), zone=g.zone, notice=notice())]

    return in_place(public_id, act, "withdrawn")


def cancel(public_id: str, n: int) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [verbs.cancel(session, g.actor, article, n, now(), zone=g.zone)]

    return in_place(public_id, act, "unscheduled")


def reschedule(public_id: str, n: int) -> Answer:
    field = f"moved_{n}"

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        at = wall_time(field)
        if at is None:
            raise Invalid({field: ["Takes a time to come."]})
        with named(live_from=field):
            return [editions.reschedule(session, g.actor, article, n, at, now(), zone=g.zone, knowingly=knowingly())[1]]

    return in_place(public_id, act, "rescheduled")


def expire(public_id: str, n: int) -> Answer:
    """Set, move or take away the end of what is live or to come; an empty time takes it away."""
    field = f"until_{n}"

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        at = wall_time(field)
        with named(live_until=field):
            return [editions.expire(session, g.actor, article, n, at, now(), zone=g.zone)[1]]

    return in_place(public_id, act, "expiring" if request.form.get(field) else "endless")


def republish(public_id: str) -> Answer:
    """Put a withdrawn or expired story on show again as it last was."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [editions.republish(session, g.actor, article, now(), zone=g.zone, knowingly=knowingly())[1]]

    return in_place(public_id, act, "republished")


def embargo(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        until = None if request.form.get("lift") else wall_time("embargo_until")
        return embargoes.set_embargo(session, g.actor, article, until, now(), zone=g.zone)

    return in_place(public_id, act, "lifted" if request.form.get("lift") else "embargoed")


def move(public_id: str, verb: str) -> Answer:
    """Submit, approve, return, spike or unspike."""
    if verb not in MOVES:
        abort(404)

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        if verb == "spike":
            return [verbs.spike(session, g.actor, article, now(), zone=g.zone)]
        return [editing.transition(session, g.actor, article, verb, now())]

    return in_place(public_id, act, verb)


# --- What the forms say ------------------------------------------------------------------------------------


def notice() -> str | None:
    """What readers are told in place of the story, if anything."""
    try:
        return plain(request.form.get("notice", ""), 1000) or None
    except ValueError as refused:
        raise Invalid({"notice": [str(refused)]}) from None


def knowingly() -> bool:
    """Whether a text that lacks the live fix may go out all the same."""
    return request.form.get("knowingly") == "1"


@contextmanager
def named(**fields: str) -> Iterator[None]:
    """Name what is refused as the form does: one page has several times of one kind."""
    try:
        yield
    except Invalid as invalid:
        raise Invalid({fields.get(name, name): said for name, said in invalid.errors.items()}) from None
