"""The worker's round: which duty is due, and that one's failure stops no other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from cms import heartbeat
from cms.clock import stopwatch
from cms.db import keep_statistics
from cms.domain import audit
from cms.domain.articles import chain
from cms.domain.views.visits import salts_of
from cms.interfaces import IndexUnusable
from cms.newsroom import Newsroom
from cms.worker.counting import count_visits
from cms.worker.developing import develop_pictures
from cms.worker.indexing import BATCH, drain_search, ensure_index, mend_index, rebuild_index
from cms.worker.relating import RELATED_AT_ONCE, relate_those_without
from cms.worker.telling import call_hook, send_mail, tell_hub

log = logging.getLogger("copydesk.worker")

LOOK_EVERY = 0.02
"""Seconds between two looks at the change number, which is a word of shared memory."""

DUE_EVERY = 0.5
"""Seconds between two looks for what has come due by the clock alone."""

COUNT_EVERY = 0.75
"""Seconds between two roll-ups: an acknowledged visit is counted within two seconds."""

POST_EVERY = 1.0
HOOKS_AT_ONCE = 4
"""Webhooks that are told side by side: one that takes its time holds up few others."""

DEVELOP_EVERY = 0.5
BEAT_EVERY = 5.0
"""Seconds between two words that a worker is at work, for those who watch over it."""

TIDY_EVERY = 10.0
TELL_HEAD_EVERY = 86_400.0
EXAMINE_EVERY = 30.0
"""A damaged index is found out within half a minute, and made anew within the whole one; withdrawn text is out of its
files as soon."""


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
        for number in range(HOOKS_AT_ONCE):
            name = f"webhooks-{number}"
            threading.Thread(target=self._call_webhooks, args=(stop,), name=name, daemon=True).start()
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
            if self._is_time("head", TELL_HEAD_EVERY):
                self._try("head", self.tell_head)
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

    def _call_webhooks(self, stop: threading.Event) -> None:
        while not stop.wait(POST_EVERY):
            self._try("webhooks", lambda: self.call_webhooks(stop))

    def call_webhooks(self, stop: threading.Event) -> None:
        """Tell webhooks what happened."""
        while not stop.is_set() and call_hook(self._newsroom):
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

    def tell_head(self) -> None:
        """Note in the log, which is another place than the database, what stands at the head of all histories."""
        with self._newsroom.sessions.read() as session:
            log.info("at the head of all histories stands %s", chain.head(session))

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
