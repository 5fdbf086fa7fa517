"""Who stands beside a story on its page: the stories like it, the most read, and its neighbours in its section.

One statement asks for all of them at once: asking four times takes longer than finding them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from cms.db import UTCDateTime
from cms.domain.articles.lists import in_sections, newest
from cms.domain.articles.model import Article, Publication, RevisionSection
from cms.domain.articles.queries import NOW, visible
from cms.domain.articles.reading import Shown, read
from cms.domain.search.related import beside

RELATED = 4


@dataclass(frozen=True)
class Company:
    related: Sequence[Shown]
    """The most alike, as worked out when it was published; the newest of its section where those are too few."""
    ranked: Sequence[Shown]
    older: Shown | None
    """The story of the same section that was first published just before it."""
    newer: Shown | None


def company_of(session: Session, row: Shown, ranked: Sequence[int], now: datetime) -> Company:
    """``ranked`` are the articles most read, the first of them first; those not on show are left out."""
    given = {"now": now, "article": row.article_id, "revision": row.revision_id, "first": row.first_live_from}
    found: defaultdict[str, list[Shown]] = defaultdict(list)
    for place, *columns in session.connection().execute(_COMPANY, {**given, "ranked": list(ranked)}):
        found[place].append(Shown(*columns))
    related = found["related"]
    if len(related) < RELATED:
        known = [row.article_id, *(other.article_id for other in related)]
        related += newest(session, in_sections(_primary(session, row)), now, RELATED - len(related), without=known)
    by_rank = sorted(found["ranked"], key=lambda each: ranked.index(each.article_id))
    return Company(related, by_rank, next(iter(found["older"]), None), next(iter(found["newer"]), None))


def _primary(session: Session, row: Shown) -> list[int]:
    """The story's first section, if it has any."""
    return list(session.connection().scalars(_PRIMARY, {"revision": row.revision_id}))


# --- The statement -----------------------------------------------------------------------------------------

_ARTICLE = bindparam("article", type_=Integer)
_PRIMARY = select(RevisionSection.section_id).where(
    RevisionSection.revision_id == bindparam("revision", type_=Integer), RevisionSection.position == 0
)


def _neighbour(*, newer: bool) -> Select[Any]:
    filed = aliased(RevisionSection)
    first, start = filed.first_live_from, bindparam("first", type_=UTCDateTime)
    others = (
        visible(NOW)
        .join(filed, filed.revision_id == Publication.revision_id)
        .where(filed.section_id == _PRIMARY.scalar_subquery(), Article.id != _ARTICLE)
        .limit(1)
    )
    if newer:
        return others.where(first > start).order_by(first, Article.id)
    return others.where(first <= start).order_by(first.desc(), Article.id.desc())


def _placed(place: str, publications: Select[Any]) -> Select[Any]:
    rows = read(publications).subquery()
    return select(literal(place), *rows.c)


_COMPANY = union_all(
    _placed("related", beside(visible(NOW), _ARTICLE).limit(RELATED)),
    _placed("ranked", visible(NOW).where(Article.id.in_(bindparam("ranked", expanding=True)), Article.id != _ARTICLE)),
    _placed("older", _neighbour(newer=False)),
    _placed("newer", _neighbour(newer=True)),
)
