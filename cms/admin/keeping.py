"""Words on their way: what has been typed is kept every few seconds, and given back after a crash."""

from __future__ import annotations

from flask import Response, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.typed import row_number, typed_fields
from cms.admin.writing import others_at_work
from cms.domain.articles import autosaving, desk
from cms.domain.workflow.permissions import require, require_right
from cms.web.changing import changing
from cms.web.current import now


def keep(public_id: str) -> Response:
    """Keep the form as it stands: never a revision, and nobody else's to read."""
    base = request.form.get("base", type=row_number) or 0
    fields = typed_fields(request.form)
    with changing() as (session, _events):
        article = desk.find(session, public_id)
        require(session, g.actor, "edit", article)
        autosaving.keep(session, article, g.actor.user_id, base, fields, now())
        others, newest = others_at_work(session, article), article.newest
    return _kept(others, newest)


def keep_new() -> Response:
    """The same for a story that was never saved; the form brings the key that it is known by."""
    require_right(g.actor, "create")
    fields = typed_fields(request.form)
    with changing() as (session, _events):
        autosaving.keep_new(session, g.actor.user_id, request.form.get("unsaved", ""), fields, now())
    return _kept([], None)


def discard_new() -> BaseResponse:
    with changing() as (session, _events):
        autosaving.forget_new(session, g.actor.user_id, request.form.get("unsaved", ""))
    return redirect(url_for("admin.new", told="discarded"), code=303)


def _kept(others: list[dict[str, str]], newest: int | None) -> Response:
    at = now()
    said = at.astimezone(g.zone).strftime("%H:%M %Z")
    return jsonify(kept=at.isoformat(), said=said, others=others, newest=newest)


def discard(public_id: str) -> BaseResponse:
    with changing() as (session, _events):
        article = desk.find(session, public_id)
        require(session, g.actor, "see", article)
        autosaving.forget(session, article, g.actor.user_id)
    return redirect(url_for("admin.edit", public_id=public_id, told="discarded"), code=303)
