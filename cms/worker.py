"""The worker: it drains the outbox, counts visits and keeps the search index.

Any number of workers may run; each duty is idempotent and takes its own lock. Nothing that readers see waits for
one: a scheduled story is public by the clock, and search answers from the database until the index has caught up.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from cms import heartbeat, reactions
from cms.clock import stopwatch
from cms.db import keep_statistics
from cms.domain import audit, outbox
from cms.domain.articles.feeds import feeds_of
from cms.domain.articles.model import Revision
from cms.domain.articles.queries import visible
from cms.domain.media.queries import of_public_id
from cms.domain.media.renditions import AHEAD, rendition
from cms.domain.notices.telling import letter
from cms.domain.search import documents, related, vocabulary
from cms.domain.search.drift import Drift, drift
from cms.domain.search.titles import headlines_of
from cms.domain.views import rollup
from cms.domain.views.visits import salts_of
from cms.interfaces import (
    Document,
    ImagesBusy,
    IndexUnusable,
    Mail,
    MailRefused,
    OutboundRefused,
    UnusableImage,
)
from cms.newsroom import Newsroom

log = logging.getLogger("copydesk.worker")

LOOK_EVERY = 0.02
"""Seconds between two looks at the change number, which is a word of shared memory."""

DUE_EVERY = 0.5
"""Seconds between two looks for what has come due by the clock alone."""

COUNT_EVERY = 0.75
"""Seconds between two roll-ups: an acknowledged visit is counted within two seconds."""

POST_EVERY = 1.0
DEVELOP_EVERY = 0.5
BEAT_EVERY = 5.0
"""Seconds between two words that a worker is at work, for those who watch over it."""

TIDY_EVERY = 10.0
EXAMINE_EVERY = 45.0
"""A damaged index is found out and made anew within a minute; withdrawn text is out of its files as soon."""

BATCH = 50
RELATED_AT_ONCE = 200


class Worker:
    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._last: dict[str, float] = {}
        self._seen: int | None = None
        self._unrelated = False

    def work(self, stop: threading.Event) -> None:
        """Go on until told to stop. A duty that fails is logged and tried again; the others go on."""
        log.info("at work")
        # Others' slow answers may hold up nothing of ours.
        outward = threading.Thread(target=self._tell_outward, args=(stop,), name="hubs", daemon=True)
        outward.start()
        developing = threading.Thread(target=self._develop, args=(stop,), name="pictures", daemon=True)
        developing.start()  # beside the others: a picture takes seconds, and a story must be found within one
        while not stop.wait(LOOK_EVERY):
            if self._is_time("beat", BEAT_EVERY):
                self._try("beat", self.beat)
            if self._moved() or self._is_time("due", DUE_EVERY):
                self._try("index", self.index)
            if self._is_time("post", POST_EVERY):
                self._try("post", self.post)
            if self._is_time("count", COUNT_EVERY):
                self._try("count", self.count)
            if self._is_time("tidy", TIDY_EVERY):
                self._try("tidy", self.tidy)
            if self._is_time("relate", EXAMINE_EVERY) or self._unrelated:
                self._try("relate", self.relate)
            if self._is_time("examine", EXAMINE_EVERY):
                self._try("examine", self.examine)
        self._try("count", self.count)
        self._newsroom.views.close()
        log.info("stopped")

    def beat(self) -> None:
        """Leave word that a worker is going round."""
        heartbeat.beat(self._newsroom.settings.data_dir, self._newsroom.clock.now())

    def index(self) -> None:
        """Bring the index up to date with every search errand that is due."""
        if ensure_index(self._newsroom):
            self._unrelated = True
        while drain_search(self._newsroom) == BATCH:
            pass

    def relate(self) -> None:
        """Work out what stands beside stories that came in before there were such lists, a few hundred at a time."""
        self._unrelated = relate_those_without(self._newsroom) == RELATED_AT_ONCE

    def count(self) -> None:
        """Count the visits that are waiting."""
        count_visits(self._newsroom)

    def post(self) -> None:
        """Send the mail that is due."""
        while send_mail(self._newsroom):
            pass

    def _tell_outward(self, stop: threading.Event) -> None:
        while not stop.wait(POST_EVERY):
            self._try("hubs", self.tell_hubs)

    def tell_hubs(self) -> None:
        """Tell hubs of the feeds that have something new."""
        while tell_hub(self._newsroom):
            pass

    def tidy(self) -> None:
        """Mend the signal after a kill, and merge the index's small segments."""
        newsroom = self._newsroom

        def newest() -> int:
            with newsroom.sessions.read() as session:
                return audit.newest_change(session)

        newsroom.signal.repair(newest)
        newsroom.search.optimise()
        salts_of(newsroom).destroy_old(newsroom.clock.now())

    def examine(self) -> None:
        """Read the whole index, build it anew if a byte is wrong, mend what has drifted, and rid its files of
        withdrawn text."""
        newsroom = self._newsroom
        keep_statistics(newsroom.sessions.write_engine)
        if not newsroom.search.health().ok:
            rebuild_index(newsroom)
        heartbeat.note_drift(newsroom.settings.data_dir, mend_index(newsroom).counts())
        newsroom.search.purge()

    def _develop(self, stop: threading.Event) -> None:
        while not stop.wait(DEVELOP_EVERY):
            self._try("pictures", lambda: develop_pictures(self._newsroom, stop))

    def _moved(self) -> bool:
        seq = self._newsroom.signal.read()
        if seq is None or seq == self._seen:
            return False
        self._seen = seq
        return True

    def _is_time(self, duty: str, every: float) -> bool:
        now = stopwatch()
        if now - self._last.get(duty, -every) < every:
            return False
        self._last[duty] = now
        return True

    def _try(self, name: str, duty: Callable[[], object]) -> None:
        try:
            duty()
        except (OSError, SQLAlchemyError, IndexUnusable):
            log.exception("%s failed; trying again", name)


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


