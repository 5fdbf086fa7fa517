"""The redirects room: former addresses, where each leads, and how often it is followed."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.admin.typed import row_number
from cms.domain.redirects import leading as verbs
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db

PER_PAGE = 50


def routes(room: Blueprint) -> None:
    room.add_url_rule("/redirects/", "redirects", listing)
    room.add_url_rule("/redirects/", "lead", lead, methods=["POST"])
    room.add_url_rule("/redirects/<public_id>/forget", "forget_redirect", forget, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_redirects")
    return _list({})


def lead() -> BaseResponse:
    require_right(actor(), "manage_redirects")
    given = {name: request.form.get(name, "") for name in ("former", "target", "note")}
    origin = newsroom().settings.origin
    with said_on(_list, taken="former"), changing() as (session, events):
        events.append(verbs.lead(session, actor(), **given, own_origin=origin, now=now())[1])
    return done(url_for("admin.redirects"), "Kept: it leads there as soon as nothing else stands at the address.")


def forget(public_id: str) -> BaseResponse:
    require_right(actor(), "manage_redirects")
    with changing() as (session, events):
        events.append(verbs.forget(session, actor(), verbs.find(session, public_id)))
    return done(url_for("admin.redirects"), "Forgotten: the address leads nowhere now.")


def _list(errors: Errors) -> str:
    words, below = request.args.get("q", "")[:200], request.args.get("below", type=row_number)
    found = verbs.listed(db.session(), PER_PAGE + 1, words, below or None)
    return render_template(
        "admin/redirects.html",
        redirects=found[:PER_PAGE],
        older=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        words=words,
        typed=request.form,
        errors=errors,
    )
