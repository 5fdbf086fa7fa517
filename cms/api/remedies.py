"""What is done to a story when something is wrong with it: fixed live, rolled back, held, pulled, erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from cms.api import answers
from cms.api.acting import changing
from cms.api.holders import staff
from cms.api.schemas import ArticleChange, Instant, Strict, Text
from cms.api.taking import Part
from cms.api.telling import instant
from cms.api.verbs import publication
from cms.domain import outbox
from cms.domain.articles import desk
from cms.domain.articles.fields import clean_fields
from cms.domain.articles.model import Article
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.text import plain
from cms.domain.workflow import editing, editions, erasing, fixing, holds, pulling
from cms.domain.workflow.model import Erasure, Pull
from cms.domain.workflow.permissions import require
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("remedies", "What is done when something is wrong with a story.", below="/articles/<public_id>")

Act = Callable[[Session, Article], tuple[Any, Iterable[Event]]]

_Number = validate.Range(min=1)


class NewFix(ArticleChange):
    base = fields.Integer(required=True, strict=True, validate=_Number)
    note = Text()
    minor = fields.Boolean()
    keep = fields.List(fields.Integer(strict=True, validate=_Number), validate=validate.Length(max=100))

    class Meta(Strict.Meta):
        exclude = ("embargo_until",)


class NewRebase(ArticleChange):
    base = fields.Integer(required=True, strict=True, validate=_Number)

    class Meta(Strict.Meta):
        exclude = ("embargo_until",)


class NewRestoration(Strict):
    revision = fields.Integer(required=True, strict=True, validate=_Number)
    base = fields.Integer(required=True, strict=True, validate=_Number)


class NewRollback(Strict):
    publication = fields.Integer(required=True, strict=True, validate=_Number)
    minor = fields.Boolean()
    knowingly = fields.Boolean()


class NewRepublication(Strict):
    live_until = Instant(allow_none=True)
    knowingly = fields.Boolean()


class PublicationChange(Strict):
    live_from = Instant()
    live_until = Instant(allow_none=True)
    knowingly = fields.Boolean()


class Reason(Strict):
    reason = Text(required=True)


class NewPull(Reason):
    notice = Text(allow_none=True)


class NewErasure(Reason):
    revisions = fields.List(fields.Integer(strict=True, validate=_Number), validate=validate.Length(min=1, max=1000))


# --- Texts -------------------------------------------------------------------------------------------------


@blueprint.post("/fix")
@blueprint.arguments(NewFix)
@blueprint.response(201, answers.Fix)
def fix(asked: dict[str, Any], public_id: str) -> Response:
    """Mend what readers see, at once, and carry that into the working copy and what is scheduled."""
    actor = staff()
    how = {name: asked.pop(name) for name in ("base", "note", "minor", "keep") if name in asked}
    how["note"] = _line("note", how.get("note"), 500)
    cleaned = clean_fields(asked)

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        done = fixing.fix(session, actor, article, fields=cleaned, now=now(), zone=_zone(), **how)
        return {
            "revision": done.revision,
            "publication": publication(done.publication),
            "working_copy": {"revision": done.working_copy, "conflicts": done.conflicts},
            "rebased": done.rebased,
            "kept": done.kept,
        }, done.events

    return _answer(_carry_out(public_id, act), 201)


@blueprint.post("/rebase")
@blueprint.arguments(NewRebase)
@blueprint.response(201, answers.Saved)
def rebase(asked: dict[str, Any], public_id: str) -> Response:
    """Save the working copy as one that carries the live fix."""
    actor, base = staff(), asked.pop("base")
    cleaned = clean_fields(asked)

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        revision, event = fixing.rebase(session, actor, article, base, cleaned, now())
        return {"revision": revision.number}, [event]

    return _answer(_carry_out(public_id, act), 201)


@blueprint.post("/restoration")
@blueprint.arguments(NewRestoration)
@blueprint.response(201, answers.Saved)
def restore(asked: dict[str, Any], public_id: str) -> Response:
    """Make an old revision's text the working copy again; it goes live only when published."""
    actor = staff()

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        revision, events = editing.restore(session, actor, article, asked["revision"], asked["base"], now())
        return {"revision": revision.number}, events

    return _answer(_carry_out(public_id, act), 201)


# --- Publications ------------------------------------------------------------------------------------------


@blueprint.post("/rollback")
@blueprint.arguments(NewRollback)
@blueprint.response(201, answers.Publication)
def rollback(asked: dict[str, Any], public_id: str) -> Response:
    """Show readers again what an earlier publication showed."""
    actor, n = staff(), asked.pop("publication")

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        row, event = editions.rollback(session, actor, article, n, now(), zone=_zone(), **asked)
        return publication(row), [event]

    return _answer(_carry_out(public_id, act), 201)


@blueprint.post("/republication")
@blueprint.arguments(NewRepublication, required=False)
@blueprint.response(201, answers.Publication)
def republish(asked: dict[str, Any], public_id: str) -> Response:
    """Put a withdrawn or expired story on show again as it last was."""
    actor = staff()

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        row, event = editions.republish(session, actor, article, now(), zone=_zone(), **asked)
        return publication(row), [event]

    return _answer(_carry_out(public_id, act), 201)


