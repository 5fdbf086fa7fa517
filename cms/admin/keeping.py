"""Words on their way: what has been typed is kept every few seconds, and given back after a crash."""

from __future__ import annotations

from flask import Response, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.admin.typed import typed_fields
from cms.admin.writing import others_at_work
from cms.domain.articles import autosaving, desk
from cms.domain.workflow.permissions import require
from cms.web.current import newsroom, now


def keep(public_id: str) -> Response:
    """Keep the form as it stands: never a revision, and nobody else's to read."""
    base = request.form.get("base", type=int) or 0
    fields = typed_fields(request.form)
    with newsroom().sessions.write() as session:
        article = desk.find(session, public_id)
        require(session, g.actor, "edit", article)
        autosaving.keep(session, article, g.actor.user_id, base, fields, now())
        others, newest = others_at_work(session, article), article.newest
        reactions.commit(session, [], now(), newsroom().signal)
    at = now()
    return jsonify(
        kept=at.isoformat(),
        said=at.astimezone(g.zone).strftime("%H:%M %Z"),
        others=others,
        newest=newest,
    )


def discard(public_id: str) -> BaseResponse:
    with newsroom().sessions.write() as session:
        article = desk.find(session, public_id)
        require(session, g.actor, "see", article)
        autosaving.forget(session, article, g.actor.user_id)
        reactions.commit(session, [], now(), newsroom().signal)
    return redirect(url_for("admin.edit", public_id=public_id, told="discarded"), code=303)
