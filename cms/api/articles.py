"""Articles: read by anybody, written by whoever holds a token, through the same verbs as the admin."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, request

from cms.api import acting, answers, schemas, telling
from cms.api.acting import changing, changing_article
from cms.api.holders import asker, staff
from cms.api.listing import Asked
from cms.api.listing import listing as listed
from cms.api.taking import Part
from cms.domain.articles import desk
from cms.domain.errors import NotFound
from cms.domain.workflow import editing, embargoes, publishing
from cms.domain.workflow.permissions import require
from cms.web.current import newsroom, now, zone
from cms.web.database import db

blueprint = Part("articles", "Stories: what readers see of them, and with a token what the desk does.")


@blueprint.get("/articles")
@blueprint.arguments(schemas.ListOfArticles, location="query", as_kwargs=True)
@blueprint.response(200, answers.Articles)
def listing(**asked: Any) -> Response:
    """What the public may see, newest first; with a token the desk's view, drafts included."""
    return listed(Asked(**asked))


@blueprint.post("/articles")
@blueprint.arguments(schemas.NewArticle)
@blueprint.response(201, answers.Article)
def create(fields: dict[str, Any]) -> Response:
    """Begin a draft."""
    actor, embargo = staff(), fields.pop("embargo_until", None)
    cleaned = schemas.cleaned(fields)
    with changing() as (session, events):
        article, event = editing.create(session, actor, cleaned, now(), language=newsroom().settings.site_language)
        events.append(event)
        if embargo is not None:
            events += embargoes.set_embargo(session, actor, article, embargo, now(), zone=zone())
        public_id = article.public_id
    return acting.article(public_id, 201)


@blueprint.get("/articles/<public_id>")
@blueprint.arguments(schemas.OneArticle, location="query", as_kwargs=True)
@blueprint.response(200, answers.Article)
def one(public_id: str, view: str = "newest") -> Response:
    """With a token the newest revision (``?view=live``: what readers see); without one, what readers see."""
    actor, session = asker(), db.session()
    if actor is not None:
        require(session, actor, "see", desk.find(session, public_id))
        if view == "newest":
            return acting.article(public_id, 200)
    story = telling.live_story(session, newsroom(), public_id, now())
    if story is None:
        raise NotFound("There is no such story")
    told = telling.public_articles(session, newsroom(), [story], now())[0]
    answer = jsonify(told)
    answer.set_etag(telling.public_etag(told))
    answer.vary.add("Authorization")
    return answer


@blueprint.patch("/articles/<public_id>")
@blueprint.arguments(schemas.ArticleChange)
@blueprint.response(200, answers.Article)
def change(fields: dict[str, Any], public_id: str) -> Response:
    """Save on top of what If-Match names: 428 without it, 412 with both texts when it is stale."""
    actor = staff()
    require(db.session(), actor, "edit", desk.find(db.session(), public_id))
    if not request.headers.get("If-Match", "").strip():
        abort(428, "Name what you saw: send its ETag as If-Match.")
    embargoed, embargo = "embargo_until" in fields, fields.pop("embargo_until", None)
    cleaned = schemas.cleaned(fields)
    with changing_article(public_id) as (session, article, events):
        events += editing.save(session, actor, article, article.newest, cleaned, now())[1]
        if embargoed:
            events += embargoes.set_embargo(session, actor, article, embargo, now(), zone=zone())
    return acting.article(public_id, 200)


@blueprint.delete("/articles/<public_id>")
@blueprint.response(204)
def spike(public_id: str) -> Response:
    """Spike. A live story is refused: withdraw it first."""
    actor = staff()
    with changing_article(public_id) as (session, article, events):
        events.append(publishing.spike(session, actor, article, now(), zone=zone()))
    return acting.nothing()
