"""Which articles are on show, remembered so that a view needs no query."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

_ASK_AGAIN = timedelta(seconds=1)
"""How long an article is remembered as not visible. A due story appears without a word from anybody; a page has
been looked at for a second before its view comes in, so none is lost."""


class Showing:
    """A bounded memory of public id → visible until. Unknown ids take up places too, but no more than there are."""

    def __init__(self, until: Callable[[str, datetime], datetime | None], places: int = 10_000) -> None:
        """``until`` asks the one visibility rule: an end, or None if the article isn't visible at that instant."""
        self._until = until
        self._places = places
        self._known: OrderedDict[str, tuple[bool, datetime, datetime]] = OrderedDict()
        self._lock = threading.Lock()
        self._forgotten = 0

    def __call__(self, public_id: str, now: datetime) -> bool:
        with self._lock:
            known = self._known.get(public_id)
            if known is not None and known[1] <= now < known[2]:
                self._known.move_to_end(public_id)
                return known[0]
            forgotten = self._forgotten
        end = self._until(public_id, now)
        with self._lock:
            if forgotten == self._forgotten:  # else what we were told may be older than the change
                self._known[public_id] = (end is not None, now, end or now + _ASK_AGAIN)
                self._known.move_to_end(public_id)
                if len(self._known) > self._places:
                    self._known.popitem(last=False)
        return end is not None

    def forget(self, public_ids: Iterable[str]) -> None:
        """These articles have changed."""
        with self._lock:
            self._forgotten += 1
            for public_id in public_ids:
                self._known.pop(public_id, None)

    def forget_all(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._known.clear()
