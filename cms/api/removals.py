"""What takes a story away: a legal hold, a pull everywhere with its receipt, an erasure by two."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from cms.api import acting, answers
from cms.api.acting import changing_article, private
from cms.api.holders import staff
from cms.api.remedies import Reason, blueprint
from cms.api.snapshots import instant
from cms.api.taking import Line, Whole
from cms.domain import outbox
from cms.domain.articles import desk
from cms.domain.workflow import erasing, holds, pulling
from cms.domain.workflow.model import Erasure, Pull
from cms.domain.workflow.permissions import require
from cms.web.current import newsroom, now, zone
from cms.web.database import db


class NewPull(Reason):
    notice = Line(1000, allow_none=True)


class NewErasure(Reason):
    revisions = fields.List(Whole(), validate=validate.Length(min=1, max=1000))


@blueprint.post("/hold")
@blueprint.arguments(Reason)
@blueprint.response(201, answers.Hold)
def hold(asked: dict[str, Any], public_id: str) -> Response:
    """Keep anything of it from going live until whoever asks lifts that again."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        placed, event = holds.hold(session, actor, article, asked["reason"], now(), zone=zone())
        events.append(event)
        told = {
            "holder": placed.holder_name,
            "reason": placed.reason,
            "placed_at": instant(placed.placed_at),
            "cancelled": event.after["cancelled"],
        }
    return private(told, 201)


@blueprint.delete("/hold")
@blueprint.response(204)
def lift(public_id: str) -> Response:
    """Lift it: its holder alone may."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(holds.lift(session, actor, article, now()))
    return acting.nothing()


@blueprint.post("/pull")
@blueprint.arguments(NewPull)
@blueprint.response(201, answers.Receipt)
def pull(asked: dict[str, Any], public_id: str) -> Response:
    """Take its text, images and feed entries away everywhere; the answer is the receipt."""
    actor, notice = staff(), asked.get("notice") or None
    with changing_article(public_id) as (session, article, events):
        made, event = pulling.pull(session, actor, article, asked["reason"], now(), zone=zone(), notice=notice)
        events.append(event)
    with newsroom().sessions.read() as session:  # the request's own snapshot is from before
        return private(_receipt(session, made), 201)


@blueprint.get("/pulls")
@blueprint.response(200, answers.Receipts)
def receipts(public_id: str) -> Response:
    """Each pull of it, newest first, with what was told when."""
    actor, session = staff(), db.session()
    article = desk.find(session, public_id)
    require(session, actor, "pull", article)
    return private({"data": [_receipt(session, made) for made in pulling.pulls(session, article)], "next": None})


@blueprint.post("/erasure")
@blueprint.arguments(NewErasure)
@blueprint.response(202, answers.Erasure)
def ask_erasure(asked: dict[str, Any], public_id: str) -> Response:
    """Ask that it, or some of its revisions, be erased. Nothing is gone until another admin agrees."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        made, event = erasing.ask(session, actor, article, asked["reason"], now(), revisions=asked.get("revisions"))
        events.append(event)
        told = _erasure(made)
    return private(told, 202)


@blueprint.post("/erasure/agreement")
@blueprint.response(200, answers.Erasure)
def agree_to_erasure(public_id: str) -> Response:
    """Agree, as a second person, and erase."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        made, event = erasing.agree(session, actor, article, now(), zone=zone())
        events.append(event)
        told = _erasure(made)
    return private(told, 200)


@blueprint.delete("/erasure")
@blueprint.response(204)
def drop_erasure(public_id: str) -> Response:
    """Take back, or turn down, an erasure that waits."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(erasing.drop(session, actor, article))
    return acting.nothing()


# --- Telling -----------------------------------------------------------------------------------------------


def _receipt(session: Session, made: Pull) -> dict[str, Any]:
    return {
        "id": made.public_id,
        "at": instant(made.at),
        "by": made.by_name,
        "reason": made.reason,
        **made.taken,
        "told": [
            {
                "what": row.topic,
                "whom": row.subject,
                "due_at": instant(row.due_at),
                "done_at": instant(row.done_at),
                "attempts": row.attempts,
                "failure": row.failure,
            }
            for row in outbox.of_pull(session, made.public_id)
        ],
    }


def _erasure(made: Erasure) -> dict[str, Any]:
    return {
        "id": made.public_id,
        "revisions": [each["number"] for each in made.revisions],
        "reason": made.reason,
        "asked_at": instant(made.asked_at),
        "asked_by": made.asked_by_name,
        "erased_at": instant(made.erased_at),
        "agreed_by": made.agreed_by_name,
    }
