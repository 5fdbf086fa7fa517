"""Search, as the search page has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from markupsafe import Markup, escape
from sqlalchemy import select

from cms.api import answers, paging, schemas, telling
from cms.api.listing import Asked, query_of
from cms.api.taking import Part
from cms.domain.search.finding import Answer, find
from cms.domain.search.highlight import Piece
from cms.domain.search.suggesting import suggest
from cms.domain.taxonomy.model import Tag
from cms.interfaces import Facets, Query
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("search", "Full-text search in what readers may see.")

FURTHEST = 10_000


@blueprint.get("/search")
@blueprint.arguments(schemas.Search, location="query", as_kwargs=True)
@blueprint.response(200, answers.SearchResults)
def search(**given: Any) -> Response:
    """Stories that match, best first, with what matched in them and how many carry each section, tag and author."""
    asked = Asked(**given)
    start = paging.number_of(asked.after) or 0
    if start > FURTHEST:
        raise paging.bad_place()
    read = query_of(asked)
    answer = Answer((), 0, Facets())
    if read.query != Query():
        answer = find(
            db.session(),
            newsroom().search,
            read,
            now(),
            newsroom().settings.article_path,
            sort="newest" if asked.sort == "newest" else "relevance",
            offset=start,
            limit=asked.limit,
        )
    more = start + asked.limit < min(answer.total, FURTHEST)
    stories = telling.public_articles(db.session(), newsroom(), [each.story for each in answer.results], now())
    data = [
        {**story, "highlight": {"headline": _marked(each.headline), "excerpt": _marked(each.excerpt)}}
        for story, each in zip(stories, answer.results, strict=True)
    ]
    return paging.page(
        data,
        str(start + asked.limit) if more else None,
        facets=_facets(answer.facets),
        total=answer.total,
        notes=list(answer.notes),
        did_you_mean=answer.did_you_mean,
    )


@blueprint.get("/search/suggest")
@blueprint.arguments(schemas.Suggest, location="query", as_kwargs=True)
@blueprint.response(200, answers.Suggestions)
def suggestions(q: str = "") -> Response:
    """At most eight headlines and names, while somebody types."""
    settings = newsroom().settings
    found = suggest(db.session(), newsroom().search, q, now(), settings.article_path)
    return jsonify(data=[{"headline": each.text, "url": settings.origin + each.path} for each in found])


def _marked(pieces: list[Piece]) -> str:
    """As markup: escaped, with <mark> around what matched."""
    return str(Markup("").join(Markup("<mark>{}</mark>").format(text) if hit else escape(text) for text, hit in pieces))


def _facets(facets: Facets) -> dict[str, dict[str, int]]:
    shown = set(db.session().scalars(select(Tag.slug).where(Tag.slug.in_(facets.tags), Tag.internal.is_(False))))
    return {
        "section": _most_first(facets.sections),
        "tag": _most_first({slug: count for slug, count in facets.tags.items() if slug in shown}),
        "author": _most_first(facets.authors),
        "year": _most_first(facets.years),
    }


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
