"""An article's translations: which articles are the same story in another language."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from cms.api import answers, schemas
from cms.api.acting import changing
from cms.api.holders import asker, staff
from cms.api.taking import Part
from cms.domain.articles import desk
from cms.domain.articles.queries import visible_until
from cms.domain.articles.translations import group, translations
from cms.domain.errors import NotFound
from cms.domain.workflow.permissions import require
from cms.domain.workflow.translating import link_translation, unlink_translation
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("translations", "Which stories are one another in another language.")


class NewTranslation(schemas.Strict):
    translation_of = schemas.Text(required=True)


@blueprint.get("/articles/<public_id>/translations")
@blueprint.response(200, answers.Translations)
def listing(public_id: str) -> Response:
    """The languages that readers can have the story in, itself included."""
    actor, session = asker(), db.session()
    if actor is not None:
        require(session, actor, "see", desk.find(session, public_id))
    elif visible_until(session, public_id, now()) is None:
        raise NotFound("There is no such story")
    return _told(session, public_id)


@blueprint.put("/articles/<public_id>/translations")
@blueprint.arguments(NewTranslation)
@blueprint.response(200, answers.Translations)
def link(asked: dict[str, Any], public_id: str) -> Response:
    """Say which story this is a translation of."""
    actor = staff()
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        require(session, actor, "see", article)
        events += link_translation(session, actor, article, desk.find(session, asked["translation_of"]))
    with newsroom().sessions.read() as session:
        return _told(session, public_id)


@blueprint.delete("/articles/<public_id>/translations")
@blueprint.response(204)
def unlink(public_id: str) -> Response:
    """The story stands for itself again."""
    actor = staff()
    with changing() as (session, events):
        events += unlink_translation(session, actor, desk.find(session, public_id, lock=True))
    return Response(status=204)


def _told(session: Session, public_id: str) -> Response:
    shown = translations(session, public_id, now(), newsroom().settings.article_path)
    told: dict[str, Any] = {
        "data": [
            {
                "id": each.id,
                "language": each.language,
                "headline": each.headline,
                "url": newsroom().settings.origin + each.path,
            }
            for each in shown
        ]
    }
    if asker() is not None:
        told["linked"] = [each.public_id for each in group(session, public_id)]
    return jsonify(told)
