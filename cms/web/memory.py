"""What a process remembers of the newsroom beside its pages: the navigation, the tree of sections, how long lists are,
and the pieces that many pages and feeds are put together from.

Each thing is remembered with the cache keys it depends on, and forgotten with the pages that carry them: a request that
the page cache lets through has just made sure of that, and only such a request is handed anything from here. Nothing
is kept that was read before a change that has been told of since, for it may be from before it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import suppress
from typing import TypeVar

from cms.web.page_cache_changes import Changes

WITHOUT_TEXT = 1_000
"""Bytes that a thing is taken for beside its text."""

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Memory:
    """One a process; safe for threads."""

    def __init__(self, changes: Changes, bound: int) -> None:
        """``bound``: bytes; beyond them what is longest unasked for goes first."""
        self._bound = bound
        self._things: OrderedDict[Hashable, tuple[int, frozenset[str], object]] = OrderedDict()
        self._by_key: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._weight = 0
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
        if learned > age:
            return None
        with suppress(KeyError):  # no lock is held: it may just have been forgotten
            self._things.move_to_end(name)
        return thing

    def keep(self, name: Hashable, keys: Collection[str], thing: object, age: int) -> None:
        with self._lock:
            if age != self._age:
                return
            self._drop(name)
            self._things[name] = (age, frozenset(keys), thing)
            self._weight += _weight(thing)
            for key in keys:
                self._by_key[key].add(name)
            while self._weight > self._bound:
                self._let_go(*self._things.popitem(last=False))  # an iterator fails when a thing is found meanwhile

    def _forget(self, changed: frozenset[str] | None) -> None:
        with self._lock:
            self._age += 1
            gone = self._things.keys() if changed is None else {n for key in changed for n in self._by_key.get(key, ())}
            for name in list(gone):
                self._drop(name)

    def _drop(self, name: Hashable) -> None:
        if (known := self._things.pop(name, None)) is not None:
            self._let_go(name, known)

    def _let_go(self, name: Hashable, known: tuple[int, frozenset[str], object]) -> None:
        _age, keys, thing = known
        self._weight -= _weight(thing)
        for key in keys:
            self._by_key[key].discard(name)
            if not self._by_key[key]:
                del self._by_key[key]


def _weight(thing: object) -> int:
    return WITHOUT_TEXT + (len(thing) if isinstance(thing, bytes | str) else 0)


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

    def recall_each(
        self, kind: Hashable, wanted: Mapping[K, Collection[str]], learn: Callable[[list[K]], Mapping[K, T]]
    ) -> dict[K, T]:
        """The same of many things of a kind, each with keys of its own: those that aren't remembered are learned
        together. ``learn`` gives all that it is asked for."""
        if self._memory is None:
            return dict(learn(list(wanted)))
        found: dict[K, T] = {}
        for name in wanted:
            if (known := self._memory.find((kind, name), self._age)) is not None:
                found[name] = known  # type: ignore[assignment]
        if missing := [name for name in wanted if name not in found]:
            for name, thing in learn(missing).items():
                self._memory.keep((kind, name), wanted[name], thing, self._age)
                found[name] = thing
        return found
