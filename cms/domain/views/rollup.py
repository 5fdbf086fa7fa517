"""From the spool to the tables: each acknowledged view counted exactly once, whatever dies when.

Three steps, and the commit between the last two is the caller's:

1. ``gather`` reads sealed segments. Nothing is changed yet.
2. ``count`` writes totals, days, buckets, what dedupe must remember *and the segments' names* in one transaction.
3. ``discard`` deletes the segments. A death before the commit leaves everything as it was; a death between commit
   and discard leaves segments whose names are known, and the next round only deletes them.

The transaction is a full, synced one like every editorial commit: once a second is cheap (0.7 ms), and a segment
may then be deleted at once. With a lighter commit it would have to wait for a full one that follows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cms.db import one_at_a_time
from cms.domain.articles import queries
from cms.domain.articles.model import Article
from cms.domain.views.days import bucket_start, site_day
from cms.domain.views.model import RolledUpSegment, VisitBucket, VisitDay, VisitDrop, VisitTotal
from cms.domain.views.once import Memory, forget_old
from cms.domain.views.rows import add_up, in_hundreds
from cms.interfaces import Beat, Segment, ViewStore

NETWORK_SHARE = 300
"""Visits that one network can add to one article in half an hour, however many agents it calls itself."""

_NAMES_KEPT = timedelta(hours=1)
"""Discarding is durable, so a name is only needed by a worker that read the segment before it was discarded."""


@dataclass(frozen=True)
class Batch:
    """Sealed segments, read, and the names of all there are."""

    segments: tuple[Segment, ...]
    names: frozenset[str]

    @property
    def more(self) -> bool:
        """Others wait: gather again once these are discarded."""
        return len(self.segments) < len(self.names)


def gather(store: ViewStore, at_most: int = 10_000) -> Batch:
    """The oldest sealed segments, up to about this many views, so that a transaction stays short.

    Of a backlog that is longer, one process's views are counted before another's of the same minutes. Then a retry may
    be the one of its visit that counts: once all the same, but at its own time.
    """
    found: list[Segment] = []
    names = store.sealed()
    size = 0
    for name in names:
        segment = store.read(name)
        if segment is None:
            continue
        found.append(segment)
        size += len(segment.beats)
        if size >= at_most:
            break
    return Batch(tuple(found), frozenset(names))


def count(session: Session, batch: Batch, now: datetime, zone: tzinfo, network_share: int = NETWORK_SHARE) -> int:
    """Count the batch's views on a write session, without committing. Returns how many visits they made."""
    if not batch.segments:
        return 0
    one_at_a_time(session, "roll up visits")  # each must see whom the others have counted
    segments = _not_yet_counted(session, batch.segments)
    beats = sorted((beat for segment in segments for beat in segment.beats), key=lambda beat: beat.at)
    articles = _begun_articles(session, {beat.article for beat in beats}, now)
    memory = Memory(session, [beat for beat in beats if beat.article in articles], network_share)
    tally = _Tally(zone)
    for beat in beats:
        tally.add(beat, articles.get(beat.article), memory)
    for segment in segments:
        for drop in segment.drops:
            tally.drops[site_day(drop.at, zone), drop.reason] += drop.number
    memory.save()
    tally.save(session)
    session.add_all(RolledUpSegment(name=segment.name, rolled_up_at=now) for segment in segments)
    forget_old(session, min(now, beats[0].at) if beats else now)
    _forget_names(session, batch, now)
    session.flush()
    return tally.visits


def discard(store: ViewStore, batch: Batch) -> None:
    """Delete the segments. Only once the session that counted them has committed."""
    store.discard([segment.name for segment in batch.segments])


class _Tally:
    """One batch's sums."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._day_of: dict[datetime, date] = {}
        self._buckets: Counter[tuple[datetime, int]] = Counter()
        self._days: defaultdict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0, 0])
        self._totals: Counter[int] = Counter()
        self.drops: Counter[tuple[date, str]] = Counter()

    @property
    def visits(self) -> int:
        return self._totals.total()

    def add(self, beat: Beat, article_id: int | None, memory: Memory) -> None:
        bucket = bucket_start(beat.at)
        day = self._day_of.get(bucket)
        if day is None:
            day = self._day_of[bucket] = site_day(bucket, self._zone)
        if article_id is None:
            self.drops[day, "unknown"] += 1
            return
        verdict = memory.judge(beat)
        if verdict.reason:
            self.drops[day, verdict.reason] += 1
            return
        self._totals[article_id] += 1
        self._buckets[bucket, article_id] += 1
        sums = self._days[article_id, day]
        sums[0] += 1
        sums[1] += verdict.new_reader
        sums[2] += verdict.new_network

    def save(self, session: Session) -> None:
        add_up(session, VisitTotal, [{"article_id": a, "visits": n} for a, n in self._totals.items()])
        add_up(
            session,
            VisitBucket,
            [{"starts_at": at, "article_id": a, "visits": n} for (at, a), n in self._buckets.items()],
        )
        add_up(
            session,
            VisitDay,
            [
                {"article_id": a, "day": day, "visits": visits, "uniques": uniques, "networks": networks}
                for (a, day), (visits, uniques, networks) in self._days.items()
            ],
        )
        add_up(
            session,
            VisitDrop,
            [{"day": day, "reason": reason, "views": n} for (day, reason), n in self.drops.items()],
        )


def _not_yet_counted(session: Session, segments: Sequence[Segment]) -> list[Segment]:
    counted: set[str] = set()
    for names in in_hundreds(segment.name for segment in segments):
        known = select(RolledUpSegment.name).where(RolledUpSegment.name.in_(names))
        counted.update(session.scalars(known))
    return [segment for segment in segments if segment.name not in counted]


def _begun_articles(session: Session, public_ids: Collection[str], now: datetime) -> dict[str, int]:
    """Ids of those that readers have ever been able to see; the others leave no row.

    Whether an article was visible was decided at the door, at the view's own instant: a story that has expired
    since keeps the visits of its last second.
    """
    found: dict[str, int] = {}
    begun = queries.begun(now).with_only_columns(Article.public_id, Article.id).distinct()
    for some in in_hundreds(public_ids):
        rows = session.execute(begun.where(Article.public_id.in_(some)))
        found.update((public_id, article_id) for public_id, article_id in rows)
    return found


def _forget_names(session: Session, batch: Batch, now: datetime) -> None:
    """Names of segments discarded long ago, but none that is still there to be read."""
    old = select(RolledUpSegment.name).where(RolledUpSegment.rolled_up_at < now - _NAMES_KEPT)
    for names in in_hundreds(set(session.scalars(old)) - batch.names):
        session.execute(delete(RolledUpSegment).where(RolledUpSegment.name.in_(names)))
