"""What stands beside a story: the most alike that readers may see, worked out before anybody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from cms import reactions
from cms.clock import SetClock
from cms.domain.search.related import RelatedArticle
from cms.newsroom import Newsroom
from cms.worker.loop import Worker
from cms.worker.relating import relate
from tests.desk import Desk
from tests.surfaces.pages import pick, read, words

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql with its own search"], indirect=True)

BRIDGE = "/2026/03/26/bridge-cracked/"
CRACK = "<p>Engineers inspect the girder, the pylon and the weld. The girder and pylon and weld are cracked.</p>"
OTHER = "<p>Bakers knead sourdough, butter and marzipan. The sourdough, butter and marzipan are sweet.</p>"


def beside(client: FlaskClient, path: str = BRIDGE) -> list[str]:
    return [words(each) for each in pick(read(client, path), ".related .card-headline")]


def neighbours(client: FlaskClient, path: str = BRIDGE) -> dict[str, str]:
    return {each.get("rel"): words(each) for each in pick(read(client, path), ".neighbours a")}


@pytest.fixture(autouse=True)
def bridge(newsroom: Newsroom, desk: Desk, clock: SetClock) -> str:
    """A story, one like it, and one that is only of its section."""
    Worker(newsroom).index()
    desk.section("City")
    desk.publish("Girder welded", body_html=CRACK, sections=["city"])
    desk.publish("Cake fair", body_html=OTHER, sections=["city"])
    for number in range(6):
        desk.publish(f"Elsewhere {number}", body_html=f"<p>Weather report {number}.</p>")
    public_id = desk.publish("Bridge cracked", body_html=CRACK, sections=["city"])
    Worker(newsroom).index()
    clock.advance(timedelta(seconds=1))
    return public_id


def test_the_most_alike_come_first_and_then_the_newest_of_the_section(client: FlaskClient) -> None:
    assert beside(client) == ["Girder welded", "Cake fair"]


def test_a_page_follows_when_a_story_that_is_more_like_it_is_published(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    assert beside(client)[0] == "Girder welded"
    desk.publish("Pylon and girder and weld repaired", body_html=CRACK)
    Worker(newsroom).index()
    assert "Pylon and girder and weld repaired" in beside(client)
    assert beside(client, "/2026/03/26/pylon-and-girder-and-weld-repaired/")[0] in ("Girder welded", "Bridge cracked")


def test_a_withdrawn_story_stands_beside_none_from_the_moment_it_is_withdrawn(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    gone = desk.publish("Pylon sabotage", body_html=CRACK)
    Worker(newsroom).index()
    assert "Pylon sabotage" in beside(client)
    clock.advance(timedelta(seconds=1))
    desk.withdraw(gone)
    assert "Pylon sabotage" not in beside(client)
    Worker(newsroom).index()
    assert "Pylon sabotage" not in beside(client)


def test_before_and_after_it_are_the_stories_of_its_section(
    client: FlaskClient, desk: Desk, bridge: str, clock: SetClock
) -> None:
    assert neighbours(client, "/2026/03/26/cake-fair/") == {"prev": "Girder welded", "next": "Bridge cracked"}
    assert neighbours(client) == {"prev": "Cake fair"}
    tram = desk.publish("Tram runs", sections=["city"])
    desk.publish("Tram runs elsewhere")
    assert neighbours(client) == {"prev": "Cake fair", "next": "Tram runs"}
    clock.advance(timedelta(seconds=1))
    desk.withdraw(bridge)
    assert neighbours(client, "/2026/03/26/tram-runs/") == {"prev": "Cake fair"}
    desk.withdraw(tram)
    assert neighbours(client, "/2026/03/26/cake-fair/") == {"prev": "Girder welded"}


def test_stories_without_a_list_are_given_one(client: FlaskClient, newsroom: Newsroom) -> None:
    with newsroom.sessions.write() as session:
        session.execute(delete(RelatedArticle))
        reactions.commit(session, [], newsroom.clock.now(), newsroom.signal)
    assert beside(client) == ["Cake fair", "Girder welded"]
    Worker(newsroom).relate()
    assert beside(client) == ["Girder welded", "Cake fair"]


def test_nothing_is_written_when_nothing_has_changed(newsroom: Newsroom, bridge: str) -> None:
    before = newsroom.signal.read()
    relate(newsroom, [bridge], around=True)
    Worker(newsroom).relate()
    assert newsroom.signal.read() == before
