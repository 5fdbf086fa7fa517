"""The site's days and the quarter hours of UTC: the two ways in which visits are laid out in time.

Every zone's offset is a multiple of a quarter hour, so a bucket belongs to one site day whole.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

BUCKET = timedelta(minutes=15)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def site_day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def day_start(day: date, zone: tzinfo) -> datetime:
    """The day's first instant, in UTC. Where clocks skip midnight, that is the instant of the skip."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def bucket_start(at: datetime) -> datetime:
    """The start, in UTC, of the quarter hour that ``at`` is in."""
    return at.astimezone(UTC) - (at - _EPOCH) % BUCKET
