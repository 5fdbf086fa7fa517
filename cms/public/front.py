"""The front page: a new story with a picture leads, three stand beside it, then the latest, then each section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import contains_eager

from cms.domain import addresses, keys
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import in_sections, newest_first, present, visible
from cms.domain.articles.story import PublicStory
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections
from cms.public.page import Term, page
from cms.web.current import newsroom, now
from cms.web.database import db

SECONDARY = 3
LATEST = 8
IN_A_RAIL = 4


@dataclass(frozen=True)
class Rail:
    section: Term
    stories: list[PublicStory]


def front() -> Response:
    at, pattern = now(), newsroom().settings.article_path
    newest = _rows(limit=1 + SECONDARY + LATEST)
    rails = list(_rails({row.article_id for row in newest}))
    rows = newest + [row for _, below in rails for row in below]
    told = present(db.session(), rows, at, pattern, body=False)
    top, rest = _led(told[: len(newest)]), iter(told[len(newest) :])
    updated_at = max((story.modified_at for story in top), default=None)
    return page(
        "front.html",
        path=addresses.front(),
        keyed={keys.FRONT},
        lead=top[0] if top else None,
        secondary=top[1 : 1 + SECONDARY],
        latest=top[1 + SECONDARY :],
        rails=[Rail(section, [next(rest) for _ in below]) for section, below in rails],
        updated_at=updated_at,
    )


def _led(newest: list[PublicStory]) -> list[PublicStory]:
    """The newest stories, with the first that has a picture brought to the head: a lead is seen before it is read."""
    lead = next((story for story in newest[: 1 + SECONDARY] if story.lead_image), None)
    return [lead, *(story for story in newest if story is not lead)] if lead else newest


def _rails(shown: set[int]) -> Iterator[tuple[Term, list[Publication]]]:
    """Each top section with its newest stories (its subsections' too) that stand nowhere else on the page."""
    tree = all_sections(db.session())
    for section in tree:
        if section.parent_id is None:
            rows = _rows(limit=IN_A_RAIL, within=_with_those_below(section, tree), without=shown)
            shown |= {row.article_id for row in rows}
            if rows:
                yield Term(section.name, addresses.section(section.path)), rows


def _with_those_below(top: Section, tree: Sequence[Section]) -> list[int]:
    return [each.id for each in tree if each.id == top.id or each.path.startswith(f"{top.path}/")]


def _rows(limit: int, within: list[int] | None = None, without: set[int] | None = None) -> list[Publication]:
    wanted = newest_first(visible(now()))
    if within is not None:
        wanted = in_sections(wanted, within)
    if without:
        wanted = wanted.where(Article.id.not_in(without))
    eager = (contains_eager(Publication.article), contains_eager(Publication.revision))
    return list(db.session().scalars(wanted.options(*eager).limit(limit)))
