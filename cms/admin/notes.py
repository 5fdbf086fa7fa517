"""Notes on a story and who is in charge of it, for the aside of its page."""

from __future__ import annotations

from flask import Blueprint, g, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.admin.wall_clock import wall_time
from cms.domain.articles import desk
from cms.domain.articles.notes import assignment_of, notes_on
from cms.domain.people.model import User
from cms.domain.workflow import noting as verbs
from cms.domain.workflow.permissions import may
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

SHOWN = 50


def routes(room: Blueprint) -> None:
    room.add_url_rule("/articles/<public_id>/notes", "leave_note", leave, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/notes/<note>/remove", "remove_note", remove, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/assignment", "assign", assign, methods=["POST"])
    room.context_processor(
        lambda: {
            "notes_on": lambda article: notes_on(db.session(), article, SHOWN),
            "assignment_of": lambda article: assignment_of(db.session(), article),
            "may_note": lambda article: may(db.session(), actor(), "note", article),
            "may_assign": lambda article: may(db.session(), actor(), "assign", article),
            "staff_at_work": _staff,
            "wall": lambda at: at.astimezone(g.zone).strftime("%Y-%m-%dT%H:%M"),
        }
    )


def leave(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        article = desk.find(session, public_id)
        events.append(verbs.leave_note(session, actor(), article, request.form.get("text", ""), now())[1])
    return done(url_for("admin.edit", public_id=public_id, _anchor="notes"), "Noted. Readers never see notes.")


def remove(public_id: str, note: str) -> BaseResponse:
    with changing() as (session, events):
        events.append(verbs.remove_note(session, actor(), desk.find(session, public_id), note))
    return done(url_for("admin.edit", public_id=public_id, _anchor="notes"), "The note is gone.")


def assign(public_id: str) -> BaseResponse:
    """Who is in charge, and by when in the site's wall-clock time."""
    email, due_at = request.form.get("assignee", ""), wall_time("due_at")
    with changing() as (session, events):
        events += verbs.assign(session, actor(), desk.find(session, public_id, lock=True), email, due_at, now())
    return done(url_for("admin.edit", public_id=public_id, _anchor="charge"), "Saved.")


def _staff() -> list[tuple[str, str]]:
    """Address and name of everybody who could be in charge."""
    rows = db.session().execute(
        select(User.email, User.name).where(User.active, User.service.is_(False)).order_by(User.name).limit(500)
    )
    return [(email, name) for email, name in rows]
