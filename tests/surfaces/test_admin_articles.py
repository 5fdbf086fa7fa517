"""The desk's list in the admin: found by any word, in any order, page by page, and moved several at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import event

from cms.clock import SetClock
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.staff import Staff

LIST = "/admin/articles/"


def headlines(page: str) -> list[str]:
    return re.findall(r'<a href="/admin/articles/[^"]+/" dir="auto">([^<]+)</a>', page)


def test_a_draft_is_found_by_words_of_its_headline_standfirst_or_text(
    staff: Callable[[str], Staff], desk: Desk
) -> None:
    desk.write("Ferry returns", standfirst="After a long winter.", body_html="<p>The captain smiled.</p>")
    desk.write("Tram derails")
    editor = staff("editor")
    for words in ("FERRY", "winter", "captain", "ferry captain"):
        assert headlines(editor.get(f"{LIST}?q={words}")) == ["Ferry returns"]
    assert headlines(editor.get(f"{LIST}?q=ferry+tram")) == []
    assert headlines(editor.get(f"{LIST}?q=%25")) == []


@BOTH_DATABASES
def test_a_draft_is_found_by_its_words_and_not_by_its_markup(staff: Callable[[str], Staff], desk: Desk) -> None:
    said = '<p>The <a href="/tag/sea/">captain</a> smiled &amp; waved.</p><p>1 &lt; 2</p>'
    desk.write("Ferry returns", body_html=said)
    editor = staff("editor")
    for words in ("captain", '"the captain smiled"', "smiled %26", '"1 < 2"'):
        assert headlines(editor.get(f"{LIST}?q={words}")) == ["Ferry returns"]
    for words in ("href", "tag", "/p", "amp", '"p> 1"', "lt;"):
        assert headlines(editor.get(f"{LIST}?q={words}")) == []
        assert "Ferry returns" not in editor.get(f"/admin/search/?q={words}")


def test_a_contributors_search_finds_no_word_of_anybody_elses_draft(staff: Callable[[str], Staff], desk: Desk) -> None:
    desk.write("Ferry returns", body_html="<p>canary</p>")
    assert headlines(staff("contributor").get(f"{LIST}?q=canary")) == []


def test_every_story_stands_on_one_page_of_the_list_in_each_order(
    staff: Callable[[str], Staff], desk: Desk, clock: SetClock
) -> None:
    for number in range(53):
        (desk.publish if number % 2 else desk.write)(f"Story {number:02}")
        if number % 3:
            clock.advance(timedelta(minutes=1))
    editor = staff("editor")
    for sort, number in (("touched", 53), ("oldest", 53), ("published", 26)):
        path: str | None = f"{LIST}?sort={sort}"
        met: list[str] = []
        while path:
            page = editor.get(path)
            met += headlines(page)
            onward = re.search(r'rel="next" href="([^"]+)"', page)
            path = onward[1].replace("&amp;", "&") if onward else None
        assert len(met) == len(set(met)) == number
        if sort == "oldest":
            assert met[0] == "Story 00"


def test_a_view_that_is_kept_is_its_keepers_alone(staff: Callable[[str], Staff]) -> None:
    editor, admin = staff("editor"), staff("admin")
    kept = "?state=ready&amp;whose=mine"
    assert editor.post(f"{LIST}views?state=ready&whose=mine&q=", LIST, name="For tonight").status_code == 303
    assert kept in editor.get(LIST)
    assert "For tonight" not in admin.get(LIST)
    number = re.search(r"views/(\d+)/forget", editor.get(f"{LIST}?state=ready&whose=mine"))
    assert number
    admin.post(f"{LIST}views/{number[1]}/forget", LIST)
    assert kept in editor.get(LIST)
    editor.post(f"{LIST}views/{number[1]}/forget", LIST)
    assert kept not in editor.get(LIST)


def test_a_bulk_verb_does_what_it_can_and_says_what_was_refused_and_why(
    staff: Callable[[str], Staff], desk: Desk, client: FlaskClient
) -> None:
    fresh, spiked, changed = desk.write("Fresh"), desk.write("Binned"), desk.write("Changed")
    editor = staff("editor")
    editor.post(f"/admin/articles/{spiked}/move/spike", LIST)
    desk.save(changed, headline="Changed since")
    marked = [f"{fresh}:1", f"{spiked}:1", f"{changed}:1", "nobody:1"]
    answer = editor.post(f"{LIST}bulk", LIST, verb="publish", story=marked)
    page = answer.get_data(as_text=True)
    assert "1 published, 3 refused" in page
    assert "A story that is spiked can" in page
    assert "Revision 2 was saved after this list was shown" in page
    assert client.get("/2026/03/26/fresh/").status_code == 200
    assert client.get("/2026/03/26/changed/").status_code == 404


def test_a_bulk_verb_tells_nothing_of_a_story_that_its_user_may_not_see(
    staff: Callable[[str], Staff], desk: Desk
) -> None:
    other = desk.write("Somebody else's secret")
    page = staff("contributor").post(f"{LIST}bulk", LIST, verb="submit", story=[f"{other}:1"]).get_data(as_text=True)
    assert "There is no such story" in page
    assert "secret" not in page


def test_nothing_marked_or_an_unknown_verb_is_refused(staff: Callable[[str], Staff], desk: Desk) -> None:
    story = desk.write()
    editor = staff("editor")
    assert editor.post(f"{LIST}bulk", LIST, verb="publish").status_code == 422
    assert editor.post(f"{LIST}bulk", LIST, verb="burn", story=[f"{story}:1"]).status_code == 422


def test_today_says_what_is_due_waits_went_out_and_is_mine(
    staff: Callable[[str], Staff], desk: Desk, clock: SetClock
) -> None:
    live = desk.publish("Gone out")
    change = desk.save(live, headline="A change to come")
    desk.put_live(live, revision=change, live_from=clock.now() + timedelta(hours=1))
    editor = staff("editor")
    mine = editor.write(headline="My own draft")
    waiting = desk.write("Waiting for somebody")
    editor.post(f"/admin/articles/{waiting}/move/submit", mine)
    page = editor.get("/admin/")
    parts = {"review": "Waiting for somebody", "due": "A change to come", "mine": "My own draft"}
    for name, headline in parts.items():
        assert headlines(page.partition(f'id="{name}"')[2].partition("</section>")[0]) == [headline]
    assert "today, 16:26 EDT" in page


def test_the_list_asks_as_many_queries_for_fifty_stories_as_for_one(staff: Callable[[str], Staff], desk: Desk) -> None:
    editor, asked = staff("editor"), []
    engine = desk.newsroom.sessions.read_engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for number in (1, 49):
        for each in range(number):
            desk.write(f"Story {number} {each}")
        asked.clear()
        editor.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]
