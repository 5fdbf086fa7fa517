"""Visits, counted: what is shown (totals, days, quarter hours) and what keeps the counting exact.

Only the roll-up writes here, in one transaction a batch; staff adjustments are rows of their own.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime

Key = BigInteger().with_variant(Integer, "sqlite")
"""64 bits. On SQLite it must be called INTEGER to be the row's own id, which makes a lookup twice as fast."""


class VisitTotal(Base):
    """All visits of an article, adjustments included."""

    __tablename__ = "visit_totals"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    visits: Mapped[int] = mapped_column(BigInteger)


class VisitDay(Base):
    """An article's visits on one of the site's days, as that day was when they were counted."""

    __tablename__ = "visit_days"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    visits: Mapped[int]
    uniques: Mapped[int]
    """Readers who were counted at least once that day."""
    networks: Mapped[int]
    """Networks they came from: the salt is the day's, so nothing can tell whether it saw them on another."""


class VisitBucket(Base):
    """An article's visits in one quarter hour of UTC."""

    __tablename__ = "visit_buckets"
    __table_args__ = (Index(None, "article_id", "starts_at"),)

    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    visits: Mapped[int]


class VisitAdjustment(Base):
    """Visits added or taken away by staff or brought by an import, with the reason; signed."""

    __tablename__ = "visit_adjustments"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    visits: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(String(200))


class VisitDrop(Base):
    """Views that didn't count on one of the site's days, by reason."""

    __tablename__ = "visit_drops"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(20), primary_key=True)
    views: Mapped[int]


# --- What keeps it exact. Times are microseconds since 1970; every row is deleted after 26 hours -----------


class SeenView(Base):
    """A view id that has come in: the first 64 bits of its hash. A retried beacon finds itself here."""

    __tablename__ = "visit_seen_views"

    view: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    seen: Mapped[int] = mapped_column(BigInteger, index=True)


class CountedReader(Base):
    """A reader's key for one article and day, with the last visit that was counted."""

    __tablename__ = "visit_counted_readers"

    reader: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    counted: Mapped[int] = mapped_column(BigInteger, index=True)


class CountedNetwork(Base):
    """A network's key for one article and day, with the half hour that began at ``since`` and its visits."""

    __tablename__ = "visit_counted_networks"

    network: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(BigInteger, index=True)
    visits: Mapped[int]


class RolledUpSegment(Base):
    """A segment whose views are in the tables above: its name must never be counted again."""

    __tablename__ = "visit_segments"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    rolled_up_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
