"""Who counts: the decision at the door, taken for each view as it comes in.

Whatever is decided, the reader is told the same, so that nobody can find out from here what is published, who is
staff or which networks are limited. What isn't counted is counted as dropped, by reason, for the newsroom.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from cms.domain.articles import queries
from cms.domain.views.readers import is_bot, make_ready, network_key, network_of, reader_key
from cms.domain.views.salts import Salts
from cms.domain.views.showing import Showing
from cms.interfaces import Beat, ViewStore, ViewsUnstorable
from cms.newsroom import Newsroom

_ARTICLE = re.compile(r"[0-9a-z]{1,16}", re.ASCII)
_VIEW = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_AHEAD = ("prefetch", "prerender", "preview")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Knock:
    """A view as it came in. ``purpose`` is whatever Sec-Purpose, Purpose and X-Moz said, one after another."""

    article: str
    view: str
    origin: str
    agent: str
    address: str
    purpose: str = ""
    staff: bool = False
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason``: accepted, or malformed, origin, prefetch, staff, preview, over_cap, bot, unknown."""

    counted: bool
    reason: str


class VisitDoor:
    """One a process; safe for threads."""

    def __init__(
        self,
        store: ViewStore,
        salts: Salts,
        showing: Showing,
        origins: Collection[str],
        per_minute: int = 6000,
    ) -> None:
        """``per_minute``: views taken from one network, whatever becomes of them; it bounds queries and disk.

        How many of them *count* is bounded in the roll-up, which sees all processes.
        """
        self.showing = showing
        self._store = store
        self._salts = salts
        self._origins = frozenset(origins)
        self._crowd = Crowd(per_minute)

    def accept(self, knock: Knock, now: datetime) -> Decision:
        """Decide, and store the view if it is to count. Raises ViewsUnstorable when either can't be done."""
        network = network_of(knock.address)
        reason = self._against(knock, network, now)
        if reason:
            self._store.drop(reason, now)
            return Decision(False, reason)
        try:
            salts = self._salts.at(now)
        except OSError as error:
            raise ViewsUnstorable(str(error)) from error
        article, agent = knock.article, knock.agent
        yesterday = salts.yesterday
        self._store.append(
            Beat(
                now,
                article,
                knock.view,
                reader_key(salts.today, article, network, agent),
                network_key(salts.today, article, network),
                None if yesterday is None else reader_key(yesterday, article, network, agent),
            )
        )
        return _ACCEPTED

    def _against(self, knock: Knock, network: bytes, now: datetime) -> str | None:
        """Why the view doesn't count; the cheapest questions first."""
        if not _ARTICLE.fullmatch(knock.article) or not _VIEW.fullmatch(knock.view):
            return "malformed"
        if knock.origin not in self._origins:
            return "origin"
        if knock.purpose and any(word in knock.purpose.lower() for word in _AHEAD):
            return "prefetch"
        if knock.staff:
            return "staff"
        if knock.preview:
            return "preview"
        if not self._crowd.admits(network, now):
            return "over_cap"
        if is_bot(knock.agent):
            return "bot"
        try:
            return None if self.showing(knock.article, now) else "unknown"
        except SQLAlchemyError as error:
            raise ViewsUnstorable("nobody can say whether the article is visible") from error

    def forget(self, public_ids: Iterable[str]) -> None:
        """These articles have changed: ask again whether they are visible."""
        self.showing.forget(public_ids)

    def forget_all(self) -> None:
        self.showing.forget_all()


_ACCEPTED = Decision(True, "accepted")


class Crowd:
    """How many views each network has sent in the present minute; kept in memory, for that minute only."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._since: datetime | None = None
        self._seen: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def admits(self, network: bytes, now: datetime) -> bool:
        with self._lock:
            if self._since is None or not self._since <= now < self._since + _MINUTE:
                self._since = now
                self._seen.clear()
            self._seen[network] += 1
            return self._seen[network] <= self._per_minute


def open_door(newsroom: Newsroom) -> VisitDoor:
    """The newsroom's door, asking its database and keeping its salts in its data folder."""

    def until(public_id: str, now: datetime) -> datetime | None:
        with newsroom.sessions.read() as session:
            return queries.visible_until(session, public_id, now)

    make_ready()
    return VisitDoor(newsroom.views, salts_of(newsroom), Showing(until), newsroom.settings.origins)


def salts_of(newsroom: Newsroom) -> Salts:
    """The site's salts. Besides the door, the worker needs them: to destroy what is old when no view comes in."""
    settings = newsroom.settings
    return Salts(settings.data_dir / "salts", settings.site_timezone, newsroom.views.agree)
