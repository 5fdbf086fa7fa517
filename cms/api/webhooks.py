"""Webhooks: programs elsewhere that are told what happens here. For admins."""

from __future__ import annotations

from typing import Any

from flask import Response

from cms.api import answers, paging, schemas
from cms.api.acting import changing, nothing, private
from cms.api.holders import staff
from cms.api.once import keep_secret
from cms.api.snapshots import instant
from cms.api.taking import Part
from cms.domain.outbox import OutboxRow
from cms.domain.webhooks import keeping, messages
from cms.domain.webhooks.model import Webhook
from cms.domain.workflow.permissions import require_right
from cms.web.current import now
from cms.web.database import db

blueprint = Part("webhooks", "Programs elsewhere that are told what happens here.")

RIGHT = "manage_webhooks"


@blueprint.get("/webhooks")
@blueprint.arguments(schemas.Paged, location="query", as_kwargs=True)
@blueprint.response(200, answers.Webhooks)
def list_webhooks(limit: int = 20, after: str | None = None) -> Response:
    """Every webhook, without its secret, the oldest first."""
    require_right(staff(), RIGHT)
    rows = keeping.every(db.session())
    ids = [row.public_id for row in rows]
    if after is not None and after not in ids:
        raise paging.bad_place()
    start = ids.index(after) + 1 if after is not None else 0
    shown, following = paging.cut(rows[start : start + limit + 1], limit, lambda row: row.public_id)
    return private(paging.page([_told(row) for row in shown], following))


@blueprint.post("/webhooks")
@blueprint.arguments(schemas.NewWebhook)
@blueprint.response(201, answers.StartedWebhook)
def start(fields: dict[str, Any]) -> Response:
    """A new webhook; the secret that its messages are signed with is told this once."""
    actor = staff()
    require_right(actor, RIGHT)
    keep_secret()
    with changing() as (session, events):
        hook, event = keeping.start(session, actor, fields, now())
        events.append(event)
        told = {**_told(hook), "secret": hook.secret}
    return private(told, 201)


@blueprint.get("/webhooks/<public_id>")
@blueprint.response(200, answers.Webhook)
def one(public_id: str) -> Response:
    """One webhook, without its secret."""
    require_right(staff(), RIGHT)
    return private(_told(keeping.find(db.session(), public_id)))


@blueprint.patch("/webhooks/<public_id>")
@blueprint.arguments(schemas.WebhookChange)
@blueprint.response(200, answers.Webhook)
def change(fields: dict[str, Any], public_id: str) -> Response:
    """Another name, address or choice of events; ``active: false`` stops it."""
    actor = staff()
    require_right(actor, RIGHT)
    with changing() as (session, events):
        hook = keeping.find(session, public_id)
        events += keeping.change(session, actor, hook, fields)
        told = _told(hook)
    return private(told)


@blueprint.delete("/webhooks/<public_id>")
@blueprint.response(204)
def remove(public_id: str) -> Response:
    """It is told nothing any more, nor what was waiting for it."""
    actor = staff()
    require_right(actor, RIGHT)
    with changing() as (session, events):
        events.append(keeping.remove(session, actor, keeping.find(session, public_id)))
    return nothing()


@blueprint.post("/webhooks/<public_id>/test")
@blueprint.response(202, answers.Delivery)
def try_out(public_id: str) -> Response:
    """Send it a message of type ``test``; the deliveries tell how that went."""
    actor = staff()
    require_right(actor, RIGHT)
    with changing() as (session, events):
        row, event = keeping.try_out(session, actor, keeping.find(session, public_id), now())
        events.append(event)
        told = _delivery(row)
    return private(told, 202)


@blueprint.get("/webhooks/<public_id>/deliveries")
@blueprint.arguments(schemas.Paged, location="query", as_kwargs=True)
@blueprint.response(200, answers.Deliveries)
def deliveries(public_id: str, limit: int = 20, after: str | None = None) -> Response:
    """What it was told, is to be told or could not be told, the newest first."""
    require_right(staff(), RIGHT)
    hook = keeping.find(db.session(), public_id)
    rows = keeping.deliveries(db.session(), hook, limit + 1, paging.number_of(after))
    shown, following = paging.cut(rows, limit, lambda row: str(row.id))
    return private(paging.page([_delivery(row) for row in shown], following))


@blueprint.post("/webhooks/<public_id>/deliveries/<int(min=1, max=2147483647):n>/retry")
@blueprint.response(202, answers.Delivery)
def retry(public_id: str, n: int) -> Response:
    """Try one that was given up anew."""
    actor = staff()
    require_right(actor, RIGHT)
    with changing() as (session, events):
        row, event = keeping.deliver_again(session, actor, keeping.find(session, public_id), n, now())
        events.append(event)
        told = _delivery(row)
    return private(told, 202)


def _told(hook: Webhook) -> dict[str, Any]:
    return {
        "id": hook.public_id,
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "active": hook.active,
        "stopped_because": hook.stopped_because,
        "created_at": instant(hook.created_at),
    }


def _delivery(row: OutboxRow) -> dict[str, Any]:
    given = row.payload or {}
    return {
        "id": row.id,
        "message": messages.message_id(row),
        "type": given.get("type"),
        "article": given.get("article"),
        "state": keeping.state(row),
        "attempts": row.attempts,
        "answer": row.answer,
        "failure": row.failure,
        "created_at": instant(row.created_at),
        "due_at": instant(row.due_at),
        "done_at": instant(row.done_at),
    }