def relate(newsroom: Newsroom, articles: Sequence[str], *, around: bool) -> None:
    """Work out which stories stand beside these (and ``around`` them, beside those), and learn their words."""
    now = newsroom.clock.now()
    lists = related.lists_of(newsroom.search, articles)
    with newsroom.sessions.read() as session:
        near = related.around(session, lists) if around else set()
        headlines = headlines_of(session, visible(now), articles)
    lists |= related.lists_of(newsroom.search, sorted(near))
    with newsroom.sessions.write() as session:
        touched = related.keep(session, lists)
        vocabulary.learn(session, headlines)
        reactions.commit(session, [], now, newsroom.signal, derived=touched)


def relate_those_without(newsroom: Newsroom) -> int:
    """The same for some of the stories that it was never done for; how many they were."""
    with newsroom.sessions.read() as session:
        articles = related.without_any(session, newsroom.clock.now(), RELATED_AT_ONCE)
    if articles:
        relate(newsroom, articles, around=False)
    return len(articles)


def forget_words(newsroom: Newsroom) -> None:
    """Keep only such words for spelling as stand in a headline that readers may see."""
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        headlines = visible(now).with_only_columns(Revision.headline, maintain_column_froms=True)
        vocabulary.forget_all_but(session, session.scalars(headlines))
        reactions.commit(session, [], now, newsroom.signal)


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


@contextmanager
def _one_indexer(newsroom: Newsroom) -> Iterator[None]:
    """Read and apply as one act: two workers could otherwise apply an older text after a newer one."""
    path = newsroom.settings.data_dir / "indexing.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def count_visits(newsroom: Newsroom) -> int:
    """Roll up every sealed segment, a bounded batch at a time; how many visits they made."""
    visits, more = 0, True
    while more:
        batch = rollup.gather(newsroom.views)
        if not batch.segments:
            break
        now = newsroom.clock.now()
        with newsroom.sessions.write() as session:
            visits += rollup.count(session, batch, now, newsroom.settings.site_timezone)
            reactions.commit(session, [], now, newsroom.signal)
        rollup.discard(newsroom.views, batch)
        more = batch.more
    return visits


