"""The search index on Whoosh: the newsroom's default, on one machine, with no service beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import compress, repeat
from pathlib import Path
from threading import Lock
from typing import Literal

from cms.engines.search.whoosh import executor, merging, rebuilding, writing
from cms.engines.search.whoosh.rebuilding import REBUILDING, WRITING
from cms.engines.search.whoosh.segments import Segment, Snapshot, take_snapshot, verify
from cms.engines.search.whoosh.similar import similar
from cms.engines.search.whoosh.state import lock, read_state, state_of, still_current
from cms.interfaces import Document, Found, IndexHealth, IndexUnusable, Query, Removal


class WhooshIndex:
    """Any number of threads and processes may search one directory while one of them at a time writes to it.

    A search uses a snapshot that never changes, so searches share opened segments without a lock; before
    each, one stat tells whether there is a newer snapshot to take.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._snapshot: Snapshot | None = None
        self._refreshing = Lock()

    def apply(self, batch: Sequence[Document | Removal], cursor: int) -> None:
        with self._writing() as snapshot:
            writing.apply(snapshot.state, snapshot.opened, batch, cursor)
            rebuilding.note_for_rebuild(self._root, batch, cursor)
            self._join(merging.too_many(self._newest()))

    def search(
        self,
        query: Query,
        *,
        now: datetime,
        sort: Literal["relevance", "newest"],
        offset: int,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        facets: bool = True,
    ) -> Found:
        with _damage_told():
            snapshot = self._newest().without(exclude)
            return executor.search(snapshot, query, now=now, sort=sort, offset=offset, limit=limit, facets=facets)

    def similar(self, article: str, limit: int) -> Sequence[str]:
        with _damage_told():
            return similar(self._newest(), article, limit)

    def holds(self) -> Mapping[str, int]:
        held: dict[str, int] = {}
        with _damage_told():
            for living in self._newest().living:
                alive = repeat(True) if living.alive is None else living.alive.tolist()
                held.update(compress(living.segment.holds(), alive))
        return held

    def cursor(self) -> int:
        read_state(self._root)  # from its file, which a snapshot isn't
        with _damage_told():
            return self._newest().state.cursor

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root.chmod(0o700)  # Whoosh unpickles what lies here: nobody else may write to it
        with lock(self._root, REBUILDING):
            build = rebuilding.new_build(self._root)
            rebuilding.fill(build, documents, cursor)
            with lock(self._root, WRITING):
                _catch_up(build)
                rebuilding.put_in_place(self._root, build)

    def optimise(self) -> None:
        with self._writing() as snapshot:
            for names in merging.due(snapshot):
                self._join(names)

    def purge(self) -> None:
        with self._writing() as snapshot:
            for name in merging.with_dead(snapshot):
                self._join({name})

    def health(self) -> IndexHealth:
        try:
            snapshot = _snapshot(self._root, {})  # as a process that starts now would open it
            for living in snapshot.living:
                verify(snapshot.state, living.segment.path)
        except (IndexUnusable, ValueError, OSError) as error:
            return IndexHealth(ok=False, documents=0, segments=0, cursor=0, remark=str(error))
        dead = sum(living.segment.size - living.count for living in snapshot.living)
        return IndexHealth(
            ok=True,
            documents=snapshot.documents,
            segments=len(snapshot.living),
            cursor=snapshot.state.cursor,
            remark=f"{dead} replaced or removed stories wait to be cleared away" if dead else "",
        )

    @contextmanager
    def _writing(self) -> Iterator[Snapshot]:
        """The newest snapshot, which stays the newest until the block ends."""
        read_state(self._root)
        with lock(self._root, WRITING), _damage_told():
            yield self._take()

    def _join(self, names: set[str]) -> None:
        if names:
            snapshot = self._newest()
            merging.join(snapshot.state, snapshot.opened, names)

    def _newest(self) -> Snapshot:
        if (known := self._known()) is not None:
            return known
        with self._refreshing:
            return self._known() or self._take()

    def _known(self) -> Snapshot | None:
        """The snapshot that this process has, while it is the newest and its files are whole."""
        known = self._snapshot
        usable = known is not None and still_current(self._root, known.state) and not known.is_cut_short()
        return known if usable else None

    def _take(self) -> Snapshot:
        known = self._snapshot
        opened = {} if known is None or known.is_cut_short() else known.opened
        taken = self._snapshot = _snapshot(self._root, opened)
        return taken


def _snapshot(root: Path, opened: dict[str, Segment]) -> Snapshot:
    while True:
        state = read_state(root)
        try:
            return take_snapshot(state, opened)
        except Exception as error:  # damaged pickles may raise anything at all
            if still_current(root, state):
                raise IndexUnusable(f"the index cannot be read: {error!r}") from error


def _catch_up(build: Path) -> None:
    """Apply to a new build what was applied to the old one meanwhile."""
    for batch, cursor in rebuilding.noted(build):
        state = state_of(build)
        snapshot = take_snapshot(state, {})
        writing.apply(state, snapshot.opened, batch, max(cursor, state.cursor))


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except IndexUnusable:
        raise
    except Exception as error:  # damaged bytes may raise anything at all
        raise IndexUnusable(f"the index is damaged: {error!r}") from error
