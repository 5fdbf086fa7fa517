"""Putting a story out, taking it back, and moving it through the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import abort, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.admin.writing import MOVES
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.text import plain
from cms.domain.workflow import editing
from cms.domain.workflow import publishing as verbs
from cms.domain.workflow.walltime import instant
from cms.web.current import newsroom, now


def publish(public_id: str) -> BaseResponse:
    """Now, or at a wall-clock time in the site's zone. The form names the revision that its reader saw."""
    form = request.form
    at, until = _time("live_from"), _time("live_until")
    revision = form.get("revision", type=int)
    if revision is None:
        raise Invalid({"revision": ["Name the revision to publish."]})

    def act(session: Session, article: Article) -> Iterable[Event]:
        _row, events = verbs.publish(
            session,
            g.actor,
            article,
            now(),
            zone=g.zone,
            revision=revision,
            live_from=at,
            live_until=until,
            minor=bool(form.get("minor")),
        )
        return events

    return _done(public_id, act, "scheduled" if at else "published")


def withdraw(public_id: str) -> BaseResponse:
    try:
        notice = plain(request.form.get("notice", ""), 1000)
    except ValueError as refused:
        raise Invalid({"notice": [str(refused)]}) from None

    def act(session: Session, article: Article) -> Iterable[Event]:
        return [verbs.withdraw(session, g.actor, article, now(), zone=g.zone, notice=notice or None)]

    return _done(public_id, act, "withdrawn")


def cancel(public_id: str, n: int) -> BaseResponse:
    def act(session: Session, article: Article) -> Iterable[Event]:
        return [verbs.cancel(session, g.actor, article, n, now(), zone=g.zone)]

    return _done(public_id, act, "unscheduled")


def move(public_id: str, verb: str) -> BaseResponse:
    """Submit, approve, return, spike or unspike."""
    if verb not in MOVES:
        abort(404)

    def act(session: Session, article: Article) -> Iterable[Event]:
        if verb == "spike":
            return [verbs.spike(session, g.actor, article, now(), zone=g.zone)]
        return [editing.transition(session, g.actor, article, verb, now())]

    return _done(public_id, act, verb)


def _done(public_id: str, act: Callable[[Session, Article], Iterable[Event]], told: str) -> BaseResponse:
    with newsroom().sessions.write() as session:
        events = act(session, desk.find(session, public_id, lock=True))
        reactions.commit(session, events, now(), newsroom().signal)
    return redirect(url_for("admin.edit", public_id=public_id, told=told), code=303)


def _time(field: str) -> datetime | None:
    wall = request.form.get(field, "").strip()
    if not wall:
        return None
    which = request.form.get(f"{field}_second")
    return instant(wall, g.zone, field, second=None if which is None or which == "" else which == "1")
