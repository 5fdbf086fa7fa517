"""Exactly once: which of the views that were taken at the door are visits.

A view counts unless its id has come in within 24 hours, or its reader's last *counted* visit to the article is less
than half an hour away, or its network has had its share of the half hour. Views mostly come in order of time. One
that comes late, from a process that died, is held against what was counted after it too, so it is never counted
beside a visit that it belongs to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cms.domain.views.model import CountedNetwork, CountedReader, SeenView
from cms.domain.views.rows import in_hundreds, replace
from cms.interfaces import Beat

HALF_HOUR = 30 * 60 * 1_000_000
DAY = 24 * 3600 * 1_000_000
KEPT = 26 * 3600 * 1_000_000
"""A site day has up to 25 hours, and a reader's key outlives it by half of one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` (repeat, recent, over_cap) is empty for a visit."""

    reason: str = ""
    new_reader: bool = False
    new_network: bool = False


class Memory:
    """What is remembered of the readers in one batch of beats; changed by ``judge``, written by ``save``."""

    def __init__(self, session: Session, beats: Collection[Beat], network_share: int) -> None:
        self._session = session
        self._share = network_share
        self._views = dict(
            _found(session, SeenView.view, (SeenView.view, SeenView.seen), {view_key(b.view) for b in beats})
        )
        readers = {b.reader for b in beats} | {b.earlier for b in beats if b.earlier is not None}
        self._readers = dict(
            _found(session, CountedReader.reader, (CountedReader.reader, CountedReader.counted), readers)
        )
        self._networks = {
            network: (since, visits)
            for network, since, visits in _found(
                session,
                CountedNetwork.network,
                (CountedNetwork.network, CountedNetwork.since, CountedNetwork.visits),
                {b.network for b in beats},
            )
        }
        self._new_views: dict[int, int] = {}
        self._new_readers: dict[int, int] = {}
        self._new_networks: dict[int, tuple[int, int]] = {}

    def judge(self, beat: Beat) -> Verdict:
        at = microseconds(beat.at)
        view = view_key(beat.view)
        seen = self._views.get(view)
        if seen is not None and abs(at - seen) < DAY:
            return Verdict("repeat")
        self._views[view] = self._new_views[view] = at
        for reader in (beat.reader, beat.earlier):
            counted = None if reader is None else self._readers.get(reader)
            if counted is not None and abs(at - counted) < HALF_HOUR:
                return Verdict("recent")
        since, visits = self._networks.get(beat.network, (at, 0))
        if abs(at - since) >= HALF_HOUR:
            since, visits = at, 0
        if visits >= self._share:
            return Verdict("over_cap")
        verdict = Verdict("", beat.reader not in self._readers, beat.network not in self._networks)
        self._networks[beat.network] = self._new_networks[beat.network] = (since, visits + 1)
        last = max(at, self._readers.get(beat.reader, at))
        self._readers[beat.reader] = self._new_readers[beat.reader] = last
        return verdict

    def save(self) -> None:
        session = self._session
        replace(session, SeenView, [{"view": v, "seen": at} for v, at in self._new_views.items()])
        replace(session, CountedReader, [{"reader": r, "counted": at} for r, at in self._new_readers.items()])
        replace(
            session,
            CountedNetwork,
            [{"network": n, "since": s, "visits": v} for n, (s, v) in self._new_networks.items()],
        )


def forget_old(session: Session, before: datetime) -> None:
    """Delete what can't match any more, given that the oldest view still to come is of ``before``."""
    horizon = microseconds(before) - KEPT
    session.execute(delete(SeenView).where(SeenView.seen < horizon))
    session.execute(delete(CountedReader).where(CountedReader.counted < horizon))
    session.execute(delete(CountedNetwork).where(CountedNetwork.since < horizon))


def view_key(view: str) -> int:
    """64 bits, signed as databases have them."""
    return int.from_bytes(blake2b(view.encode(), digest_size=8).digest(), "big", signed=True)


def microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _found(session: Session, column: Any, wanted: Iterable[Any], keys: Iterable[int]) -> Iterator[Any]:
    """The rows with these keys, some hundreds a query."""
    for some in in_hundreds(keys):
        yield from session.execute(select(*wanted).where(column.in_(some)))
