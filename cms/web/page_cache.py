"""Public pages from memory, before Flask is reached, and never older than the newest change.

Every request first makes sure that this process knows what has changed (page_cache_changes.py); whatever carries a
changed key is gone before anything is looked up. So what is in here is true now, and no lifetime has to be guessed.
Each page says what it depends on and until when it holds (public/page.py leaves that in ``g``); an answer that says
nothing is passed on and not kept. A page that isn't here is made once, however many ask for it. A page with one
sentence that changes oftener than all the rest names it as its ``Slot``: then only that is made anew.

Nothing of a request but its address reaches a page: it is made from an environment of our own, so no header and no
cookie can leave a trace in it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.exc import SQLAlchemyError

from cms.domain.articles.queries import FOREVER
from cms.newsroom import Newsroom
from cms.web.memory import Memory
from cms.web.page_cache_changes import Changes
from cms.web.page_dates import PageDates
from cms.web.ready import Ready

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

FACTS = "copydesk.page"
"""Where in the environment an answer leaves what we must know of it: its ``Facts``."""

RECOLLECTION = "copydesk.recollection"
"""Where in it the application finds what this process remembers: web/memory.py."""

_NO_PAGES = ("/admin", "/api/", "/media/", "/preview/", "/static/", "/healthz", "/readyz", "/metrics")
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "/": ("page", "p", "page_id"),
    "/search": ("q", "section", "tag", "author", "from", "to", "sort", "page"),
    "/search/suggest": ("q",),
    "/oembed": ("url", "format", "maxwidth", "maxheight"),
}
_OF_LISTS, _OF_FEEDS = ("page",), ("page", "before")
_PASSING_LIFE = timedelta(seconds=5)
_HANDED_ON = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "HTTP_HOST", "PATH_INFO")


@dataclass(frozen=True, slots=True)
class Slot:
    """The bytes of a body from ``start`` to ``end``, which hold until ``good_until``, and who can tell them anew:
    asked at an instant, it answers with other bytes and their end. It may ask the database."""

    start: int
    end: int
    good_until: datetime
    tell: Callable[[datetime], tuple[bytes, datetime]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What an answer depends on; without ``keys`` it is its asker's alone. ``good_until`` leaves the slot aside."""

    keys: frozenset[str] | None = None
    good_until: datetime = FOREVER
    slot: Slot | None = None


@dataclass(slots=True, eq=False)
class Page:
    address: str
    ready: Ready
    keys: frozenset[str] | None
    good_until: datetime
    slot: Slot | None = None
    look_again: datetime = FOREVER
    """When this stops being true as it is: at its end, or at its slot's."""
    weight: int = 0


@dataclass(slots=True, eq=False)
class Render:
    """A page in the making, and what has changed since before its snapshot began."""

    done: threading.Event = field(default_factory=threading.Event)
    changed: set[str] = field(default_factory=set)
    all_changed: bool = False
    page: Page | None = None

    def holds(self, page: Page, now: datetime) -> bool:
        return not self.all_changed and self.changed.isdisjoint(page.keys or ()) and now < page.look_again


