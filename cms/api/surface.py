"""The API as a way in."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from flask_smorest import Api, Blueprint
from marshmallow import RAISE
from sqlalchemy import select

from cms.api import articles, errors, remedies, schemas
from cms.domain.articles.model import Article
from cms.domain.articles.queries import visible
from cms.domain.errors import Invalid
from cms.domain.views.windows import figures
from cms.web.current import newsroom, now
from cms.web.database import db

MOST_IDS = 50

views = Blueprint("views", __name__, url_prefix="/api/v1/views", description="Visits")


class _Api(Api):
    def _register_error_handlers(self) -> None:
        """Ours are in errors.py: the website's answers must stay pages."""


def install(app: Flask) -> None:
    app.config.update(
        API_TITLE="Copydesk",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _Api(app)
    api.register_blueprint(articles.blueprint)
    api.register_blueprint(remedies.blueprint)
    api.register_blueprint(views)
    errors.install(app)


@views.get("")
@views.arguments(schemas.Ids, location="query", as_kwargs=True, unknown=RAISE)
def counts(ids: str) -> Response:
    """The visits of up to 50 visible articles; unknown and hidden ones are left out."""
    asked = list(dict.fromkeys(each for each in ids.split(",") if each))
    if len(asked) > MOST_IDS:
        raise Invalid({"ids": [f"Takes at most {MOST_IDS} ids."]})
    session, at = db.session(), now()
    shown = visible(at).with_only_columns(Article.id).where(Article.public_id.in_(asked)).subquery()
    rows = session.execute(select(Article.id, Article.public_id).where(Article.id.in_(select(shown.c.id))))
    named = {number: public_id for number, public_id in rows}  # noqa: C416
    counted = figures(session, named, at, newsroom().settings.site_timezone)
    told = {
        public_id: {"total": counted[number].total, "today": counted[number].today}
        if number in counted
        else {"total": 0, "today": 0}
        for number, public_id in named.items()
    }
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