def send_mail(newsroom: Newsroom) -> bool:
    """Make one attempt at the next mail; whether there was one.

    The attempt is counted and committed before it is made. A worker that dies in between leaves the mail to be
    tried again after its lease, under the same id.
    """
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        row = outbox.take(session, outbox.MAIL, now)
        reactions.commit(session, [], now, newsroom.signal)
    if row is None:
        return False
    subject, text = letter(row.payload or {}, newsroom.settings.origin, newsroom.settings.site_name)
    failure: OSError | None = None
    mail = Mail(row.subject, subject, text, row.created_at, id=f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}")
    try:
        newsroom.mailer.send(mail)
    except OSError as unsent:
        failure = unsent
        log.warning("mail %s was not sent: %s", row.id, unsent)
    _settle(newsroom, row.id, failure, for_good=isinstance(failure, MailRefused))
    return True


def tell_hub(newsroom: Newsroom) -> bool:
    """Make one attempt at telling a hub that feeds have changed (WebSub); whether there was one to tell."""
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        row = outbox.take(session, outbox.HUB, now)
        reactions.commit(session, [], now, newsroom.signal)
    if row is None:
        return False
    feeds = [("hub.url", newsroom.settings.origin + path) for path in (row.payload or {}).get("feeds", [])]
    failure: OSError | None = None
    try:
        newsroom.outbound.post_form(row.subject, [("hub.mode", "publish"), *feeds])
    except OSError as untold:
        failure = untold
        log.warning("hub %s was not told: %s", row.subject, untold)
    _settle(newsroom, row.id, failure, for_good=isinstance(failure, OutboundRefused))
    return True


def develop_pictures(newsroom: Newsroom, stop: threading.Event | None = None) -> int:
    """Make the renditions that pages will ask for of every picture that waits; how many pictures there were.

    Nothing depends on it: what isn't there yet is made when a reader asks, and that reader waits.
    """
    pictures = 0
    while not (stop and stop.is_set()):
        now = newsroom.clock.now()
        with newsroom.sessions.read() as session:
            if not outbox.due(session, outbox.PICTURES, now, limit=1):
                break
        with newsroom.sessions.write() as session:
            row = outbox.take(session, outbox.PICTURES, now)
            reactions.commit(session, [], now, newsroom.signal)
        if row is None:
            break
        with newsroom.sessions.read() as session:
            media = of_public_id(session, row.subject)
        for name in AHEAD:
            if media is None:
                break
            if stop and stop.is_set():
                return pictures
            try:
                rendition(newsroom.files, newsroom.images, media, name)
            except ImagesBusy:
                continue  # one less; a reader who asks for it has it made
            except UnusableImage:
                break
        _settle(newsroom, row.id, None, for_good=False)
        pictures += 1
    return pictures


def _settle(newsroom: Newsroom, row_id: int, failure: OSError | None, *, for_good: bool) -> None:
    """Write down how an attempt went."""
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        if failure is None:
            outbox.mark_done(session, [row_id], now, forget_before=now - timedelta(days=7))
        else:
            outbox.note_failure(session, row_id, str(failure), now, for_good=for_good)
        reactions.commit(session, [], now, newsroom.signal)


def _mark_done(newsroom: Newsroom, ids: list[int], articles: Collection[str]) -> None:
    """What readers find of these articles has changed: their errands are done, and the hubs are to be told."""
    if ids:
        now, settings = newsroom.clock.now(), newsroom.settings
        with newsroom.sessions.write() as session:
            outbox.mark_done(session, ids, now, forget_before=now - timedelta(days=7))
            if settings.hubs:
                told = {"feeds": feeds_of(session, articles, now, settings.article_path)}
                for hub in settings.hubs:
                    outbox.put(session, outbox.Errand(outbox.HUB, hub, now, told), now)
            reactions.commit(session, [], now, newsroom.signal)
