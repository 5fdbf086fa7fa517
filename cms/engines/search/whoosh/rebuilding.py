"""A new build beside the old one, put in its place by one rename.

Batches applied while a rebuild runs go to the old build, which readers still use, and are noted in the new
build's directory; the rebuild applies them before the swap. So a rebuild never holds up the worker, and
nothing applied meanwhile is lost.
"""

from __future__ import annotations

import pickle
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from cms.engines.search.whoosh import merging
from cms.engines.search.whoosh.schema import SCHEMA
from cms.engines.search.whoosh.segments import take_snapshot
from cms.engines.search.whoosh.state import BUILDING, CURRENT, lock, locked, point, state_of
from cms.engines.search.whoosh.writing import Change, add, settle, writer
from cms.interfaces import Document

REBUILDING, WRITING = "rebuilding", "writing"
WORDS_AT_ONCE = 2_000_000
"""Words of a build that are held in memory: about 100 MB."""


def new_build(root: Path) -> Path:
    """An empty build, announced, so that from now on what is applied is noted for it.

    The caller holds the rebuilding lock.
    """
    with lock(root, WRITING):
        current = (root / CURRENT).resolve()
        for left in root.glob("build-*"):
            if left != current:
                shutil.rmtree(left)
        build = root / f"build-{secrets.token_hex(6)}"
        build.mkdir(mode=0o700)
        TOC.create(FileStorage(str(build)), SCHEMA)
        point(root, BUILDING, build)
    return build


def fill(build: Path, documents: Iterable[Document], cursor: int) -> None:
    """Segment after segment, each of what is held in memory at once; then all joined to one."""
    coming = _once(documents)
    settle(build, cursor, {})
    for first in coming:
        with writer(build) as open_writer:
            add(open_writer, chain([first], coming), words=WORDS_AT_ONCE)
            open_writer.commit(merge=False)
        settle(build, cursor, state_of(build).files)
    snapshot = take_snapshot(state_of(build), {})
    if len(snapshot.living) > 1:
        merging.join(snapshot.state, snapshot.opened, set(snapshot.opened))


def note_for_rebuild(root: Path, batch: Sequence[Change], cursor: int) -> None:
    """Keep a batch for the rebuild that is going on, if one is. The caller holds the writing lock."""
    announced = root / BUILDING
    if not announced.is_symlink():
        return
    if not locked(root, REBUILDING):  # its process was killed
        announced.unlink()
        return
    build = announced.resolve()
    place = len(list(build.glob("noted-*")))
    with (build / f"noted-{place:09}").open("wb") as file:
        pickle.dump((list(batch), cursor), file)


def noted(build: Path) -> Iterator[tuple[list[Change], int]]:
    for path in sorted(build.glob("noted-*")):
        yield pickle.loads(path.read_bytes())  # noqa: S301 (our own, in a directory that only we may write to)


def put_in_place(root: Path, build: Path) -> None:
    """Swap; the caller holds the writing lock. Readers keep the old files mapped until they look again."""
    old = (root / CURRENT).resolve() if (root / CURRENT).is_symlink() else None
    point(root, CURRENT, build)
    (root / BUILDING).unlink()
    for path in build.glob("noted-*"):
        path.unlink()
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _once(documents: Iterable[Document]) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.article not in seen:
            seen.add(document.article)
            yield document
