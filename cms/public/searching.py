"""The search page, and what is suggested while a reader types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlencode

from flask import Response, jsonify, request
from flask_babel import gettext
from sqlalchemy import select

from cms.domain import addresses, keys
from cms.domain.people.model import Person
from cms.domain.search.finding import Answer, Result, find
from cms.domain.search.grammar import Asked, parse
from cms.domain.search.suggesting import suggest
from cms.domain.taxonomy.model import Section, Tag
from cms.interfaces import Facets, Query
from cms.public.page import page
from cms.public.paging import PER_PAGE, asked_page, offset, paging
from cms.web.current import newsroom, now
from cms.web.database import db

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
"""What no page may hold."""

OPTIONS = 10
"""How many values of a facet are offered, those with the most stories."""


@dataclass(frozen=True)
class Option:
    label: str
    count: int
    path: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True)
class Spelling:
    text: str
    path: str


@dataclass(frozen=True)
class Shown:
    """An answer as the template prints it."""

    total: int
    notes: tuple[str, ...]
    did_you_mean: Spelling | None
    results: tuple[Result, ...]
    facets: list[Facet]


def search() -> Response:
    """Results for ``q`` within ``section``, ``tag``, ``author``, ``from`` and ``to``. What can't be read of
    them is as if it weren't there."""
    given = _given()
    asked = _asked(given)
    shown, at = None, None
    if asked.query != Query():
        answer = find(
            db.session(),
            newsroom().search,
            asked,
            now(),
            newsroom().settings.article_path,
            sort=_sort(given),
            offset=offset(asked_page()),
            limit=PER_PAGE,
        )
        at = paging(answer.total, addresses.search(), tuple(given.items()))
        shown = _shown(answer, given)
    return page(
        "search.html",
        keyed={keys.FRONT},
        noindex=True,
        q=asked.text.strip(),
        since=given.get("from", ""),
        before=given.get("to", ""),
        sort=_sort(given),
        kept=[(name, value) for name, value in given.items() if name in ("section", "tag", "author")],
        paging=at,
        answer=shown,
    )


def suggestions() -> Response:
    settings = newsroom().settings
    found = suggest(db.session(), newsroom().search, _typed("q"), now(), settings.article_path)
    return jsonify(data=[{"headline": each.text, "url": each.path} for each in found])


# --- What is asked -----------------------------------------------------------------------------------------


def _given() -> dict[str, str]:
    """The parameters that say something, in one order, so that a search has one address."""
    given = {name: _typed(name) for name in ("q", "section", "tag", "author")}
    given |= {name: request.args.get(name, "") for name in ("from", "to") if _day(name)}
    given["sort"] = "newest" if request.args.get("sort") == "newest" else ""
    return {name: value for name, value in given.items() if value}


def _typed(name: str) -> str:
    return _CONTROLS.sub(" ", request.args.get(name, "")).strip()


def _asked(given: Mapping[str, str]) -> Asked:
    zone = newsroom().settings.site_timezone
    asked = parse(given.get("q", ""), zone=zone)
    query = asked.query
    first, last = _day("from"), _day("to")
    narrowed = replace(
        query,
        sections=(*query.sections, *_one(given, "section")),
        tags=(*query.tags, *_one(given, "tag")),
        authors=(*query.authors, *_one(given, "author")),
        since=datetime.combine(first, time(), zone) if first else query.since,
        before=datetime.combine(last + timedelta(days=1), time(), zone) if last else query.before,
    )
    return replace(asked, query=narrowed)


def _one(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (given[name],) if name in given else ()


def _day(name: str) -> date | None:
    """A date of the site's calendar that has a day after it."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if date.min < found < date.max else None


def _sort(given: Mapping[str, str]) -> Literal["relevance", "newest"]:
    return "newest" if "sort" in given else "relevance"


# --- What is shown -----------------------------------------------------------------------------------------


def _shown(answer: Answer, given: Mapping[str, str]) -> Shown:
    better = answer.did_you_mean
    spelling = Spelling(better, _address({**given, "q": better})) if better else None
    return Shown(answer.total, answer.notes, spelling, answer.results, _facets(answer.facets, given))


def _facets(counts: Facets, given: Mapping[str, str]) -> list[Facet]:
    offered: list[tuple[str, str, Mapping[str, int], type[Section | Tag | Person]]] = [
        ("section", gettext("Section"), counts.sections, Section),
        ("tag", gettext("Tag"), counts.tags, Tag),
        ("author", gettext("Author"), counts.authors, Person),
    ]
    facets = []
    for name, label, by_slug, model in offered:
        chosen = given.get(name)
        most = sorted(by_slug, key=lambda slug: (slug != chosen, -by_slug[slug], slug))[:OPTIONS]
        printed = select(model.slug, model.name).where(model.slug.in_(most))
        if model is Tag:
            printed = printed.where(Tag.internal.is_(False))
        names = {row.slug: row.name for row in db.session().execute(printed)}
        options = [_option(given, name, slug, names[slug], by_slug[slug]) for slug in most if slug in names]
        if chosen is not None and chosen not in names:
            # As typed, whatever it names: whether there is such a section, tag or person is not told.
            options.insert(0, _option(given, name, chosen, chosen, 0))
        if options:
            facets.append(Facet(name, label, options))
    return facets


def _option(given: Mapping[str, str], name: str, value: str, label: str, count: int) -> Option:
    """A link that narrows the search, or widens it again where it is narrowed so already."""
    chosen = given.get(name) == value
    others = {key: said for key, said in given.items() if key != name}
    return Option(label, count, _address(others if chosen else {**others, name: value}), chosen)


def _address(given: Mapping[str, str]) -> str:
    return f"{addresses.search()}?{urlencode(given)}"
