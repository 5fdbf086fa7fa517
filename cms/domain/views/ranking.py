"""Most read: the visible articles in order of their visits within a window."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, func, select

from cms.domain.articles.model import Article, Publication
from cms.domain.views.days import site_day
from cms.domain.views.model import VisitBucket, VisitDay
from cms.domain.views.windows import window_start

NETWORKS = 2
"""How many networks a story's readers must come from: one office alone can't lift its own."""


def most_read(
    publications: Select[Any],
    window: timedelta,
    now: datetime,
    zone: tzinfo,
    *,
    networks: int,
    max_age: timedelta | None = None,
    without: Collection[str] = (),
) -> Select[Any]:
    """These publications' most read first; of equals the newer story, then the higher id.

    ``publications`` is ``queries.visible(now)``, narrowed to a section or whatever the list is of; add a limit.
    An article takes part if readers came from ``networks`` different networks on at least one of the window's
    days (more can't be told: the keys of two days don't compare), so that one office can't lift its own story.
    ``max_age`` is counted from the first publication; ``without`` are public ids.
    """
    since = window_start(now, window)
    read = (
        select(VisitBucket.article_id, func.sum(VisitBucket.visits).label("visits"))
        .where(VisitBucket.starts_at >= since)
        .group_by(VisitBucket.article_id)
        .subquery()
    )
    ranked = publications.join(read, read.c.article_id == Publication.article_id)
    if networks > 1:
        widely = select(VisitDay.article_id).where(VisitDay.day >= site_day(since, zone), VisitDay.networks >= networks)
        ranked = ranked.where(Publication.article_id.in_(widely))
    if max_age is not None:
        ranked = ranked.where(Article.first_live_from >= now - max_age)
    if without:
        ranked = ranked.where(Article.public_id.not_in(without))
    return ranked.order_by(None).order_by(read.c.visits.desc(), Article.first_live_from.desc(), Article.id.desc())
