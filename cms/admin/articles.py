"""The desk's lists: what needs somebody today, and every story with its filters."""

from __future__ import annotations

from datetime import timedelta

from flask import g, render_template, request
from sqlalchemy import select

from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
from cms.domain.taxonomy.queries import all_sections, section_by_slug, subtree
from cms.domain.workflow.permissions import PERMISSIONS
from cms.domain.workflow.states import State, Visibility
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
A_FEW = 10


def today() -> str:
    """What is due, what waits for an editor, and what has just gone out."""
    session, at, seen = db.session(), now(), _seen()
    review = seen.where(Article.state == State.IN_REVIEW)
    live = seen.where(Article.first_live_from > at - timedelta(days=1), Article.first_live_from <= at)
    return render_template(
        "admin/today.html",
        due=lists.lines(session, lists.seen_as(seen, Visibility.SCHEDULED, at), at, A_FEW),
        review=lists.lines(session, review, at, A_FEW),
        published=lists.lines(session, live, at, A_FEW),
    )


def listing() -> str:
    session, at, wanted = db.session(), now(), _seen()
    state = request.args.get("state", "")
    visibility = request.args.get("visibility", "")
    section = request.args.get("section", "")
    words = request.args.get("q", "")[:200]
    if state in set(State):
        wanted = wanted.where(Article.state == state)
    if visibility in set(Visibility):
        wanted = lists.seen_as(wanted, visibility, at)
    if section and (found := section_by_slug(session, section)):
        wanted = lists.filed_in(wanted, subtree(session, [found.id]))
    if words:
        wanted = lists.headed(wanted, words)
    wanted = _below(wanted)
    lines = lists.lines(session, wanted, at, PER_PAGE + 1)
    return render_template(
        "admin/articles.html",
        lines=lines[:PER_PAGE],
        older=lines[PER_PAGE - 1].id if len(lines) > PER_PAGE else None,
        asked={"state": state, "visibility": visibility, "section": section, "q": words},
        states=list(State),
        visibilities=list(Visibility),
        sections=all_sections(session),
    )


def _seen() -> lists.Stories:
    """The stories that this person may see at all."""
    if PERMISSIONS[g.actor.role]["see"].own_only:
        return lists.own(lists.stories(), g.actor.user_id, g.actor.person_id)
    return lists.stories()


def _below(wanted: lists.Stories) -> lists.Stories:
    """Those further down than the story that ``?after=`` names; an unknown one is ignored."""
    last = db.session().scalar(select(Article).where(Article.public_id == request.args.get("after", "")))
    return lists.after(wanted, (last.touched_at, last.id)) if last else wanted