class PageCache:
    """WSGI middleware; one a process, safe for threads."""

    def __init__(self, app: Application, newsroom: Newsroom, changes: Changes) -> None:
        self._app, self._clock, self._changes = app, newsroom.clock, changes
        self._hosts = newsroom.settings.hosts
        bound = newsroom.settings.page_cache_mb * 1_000_000
        self._lasting = Shelf(bound * 12 // 16)
        self._memory = Memory(changes, bound * 3 // 16)
        self._passing = Shelf(bound // 16)  # what is asked for at random: refusals, searches, further pages
        self._renders: dict[str, Render] = {}
        self._lock = threading.Lock()  # guards renders and shelves, but for looking
        self._telling = threading.Lock()  # guards pages' slots
        self._dates = PageDates(newsroom.settings.data_dir / "page-dates")
        self._dated = 0
        changes.tell(self._forget)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        reading = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not path.startswith(_NO_PAGES)
        if not reading or environ.get("HTTP_HOST") not in self._hosts:
            return self._app(environ, start_response)
        query = _known(path, query) if query else ""
        try:
            page = self._found(f"{path}?{query}" if query else path, environ, query)
        except SQLAlchemyError:  # nobody can say what has changed, so nothing in here may be shown
            return self._app(environ, start_response)
        answer = page.ready.answer(environ, start_response)
        if page.weight and page.weight != page.ready.size:  # it has been put into another encoding
            with self._lock:
                self._lasting.weigh(page)
                self._passing.weigh(page)
        return answer

    def _found(self, address: str, environ: Environ, query: str) -> Page:
        while True:
            now = self._clock.now()
            self._changes.catch_up(now)
            page = self._lasting.get(address) or self._passing.get(address)
            if page is not None and (now < page.look_again or self._told_anew(page, now)):
                return page
            with self._lock:
                render = self._renders.get(address)
                if mine := render is None:
                    render = self._renders[address] = Render()
            if mine:
                return self._carry_out(render, address, environ, query)
            render.done.wait()
            if render.page is None or render.page.keys is None:
                return self._made(address, environ, query)
            if render.holds(render.page, self._clock.now()):
                return render.page
            # What changed while it was made may be in it; then it is asked for again.

    def _carry_out(self, render: Render, address: str, environ: Environ, query: str) -> Page:
        try:
            render.page = page = self._made(address, environ, query)
            with self._lock:
                if page.keys is not None and render.holds(page, self._clock.now()):
                    self._keep(page)
            return page
        finally:
            with self._lock:
                del self._renders[address]
            render.done.set()

    def _told_anew(self, page: Page, now: datetime) -> bool:
        """Whether the page holds once more, its slot told anew."""
        if page.slot is None or now >= page.good_until:
            return False
        with self._telling:
            slot = page.slot
            if now >= slot.good_until:  # else somebody told it while we waited
                told, until = slot.tell(now)
                body = page.ready.body
                if told != body[slot.start : slot.end]:
                    page.ready = self._anew(page, body[: slot.start] + told + body[slot.end :], self._date(now))
                page.slot = Slot(slot.start, slot.start + len(told), until, slot.tell)
                page.look_again = min(page.good_until, until)
        return True

    def _anew(self, page: Page, body: bytes, date: datetime) -> Ready:
        ready = page.ready.anew(body, date)
        return ready.dated(self._dates.since(page.address, ready.tag, ready.modified))

    def _made(self, address: str, environ: Environ, query: str) -> Page:
        """Ask the application for the page, telling it the address and nothing else of the request."""
        asked = {name: environ[name] for name in environ if name in _HANDED_ON or name.startswith("wsgi.")}
        asked |= {"REQUEST_METHOD": "GET", "QUERY_STRING": query, RECOLLECTION: self._memory.recollection()}
        said: list[Any] = []
        answer = self._app(asked, lambda status, headers, _error=None: said.extend((status, headers)))
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        status, headers = said[-2:]
        facts: Facts = asked.get(FACTS, Facts())
        date = self._date(self._clock.now())
        ready = Ready(status, headers, body, date)
        if status == "200 OK":
            ready.dated(self._dates.since(address, ready.tag, date))
        look_again = min(facts.good_until, facts.slot.good_until if facts.slot else FOREVER)
        return Page(address, ready, facts.keys, facts.good_until, facts.slot, look_again)

    def _date(self, now: datetime) -> datetime:
        """A date has whole seconds: what is made after a change must not bear the date of what was made before."""
        second = max(int(now.timestamp()), min(self._dated, int(now.timestamp()) + 60))
        return datetime.fromtimestamp(second, now.tzinfo)

    def _keep(self, page: Page) -> None:
        if page.ready.status == "200 OK" and "?" not in page.address:
            if older := self._lasting.get(page.address):
                page.ready.take_over(older.ready)
            self._lasting.put(page)
        else:
            page.good_until = page.look_again = min(page.look_again, self._clock.now() + _PASSING_LIFE)
            self._passing.put(page)

    def _forget(self, changed: frozenset[str] | None) -> None:
        with self._lock:
            self._dated = max(self._dated, int(self._clock.now().timestamp())) + 1
            self._passing.drop(None)
            self._lasting.drop(changed)
            for render in self._renders.values():
                render.all_changed |= changed is None
                render.changed |= changed or set()


class Shelf:
    """Pages by address, the least recently used out first. Whoever changes it holds the cache's lock."""

    def __init__(self, bound: int) -> None:
        self._bound, self._weight = bound, 0
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._by_key: defaultdict[str, set[Page]] = defaultdict(set)

    def get(self, address: str) -> Page | None:
        page = self._pages.get(address)
        if page is not None:
            with suppress(KeyError):  # no lock is held: it may just have been dropped
                self._pages.move_to_end(address)
        return page

    def put(self, page: Page) -> None:
        if page.address in self._pages:
            self._take(self._pages[page.address])
        self._pages[page.address] = page
        for key in page.keys or ():
            self._by_key[key].add(page)
        self.weigh(page)

    def weigh(self, page: Page) -> None:
        """Count the page as it now is, and make room."""
        if self._pages.get(page.address) is page:
            self._weight += page.ready.size - page.weight
            page.weight = page.ready.size
        while self._weight > self._bound:
            _address, oldest = self._pages.popitem(last=False)  # an iterator fails when a reader moves a page meanwhile
            self._let_go(oldest)

    def drop(self, changed: frozenset[str] | None) -> None:
        """Whatever depends on any of these keys; all there is for None."""
        gone = self._pages.values() if changed is None else {p for key in changed for p in self._by_key.get(key, ())}
        for page in list(gone):
            self._take(page)

    def _take(self, page: Page) -> None:
        del self._pages[page.address]
        self._let_go(page)

    def _let_go(self, page: Page) -> None:
        self._weight -= page.weight
        page.weight = 0
        for key in page.keys or ():
            self._by_key[key].discard(page)
            if not self._by_key[key]:
                del self._by_key[key]


def _known(path: str, query: str) -> str:
    """The query with the parameters that the address knows, once each and in one order."""
    given: dict[str, str] = {}
    text = query.encode("latin-1", "replace").decode("utf-8", "replace")  # as WSGI servers hand it on
    for name, value in parse_qsl(text, keep_blank_values=True):
        given.setdefault(name, value)
    known = _PARAMETERS.get(path, _OF_FEEDS if path.rpartition("/")[2].startswith("feed.") else _OF_LISTS)
    return urlencode([(name, given[name]) for name in known if name in given])