@blueprint.patch("/publications/<int(min=1, max=2147483647):n>")
@blueprint.arguments(PublicationChange)
@blueprint.response(200, answers.Publication)
def change_publication(asked: dict[str, Any], public_id: str, n: int) -> Response:
    """Move its end (``live_until``), and its start (``live_from``) while that is to come; it is then renumbered."""
    actor = staff()
    if not {"live_from", "live_until"} & set(asked):
        raise Invalid({"live_from": ["Give live_from, live_until or both."]})

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        events: list[Event] = []
        number, row = n, None
        knowingly = bool(asked.get("knowingly"))
        ends, starts = asked.get("live_until"), asked.get("live_from")
        if starts is not None and ends is not None:  # out of the way first, so that neither trips over the other
            row, event = editions.expire(session, actor, article, number, None, now(), zone=_zone())
            events.append(event)
        if starts is not None:
            row, event = editions.reschedule(
                session, actor, article, number, starts, now(), zone=_zone(), knowingly=knowingly
            )
            number = row.n
            events.append(event)
        if "live_until" in asked:
            row, event = editions.expire(session, actor, article, number, ends, now(), zone=_zone())
            events.append(event)
        assert row is not None
        return publication(row), events

    return _answer(_carry_out(public_id, act), 200)


@blueprint.post("/publications/<int(min=1, max=2147483647):n>/hiding")
@blueprint.arguments(Reason)
@blueprint.response(204)
def hide(asked: dict[str, Any], public_id: str, n: int) -> Response:
    """Leave it out of the public history; the reason goes to the audit log. Not while readers see it."""
    actor = staff()
    _carry_out(public_id, lambda s, article: (None, [editions.hide(s, actor, article, n, asked["reason"], now())]))
    return Response(status=204)


@blueprint.delete("/publications/<int(min=1, max=2147483647):n>/hiding")
@blueprint.response(204)
def unhide(public_id: str, n: int) -> Response:
    """Show it in the public history again."""
    actor = staff()
    _carry_out(public_id, lambda s, article: (None, [editions.unhide(s, actor, article, n, now())]))
    return Response(status=204)


# --- Hold, pull, erasure -----------------------------------------------------------------------------------


@blueprint.post("/hold")
@blueprint.arguments(Reason)
@blueprint.response(201, answers.Hold)
def hold(asked: dict[str, Any], public_id: str) -> Response:
    """Keep anything of it from going live until whoever asks lifts that again."""
    actor = staff()

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        placed, event = holds.hold(session, actor, article, asked["reason"], now(), zone=_zone())
        return {
            "holder": placed.holder_name,
            "reason": placed.reason,
            "placed_at": instant(placed.placed_at),
            "cancelled": event.after["cancelled"],
        }, [event]

    return _answer(_carry_out(public_id, act), 201)


@blueprint.delete("/hold")
@blueprint.response(204)
def lift(public_id: str) -> Response:
    """Lift it: its holder alone may."""
    actor = staff()
    _carry_out(public_id, lambda s, article: (None, [holds.lift(s, actor, article, now())]))
    return Response(status=204)


@blueprint.post("/pull")
@blueprint.arguments(NewPull)
@blueprint.response(201, answers.Receipt)
def pull(asked: dict[str, Any], public_id: str) -> Response:
    """Take its text, images and feed entries away everywhere; the answer is the receipt."""
    actor, notice = staff(), _line("notice", asked.get("notice"), 1000) or None

    def act(session: Session, article: Article) -> tuple[Pull, Iterable[Event]]:
        made, event = pulling.pull(session, actor, article, asked["reason"], now(), zone=_zone(), notice=notice)
        return made, [event]

    made = _carry_out(public_id, act)
    with newsroom().sessions.read() as session:  # the request's own snapshot is from before
        return _answer(_receipt(session, made), 201)


@blueprint.get("/pulls")
@blueprint.response(200, answers.Receipts)
def receipts(public_id: str) -> Response:
    """Each pull of it, newest first, with what was told when."""
    actor, session = staff(), db.session()
    article = desk.find(session, public_id)
    require(session, actor, "pull", article)
    return _answer({"data": [_receipt(session, made) for made in pulling.pulls(session, article)], "next": None}, 200)


@blueprint.post("/erasure")
@blueprint.arguments(NewErasure)
@blueprint.response(202, answers.Erasure)
def ask_erasure(asked: dict[str, Any], public_id: str) -> Response:
    """Ask that it, or some of its revisions, be erased. Nothing is gone until another admin agrees."""
    actor = staff()

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        made, event = erasing.ask(session, actor, article, asked["reason"], now(), revisions=asked.get("revisions"))
        return _erasure(made), [event]

    return _answer(_carry_out(public_id, act), 202)


@blueprint.post("/erasure/agreement")
@blueprint.response(200, answers.Erasure)
def agree_to_erasure(public_id: str) -> Response:
    """Agree, as a second person, and erase."""
    actor = staff()

    def act(session: Session, article: Article) -> tuple[dict[str, Any], Iterable[Event]]:
        made, event = erasing.agree(session, actor, article, now(), zone=_zone())
        return _erasure(made), [event]

    return _answer(_carry_out(public_id, act), 200)


@blueprint.delete("/erasure")
@blueprint.response(204)
def drop_erasure(public_id: str) -> Response:
    """Take back, or turn down, an erasure that waits."""
    actor = staff()
    _carry_out(public_id, lambda s, article: (None, [erasing.drop(s, actor, article)]))
    return Response(status=204)


# --- Telling -----------------------------------------------------------------------------------------------


def _carry_out(public_id: str, act: Act) -> Any:
    with changing() as (session, events):
        told, made = act(session, desk.find(session, public_id, lock=True))
        events += made
    return told


def _answer(told: dict[str, Any], status: int) -> Response:
    answer = jsonify(told)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


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


def _line(field: str, value: str | None, limit: int) -> str:
    try:
        return plain(value or "", limit)
    except ValueError as refused:
        raise Invalid({field: [str(refused)]}) from None


def _zone() -> Any:
    return newsroom().settings.site_timezone
