"""Articles: every story that somebody may see, filtered, sorted, page by page, and the views they keep of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, carry_out, done
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
from cms.domain.events import Event
from cms.domain.people import saved_views
from cms.domain.people.queries import all_people, person_by_slug
from cms.domain.taxonomy.queries import all_sections, section_by_slug, subtree
from cms.domain.workflow.bulk import BULK
from cms.domain.workflow.permissions import PERMISSIONS
from cms.domain.workflow.states import State, Visibility
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
SORTS = {"touched": "Changed last", "oldest": "Changed first", "published": "Published last"}
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

_TAKES: dict[str, Collection[str]] = {
    "state": frozenset(State),
    "visibility": frozenset(Visibility),
    "sort": SORTS,
    "whose": ("mine",),
}


@dataclass(frozen=True)
class Asked:
    """The filters as the address names them; one that makes no sense is as if it weren't there."""

    q: str = ""
    state: str = ""
    visibility: str = ""
    section: str = ""
    person: str = ""
    whose: str = ""
    sort: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def routes(room: Blueprint) -> None:
    room.add_url_rule("/articles/", "articles", listing)
    room.add_url_rule("/articles/views", "keep_view", keep_view, methods=["POST"])
    room.add_url_rule("/articles/views/<number:number>/forget", "forget_view", forget_view, methods=["POST"])


def listing() -> str:
    session, at, asked = db.session(), now(), _asked()
    wanted = _narrowed(session, seen(), asked)
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


def forget_view(number: int) -> BaseResponse:
    def act(session: Session) -> list[Event]:
        saved_views.forget(session, actor().user_id, number)
        return []

    carry_out(act)
    return done(url_for("admin.articles"), "Forgotten.")


def seen() -> lists.Stories:
    """The stories that this person may see at all."""
    if PERMISSIONS[actor().role]["see"].own_only:
        return lists.own(lists.stories(), actor().user_id, actor().person_id)
    return lists.stories()


def _asked() -> Asked:
    args = {name: request.args.get(name, "").strip()[:200] for name in Asked.__dataclass_fields__}
    for name, allowed in _TAKES.items():
        if args[name] not in allowed:
            args[name] = ""
    return Asked(**args)


def _narrowed(session: Session, wanted: lists.Stories, asked: Asked) -> lists.Stories:
    if asked.whose:
        wanted = lists.own(wanted, actor().user_id, actor().person_id)
    if asked.state:
        wanted = wanted.where(Article.state == asked.state)
    if asked.visibility:
        wanted = lists.seen_as(wanted, asked.visibility, now())
    if asked.section and (section := section_by_slug(session, asked.section)):
        wanted = lists.filed_in(wanted, subtree(session, [section.id]))
    if asked.person and (person := person_by_slug(session, asked.person)):
        wanted = lists.signed_by(wanted, person.id)
    if asked.q:
        wanted = lists.saying(wanted, asked.q)
    return wanted
