"""What mends a story: fixed live, rebased, restored, rolled back, shown again, moved, left out of its history."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields, validate

from cms.api import acting, answers, schemas
from cms.api.acting import changing_article, private
from cms.api.holders import staff
from cms.api.schemas import NUMBER, ArticleChange, Strict
from cms.api.taking import Flag, Instant, Line, Part, Text, Whole
from cms.api.verbs import publication
from cms.domain.errors import Invalid
from cms.domain.workflow import editing, editions, fixing
from cms.web.current import now, zone

blueprint = Part("remedies", "What is done when something is wrong with a story.", below="/articles/<public_id>")


class NewFix(ArticleChange):
    base = Whole(required=True)
    note = Line(500)
    minor = Flag()
    keep = fields.List(Whole(), validate=validate.Length(max=100))

    class Meta(Strict.Meta):
        exclude = ("embargo_until",)


class NewRebase(ArticleChange):
    base = Whole(required=True)

    class Meta(Strict.Meta):
        exclude = ("embargo_until",)


class NewRestoration(Strict):
    revision = Whole(required=True)
    base = Whole(required=True)


class NewRollback(Strict):
    publication = Whole(required=True)
    minor = Flag()
    knowingly = Flag()


class NewRepublication(Strict):
    live_until = Instant(allow_none=True)
    knowingly = Flag()


class PublicationChange(Strict):
    live_from = Instant()
    live_until = Instant(allow_none=True)
    knowingly = Flag()


class Reason(Strict):
    reason = Text(required=True)


# --- Texts -------------------------------------------------------------------------------------------------


@blueprint.post("/fix")
@blueprint.arguments(NewFix)
@blueprint.response(201, answers.Fix)
def fix(asked: dict[str, Any], public_id: str) -> Response:
    """Mend what readers see, at once, and carry that into the working copy and what is scheduled."""
    actor = staff()
    how = {name: asked.pop(name) for name in ("base", "note", "minor", "keep") if name in asked}
    cleaned = schemas.cleaned(asked)
    with changing_article(public_id) as (session, article, events):
        done = fixing.fix(session, actor, article, fields=cleaned, now=now(), zone=zone(), **how)
        events += done.events
        told = {
            "revision": done.revision,
            "publication": publication(done.publication),
            "working_copy": {"revision": done.working_copy, "conflicts": done.conflicts},
            "rebased": done.rebased,
            "kept": done.kept,
        }
    return private(told, 201)


@blueprint.post("/rebase")
@blueprint.arguments(NewRebase)
@blueprint.response(201, answers.Saved)
def rebase(asked: dict[str, Any], public_id: str) -> Response:
    """Save the working copy as one that carries the live fix."""
    actor, base = staff(), asked.pop("base")
    cleaned = schemas.cleaned(asked)
    with changing_article(public_id) as (session, article, events):
        revision, event = fixing.rebase(session, actor, article, base, cleaned, now())
        events.append(event)
        told = {"revision": revision.number}
    return private(told, 201)


@blueprint.post("/restoration")
@blueprint.arguments(NewRestoration)
@blueprint.response(201, answers.Saved)
def restore(asked: dict[str, Any], public_id: str) -> Response:
    """Make an old revision's text the working copy again; it goes live only when published."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        revision, made = editing.restore(session, actor, article, asked["revision"], asked["base"], now())
        events += made
        told = {"revision": revision.number}
    return private(told, 201)


# --- Publications ------------------------------------------------------------------------------------------


@blueprint.post("/rollback")
@blueprint.arguments(NewRollback)
@blueprint.response(201, answers.Publication)
def rollback(asked: dict[str, Any], public_id: str) -> Response:
    """Show readers again what an earlier publication showed."""
    actor, n = staff(), asked.pop("publication")
    with changing_article(public_id) as (session, article, events):
        row, event = editions.rollback(session, actor, article, n, now(), zone=zone(), **asked)
        events.append(event)
        told = publication(row)
    return private(told, 201)


@blueprint.post("/republication")
@blueprint.arguments(NewRepublication, required=False)
@blueprint.response(201, answers.Publication)
def republish(asked: dict[str, Any], public_id: str) -> Response:
    """Put a withdrawn or expired story on show again as it last was."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        row, event = editions.republish(session, actor, article, now(), zone=zone(), **asked)
        events.append(event)
        told = publication(row)
    return private(told, 201)


@blueprint.patch(f"/publications/{NUMBER.format('n')}")
@blueprint.arguments(PublicationChange)
@blueprint.response(200, answers.Publication)
def change_publication(asked: dict[str, Any], public_id: str, n: int) -> Response:
    """Move its end (``live_until``), and its start (``live_from``) while that is to come; it is then renumbered."""
    actor, starts, ends = staff(), asked.get("live_from"), asked.get("live_until")
    if not {"live_from", "live_until"} & set(asked):
        raise Invalid({"live_from": ["Give live_from, live_until or both."]})
    with changing_article(public_id) as (session, article, events):
        if starts is not None and ends is not None:  # out of the way first, so that neither trips over the other
            _row, event = editions.expire(session, actor, article, n, None, now(), zone=zone())
            events.append(event)
        if starts is not None:
            knowingly = asked.get("knowingly", False)
            row, event = editions.reschedule(
                session, actor, article, n, starts, now(), zone=zone(), knowingly=knowingly
            )
            events.append(event)
            n = row.n
        if "live_until" in asked:
            row, event = editions.expire(session, actor, article, n, ends, now(), zone=zone())
            events.append(event)
        told = publication(row)
    return private(told, 200)


@blueprint.post(f"/publications/{NUMBER.format('n')}/hiding")
@blueprint.arguments(Reason)
@blueprint.response(204)
def hide(asked: dict[str, Any], public_id: str, n: int) -> Response:
    """Leave it out of the public history; the reason goes to the audit log. Not while readers see it."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(editions.hide(session, actor, article, n, asked["reason"], now()))
    return acting.nothing()


@blueprint.delete(f"/publications/{NUMBER.format('n')}/hiding")
@blueprint.response(204)
def unhide(public_id: str, n: int) -> Response:
    """Show it in the public history again."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(editions.unhide(session, actor, article, n, now()))
    return acting.nothing()
