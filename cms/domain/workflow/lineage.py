"""Descent: whether a text was made from another, by the base that each revision names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision


def has_fix(session: Session, article: Article, number: int) -> bool:
    """Whether revision ``number`` descends from the article's newest live fix, or there is none."""
    if article.fixed is None:
        return True
    rows = session.execute(select(Revision.number, Revision.base).where(Revision.article_id == article.id))
    bases = {each: base for each, base in rows}  # noqa: C416
    step: int | None = number
    while step is not None and step > article.fixed:
        step = bases.get(step)
    return step == article.fixed
