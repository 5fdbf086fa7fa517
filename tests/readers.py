"""Readers at the door and the worker behind it, for tests about visits."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from cms import reactions
from cms.domain.articles.model import Article
from cms.domain.views import rollup, windows
from cms.domain.views.visits import Decision, Knock, open_door
from cms.newsroom import Newsroom

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

_views = count(10_000_000)


class Readers:
    """One web process's door on a newsroom, and a worker."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.door = open_door(newsroom)

    def read(self, article: str, /, reader: int = 1, **said: Any) -> Decision:
        """One look at the page by reader number so and so, each with a network of their own."""
        given = {
            "article": article,
            "view": f"view-{next(_views)}",
            "origin": "http://news.example",
            "agent": FIREFOX,
            "address": f"10.{reader // 250}.{reader % 250}.7",
            **said,
        }
        return self.door.accept(Knock(**given), self.newsroom.clock.now())

    def roll_up(self) -> int:
        """What the worker does; the number of visits counted."""
        newsroom, now = self.newsroom, self.newsroom.clock.now()
        batch = rollup.gather(newsroom.views)
        with newsroom.sessions.write() as session:
            visits = rollup.count(session, batch, now, newsroom.settings.site_timezone)
            reactions.commit(session, [], now, newsroom.signal)
        rollup.discard(newsroom.views, batch)
        return visits

    def figures(self, article: str, at: datetime | None = None) -> tuple[int, int]:
        """Total and today, as pages would tell them."""
        now, zone = at or self.newsroom.clock.now(), self.newsroom.settings.site_timezone
        with self.newsroom.sessions.read() as session:
            article_id = session.scalars(select(Article.id).where(Article.public_id == article)).one()
            figures = windows.figures(session, [article_id], now, zone)[article_id]
        return figures.total, figures.today

    def dropped(self) -> dict[str, int]:
        now = self.newsroom.clock.now().date()
        with self.newsroom.sessions.read() as session:
            return windows.drops(session, now.replace(month=1, day=1), now.replace(month=12, day=31))
