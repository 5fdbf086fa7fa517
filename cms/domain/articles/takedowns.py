"""What was taken down with a notice of late: those who hold a copy are told to drop it. A plain withdrawal is
never told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from cms.db import UTCDateTime
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import NOW, on_show

TOLD_FOR = timedelta(days=30)
MOST = 200
"""As many are told of in one list."""

MOST_OF_ALL = 10_000
"""As many are known of."""


class Takedown(NamedTuple):
    publication_id: int
    """Of the publication that was ended by it."""
    article: str
    """The public id."""
    at: datetime


def taken_down(session: Session, now: datetime) -> list[Takedown]:
    """Articles whose last withdrawal was a takedown, newest first, but for those that are on show again."""
    rows = session.connection().execute(_TAKEN_DOWN, {"now": now, "since": now - TOLD_FOR})
    return [Takedown(publication_id, article, at) for publication_id, article, at in rows if at is not None]


def among(
    session: Session, takedowns: Sequence[Takedown], narrow: Callable[[Select[Any]], Select[Any]]
) -> list[Takedown]:
    """The newest of one list; ``narrow`` keeps, of any publications, the list's own."""
    if not takedowns:  # as nearly always
        return []
    these = select(Publication.id).where(Publication.id.in_([each.publication_id for each in takedowns]))
    kept = set(session.scalars(narrow(these)))
    return [each for each in takedowns if each.publication_id in kept][:MOST]


_recent = select(Publication.article_id).where(Publication.withdrawn_at > bindparam("since", type_=UTCDateTime))
_last = (
    select(Publication.article_id, func.max(Publication.withdrawn_at).label("at"))
    .where(Publication.article_id.in_(_recent))
    .group_by(Publication.article_id)
    .subquery()
)
_standing = on_show(NOW).with_only_columns(Publication.article_id).where(Publication.article_id.in_(_recent))
_TAKEN_DOWN = (
    select(Publication.id, Article.public_id, Publication.withdrawn_at)
    .select_from(Publication)
    .join(Publication.article)
    .join(_last, (_last.c.article_id == Publication.article_id) & (_last.c.at == Publication.withdrawn_at))
    .where(Publication.notice.is_not(None), Publication.article_id.not_in(_standing))
    .order_by(Publication.withdrawn_at.desc(), Article.id.desc())
    .limit(MOST_OF_ALL)
)
