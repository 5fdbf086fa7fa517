"""What a process remembers of the newsroom beside its pages: the navigation, the tree of sections, how long lists are.

Each thing is remembered with the cache keys it depends on, and forgotten with the pages that carry them: a request that
the page cache lets through has just made sure of that, and only such a request is handed anything from here. Nothing
is kept that was read before a change that has been told of since, for it may be from before it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import TypeVar

from cms.web.page_cache_changes import Changes

MOST = 10_000
"""Things that are remembered; beyond that the first learned goes first."""

T = TypeVar("T")


class Memory:
    """One a process; safe for threads."""

    def __init__(self, changes: Changes) -> None:
        self._things: OrderedDict[Hashable, tuple[int, frozenset[str], object]] = OrderedDict()
        self._age = 0
        """How many changes we were told of."""
        self._lock = threading.Lock()
        changes.tell(self._forget)

    def recollection(self) -> Recollection:
        """For one request; to be taken before it first looks at the database."""
        return Recollection(self, self._age)

    def find(self, name: Hashable, age: int) -> object | None:
        """What was learned by then and still holds."""
        learned, _keys, thing = self._things.get(name, (age + 1, None, None))
        return thing if learned <= age else None

    def keep(self, name: Hashable, keys: Collection[str], thing: object, age: int) -> None:
        with self._lock:
            if age == self._age:
                self._things[name] = (age, frozenset(keys), thing)
                if len(self._things) > MOST:
                    self._things.popitem(last=False)

    def _forget(self, changed: frozenset[str] | None) -> None:
        with self._lock:
            self._age += 1
            if changed is None:
                self._things.clear()
                return
            for name in [name for name, (_, keys, _thing) in self._things.items() if not keys.isdisjoint(changed)]:
                del self._things[name]


class Recollection:
    """The memory as one request may use it; without a memory it learns everything anew."""

    def __init__(self, memory: Memory | None = None, age: int = 0) -> None:
        self._memory, self._age = memory, age

    def recall(
        self, name: Hashable, keys: Collection[str], learn: Callable[[], T], holds: Callable[[T], bool] | None = None
    ) -> T:
        """What is remembered under this name, else what ``learn`` reads in the database: never None. It holds until
        one of the keys changes, and while ``holds`` says so."""
        if self._memory is None:
            return learn()
        known: T | None = self._memory.find(name, self._age)  # type: ignore[assignment]
        if known is None or (holds and not holds(known)):
            known = learn()
            self._memory.keep(name, keys, known, self._age)
        return known
