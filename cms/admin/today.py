"""Today: what needs somebody now, and what has just gone out."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from cms.admin.acting import actor
from cms.admin.articles import seen
from cms.domain.articles import autosaving
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
from cms.domain.articles.notes import in_charge_of
from cms.domain.workflow.states import State
from cms.web.current import now
from cms.web.database import db

A_FEW = 10
AT_WORK = timedelta(minutes=15)
"""Whose unsaved words were kept within this time is writing."""


def routes(room: Blueprint) -> None:
    room.add_url_rule("/", "today", today)


def today() -> str:
    session, at, stories = db.session(), now(), seen()
    review = lists.ordered(stories.where(Article.state == State.IN_REVIEW), "oldest")
    out = stories.where(Article.first_live_from > at - timedelta(days=1), Article.first_live_from <= at)
    mine = lists.own(lists.stories(), actor().user_id, actor().person_id).where(Article.state == State.DRAFT)
    return render_template(
        "admin/today.html",
        review=lists.lines(session, review, at, A_FEW),
        due=lists.lines(session, lists.due(stories, at), at, A_FEW),
        published=lists.lines(session, lists.ordered(out, "published"), at, A_FEW),
        mine=lists.lines(session, mine, at, A_FEW),
        writing=_writing(),
        charge=in_charge_of(session, actor().user_id or 0, A_FEW),
        never_saved=autosaving.new_ones(session, actor().user_id or 0),
        few=A_FEW,
    )


def _writing() -> list[tuple[str, lists.Line]]:
    """Who has typed something lately, and in which story; only stories that this person may see."""
    session, at = db.session(), now()
    kept = autosaving.at_work(session, None, at - AT_WORK)
    stories = seen().where(Article.id.in_([row.article_id for row in kept]))
    by_id = {line.cursor[1]: line for line in lists.lines(session, stories, at, len(kept))}
    return [(row.user.name, by_id[row.article_id]) for row in kept if row.article_id in by_id]
