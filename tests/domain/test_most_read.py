"""Most read: what readers visited, in an order that never depends on chance and that one network can't buy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cms.clock import SetClock
from cms.domain.articles import queries
from cms.domain.articles.model import Article
from cms.domain.articles.reading import stories
from cms.domain.errors import Invalid
from cms.domain.people.staff import SYSTEM
from cms.domain.taxonomy.model import Section
from cms.domain.views.adjusting import adjust
from cms.domain.views.model import VisitTotal
from cms.domain.views.ranking import most_read
from cms.domain.views.windows import DAY, MONTH, WEEK, out_of_step
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.domain.test_visits import with_visits
from tests.readers import FIREFOX, Readers

HOUR = timedelta(hours=1)


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom]) -> Newsroom:
    return with_visits(make_newsroom())


@pytest.fixture
def readers(newsroom: Newsroom) -> Readers:
    return Readers(newsroom)


def ranked(
    newsroom: Newsroom, window: timedelta = DAY, networks: int = 1, section: str = "", **narrowed: Any
) -> list[str]:
    now, zone = newsroom.clock.now(), newsroom.settings.site_timezone
    with newsroom.sessions.read() as session:
        publications = queries.visible(now)
        if section:
            inside = session.scalars(select(Section.id).where(Section.slug == section)).all()
            publications = queries.filed_in(publications, inside)
        chosen = most_read(publications, window, now, zone, networks=networks, **narrowed)
        assert queries.how_many(session, chosen) == len(session.scalars(chosen).all())
        return [story.headline for story in stories(session, chosen.limit(10), now, "/{slug}/")]


def test_the_most_read_come_first_and_of_equals_the_newer(
    newsroom: Newsroom, desk: Desk, readers: Readers, clock: SetClock
) -> None:
    for headline, visits in (("Two", 2), ("Older one", 1), ("Newer one", 1), ("Three", 3), ("Unread", 0)):
        story = desk.publish(headline)
        for reader in range(visits):
            readers.read(story, reader)
        clock.advance(HOUR)
    readers.roll_up()
    assert ranked(newsroom) == ["Three", "Two", "Newer one", "Older one"]


def test_each_window_forgets_what_is_older(newsroom: Newsroom, desk: Desk, readers: Readers, clock: SetClock) -> None:
    end = clock.now() + timedelta(days=40)
    stories = {ago: desk.publish(f"{ago} days ago") for ago in (31, 20, 5, 0)}
    for ago, story in stories.items():
        clock.set(end - timedelta(days=ago, hours=1))
        readers.read(story)
    clock.set(end)
    readers.roll_up()
    told = ["0 days ago", "5 days ago", "20 days ago"]
    assert [sorted(ranked(newsroom, window)) for window in (DAY, WEEK, MONTH)] == [sorted(told[:n]) for n in (1, 2, 3)]


def test_the_list_is_narrowed_by_section_age_exclusion_and_visibility(
    newsroom: Newsroom, desk: Desk, readers: Readers, clock: SetClock
) -> None:
    desk.section("Harbour")
    old = desk.publish("Old", sections=["harbour"])
    clock.advance(HOUR)
    new, gone = desk.publish("New"), desk.publish("Withdrawn")
    for story in (old, new, gone):
        readers.read(story)
    clock.advance(HOUR)
    desk.withdraw(gone)
    readers.roll_up()
    assert ranked(newsroom) == ["New", "Old"]
    assert ranked(newsroom, section="harbour") == ["Old"]
    assert ranked(newsroom, max_age=HOUR) == ["New"]
    assert ranked(newsroom, without=[new]) == ["Old"]


def test_one_network_cannot_lift_its_own_story(newsroom: Newsroom, desk: Desk, readers: Readers) -> None:
    lifted, read = desk.publish("Lifted"), desk.publish("Read")
    for n in range(50):
        readers.read(lifted, address="192.0.2.1", agent=f"{FIREFOX} {n}")
    for reader in range(3):
        readers.read(read, reader)
    readers.roll_up()
    assert ranked(newsroom, networks=3) == ["Read"]
    assert ranked(newsroom, networks=4) == []


def test_an_adjustment_is_a_row_with_a_reason_and_moves_no_ranking(
    newsroom: Newsroom, desk: Desk, readers: Readers
) -> None:
    story, other = desk.publish("Adjusted"), desk.publish("Other")
    for reader in range(2):
        readers.read(other, reader)
    readers.read(story)
    readers.roll_up()
    with newsroom.sessions.write() as session:
        article = session.scalars(select(Article).where(Article.public_id == story)).one()
        for visits, reason in ((5, "  "), (0, "nothing"), (-2, "more than there are")):
            with pytest.raises(Invalid):
                adjust(session, article, visits, reason=reason, actor=SYSTEM, now=newsroom.clock.now())
        told = adjust(session, article, 100, reason="From the old site", actor=SYSTEM, now=newsroom.clock.now())
        session.commit()
    assert (told.verb, told.before, told.after["total"]) == ("visits.adjust", {"total": 1}, 101)
    assert readers.figures(story) == (101, 1)
    assert ranked(newsroom) == ["Other", "Adjusted"]
    with newsroom.sessions.write() as session:
        assert out_of_step(session) == []
        session.execute(update(VisitTotal).values(visits=VisitTotal.visits + 1))
        assert [(total, summed) for _, total, summed in out_of_step(session)] == [(102, 101), (3, 2)]
