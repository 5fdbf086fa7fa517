"""Corrections: every one filed, filing one on a live story, putting it otherwise and taking it back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.admin.typed import row_number
from cms.domain.articles import desk
from cms.domain.articles import listing as lists
from cms.domain.articles.errata import Filed, filed
from cms.domain.articles.model import Article, Correction
from cms.domain.workflow import corrections as verbs
from cms.domain.workflow.permissions import PERMISSIONS, may, require, require_right
from cms.domain.workflow.states import Visibility
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
FOUND = 10
SAID = {
    "correction": "Correction",
    "clarification": "Clarification",
    "update": "Update",
    "editors_note": "Editor’s note",
    "retraction": "Retraction",
}


def routes(room: Blueprint) -> None:
    room.add_url_rule("/corrections/", "corrections", listing)
    room.add_url_rule("/corrections/<public_id>/", "correction", one)
    room.add_url_rule("/corrections/<public_id>/", "amend_correction", amend, methods=["POST"])
    room.add_url_rule("/corrections/<public_id>/remove", "remove_correction", remove, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/corrections", "new_correction", new)
    room.add_url_rule("/articles/<public_id>/corrections", "correct", file, methods=["POST"])
    room.context_processor(lambda: {"corrections_on": _on, "may_correct": _may, "correction_said": SAID})


def listing() -> str:
    """All of them, newest first; with words, also the live stories that one could be filed on."""
    require_right(actor(), "correct")
    session, at = db.session(), now()
    words = request.args.get("q", "")[:200]
    rows = filed(session, before=request.args.get("before", type=row_number), limit=PER_PAGE + 1)
    live = lists.saying(lists.seen_as(lists.stories(), Visibility.LIVE, at), words)
    changed = lists.saying(lists.seen_as(lists.stories(), Visibility.CHANGED, at), words)
    own_only = PERMISSIONS[actor().role]["correct"].own_only
    if own_only:
        live, changed = (lists.own(each, actor().user_id, actor().person_id) for each in (live, changed))
    found = [line for each in (live, changed) for line in lists.lines(session, each, at, FOUND)] if words else []
    return render_template(
        "admin/corrections.html",
        rows=rows[:PER_PAGE],
        older=rows[PER_PAGE - 1].correction.id if len(rows) > PER_PAGE else None,
        found=found,
        words=words,
    )


def new(public_id: str) -> str:
    article = desk.find(db.session(), public_id)
    require(db.session(), actor(), "correct", article)
    return _filing(article, {}, {})


def file(public_id: str) -> BaseResponse:
    kind, text = _typed()

    def page(errors: Errors) -> str:
        return _filing(desk.find(db.session(), public_id), {"kind": kind, "text": text}, errors)

    with said_on(page), changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        events.append(verbs.correct(session, actor(), article, kind, text, now())[1])
    return done(url_for("admin.edit", public_id=public_id), "Filed. Readers see it on the story already.")


def one(public_id: str) -> str:
    correction, article = verbs.find_correction(db.session(), public_id)
    require(db.session(), actor(), "correct", article)
    return _page(correction, article, {"kind": correction.kind, "text": correction.text}, {})


def amend(public_id: str) -> BaseResponse:
    kind, text = _typed()

    def page(errors: Errors) -> str:
        correction, article = verbs.find_correction(db.session(), public_id)
        return _page(correction, article, {"kind": kind, "text": text}, errors)

    with said_on(page), changing() as (session, events):
        correction, article = verbs.find_correction(session, public_id)
        events += verbs.amend(session, actor(), article, correction, kind, text, now())
    return done(url_for("admin.corrections"), "Saved. Readers see the new words already.")


def remove(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        correction, article = verbs.find_correction(session, public_id)
        events.append(verbs.remove(session, actor(), article, correction, now()))
    return done(url_for("admin.corrections"), "Taken back. The audit log keeps its words.")


def _typed() -> tuple[str, str]:
    return request.form.get("kind", ""), request.form.get("text", "")


def _on(article: Article) -> list[Filed]:
    """The corrections of a story, for its page, with the newest first."""
    return filed(db.session(), article=article, limit=PER_PAGE)


def _may(article: Article) -> bool:
    return may(db.session(), actor(), "correct", article)


def _filing(article: Article, typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    newest = desk.revision(db.session(), article)
    return render_template(
        "admin/correction.html", article=article, newest=newest, correction=None, typed=typed, errors=errors
    )


def _page(correction: Correction, article: Article, typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    return render_template(
        "admin/correction.html",
        article=article,
        newest=desk.revision(session, article),
        correction=correction,
        typed=typed,
        errors=errors,
    )
