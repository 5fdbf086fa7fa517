"""Notices: what you are told and where, what you are in charge of, and the mail that could not be sent."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.admin.typed import row_number
from cms.domain import outbox
from cms.domain.articles.notes import in_charge_of
from cms.domain.errors import NotFound
from cms.domain.events import Event
from cms.domain.notices import telling
from cms.domain.notices.model import KINDS
from cms.domain.notices.telling import Choice
from cms.domain.workflow.permissions import PERMISSIONS, require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50


def routes(room: Blueprint) -> None:
    room.add_url_rule("/notices/", "notices", listing)
    room.add_url_rule("/notices/read", "read_notices", read, methods=["POST"])
    room.add_url_rule("/notices/choices", "choose_notices", choose, methods=["POST"])
    room.add_url_rule("/notices/unsent/", "unsent", unsent)
    room.add_url_rule("/notices/unsent/<number:row>", "revive", revive, methods=["POST"])
    room.context_processor(lambda: {"unread_notices": _unread})


def listing() -> str:
    session, me = db.session(), actor().user_id or 0
    before = request.args.get("before", type=row_number)
    rows = telling.inbox(session, me, before=before, limit=PER_PAGE + 1)
    return render_template(
        "admin/notices.html",
        notices=rows[:PER_PAGE],
        older=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        charge=in_charge_of(session, me, PER_PAGE),
        choices=telling.choices(session, me),
        said=telling.SAID,
        may_see_unsent="see_audit" in PERMISSIONS[actor().role],
        unsent=len(outbox.dead_letters(session, now(), PER_PAGE)) if "see_audit" in PERMISSIONS[actor().role] else 0,
    )


def read() -> BaseResponse:
    """Everything up to the newest that the page showed has been read."""
    up_to = request.form.get("up_to", 0, type=row_number)

    with changing() as (session, _events):
        telling.mark_read(session, actor().user_id or 0, up_to, now())
    return done(url_for("admin.notices"), "All read.")


def choose() -> BaseResponse:
    with changing() as (session, _events):
        wanted = {kind: Choice(f"{kind}-admin" in request.form, f"{kind}-mail" in request.form) for kind in KINDS}
        telling.choose(session, actor().user_id or 0, wanted)
    return done(url_for("admin.notices"), "Saved. It holds from now on.")


def unsent() -> str:
    """What was given up after so many attempts, with why."""
    require_right(actor(), "see_audit")
    return render_template("admin/unsent.html", rows=outbox.dead_letters(db.session(), now(), PER_PAGE))


def revive(row: int) -> BaseResponse:
    require_right(actor(), "see_audit")

    with changing() as (session, events):
        revived = outbox.revive(session, row, now())
        if revived is None:
            raise NotFound("This was sent, or is being tried again already")
        events.append(
            Event("retry", actor(), f"outbox:{row}", after={"topic": revived.topic, "to": revived.subject[:200]})
        )
    return done(url_for("admin.unsent"), "It is being tried again.")


def _unread() -> int:
    """How many, asked once for a page."""
    if "unread_notices" not in g:
        g.unread_notices = telling.unread(db.session(), actor().user_id or 0)
    return cast(int, g.unread_notices)
