"""Standing pages: what the paper says of itself."""

from __future__ import annotations

from flask import Response, abort, make_response, redirect, request

from cms.domain import addresses
from cms.domain.standing.pages import page_at
from cms.public import stories
from cms.public.page import page
from cms.web.database import db


def standing(slug: str) -> Response:
    """Served without its last stroke too, which leads on: a redirect to nothing would repeat what was asked."""
    found = page_at(db.session(), slug)
    if found is None:
        abort(404)
    path = addresses.standing(slug)
    if request.path != path:
        return make_response(redirect(path, 301))
    return page("standing.html", path=path, standing=found)


def standing_or_story(slug: str) -> Response:
    """Where CMS_ARTICLE_PATH puts stories at the same kind of address."""
    return standing(slug) if page_at(db.session(), slug) else stories.article(slug)
