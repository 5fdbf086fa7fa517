"""What was taken down with a notice of late: those who hold a copy are told to drop it. A plain withdrawal is
never told of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import on_show

TOLD_FOR = timedelta(days=30)
MOST = 200


def taken_down(
    session: Session, narrow: Callable[[Select[Any]], Select[Any]], now: datetime
) -> list[tuple[str, datetime]]:
    """Public ids of the articles whose last withdrawal was a takedown, with when, newest first.

    ``narrow`` keeps the publications of one list. An article that is on show again is left out.
    """
    recent = select(Publication.article_id).where(Publication.withdrawn_at > now - TOLD_FOR)
    standing = on_show(now).with_only_columns(Publication.article_id).where(Publication.article_id.in_(recent))
    last = (
        select(Publication.article_id, func.max(Publication.withdrawn_at).label("at"))
        .where(Publication.article_id.in_(recent))
        .group_by(Publication.article_id)
        .subquery()
    )
    withdrawn: Any = (
        select(Article.public_id, Publication.withdrawn_at)
        .select_from(Publication)
        .join(Publication.article)
        .join(last, (last.c.article_id == Publication.article_id) & (last.c.at == Publication.withdrawn_at))
        .where(Publication.notice.is_not(None), Publication.article_id.not_in(standing))
        .order_by(Publication.withdrawn_at.desc(), Article.id.desc())
        .limit(MOST)
    )
    return [(article, at) for article, at in session.execute(narrow(withdrawn)) if at is not None]
