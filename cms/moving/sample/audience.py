"""When a sample story's visits came: most soon after it was published, fewer at night, a few to this day."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, tzinfo

from cms.domain.views.windows import DAY, MONTH, WEEK

STEP, COARSE = timedelta(hours=1), timedelta(hours=6)
HALF_GONE_IN = 9.0
"""Hours after which a story is read half as often."""


def spread(total: int, lately: int, published: datetime, now: datetime, zone: tzinfo) -> dict[datetime, int]:
    """Visits by time: ``lately`` of them in the last 24 hours, the others before, as far back as a month.

    They come to ``total`` for a story not older than that; an older one's early visits are in nobody's window
    any more and are left out.
    """
    since = max(published, now - DAY)
    visits = _by_weight(lately, _times(since, now, STEP), published, zone)
    if published < now - DAY:
        first = max(published, now - MONTH)
        earlier = total - lately
        if published < first:
            earlier = min(earlier, lately * 12)
        recent = _times(max(first, now - WEEK), now - DAY, STEP * 2)
        visits |= _by_weight(earlier, _times(first, now - WEEK, COARSE) + recent, published, zone)
    return {at: number for at, number in visits.items() if number}


def _times(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """Instants from ``since`` up to ``until``; at least one where the span is shorter than a step."""
    count = math.ceil((until - since) / step)
    return [since + step * n for n in range(count)]


def _by_weight(total: int, times: list[datetime], published: datetime, zone: tzinfo) -> dict[datetime, int]:
    """``total`` parted over the times without a remainder."""
    weights = [_weight(at, published, zone) for at in times]
    whole, parted, run = sum(weights), {}, 0.0
    given = 0
    for at, weight in zip(times, weights, strict=True):
        run += weight
        upto = round(total * run / whole)
        parted[at] = upto - given
        given = upto
    return parted


def _weight(at: datetime, published: datetime, zone: tzinfo) -> float:
    hours = (at - published) / STEP
    waking = 0.15 + math.sin(math.pi * ((at.astimezone(zone).hour - 5) % 24) / 24) ** 2
    return waking * (0.5 ** (hours / HALF_GONE_IN) + 0.02)
