"""Former addresses and where they lead, for editors."""

from __future__ import annotations

from typing import Any

from flask import Response

from cms.api import answers, paging, schemas
from cms.api.acting import changing, nothing, private
from cms.api.holders import staff
from cms.api.snapshots import instant
from cms.api.taking import Part
from cms.domain.errors import NotFound
from cms.domain.redirects import leading
from cms.domain.redirects.model import Redirect
from cms.domain.workflow.permissions import require_right
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("redirects", "Where former addresses lead. One is looked up only when nothing stands at an address.")


@blueprint.get("/redirects")
@blueprint.arguments(schemas.ListOfRedirects, location="query", as_kwargs=True)
@blueprint.response(200, answers.Redirects)
def listing(limit: int = 20, after: str | None = None, q: str = "") -> Response:
    """The newest first."""
    require_right(staff(), "manage_redirects")
    found = leading.listed(db.session(), limit + 1, q[:200], _place(after) if after is not None else None)
    shown, following = paging.cut(found, limit, lambda row: row.public_id)
    return private(paging.page([_redirect(each) for each in shown], following))


@blueprint.get("/redirects/<public_id>")
@blueprint.response(200, answers.Redirect)
def one(public_id: str) -> Response:
    """One redirect."""
    require_right(staff(), "manage_redirects")
    return private(_redirect(leading.find(db.session(), public_id)))


@blueprint.post("/redirects")
@blueprint.arguments(schemas.NewRedirect)
@blueprint.response(201, answers.Redirect)
def lead(fields: dict[str, Any]) -> Response:
    """Let a former address lead elsewhere, or be gone. One that leads somewhere already, and a chain: 409."""
    actor, given = staff(), {name: fields.get(name) or "" for name in ("former", "target", "note")}
    require_right(actor, "manage_redirects")
    with changing() as (session, events):
        made, event = leading.lead(session, actor, **given, own_origin=newsroom().settings.origin, now=now())
        events.append(event)
        told = _redirect(made)
    return private(told, 201)


@blueprint.delete("/redirects/<public_id>")
@blueprint.response(204)
def forget(public_id: str) -> Response:
    """The former address is a plain 404 again."""
    actor = staff()
    require_right(actor, "manage_redirects")
    with changing() as (session, events):
        events.append(leading.forget(session, actor, leading.find(session, public_id)))
    return nothing()


def _place(after: str) -> int:
    try:
        return leading.find(db.session(), after).id
    except NotFound:
        raise paging.bad_place() from None


def _redirect(row: Redirect) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "former": row.former,
        "target": row.target,
        "note": row.note,
        "hits": row.hits or 0,
        "last_hit_at": instant(row.last_hit_at),
        "created_at": instant(row.created_at),
    }
