"""What moves an article: through the desk, onto the site, off it, and its corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from cms.api import acting, answers, schemas, telling
from cms.api.acting import changing_article, private
from cms.api.articles import blueprint
from cms.api.holders import staff
from cms.api.snapshots import instant
from cms.domain.articles.model import Article, Correction, Publication
from cms.domain.errors import NotFound
from cms.domain.workflow import corrections, editing, publishing
from cms.web.current import now, zone


@blueprint.post("/articles/<public_id>/<any(submit, approve, return, spike, unspike):verb>")
@blueprint.arguments(schemas.Nothing, required=False)
@blueprint.response(200, answers.Article)
def move(_nothing: Mapping[str, Any], public_id: str, verb: str) -> Response:
    """Submit for review, approve, return to the writer, spike, or take out of the bin."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        if verb == "spike":
            events.append(publishing.spike(session, actor, article, now(), zone=zone()))
        else:
            events.append(editing.transition(session, actor, article, verb, now()))
    return acting.article(public_id, 200)


@blueprint.post("/articles/<public_id>/publications")
@blueprint.arguments(schemas.NewPublication, required=False)
@blueprint.response(201, answers.Publication)
def publish(asked: dict[str, Any], public_id: str) -> Response:
    """Publish now, or at ``live_from``."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        row, made = publishing.publish(session, actor, article, now(), zone=zone(), **asked)
        events += made
        told = publication(row)
    return private(told, 201)


@blueprint.delete(f"/articles/<public_id>/publications/{schemas.NUMBER.format('n')}")
@blueprint.response(204)
def unschedule(public_id: str, n: int) -> Response:
    """Call off a publication that has not begun."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(publishing.cancel(session, actor, article, n, now(), zone=zone()))
    return acting.nothing()


@blueprint.post("/articles/<public_id>/withdrawal")
@blueprint.arguments(schemas.NewWithdrawal, required=False)
@blueprint.response(200, answers.Article)
def withdraw(asked: dict[str, Any], public_id: str) -> Response:
    """Take a live story down; with a notice, its address tells it."""
    actor = staff()
    notice = asked.get("notice") or None
    with changing_article(public_id) as (session, article, events):
        events.append(publishing.withdraw(session, actor, article, now(), zone=zone(), notice=notice))
    return acting.article(public_id, 200)


@blueprint.post("/articles/<public_id>/corrections")
@blueprint.arguments(schemas.NewCorrection)
@blueprint.response(201, answers.Correction)
def correct(asked: dict[str, Any], public_id: str) -> Response:
    """File a correction on a live story; it is public when this answers."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        note, event = corrections.correct(session, actor, article, asked["kind"], asked["text"], now())
        events.append(event)
        told = telling.correction(note)
    return private(told, 201)


@blueprint.patch("/articles/<public_id>/corrections/<correction>")
@blueprint.arguments(schemas.NewCorrection)
@blueprint.response(200, answers.Correction)
def amend(asked: dict[str, Any], public_id: str, correction: str) -> Response:
    """Put a filed correction otherwise; readers see the new words when this answers."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        note = _filed(session, article, correction)
        events += corrections.amend(session, actor, article, note, asked["kind"], asked["text"], now())
        told = telling.correction(note)
    return private(told, 200)


@blueprint.delete("/articles/<public_id>/corrections/<correction>")
@blueprint.response(204)
def take_back(public_id: str, correction: str) -> Response:
    """Take a correction back, as if it had not been filed. The audit log keeps its words."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(corrections.remove(session, actor, article, _filed(session, article, correction), now()))
    return acting.nothing()


def _filed(session: Session, article: Article, correction: str) -> Correction:
    note, corrected = corrections.find_correction(session, correction)
    if corrected.id != article.id:
        raise NotFound("There is no such correction")
    return note


def publication(row: Publication) -> dict[str, Any]:
    return {
        "n": row.n,
        "revision": row.revision.number,
        "live_from": instant(row.live_from),
        "live_until": instant(row.live_until),
        "minor": row.minor,
    }
