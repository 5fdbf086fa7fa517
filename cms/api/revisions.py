"""What stands behind an article: its revisions, what differs between them, and links that show one of them."""

from __future__ import annotations

from html import escape
from typing import Any

from flask import Response

from cms.api import answers, paging, schemas, snapshots
from cms.api.acting import changing_article, nothing, private
from cms.api.articles import blueprint
from cms.api.holders import staff
from cms.api.once import keep_secret
from cms.api.snapshots import instant
from cms.domain import addresses
from cms.domain.articles import desk
from cms.domain.articles.comparing import differences
from cms.domain.articles.model import Article, Revision
from cms.domain.workflow import previews
from cms.domain.workflow.permissions import require
from cms.domain.workflow.previews import PreviewLink
from cms.web.current import newsroom, now
from cms.web.database import db

_FIELD_NAMES = {"headline": "Headline", "standfirst": "Standfirst", "key_points": "Key points", "body": "Text"}


@blueprint.get("/articles/<public_id>/revisions")
@blueprint.arguments(schemas.Paged, location="query", as_kwargs=True)
@blueprint.response(200, answers.Revisions)
def revisions(public_id: str, limit: int = 20, after: str | None = None) -> Response:
    """Every saved text, the newest first."""
    article = _seen(public_id)
    below = paging.number_of(after)
    found = desk.revisions(db.session(), article, article.newest + 1 if below is None else below, limit + 1)
    rows, following = paging.cut(found, limit, lambda row: str(row.number))
    return private(paging.page([snapshots.line(row) for row in rows], following))


@blueprint.get(f"/articles/<public_id>/revisions/{schemas.NUMBER.format('number')}")
@blueprint.response(200, answers.Snapshot)
def revision(public_id: str, number: int) -> Response:
    """One saved text, whole."""
    article = _seen(public_id)
    row = desk.revision(db.session(), article, number)
    snapshot = snapshots.snapshots(db.session(), newsroom().settings.origin, [row])[row.id]
    return private({**snapshots.line(row), **snapshot})


@blueprint.get(
    f"/articles/<public_id>/revisions/{schemas.NUMBER.format('older')}/diff/{schemas.NUMBER.format('newer')}"
)
@blueprint.response(200, answers.Diff)
def diff(public_id: str, older: int, newer: int) -> Response:
    """What differs from the first to the second, as markup: <ins> for what came, <del> for what went."""
    article = _seen(public_id)
    one, other = (desk.revision(db.session(), article, number) for number in (older, newer))
    return private({"from": older, "to": newer, "html": _marked_up(one, other)})


def _marked_up(older: Revision, newer: Revision) -> str:
    return "".join(f"<h3>{escape(_FIELD_NAMES[each.field])}</h3>{each.html}" for each in differences(older, newer))


# --- Preview links -----------------------------------------------------------------------------------------


@blueprint.get("/articles/<public_id>/preview-links")
@blueprint.response(200, answers.PreviewLinks)
def preview_links(public_id: str) -> Response:
    """The links that still open, the newest first; without their secrets, which nobody keeps."""
    article = _seen(public_id)
    require(db.session(), staff(), "preview", article)
    links = previews.open_links(db.session(), article, now())
    return private(paging.page([_link(link) for link in links], None))


@blueprint.post("/articles/<public_id>/preview-links")
@blueprint.arguments(schemas.NewPreviewLink, required=False)
@blueprint.response(201, answers.SharedPreview)
def share(asked: dict[str, Any], public_id: str) -> Response:
    """An address that shows one revision (the newest if none is named) without a sign-in. It is told once."""
    actor = staff()
    keep_secret()
    with changing_article(public_id) as (session, article, events):
        secret, link, event = previews.share(session, actor, article, now(), **asked)
        events.append(event)
        told = {**_link(link), "url": newsroom().settings.origin + addresses.preview(secret)}
    return private(told, 201)


@blueprint.delete("/articles/<public_id>/preview-links/<link_id>")
@blueprint.response(204)
def revoke(public_id: str, link_id: str) -> Response:
    """End a link now."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(previews.revoke(session, actor, article, link_id, now()))
    return nothing()


def _link(link: PreviewLink) -> dict[str, Any]:
    return {
        "id": link.public_id,
        "revision": link.revision.number,
        "created_at": instant(link.created_at),
        "expires_at": instant(link.expires_at),
    }


def _seen(public_id: str) -> Article:
    actor = staff()  # first: whoever has no token must not learn whether there is such a story
    article = desk.find(db.session(), public_id)
    require(db.session(), actor, "see", article)
    return article
