"""Keeping the search index in step with what readers may see."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from cms import reactions
from cms.db import one_at_a_time
from cms.domain import outbox
from cms.domain.articles.feeds import feeds_of
from cms.domain.search import documents
from cms.domain.search.drift import Drift, drift
from cms.interfaces import Document, IndexUnusable
from cms.newsroom import Newsroom
from cms.worker.attempts import KEPT
from cms.worker.relating import forget_words, relate

log = logging.getLogger("copydesk.worker")

BATCH = 50


def ensure_index(newsroom: Newsroom) -> bool:
    """Build the index anew if it is missing, damaged or out of date; whether that was needed."""
    try:
        newsroom.search.cursor()
    except IndexUnusable:
        rebuild_index(newsroom)
        return True
    return False


def rebuild_index(newsroom: Newsroom, tell: Callable[[int], None] = lambda _more: None) -> None:
    """Build the index from what is visible now, beside the old one, and put it in its place.

    Errands that were due before it began are done with; later ones are applied on top as they come.
    """
    with _one_indexer(newsroom):
        now = newsroom.clock.now()
        pattern = newsroom.settings.article_path
        with newsroom.sessions.read() as session:
            rows = outbox.due(session, outbox.SEARCH, now, limit=None)
            done, changed = [row.id for row in rows], {row.subject for row in rows}

        def stream() -> Iterator[Document]:
            with newsroom.sessions.read() as session:
                for document in documents.all_documents(session, now, pattern):
                    tell(1)
                    yield document

        newsroom.search.rebuild(stream(), max(done, default=0))
        _mark_done(newsroom, done, changed)


def drain_search(newsroom: Newsroom) -> int:
    """Apply one batch of due search errands to the index; how many there were."""
    with _one_indexer(newsroom):
        now = newsroom.clock.now()
        with newsroom.sessions.read() as session:
            rows = outbox.due(session, outbox.SEARCH, now, limit=BATCH)
            if not rows:
                return 0
            ids = [row.id for row in rows]
            articles = sorted({row.subject for row in rows})
            batch = documents.documents_of(session, articles, now, newsroom.settings.article_path)
        newsroom.search.apply(batch, max(ids))
        purged = any(row.payload and row.payload.get("purge") for row in rows)
        if purged:
            newsroom.search.purge()
        # Of an import, each story's own list is enough: the last ones have met all the others.
        relate(newsroom, articles, around=len(rows) < BATCH)
        if purged:
            forget_words(newsroom)
        _mark_done(newsroom, ids, articles)
        return len(ids)


def index_drift(newsroom: Newsroom) -> Drift:
    """Where the index and the database differ though no errand is waiting. Raises IndexUnusable."""
    with _one_indexer(newsroom):
        return _drift(newsroom)


def mend_index(newsroom: Newsroom) -> Drift:
    """Apply anew whatever has drifted; what that was."""
    with _one_indexer(newsroom):
        found = _drift(newsroom)
        drifted, cursor = list(found), newsroom.search.cursor()
        for first in range(0, len(drifted), BATCH):
            now = newsroom.clock.now()
            with newsroom.sessions.read() as session:
                batch = documents.documents_of(
                    session, drifted[first : first + BATCH], now, newsroom.settings.article_path
                )
            newsroom.search.apply(batch, cursor)
        if drifted:
            log.warning("the index had drifted: %s", found.counts())
        return found


def _drift(newsroom: Newsroom) -> Drift:
    """Looked for twice: a worker of another machine may have applied something between the two lists."""
    found = Drift()
    for look in range(2):
        with newsroom.sessions.read() as session:
            seen = drift(session, newsroom.search, newsroom.clock.now())
        found = found & seen if look else seen
        if not list(found):
            break
    return found


def _mark_done(newsroom: Newsroom, ids: list[int], articles: Collection[str]) -> None:
    """What readers find of these articles has changed: their errands are done, and the hubs are to be told."""
    if ids:
        now, settings = newsroom.clock.now(), newsroom.settings
        with newsroom.sessions.write() as session:
            outbox.mark_done(session, ids, now, forget_before=now - KEPT)
            if settings.hubs:
                told = {"feeds": feeds_of(session, articles, now, settings.article_path)}
                for hub in settings.hubs:
                    outbox.put(session, outbox.Errand(outbox.HUB, hub, now, told), now)
            reactions.commit(session, [], now, newsroom.signal)


@contextmanager
def _one_indexer(newsroom: Newsroom) -> Iterator[None]:
    """Read and apply as one act: two workers could otherwise apply an older text after a newer one."""
    if newsroom.settings.search_url == "postgresql:":  # workers of other machines keep it, too
        with newsroom.sessions.write() as session:
            one_at_a_time(session, "keep the index")
            yield
        return
    path = newsroom.settings.data_dir / "indexing.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
