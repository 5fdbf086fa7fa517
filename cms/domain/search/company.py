"""Who stands beside a story on its page: the stories like it, and its neighbours in its section.

One statement asks for all of them at once: asking three times takes longer than finding them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, literal_column, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from cms.db import UTCDateTime
from cms.domain.articles.lists import in_sections, newest
from cms.domain.articles.model import Publication, RevisionSection
from cms.domain.articles.queries import NOW, on_show, visible
from cms.domain.articles.reading import Listed, Shown, read_listed
from cms.domain.search.related import RelatedArticle, beside

RELATED = 4


@dataclass(frozen=True)
class Company:
    related: Sequence[Listed]
    """The most alike, as worked out when it was published; the newest of its section where those are too few."""
    older: Listed | None
    """The story of the same section that was first published just before it; at one instant, the one begun first."""
    newer: Listed | None


def company_of(session: Session, row: Shown, now: datetime) -> Company:
    given = {"now": now, "article": row.article_id, "revision": row.revision_id, "first": row.first_live_from}
    found: defaultdict[str, list[Listed]] = defaultdict(list)
    for *columns, place in session.connection().execute(_COMPANY, given):
        found[place].append(Listed(*columns))
    related = found["related"]
    if len(related) < RELATED:
        known = [row.article_id, *(other.article_id for other in related)]
        related += newest(session, in_sections(_primary(session, row)), now, RELATED - len(related), without=known)
    return Company(related, next(iter(found["older"]), None), next(iter(found["newer"]), None))


def _primary(session: Session, row: Shown) -> list[int]:
    """The story's first section, if it has any."""
    return list(session.connection().scalars(_PRIMARY, {"revision": row.revision_id}))


# --- The statement -----------------------------------------------------------------------------------------

_ARTICLE = bindparam("article", type_=Integer)
_FIRST, _ONE, _FEW = (literal_column(str(number), Integer) for number in (0, 1, RELATED))
"""Written out, like the limits: SQLite plans a statement anew for every value that bounds it."""

_PRIMARY = select(RevisionSection.section_id).where(
    RevisionSection.revision_id == bindparam("revision", type_=Integer), RevisionSection.position == _FIRST
)


def _neighbour(*, newer: bool) -> Select[Any]:
    filed = aliased(RevisionSection)
    first, start = filed.first_live_from, bindparam("first", type_=UTCDateTime)
    others = (
        on_show(NOW)
        .join(filed, filed.revision_id == Publication.revision_id)
        .where(filed.section_id == _PRIMARY.scalar_subquery())
        .limit(_ONE)
    )
    order, here = tuple_(first, Publication.article_id), tuple_(start, _ARTICLE)
    if newer:
        return others.where(first >= start, order > here).order_by(first, Publication.article_id)
    return others.where(first <= start, order < here).order_by(first.desc(), Publication.article_id.desc())


def _placed(place: str, publications: Select[Any], position: ColumnElement[Any]) -> Select[Any]:
    found = publications.with_only_columns(Publication.id, position.label("position"), maintain_column_froms=True)
    rows = found.subquery()
    return select(literal_column(f"'{place}'").label("place"), *rows.c)


_picked = union_all(  # the ids first: what is told of each stands in the statement once
    _placed("related", beside(on_show(NOW), _ARTICLE).limit(_FEW), RelatedArticle.__table__.c.place),
    _placed("older", _neighbour(newer=False), _FIRST),
    _placed("newer", _neighbour(newer=True), _FIRST),
).subquery()
_COMPANY = (
    read_listed(visible(NOW).join(_picked, _picked.c.id == Publication.id))
    .add_columns(_picked.c.place)
    .order_by(_picked.c.place, _picked.c.position)
)
