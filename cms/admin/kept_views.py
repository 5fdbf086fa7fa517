"""The views and searches that somebody keeps: under a name, told of what comes into them, until they forget them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.domain.notices import telling
from cms.domain.people import saved_views
from cms.domain.workflow.filters import Asked
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db


def routes(room: Blueprint) -> None:
    here = "/articles/views/<number:number>/"
    room.add_url_rule("/articles/views", "keep_view", keep, methods=["POST"])
    room.add_url_rule(f"{here}rename", "rename_view", rename, methods=["POST"])
    room.add_url_rule(f"{here}watch", "watch_view", watch, methods=["POST"])
    room.add_url_rule(f"{here}forget", "forget_view", forget, methods=["POST"])
    room.add_app_template_global(_address, "view_address")


def kept_here() -> dict[str, Any]:
    """What a page that shows somebody's views needs: the views, and where news of them arrives."""
    me = actor().user_id
    arrives = telling.choices(db.session(), me or 0)["match"]
    return {"kept": saved_views.kept_by(db.session(), me), "arrives": arrives, "as_asked": Asked.of_query}


def keep() -> BaseResponse:
    """Keep the filters at hand under a name, for this person alone."""
    asked = _asked()
    with changing() as (session, _events):
        saved_views.keep(session, actor().user_id, request.form.get("name", ""), asked.query, now())
    return done(_back(asked), "Kept: it stands beside the other views.")


def rename(number: int) -> BaseResponse:
    with changing() as (session, _events):
        saved_views.rename(session, actor().user_id, number, request.form.get("name", ""))
    return done(_back(_asked()), "Renamed.")


def watch(number: int) -> BaseResponse:
    """Be told of new stories in a view, or no longer."""
    since = now() if request.form.get("watch") else None
    with changing() as (session, _events):
        saved_views.watch(session, actor().user_id, number, since)
    if since is None:
        return done(_back(_asked()), "You are no longer told of new stories in this view.")
    return done(_back(_asked()), "You are told of new stories in this view.")


def forget(number: int) -> BaseResponse:
    with changing() as (session, _events):
        saved_views.forget(session, actor().user_id, number)
    return done(_back(Asked()), "Forgotten.")


def _asked() -> Asked:
    return Asked.read(request.args)


def _back(asked: Asked) -> str:
    """To the room that the form stood in, with what was asked there."""
    if request.form.get("from") == "search":
        return url_for("admin.search", q=asked.q or None)
    return f"{url_for('admin.articles')}?{asked.query}" if asked.query else url_for("admin.articles")


def _address(query: str) -> str:
    """Where a view is looked at: words alone are searched for everywhere, anything else narrows the list."""
    asked = Asked.of_query(query)
    if asked.query and asked == Asked(q=asked.q):
        return url_for("admin.search", q=asked.q)
    return f"{url_for('admin.articles')}?{query}"
