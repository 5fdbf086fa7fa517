"""Visits: of some articles, for whoever shows them; and for staff, over time."""

from __future__ import annotations

from flask import Response, jsonify
from sqlalchemy import select

from cms.api import answers, schemas
from cms.api.taking import Part
from cms.domain.articles.model import Article
from cms.domain.articles.queries import visible
from cms.domain.errors import Invalid
from cms.domain.views.windows import figures
from cms.web.current import newsroom, now
from cms.web.database import db

MOST_IDS = 50

blueprint = Part("views", "Visits. `POST /views` counts one, and answers 204 whatever was sent.")


@blueprint.get("/views")
@blueprint.arguments(schemas.Ids, location="query", as_kwargs=True)
@blueprint.response(200, answers.Counts)
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
        for number, public_id in named.items()
    }
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
