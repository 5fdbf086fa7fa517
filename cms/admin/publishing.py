"""Putting a story out, taking it back, and moving it through the desk.

Each of these buttons stands in the writing form: what has been typed is saved first, and only then acted on, so that
nobody publishes a text other than the one they see. What is refused is said beside the form, on the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import abort, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.admin.conflicts import conflict_page
from cms.admin.typed import as_typed, typed_fields
from cms.admin.writing import MOVES, form_page, save_typed
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, StaleBase
from cms.domain.events import Event
from cms.domain.text import plain
from cms.domain.workflow import editing, embargoes
from cms.domain.workflow import publishing as verbs
from cms.domain.workflow.walltime import instant
from cms.web.current import newsroom, now
from cms.web.database import db

Act = Callable[[Session, Article, int], Iterable[Event]]
"""Does the verb, given the number of the revision that the form now holds."""
Answer = BaseResponse | tuple[str, int]

STATUS: dict[type[Refusal], int] = {Forbidden: 403, Conflict: 409, Invalid: 422}


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
            live_from=None if at_once else _time("live_from"),
            live_until=_time("live_until"),
            minor=form.get("minor") == "1",
        )
        return events

    return _done(public_id, act, "published" if at_once or not form.get("live_from") else "scheduled")


def withdraw(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        try:
            notice = plain(request.form.get("notice", ""), 1000)
        except ValueError as refused:
            raise Invalid({"notice": [str(refused)]}) from None
        return [verbs.withdraw(session, g.actor, article, now(), zone=g.zone, notice=notice or None)]

    return _done(public_id, act, "withdrawn")


def cancel(public_id: str, n: int) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [verbs.cancel(session, g.actor, article, n, now(), zone=g.zone)]

    return _done(public_id, act, "unscheduled")


def reschedule(public_id: str, n: int) -> Answer:
    """Move a publication to come to another time: the old row is called off and the same text put in anew."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        at = _time(f"moved_{n}")
        if at is None or at <= now():
            raise Invalid({f"moved_{n}": ["Takes a time to come."]})
        standing = [row for row in desk.publications(session, article) if row.cancelled_at is None]
        row = next((row for row in standing if row.n == n), None)
        if row is None:
            raise NotFound(f"This story has no publication {n} to move")
        number, until, minor = row.revision.number, row.expires_at, row.minor
        called_off = verbs.cancel(session, g.actor, article, n, now(), zone=g.zone)
        _row, events = verbs.publish(
            session,
            g.actor,
            article,
            now(),
            zone=g.zone,
            revision=number,
            live_from=at,
            live_until=until,
            minor=minor,
        )
        return [called_off, *events]

    return _done(public_id, act, "rescheduled")


def embargo(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        until = None if request.form.get("lift") else _time("embargo_until")
        return embargoes.set_embargo(session, g.actor, article, until, now(), zone=g.zone)

    return _done(public_id, act, "lifted" if request.form.get("lift") else "embargoed")


def move(public_id: str, verb: str) -> Answer:
    """Submit, approve, return, spike or unspike."""
    if verb not in MOVES:
        abort(404)

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        if verb == "spike":
            return [verbs.spike(session, g.actor, article, now(), zone=g.zone)]
        return [editing.transition(session, g.actor, article, verb, now())]

    return _done(public_id, act, verb)


# --- Save, act, answer -------------------------------------------------------------------------------------


def _done(public_id: str, act: Act, told: str) -> Answer:
    number = request.form.get("revision", type=int) or 0
    if "headline" in request.form:
        typed = typed_fields(request.form)
        try:
            number, _changed = save_typed(public_id, typed)
        except StaleBase as stale:
            return conflict_page(public_id, typed, stale), 409
        except Invalid as invalid:
            return form_page(desk.find(db.session(), public_id), typed, invalid.errors), 422
    try:
        with newsroom().sessions.write() as session:
            events = act(session, desk.find(session, public_id, lock=True), number)
            reactions.commit(session, events, now(), newsroom().signal)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused_in_place(public_id, refusal)
    return redirect(url_for("admin.edit", public_id=public_id, told=told), code=303)


def _refused_in_place(public_id: str, refusal: Refusal) -> Answer:
    """The page again, with what was refused and why beside the buttons; the words themselves are saved."""
    session = db.session()
    session.rollback()  # a snapshot from after the save
    article = desk.find(session, public_id)
    typed = as_typed(session, desk.revision(session, article))
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    status = next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 409)
    return form_page(article, typed, errors, refusal=refusal), status


def _time(field: str) -> datetime | None:
    wall = request.form.get(f"{field}_instead", "").strip() or request.form.get(field, "").strip()
    if not wall:
        return None
    which = request.form.get(f"{field}_second")
    return instant(wall, g.zone, field, second=None if which is None or which == "" else which == "1")
