"""Articles: every story that somebody may see, filtered, sorted, page by page."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from sqlalchemy import select

from cms.admin.acting import actor
from cms.admin.kept_views import kept_here
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
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


def listing() -> str:
    session, at, asked = db.session(), now(), _asked()
    wanted = narrowed(session, seen(), asked, actor(), at)
    sort = asked.sort or "touched"
    last = session.scalar(select(Article).where(Article.public_id == request.args.get("after", "")))
    wanted = lists.ordered(wanted, sort)
    if last is not None:
        wanted = lists.beyond(wanted, sort, last)
    lines = lists.lines(session, wanted, at, PER_PAGE + 1)
    here = kept_here()
    return render_template(
        "admin/articles.html",
        lines=lines[:PER_PAGE],
        older=lines[PER_PAGE - 1].id if len(lines) > PER_PAGE else None,
        asked=asked,
        filtered=bool(asked.query),
        views=VIEWS,
        named={query for _, query in VIEWS} | {view.query for view in here["kept"]},
        states=list(State),
        visibilities=list(Visibility),
        sections=all_sections(session),
        people=all_people(session),
        sorts=SORTS,
        verbs=[verb for verb in BULK if verb in PERMISSIONS[actor().role]],
        **here,
    )


def seen() -> lists.Stories:
    """The stories that this person may see at all."""
    return seen_by(actor())


def _asked() -> Asked:
    return Asked.read(request.args)
