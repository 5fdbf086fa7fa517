"""What the writing room looks up while somebody types: tags by their first letters, and what an address names."""

from __future__ import annotations

from flask import Response, jsonify, request
from sqlalchemy import select

from cms.domain.articles.embeds import embed
from cms.domain.taxonomy.model import Tag
from cms.web.database import db

MOST = 8


def tags() -> Response:
    words = request.args.get("q", "")[:100].strip()
    found = select(Tag.name).where(Tag.name.icontains(words, autoescape=True)).order_by(Tag.name).limit(MOST)
    return jsonify(data=list(db.session().scalars(found)) if words else [])


def embedded() -> Response:
    known = embed(request.args.get("url", "")[:2000])
    return jsonify(embed={"class": known.css_class, "url": known.url} if known else None)
