"""Visits brought from elsewhere with their times, laid out as if they had been counted here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from cms.domain.articles.model import Article
from cms.domain.errors import Invalid
from cms.domain.events import Event, Who
from cms.domain.views.days import bucket_start, site_day
from cms.domain.views.model import VisitBucket, VisitDay, VisitTotal


def bring(
    session: Session, article: Article, visits: Mapping[datetime, int], *, networks: int, actor: Who, zone: tzinfo
) -> Event:
    """Add these visits, each number at its time, to the article's total, days and quarter hours.

    ``networks`` is from how many networks a day's readers came, as far as that is known. Raises Invalid for a
    number below nothing: what is taken away is adjusted, with a reason.
    """
    if any(number < 0 for number in visits.values()):
        raise Invalid({"visits": ["Takes numbers of 0 and more."]})
    buckets: Counter[datetime] = Counter()
    days: Counter[date] = Counter()
    for at, number in visits.items():
        buckets[bucket_start(at)] += number
        days[site_day(at, zone)] += number
    total = session.get(VisitTotal, article.id) or VisitTotal(article_id=article.id, visits=0)
    before = total.visits
    total.visits += days.total()
    session.add(total)
    for day, number in sorted(days.items()):
        row = session.get(VisitDay, (article.id, day))
        row = row or VisitDay(article_id=article.id, day=day, visits=0, uniques=0, networks=0)
        row.visits += number
        row.uniques += number
        row.networks += min(networks, number)
        session.add(row)
    for start, number in sorted(buckets.items()):
        bucket = session.get(VisitBucket, (start, article.id))
        bucket = bucket or VisitBucket(starts_at=start, article_id=article.id, visits=0)
        bucket.visits += number
        session.add(bucket)
    return Event("visits.bring", actor, f"article:{article.public_id}", {"total": before}, {"total": total.visits})
