"""How often articles were visited: in all, today, in the last day, week and month; and the days of a chart.

Each function asks a constant number of queries, whatever the number of articles.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from cms.domain.views.days import BUCKET, bucket_start, site_day
from cms.domain.views.model import VisitAdjustment, VisitBucket, VisitDay, VisitDrop, VisitTotal

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class Figures:
    """What the visits sentence says. ``today`` is the site's day."""

    total: int = 0
    today: int = 0


@dataclass(frozen=True)
class Recent:
    """Visits in the last 24 hours, 7 and 30 days, to the quarter hour."""

    day: int = 0
    week: int = 0
    month: int = 0


@dataclass(frozen=True)
class DayFigures:
    day: date
    visits: int
    uniques: int


def figures(session: Session, article_ids: Collection[int], now: datetime, zone: tzinfo) -> dict[int, Figures]:
    """Each article's figures, zeros for those never visited. One query."""
    rows = session.connection().execute(_FIGURES, {"ids": list(article_ids), "today": site_day(now, zone)})
    found = {article_id: Figures(total, visits) for article_id, total, visits in rows}
    return {article_id: found.get(article_id, Figures()) for article_id in article_ids}


_FIGURES = (  # built once, since every article's page asks
    select(VisitTotal.article_id, VisitTotal.visits, func.coalesce(VisitDay.visits, 0))
    .outerjoin(VisitDay, and_(VisitDay.article_id == VisitTotal.article_id, VisitDay.day == bindparam("today")))
    .where(VisitTotal.article_id.in_(bindparam("ids", expanding=True)))
)


def recent(session: Session, article_ids: Collection[int], now: datetime) -> dict[int, Recent]:
    """Each article's visits of late, zeros for those never visited. One query."""

    def since(window: timedelta) -> ColumnElement[int]:
        inside = case((VisitBucket.starts_at >= window_start(now, window), VisitBucket.visits))
        return func.coalesce(func.sum(inside), 0)

    rows = session.execute(
        select(VisitBucket.article_id, since(DAY), since(WEEK), since(MONTH))
        .where(VisitBucket.article_id.in_(article_ids), VisitBucket.starts_at >= window_start(now, MONTH))
        .group_by(VisitBucket.article_id)
    )
    found = {article_id: Recent(day, week, month) for article_id, day, week, month in rows}
    return {article_id: found.get(article_id, Recent()) for article_id in article_ids}


def site_totals(session: Session, now: datetime, zone: tzinfo) -> tuple[Figures, Recent]:
    """All articles together: ever, today, and of late. Three queries."""
    ever = session.scalar(select(func.sum(VisitTotal.visits))) or 0
    today = session.scalar(select(func.sum(VisitDay.visits)).where(VisitDay.day == site_day(now, zone))) or 0
    sums = [
        func.sum(case((VisitBucket.starts_at >= window_start(now, window), VisitBucket.visits), else_=0))
        for window in (DAY, WEEK, MONTH)
    ]
    late = session.execute(select(*sums).where(VisitBucket.starts_at >= window_start(now, MONTH))).one()
    return Figures(int(ever), int(today)), Recent(*(int(number or 0) for number in late))


def by_hour(
    session: Session, now: datetime, zone: tzinfo, article_ids: Collection[int] | None = None
) -> list[tuple[datetime, int]]:
    """Visits in each hour of the site's clock in the last 24 hours, the one we are in last."""
    query = (
        select(VisitBucket.starts_at, func.sum(VisitBucket.visits))
        .where(VisitBucket.starts_at >= window_start(now, DAY))
        .group_by(VisitBucket.starts_at)
    )
    if article_ids is not None:
        query = query.where(VisitBucket.article_id.in_(article_ids))
    this = _hour(now, zone)
    hours = {this - timedelta(hours=n): 0 for n in range(23, -1, -1)}
    for start, visits in session.execute(query):
        hour = _hour(start, zone)
        if hour in hours:  # the window begins within an hour that is not shown
            hours[hour] += int(visits)
    return list(hours.items())


def _hour(at: datetime, zone: tzinfo) -> datetime:
    """The start, in UTC, of the hour that a clock in ``zone`` shows at ``at``."""
    local = at.astimezone(zone)
    return at.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def window_start(now: datetime, window: timedelta) -> datetime:
    """The first quarter hour in a window that ends now: 24 hours are 95 whole ones and the one we are in."""
    return bucket_start(now) - window + BUCKET


def by_day(session: Session, first: date, last: date, article_ids: Collection[int] | None = None) -> list[DayFigures]:
    """Visits and daily readers from ``first`` to ``last``, every day there, of some articles or of all.

    A reader of two articles is two here: their keys cannot be brought together.
    """
    query = (
        select(VisitDay.day, func.sum(VisitDay.visits), func.sum(VisitDay.uniques))
        .where(VisitDay.day.between(first, last))
        .group_by(VisitDay.day)
    )
    if article_ids is not None:
        query = query.where(VisitDay.article_id.in_(article_ids))
    found = {day: DayFigures(day, visits, uniques) for day, visits, uniques in session.execute(query)}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [found.get(day) or DayFigures(day, 0, 0) for day in days]


def drops(session: Session, first: date, last: date) -> dict[str, int]:
    """Views that didn't count, by reason, most first."""
    views = func.sum(VisitDrop.views)
    rows = session.execute(
        select(VisitDrop.reason, views)
        .where(VisitDrop.day.between(first, last))
        .group_by(VisitDrop.reason)
        .order_by(views.desc(), VisitDrop.reason)
    )
    return {reason: int(number) for reason, number in rows}


def out_of_step(session: Session) -> Sequence[tuple[int, int, int]]:
    """Articles whose total isn't the sum of their days and adjustments: (article id, total, sum)."""
    days = (
        select(VisitDay.article_id, func.sum(VisitDay.visits).label("visits")).group_by(VisitDay.article_id).subquery()
    )
    adjusted = (
        select(VisitAdjustment.article_id, func.sum(VisitAdjustment.visits).label("visits"))
        .group_by(VisitAdjustment.article_id)
        .subquery()
    )
    total = func.coalesce(VisitTotal.visits, 0)
    summed = func.coalesce(days.c.visits, 0) + func.coalesce(adjusted.c.visits, 0)
    rows = session.execute(
        select(func.coalesce(VisitTotal.article_id, days.c.article_id), total, summed)
        .select_from(VisitTotal)
        .outerjoin(days, days.c.article_id == VisitTotal.article_id, full=True)
        .outerjoin(adjusted, adjusted.c.article_id == VisitTotal.article_id)
        .where(total != summed)
        .order_by(VisitTotal.article_id)
    )
    return [(article_id, int(kept), int(sums)) for article_id, kept, sums in rows]
