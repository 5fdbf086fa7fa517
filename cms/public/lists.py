"""Lists of stories, newest first: sections, tags, authors and the archive."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, format_skeleton
from flask import Response, abort
from flask_babel import gettext
from sqlalchemy import Select, extract, func
from werkzeug.wrappers import Response as BaseResponse

from cms.domain import addresses, forwards, keys
from cms.domain.articles.lists import PAPER, Listing, by_author, dated, in_sections, length, newest, tagged
from cms.domain.articles.model import Article
from cms.domain.articles.picture_use import portrait
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import Listed
from cms.domain.fronts.filling import chosen_for
from cms.domain.fronts.slots import LEAD, SECONDARY, SIZES
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_path, tag_by_slug
from cms.public.page import Term, feeds, page, section_tree
from cms.public.paging import PER_PAGE, enough, offset, paging
from cms.public.printing import paper_printer
from cms.web.current import newsroom, now, recollection
from cms.web.database import db
from cms.web.moved import elsewhere
from cms.web.telling import told

IN_FRONT = SIZES[LEAD] + SIZES[SECONDARY]
"""How many stories stand above a section's list; a section with no more than these is a list alone."""


@dataclass(frozen=True)
class Span:
    """A year, month or day of the archive with how many stories it holds."""

    name: str
    path: str
    count: int


def section(path: str) -> BaseResponse:
    found = section_by_path(db.session(), path)
    if found is None:
        return elsewhere(forwards.SECTION, path, addresses.section(path))
    tree = section_tree()
    below = [each for each in tree if each.path.startswith(f"{found.path}/")]
    above = [each for each in tree if found.path.startswith(f"{each.path}/")]
    return _listing(
        "section.html",
        in_sections([found.id, *(each.id for each in below)]),
        addresses.section(found.path),
        found.name,
        key=keys.section(found.slug),
        chosen=chosen_for(db.session(), found, now()),
        section=found,
        description=found.introduction,
        ancestors=[Term(each.name, addresses.section(each.path)) for each in above],
        children=[Term(each.name, addresses.section(each.path)) for each in below if each.parent_id == found.id],
    )


def tag(slug: str) -> BaseResponse:
    found = tag_by_slug(db.session(), slug)
    if found is None:
        return elsewhere(forwards.TAG, slug, addresses.tag(slug))
    if found.internal:
        abort(404)
    return _listing(
        "tag.html",
        tagged(found.id),
        addresses.tag(slug),
        found.name,
        key=keys.tag(slug),
        or_else_404=True,
        tag=found,
        description=found.introduction,
    )


def author(slug: str) -> BaseResponse:
    found = person_by_slug(db.session(), slug)
    if found is None:
        return elsewhere(forwards.PERSON, slug, addresses.author(slug))
    return _listing(
        "author.html",
        by_author(found.id, house=found.house),
        addresses.author(slug),
        found.name,
        key=keys.person(slug),
        or_else_404=True,
        person=found,
        portrait=portrait(db.session(), found, now()),
        description=found.bio,
    )


def archive(year: int | None = None, month: int | None = None, day: int | None = None) -> Response:
    """Everything, or one year, month or day of the site's calendar; one without a story is 404."""
    first, last = _bounds(year, month, day)
    within = visible(now()).where(Article.address_date >= first, Article.address_date <= last)
    path = addresses.archive(year, month, day) if year else addresses.archives()
    return _listing(
        "archive.html",
        dated(first, last) if year else PAPER,
        path,
        _span_name(year, month, day) or gettext("Archive"),
        key=keys.FRONT,
        or_else_404=year is not None,
        above=_above(year, month, day),
        spans=_spans(within, year, month, day),
    )


def _listing(
    template: str,
    listing: Listing,
    path: str,
    title: str,
    *,
    key: str,
    or_else_404: bool = False,
    chosen: Mapping[tuple[str, int], Listed] | None = None,
    **context: Any,
) -> Response:
    session, settings = db.session(), newsroom().settings
    placed = chosen or {}
    apart = [row.article_id for row in placed.values()]
    most = enough()
    counted = recollection().recall(
        ("length", listing, most, *apart), {key}, lambda: length(session, listing, now(), most, apart)
    )
    total = len(placed) + counted
    if or_else_404 and not total:
        abort(404)
    at = paging(total, path, to_its_end=counted < most)
    start, first_page = offset(at.number), at.number == 1
    limit = PER_PAGE - len(placed) if first_page else PER_PAGE
    rows = newest(session, listing, now(), limit, offset=max(0, start - len(placed)), without=apart)
    has_front = chosen is not None and first_page and len(placed) + len(rows) > IN_FRONT
    if has_front:
        slots = [(LEAD, 0), *((SECONDARY, position) for position in range(SIZES[SECONDARY]))]
        rows = [placed.get(slot) or rows.pop(0) for slot in slots] + rows
    elif first_page:
        rows = [*placed.values(), *rows]
    stories = told(rows)
    own_feeds = () if template == "archive.html" else feeds(f"{title} – {settings.site_name}", path)
    return page(
        template,
        path=path,
        canonical=settings.origin + at.here,
        keyed={key},
        title=title,
        front=stories[:IN_FRONT] if has_front else [],
        stories=stories[IN_FRONT:] if has_front else stories,
        paging=at,
        feeds=own_feeds,
        **context,
    )


# --- The archive's calendar --------------------------------------------------------------------------------


def _bounds(year: int | None, month: int | None, day: int | None) -> tuple[date, date]:
    """The first and last day of the span; 404 for one that no calendar has."""
    try:
        first = date(year or 1, month or 1, day or 1)
        end_month = month or 12
        end_year = year or 9999
        last_day = day or calendar.monthrange(end_year, end_month)[1]
        return first, date(end_year, end_month, last_day)
    except ValueError:
        abort(404)


def _spans(within: Select[Any], year: int | None, month: int | None, day: int | None) -> list[Span]:
    """The years of the archive, the months of a year or the days of a month that hold stories."""
    if day:
        return []
    part = extract("day" if month else "month" if year else "year", Article.address_date)
    counted = within.with_only_columns(part, func.count(), maintain_column_froms=True).group_by(part).order_by(part)
    rows = recollection().recall(("spans", year, month), {keys.FRONT}, lambda: db.session().execute(counted).all())
    spans = []
    for number, count in rows:
        parts = [*(each for each in (year, month) if each), int(number)]
        name = paper_printer().number(int(number)) if month else _span_name(*parts)
        spans.append(Span(name, addresses.archive(*parts), count))
    return spans if year else spans[::-1]


def _above(year: int | None, month: int | None, day: int | None) -> Term | None:
    if not year:
        return None
    if not month:
        return Term(gettext("Archive"), addresses.archives())
    parts = [year, month] if day else [year]
    return Term(_span_name(*parts), addresses.archive(*parts))


def _span_name(year: int | None = None, month: int | None = None, day: int | None = None) -> str:
    """``2024``, ``March 2024`` or ``March 26, 2024``."""
    if not year:
        return ""
    locale = paper_printer().locale
    if not month:
        return str(year)
    if not day:
        return format_skeleton("yMMMM", date(year, month, 1), locale=locale)
    return format_date(date(year, month, day), "long", locale=locale)
