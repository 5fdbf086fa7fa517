"""Visits as pages tell them: some seconds old, and read for many articles together.

Every page tells its visits anew within a minute, so a paper that is read all over would ask once for each of thousands
of pages. Whoever asks for figures that have grown old has those of others that have grown old read along.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from cms.domain.views.days import day_start, site_day
from cms.domain.views.windows import Figures

STAND = timedelta(seconds=45)
"""How long figures may go on being told: a visit is in its page within a minute."""

MOST = 10_000
"""Articles whose figures are kept."""

TOGETHER = 200
"""Articles that are read at once."""


class _Known(NamedTuple):
    figures: Figures
    until: datetime


class ToldVisits:
    """One a process; safe for threads."""

    def __init__(
        self, read: Callable[[Collection[int], datetime], Mapping[int, Figures]], zone: tzinfo, most: int = MOST
    ) -> None:
        """``read`` asks the database for these articles' figures at an instant."""
        self._read, self._zone, self._most = read, zone, most
        self._known: OrderedDict[int, _Known] = OrderedDict()  # in the order in which they were read
        self._lock = threading.Lock()

    def of(self, article_id: int, now: datetime) -> tuple[Figures, datetime]:
        """The article's figures, and until when they may be told: at midnight "today" is another day."""
        with self._lock:
            known = self._known.get(article_id)
            if known is not None and now < known.until:
                return known
            wanted = {article_id, *self._old(now)}
        found = self._read(wanted, now)
        until = min(now + STAND, day_start(site_day(now, self._zone) + timedelta(days=1), self._zone))
        with self._lock:
            for each in wanted:
                self._known[each] = _Known(found[each], until)
                self._known.move_to_end(each)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found[article_id], until

    def forget(self, article_id: int) -> None:
        """The page is made anew, so its figures are to be those of now."""
        with self._lock:
            self._known.pop(article_id, None)

    def _old(self, now: datetime) -> list[int]:
        old: list[int] = []
        for article_id, known in self._known.items():
            if now < known.until or len(old) == TOGETHER:
                break
            old.append(article_id)
        return old
