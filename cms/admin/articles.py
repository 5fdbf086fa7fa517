"""Articles: every story that somebody may see, filtered, sorted, page by page, and the views they keep of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, carry_out, done
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
from cms.domain.events import Event
from cms.domain.people import saved_views
from cms.domain.people.queries import all_people
from cms.domain.taxonomy.queries import all_sections
from cms.domain.workflow.bulk import BULK
from cms.domain.workflow.filters import SORTS, Asked, narrowed, seen_by
from cms.domain.workflow.permissions import PERMISSIONS
from cms.domain.workflow.states import State, Visibility
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
VIEWS = (
    ("All", ""),
    ("Mine", "whose=mine"),
    ("In review", "state=in_review"),
    ("Ready", "state=ready"),
    ("Scheduled", "visibility=scheduled"),
    ("Live", "visibility=live"),
    ("Changed", "visibility=changed"),
    ("Bin", "state=spiked"),
)
"""The views that everybody has: a name and its filters."""


def routes(room: Blueprint) -> None:
    room.add_url_rule("/articles/", "articles", listing)
    room.add_url_rule("/articles/views", "keep_view", keep_view, methods=["POST"])
    room.add_url_rule("/articles/views/<number:number>/watch", "watch_view", watch_view, methods=["POST"])
    room.add_url_rule("/articles/views/<number:number>/forget", "forget_view", forget_view, methods=["POST"])


def listing() -> str:
    session, at, asked = db.session(), now(), _asked()
    wanted = narrowed(session, seen(), asked, actor(), at)
    sort = asked.sort or "touched"
    last = session.scalar(select(Article).where(Article.public_id == request.args.get("after", "")))
    wanted = lists.ordered(wanted, sort)
    if last is not None:
        wanted = lists.beyond(wanted, sort, last)
    lines = lists.lines(session, wanted, at, PER_PAGE + 1)
    kept = saved_views.kept_by(session, actor().user_id)
    return render_template(
        "admin/articles.html",
        lines=lines[:PER_PAGE],
        older=lines[PER_PAGE - 1].id if len(lines) > PER_PAGE else None,
        asked=asked,
        filtered=bool(asked.query),
        views=VIEWS,
        kept=kept,
        named={query for _, query in VIEWS} | {view.query for view in kept},
        states=list(State),
        visibilities=list(Visibility),
        sections=all_sections(session),
        people=all_people(session),
        sorts=SORTS,
        verbs=[verb for verb in BULK if verb in PERMISSIONS[actor().role]],
    )


def keep_view() -> BaseResponse:
    """Keep the filters at hand under a name, for this person alone."""
    asked = _asked()

    def act(session: Session) -> list[Event]:
        saved_views.keep(session, actor().user_id, request.form.get("name", ""), asked.query, now())
        return []

    carry_out(act)
    return done(f"{url_for('admin.articles')}?{asked.query}", "Kept: it stands beside the other views.")


def watch_view(number: int) -> BaseResponse:
    """Be told of new stories in a view, or no longer."""
    since = now() if request.form.get("watch") else None

    def act(session: Session) -> list[Event]:
        saved_views.watch(session, actor().user_id, number, since)
        return []

    carry_out(act)
    said = (
        "You are told of new stories in this view." if since else "You are no longer told of new stories in this view."
    )
    return done(f"{url_for('admin.articles')}?{_asked().query}", said)


def forget_view(number: int) -> BaseResponse:
    def act(session: Session) -> list[Event]:
        saved_views.forget(session, actor().user_id, number)
        return []

    carry_out(act)
    return done(url_for("admin.articles"), "Forgotten.")


def seen() -> lists.Stories:
    """The stories that this person may see at all."""
    return seen_by(actor())


def _asked() -> Asked:
    return Asked.read(request.args)
