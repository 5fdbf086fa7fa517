"""Publishing is the newsroom's own business: no web application, no request, no server."""

from __future__ import annotations

from datetime import timedelta

from cms.clock import SetClock
from cms.domain.articles.queries import newest_first, visible
from cms.domain.articles.reading import stories
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk

pytestmark = BOTH_DATABASES

PATH = "/{yyyy}/{mm}/{dd}/{slug}/"


def headlines(newsroom: Newsroom) -> list[str]:
    now = newsroom.clock.now()
    with newsroom.sessions.read() as session:
        return [story.headline for story in stories(session, newest_first(visible(now)), now, PATH)]


def test_a_story_is_written_published_and_read_with_no_app_at_all(newsroom: Newsroom, desk: Desk) -> None:
    desk.section("Harbour")
    desk.person("Ana Ruiz")
    article = desk.write("Ferry returns", sections=["harbour"], bylines=[{"person": "ana-ruiz"}], tags=["Ferries"])
    assert headlines(newsroom) == []
    desk.put_live(article)
    now = newsroom.clock.now()
    with newsroom.sessions.read() as session:
        [story] = stories(session, visible(now), now, PATH)
    assert story.path == "/2026/03/26/ferry-returns/"
    assert [p.name for p in story.bylines] == ["Ana Ruiz"]
    assert [s.path for s in story.sections] == ["/section/harbour/"]
    assert [t.name for t in story.tags] == ["Ferries"]
    assert story.published_at == story.modified_at == now


def test_a_scheduled_story_is_public_at_its_second_with_nothing_running(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    article = desk.write("Tomorrow's news")
    at = clock.now() + timedelta(hours=9)
    desk.put_live(article, live_from=at, live_until=at + timedelta(hours=1))
    clock.set(at - timedelta(microseconds=1))
    assert headlines(newsroom) == []
    clock.set(at)
    assert headlines(newsroom) == ["Tomorrow's news"]
    clock.set(at + timedelta(hours=1))
    assert headlines(newsroom) == []


def test_cancelling_a_scheduled_change_lets_the_live_text_run_on(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("As it stands")
    clock.advance(timedelta(minutes=1))
    desk.save(article, headline="As it will be")
    at = clock.now() + timedelta(hours=1)
    n = desk.put_live(article, live_from=at, revision=2)
    desk.cancel(article, n)
    clock.set(at + timedelta(hours=1))
    assert headlines(newsroom) == ["As it stands"]
