"""Search that cannot lie: what it finds is what readers may see, however far the index has come."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.schema import DropSchema

from cms import reactions
from cms.clock import SetClock
from cms.domain.search import finding, vocabulary
from cms.domain.search.finding import Answer, find
from cms.domain.search.grammar import parse
from cms.domain.search.suggesting import suggest
from cms.newsroom import Newsroom
from cms.worker.indexing import drain_search, rebuild_index
from cms.worker.relating import forget_words
from tests.databases import BOTH_INDEXES
from tests.desk import Desk

pytestmark = BOTH_INDEXES

PATH = "/{yyyy}/{mm}/{dd}/{slug}/"


@pytest.fixture(autouse=True)
def empty_index(newsroom: Newsroom) -> None:
    rebuild_index(newsroom)


def search(newsroom: Newsroom, text: str, **how: Any) -> Answer:
    with newsroom.sessions.read() as session:
        return find(session, newsroom.search, parse(text), newsroom.clock.now(), PATH, **how)


def lose_the_index(newsroom: Newsroom) -> None:
    if newsroom.settings.search_url == "whoosh:":
        shutil.rmtree(newsroom.settings.data_dir / "index")
    else:
        with newsroom.sessions.write_engine.begin() as connection:
            connection.execute(DropSchema("copydesk_search", cascade=True))


def headlines(newsroom: Newsroom, text: str, **how: Any) -> list[str]:
    return [result.story.headline for result in search(newsroom, text, **how).results]


def offered(newsroom: Newsroom, text: str) -> list[str]:
    with newsroom.sessions.read() as session:
        return [one.text for one in suggest(session, newsroom.search, text, newsroom.clock.now(), PATH)]


def test_a_story_is_found_the_moment_it_is_published(newsroom: Newsroom, desk: Desk) -> None:
    desk.section("Harbour")
    desk.publish("Ferries return", body_html="<p>Two boats were running.</p>", sections=["harbour"])
    for _ in range(2):
        answer = search(newsroom, "boat runs section:harbour")
        assert [result.story.headline for result in answer.results] == ["Ferries return"]
        assert answer.total == 1
        assert answer.facets.sections == {"harbour": 1}
        assert answer.facets.years == {"2026": 1}
        assert ("running", True) in answer.results[0].excerpt
        drain_search(newsroom)


def test_a_withdrawn_story_is_gone_from_search_at_once(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("Storm warning", tags=["Sea"])
    desk.publish("Storm over", tags=["Sea"])
    drain_search(newsroom)
    clock.advance(timedelta(seconds=1))
    desk.withdraw(article)
    for _ in range(2):
        answer = search(newsroom, "storm")
        assert [result.story.headline for result in answer.results] == ["Storm over"]
        assert (answer.total, answer.facets.tags) == (1, {"sea": 1})
        assert "Storm warning" not in offered(newsroom, "storm")
        drain_search(newsroom)


def test_a_changed_story_is_found_by_its_new_words_only(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("Minister denies")
    drain_search(newsroom)
    clock.advance(timedelta(minutes=1))
    revision = desk.save(article, headline="Minister admits")
    assert headlines(newsroom, "minister") == ["Minister denies"]
    desk.put_live(article, revision=revision)
    for _ in range(2):
        assert headlines(newsroom, "minister") == ["Minister admits"]
        assert headlines(newsroom, "denies") == []
        drain_search(newsroom)


def test_a_scheduled_story_is_found_from_its_first_second_to_its_last(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    start = clock.now() + timedelta(hours=1)
    article = desk.write("Budget day")
    desk.put_live(article, live_from=start, live_until=start + timedelta(hours=1))
    drain_search(newsroom)
    assert headlines(newsroom, "budget") == []
    clock.set(start)
    assert headlines(newsroom, "budget") == ["Budget day"]
    drain_search(newsroom)
    clock.set(start + timedelta(hours=1))
    assert headlines(newsroom, "budget") == []
    assert search(newsroom, "budget").total == 0


def test_drafts_are_never_found(newsroom: Newsroom, desk: Desk) -> None:
    desk.write("Canary draft", body_html="<p>canary</p>")
    drain_search(newsroom)
    assert search(newsroom, "canary").total == 0
    assert offered(newsroom, "canary") == []


def test_fresh_and_indexed_stories_make_one_list_in_order(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    for number in range(6):
        desk.publish(f"Harbour day {number}")
        clock.advance(timedelta(hours=1))
        if number == 3:
            drain_search(newsroom)
    newest = [f"Harbour day {number}" for number in reversed(range(6))]
    assert headlines(newsroom, "harbour", sort="newest") == newest
    pages = [headlines(newsroom, "harbour", sort="newest", offset=at, limit=2) for at in (0, 2, 4)]
    assert [headline for page in pages for headline in page] == newest
    assert sorted(headlines(newsroom, "harbour")) == sorted(newest)


def test_a_ready_index_and_the_database_give_the_same_answer(newsroom: Newsroom, desk: Desk) -> None:
    desk.section("Sport")
    desk.section("Football", parent="sport")
    desk.person("Ana Ruiz")
    desk.publish("Running the cup", sections=["football"], bylines=[{"person": "ana-ruiz"}], tags=["World Cup"])
    desk.publish("The cup runs over", standfirst="A world of cups", language="en")
    texts = [
        "cup",
        "run",
        '"the cup"',
        "cup -world",
        "ruiz",
        "section:sport",
        "author:ana-ruiz",
        "tag:world-cup",
        "after:2027",
    ]
    before = {text: (set(headlines(newsroom, text)), search(newsroom, text).facets) for text in texts}
    assert before["cup"][0] == {"Running the cup", "The cup runs over"}
    assert before["section:sport"][0] == before["ruiz"][0] == {"Running the cup"}
    drain_search(newsroom)
    assert {text: (set(headlines(newsroom, text)), search(newsroom, text).facets) for text in texts} == before


def test_without_an_index_headlines_and_summaries_are_still_searched(newsroom: Newsroom, desk: Desk) -> None:
    desk.section("Sport")
    desk.publish("Harbour storm", sections=["sport"])
    desk.publish("Quiet day", standfirst="No storm, 100% calm")
    desk.write("Storm draft")
    drain_search(newsroom)
    lose_the_index(newsroom)
    answer = search(newsroom, "storm")
    assert {result.story.headline for result in answer.results} == {"Harbour storm", "Quiet day"}
    assert (answer.total, answer.notes) == (2, (finding.TITLES_ONLY,))
    assert headlines(newsroom, "storm section:sport") == ["Harbour storm"]
    assert headlines(newsroom, "storm -calm") == ["Harbour storm"]
    assert headlines(newsroom, "storm tag:none author:nobody") == []
    assert headlines(newsroom, '"100% calm"') == ["Quiet day"]
    rebuild_index(newsroom)
    assert search(newsroom, "storm").notes == ()


def test_when_no_story_has_all_words_those_with_some_are_shown_and_said_to_be(newsroom: Newsroom, desk: Desk) -> None:
    desk.publish("Harbour storm")
    answer = search(newsroom, "harbour earthquake")
    assert [result.story.headline for result in answer.results] == ["Harbour storm"]
    assert answer.notes == (finding.RELAXED,)
    assert search(newsroom, "earthquake volcano").notes == ()


def test_while_very_much_has_just_changed_search_says_that_it_is_catching_up(
    newsroom: Newsroom, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "DELTA_AT_MOST", 5)
    for number in range(finding.DELTA_AT_MOST + 5):
        desk.publish(f"Harbour import {number}")
    answer = search(newsroom, "harbour")
    assert (answer.total, answer.notes) == (finding.DELTA_AT_MOST, (finding.CATCHING_UP,))
    while drain_search(newsroom):
        pass
    answer = search(newsroom, "harbour")
    assert (answer.total, answer.notes) == (finding.DELTA_AT_MOST + 5, ())


def test_what_was_cut_is_said(newsroom: Newsroom) -> None:
    notes = search(newsroom, "storm " * 50).notes
    assert notes == (finding.CHARACTERS_CUT, finding.TERMS_CUT)


def test_a_mistyped_word_is_mended_from_visible_headlines_only(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    desk.publish("Harbour storm", body_html="<p>Catastrophe</p>")
    gone = desk.publish("Scandalous minister")
    desk.write("Embargoed merger")
    drain_search(newsroom)
    clock.advance(timedelta(seconds=1))
    desk.withdraw(gone)
    assert search(newsroom, "harbuor storm").did_you_mean == "harbour storm"
    assert search(newsroom, "Stomr").did_you_mean == "storm"
    for text in ("scandalouss", "ministr", "embargoedd", "merge", "catastrophee", "zzzz", "harbour"):
        assert search(newsroom, text).did_you_mean is None, text


def test_what_was_mistyped_is_answered_with_what_was_meant(newsroom: Newsroom, desk: Desk) -> None:
    desk.publish("Harbour storm", body_html="<p>Waves broke the quay wall.</p>")
    desk.publish("Harbour fair")
    while drain_search(newsroom):
        pass
    answer = search(newsroom, "harbuor stom")
    assert [result.story.headline for result in answer.results] == ["Harbour storm"]
    assert (answer.did_you_mean, answer.notes) == ("harbour storm", (finding.RESPELT,))
    assert ("Harbour", True) in answer.results[0].headline


def test_of_two_words_as_near_the_one_that_more_stories_have_is_meant(newsroom: Newsroom, desk: Desk) -> None:
    desk.publish("Horse bolts")
    for number in range(3):
        desk.publish(f"House {number} sold")
    drain_search(newsroom)
    assert search(newsroom, "hoyse").did_you_mean == "house"


def test_a_word_of_a_hidden_headline_is_not_offered_for_its_like_in_a_visible_text(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    gone = desk.publish("Scandalously rich")
    desk.publish("Quiet day", body_html="<p>It was scandalous.</p>")
    drain_search(newsroom)
    assert search(newsroom, "scandalosuly").did_you_mean == "scandalously"
    clock.advance(timedelta(seconds=1))
    desk.withdraw(gone)
    for _ in range(2):
        assert search(newsroom, "scandalosuly").did_you_mean is None
        drain_search(newsroom)


def test_the_words_of_an_erased_headline_are_kept_nowhere(newsroom: Newsroom, desk: Desk) -> None:
    desk.publish("Harbour storm")
    drain_search(newsroom)
    with newsroom.sessions.write() as session:
        vocabulary.learn(session, ["Unnameable person"])
        reactions.commit(session, [], newsroom.clock.now(), newsroom.signal)
    forget_words(newsroom)
    with newsroom.sessions.read() as session:
        assert set(session.scalars(select(vocabulary.HeadlineWord.word))) == {"harbour", "storm"}


def test_suggestions_are_visible_headlines_and_names_in_use(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    desk.section("Harbour news")
    desk.section("Harbour empty")
    desk.person("Ana Harbourne")
    desk.person("Harbour Nobody")
    desk.publish(
        "Harbour reopens", sections=["harbour-news"], bylines=[{"person": "ana-harbourne"}], tags=["Harbour tolls"]
    )
    gone = desk.publish("Harbour closes", tags=["Harbour fog"])
    desk.write("Harbour draft", tags=["Harbour sea"])
    clock.advance(timedelta(seconds=1))
    desk.withdraw(gone)
    for _ in range(2):
        assert offered(newsroom, "harb") == ["Harbour reopens", "Ana Harbourne", "Harbour news", "Harbour tolls"]
        assert offered(newsroom, "h") == []
        assert offered(newsroom, "%%") == []
        drain_search(newsroom)
