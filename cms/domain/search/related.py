"""Which stories stand beside a story: worked out when one changes, so that a page only has to read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ForeignKey, Select, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base
from cms.domain import keys
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import visible
from cms.interfaces import SearchIndex

KEPT = 8
"""Twice what a page shows: some may be withdrawn before the list is made anew."""

Lists = Mapping[str, Sequence[str]]
"""Public ids of the most alike, best first, by the public id of the article that they stand beside."""


class RelatedArticle(Base):
    """Derived, and made anew by the worker. A story that is like no other has one row, which names none."""

    __tablename__ = "related_articles"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)


def beside(publications: Select[Any], article_id: int | BindParameter[int]) -> Select[Any]:
    """Those of the publications that stand beside the article, the most alike first."""
    listed = publications.join(RelatedArticle, RelatedArticle.other_id == Publication.article_id)
    return listed.where(RelatedArticle.article_id == article_id).order_by(RelatedArticle.place)


def lists_of(index: SearchIndex, articles: Iterable[str]) -> dict[str, Sequence[str]]:
    """What the index finds most like each article. Raises IndexUnusable."""
    return {article: index.similar(article, KEPT) for article in articles}


def around(session: Session, lists: Lists) -> set[str]:
    """The articles whose own lists may differ now that these have changed: those near them, then and now."""
    near = {other for others in lists.values() for other in others}
    changed = select(Article.id).where(Article.public_id.in_(lists))
    naming = select(RelatedArticle.article_id).where(RelatedArticle.other_id.in_(changed))
    named = select(Article.public_id).where(Article.id.in_(naming))
    return (near | set(session.scalars(named))) - lists.keys()


def without_any(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """Some of the visible articles that nothing was ever worked out for."""
    made = select(RelatedArticle.article_id).where(RelatedArticle.article_id == Publication.article_id).exists()
    some = visible(now).where(~made).order_by(Publication.article_id.desc()).limit(limit)
    return session.scalars(some.with_only_columns(Article.public_id, maintain_column_froms=True)).all()


def keep(session: Session, lists: Lists) -> frozenset[str]:
    """Write the lists that differ from what is kept; the cache keys of the pages that they are printed on."""
    public_ids = {*lists, *(other for others in lists.values() for other in others)}
    wanted = select(Article.public_id, Article.id).where(Article.public_id.in_(public_ids))
    ids: dict[str, int] = {row[0]: row[1] for row in session.execute(wanted)}
    kept = _kept(session, [ids[article] for article in lists if article in ids])
    touched = set()
    for article, others in lists.items():
        if article not in ids:
            continue
        named: list[int | None] = [ids[other] for other in others if other in ids]
        fresh = named or [None]
        if fresh == kept[ids[article]]:
            continue
        session.execute(delete(RelatedArticle).where(RelatedArticle.article_id == ids[article]))
        rows = [RelatedArticle(article_id=ids[article], place=place, other_id=one) for place, one in enumerate(fresh)]
        session.add_all(rows)
        touched.add(keys.related(article))
    return frozenset(touched)


def _kept(session: Session, article_ids: Sequence[int]) -> dict[int, list[int | None]]:
    kept: dict[int, list[int | None]] = defaultdict(list)
    rows = select(RelatedArticle).where(RelatedArticle.article_id.in_(article_ids))
    for row in session.scalars(rows.order_by(RelatedArticle.article_id, RelatedArticle.place)):
        kept[row.article_id].append(row.other_id)
        session.expunge(row)
    return kept
