"""What readers of the website are promised, page by page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update

from cms import reactions
from cms.clock import SetClock
from cms.domain.people.staff import SYSTEM
from cms.domain.standing.pages import write_page
from cms.domain.taxonomy.model import Tag
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.readers import Readers
from tests.surfaces.pages import pick, read, words

STORY = "/2026/03/26/ferry-returns-to-the-old-quay/"
BODY = "<p>The ferry came back on Thursday.</p><h2>Why now</h2><p>The quay was mended.</p>"


def headlines(page: Any) -> list[str]:
    return [words(each) for each in pick(page, "main .card-headline")]


def taken_down(desk: Desk, clock: SetClock, article: str, notice: str | None = None) -> None:
    """Withdrawn a minute later."""
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice)


def full_story(desk: Desk) -> str:
    desk.section("AI", "ai")
    desk.section("Latest news", "latest-news")
    desk.person("Amara Osei", "amara-osei")
    desk.person("Tomas Brandt", "tomas-brandt")
    return desk.publish(
        standfirst="It had been away for a year.",
        key_points=["The ferry is back", "The quay is mended"],
        body_html=BODY,
        bylines=[{"person": "amara-osei"}, {"person": "tomas-brandt"}],
        sections=["ai", "latest-news"],
        tags=["Ferries", "Old quay"],
    )


# --- The story's page --------------------------------------------------------------------------------------


def test_a_story_is_printed_in_the_papers_order(client: FlaskClient, desk: Desk) -> None:
    article = full_story(desk)
    desk.correct(article, "The quay is older than we said.")
    text = words(pick(read(client, STORY), "main")[0])
    parts = [
        "Written by Amara Osei and Tomas Brandt",
        "March 26, 2026, 3:26 pm EDT",
        "AI, Latest news",
        "Ferry returns to the old quay",
        "It had been away for a year.",
        "The ferry is back",
        "The quay is mended",
        "The ferry came back on Thursday.",
        "The quay is older than we said.",
        "Visited 0 times, 0 visits today",
        "Tags: Ferries, Old quay",
        "Last modified: March 26, 2026",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_the_headline_is_the_only_h1(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    assert [words(each) for each in pick(read(client, STORY), "h1")] == ["Ferry returns to the old quay"]


def test_what_a_story_has_not_got_leaves_no_label_behind(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    page = read(client, STORY)
    text = words(pick(page, "main")[0])
    assert "Written by" not in text
    assert "Tags:" not in text
    assert not pick(page, ".standfirst, .key-points, .lead-image, .corrections, .story-sections")


def test_dates_carry_their_offset_for_machines(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    page = read(client, STORY)
    stamps = {each.get("datetime") for each in pick(page, "article.story time")}
    assert stamps == {"2026-03-26T15:26:05.250-04:00"}


def test_machines_are_told_what_readers_see(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = full_story(desk)
    clock.advance(timedelta(days=1))
    desk.correct(article, "Not </script><script>alert(1)</script> but \u2028 a quay.")
    page = read(client, STORY)
    (script,) = pick(page, 'script[type="application/ld+json"]')
    told = json.loads(script.text)
    assert told["@type"] == "NewsArticle"
    assert told["headline"] == words(pick(page, "h1")[0])
    assert told["dateModified"] == pick(page, ".modified time")[0].get("datetime")
    assert told["datePublished"] == pick(page, "time.published")[0].get("datetime")
    assert [author["name"] for author in told["author"]] == ["Amara Osei", "Tomas Brandt"]
    assert told["correction"][0]["text"].startswith("Not </script>")
    assert "\u2028" not in script.text


def test_a_pages_own_address_is_canonical_and_shared(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    page = read(client, STORY + "?utm_source=letter")
    address = f"http://news.example{STORY}"
    assert [each.get("href") for each in pick(page, 'link[rel="canonical"]')] == [address]
    assert [each.get("content") for each in pick(page, 'meta[property="og:url"]')] == [address]


def test_a_story_in_another_language_says_so(client: FlaskClient, desk: Desk) -> None:
    desk.publish("عودة العبارة", slug="ferry", language="ar")
    page = read(client, "/2026/03/26/ferry/")
    (story,) = pick(page, "article.story")
    assert (story.get("lang"), story.get("dir")) == ("ar", "rtl")
    assert pick(page, "html")[0].get("lang") == "en"
    assert pick(page, ".story-foot")[0].get("lang") == "en"


def test_markup_in_plain_fields_is_shown_as_typed(client: FlaskClient, desk: Desk) -> None:
    desk.publish("Is <b>bold</b> & 'quoted'?", slug="bold", standfirst='"><script>alert(1)</script>')
    page = read(client, "/2026/03/26/bold/")
    assert words(pick(page, "h1")[0]) == "Is <b>bold</b> & 'quoted'?"
    assert words(pick(page, ".standfirst")[0]) == '"><script>alert(1)</script>'


def test_an_article_page_stays_light(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    assert len(client.get(STORY).data) < 20_000


# --- Where former addresses lead ---------------------------------------------------------------------------


def test_a_story_says_how_long_it_takes_and_is_shared_by_links_that_hold_its_address_alone(
    client: FlaskClient, desk: Desk
) -> None:
    desk.publish(body_html=f"<p>{'word ' * 460}</p>")
    page = read(client, STORY)
    assert words(pick(page, ".reading-time")[0]) == "2 minutes to read"
    links = [unquote(each.get("href")) for each in pick(page, ".share a")]
    told = "Ferry returns to the old quay"
    assert links == [
        f"mailto:?subject={told}&body=http://news.example{STORY}",
        f"https://bsky.app/intent/compose?text={told} http://news.example{STORY}",
        f"https://wa.me/?text={told} http://news.example{STORY}",
    ]


def test_an_old_slug_leads_to_the_new_one(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish()
    clock.advance(timedelta(hours=1))
    desk.put_live(article, revision=desk.save(article, slug="ferry-is-back"))
    answer = client.get(STORY)
    assert answer.status_code == 301
    assert answer.location == "/2026/03/26/ferry-is-back/"
    assert client.get(STORY + "history/").location == "/2026/03/26/ferry-is-back/history/"
    read(client, "/2026/03/26/ferry-is-back/")


def test_a_wrong_date_leads_to_the_story(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    answer = client.get("/2025/01/02/ferry-returns-to-the-old-quay/")
    assert (answer.status_code, answer.location) == (301, STORY)


def test_a_draft_and_a_withdrawn_story_look_like_nothing_at_all(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.write("Draft of a ferry", slug="a-draft")
    taken_down(desk, clock, desk.publish())
    scheduled = desk.write("Ferry of tomorrow", slug="tomorrow")
    desk.put_live(scheduled, live_from=desk.now + timedelta(days=1))
    nothing = client.get("/2026/03/26/never-was/")
    assert nothing.status_code == 404
    for path in ("/2026/03/26/a-draft/", STORY, "/2026/03/26/tomorrow/", "/2026/03/27/tomorrow/"):
        for where in (path, f"{path}history/"):
            answer = client.get(where)
            assert (answer.status_code, answer.data) == (404, nothing.data)
            assert answer.headers == nothing.headers


def test_a_withdrawn_story_leaves_its_notice_and_nothing_else(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = full_story(desk)
    taken_down(desk, clock, article, "Withdrawn on legal advice.")
    text = words(read(client, STORY, 410))
    assert "Withdrawn on legal advice." in text
    for trace in ("Ferry returns", "Amara", "came back", "Old quay"):
        assert trace not in text
    assert client.get(STORY.replace("26", "25")).status_code == 404


def test_a_scheduled_story_is_there_at_its_second(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.write()
    due = desk.now + timedelta(minutes=10)
    desk.put_live(article, live_from=due)
    clock.set(due - timedelta(microseconds=1))
    assert client.get(STORY).status_code == 404
    assert "Ferry" not in client.get("/").text
    clock.set(due)
    assert client.get(STORY).status_code == 200
    assert "Ferry" in client.get("/").text


# --- What has changed --------------------------------------------------------------------------------------


def test_readers_see_what_changed_and_only_what_they_could_see(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish(body_html=BODY)
    clock.advance(timedelta(hours=1))
    desk.save(article, body_html=BODY.replace("Thursday", "SECRETDRAFT"))
    desk.put_live(article, revision=desk.save(article, body_html=BODY.replace("Thursday", "Wednesday")))
    clock.advance(timedelta(hours=1))
    desk.save(article, headline="Ferry NOTYET")
    page = read(client, STORY + "history/")
    assert [words(each) for each in pick(page, ".version h2 time")] == [
        "March 26, 2026, 4:26 pm EDT",
        "March 26, 2026, 3:26 pm EDT",
    ]
    (diff,) = pick(page, ".diff")
    assert [words(each) for each in pick(page, ".diff ins")] == ["Wednesday."]
    assert [words(each) for each in pick(page, ".diff del")] == ["Thursday."]
    assert "The quay was mended" not in words(diff)
    assert "SECRETDRAFT" not in words(page)
    assert "NOTYET" not in words(page)


# --- The front page and the lists --------------------------------------------------------------------------


def test_no_story_stands_twice_on_the_front_page(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    desk.section("Harbour", "harbour")
    desk.section("Ferries", "ferries", parent="harbour")
    for number in range(20):
        clock.advance(timedelta(minutes=1))
        desk.publish(f"Story {number}", sections=["harbour"] if number % 2 else ["ferries"])
    page = read(client, "/")
    shown = headlines(page)
    assert len(shown) == len(set(shown)) == 16
    assert shown[:12] == [f"Story {number}" for number in range(19, 7, -1)]
    links = [each.get("href") for each in pick(page, "a")]
    assert {"/most-read/", "/corrections/", "/archive/"} <= set(links)


def test_an_empty_paper_has_a_front_page(client: FlaskClient) -> None:
    assert "Nothing has been published yet." in words(read(client, "/"))


def test_slashes_make_no_second_front_page(client: FlaskClient) -> None:
    for path, target in (("//", "/"), ("////", "/"), ("//elsewhere.example/x", "/elsewhere.example/x")):
        answer = client.get("/", environ_overrides={"PATH_INFO": path})
        assert (answer.status_code, answer.headers["Location"]) == (308, target)


def test_a_list_is_newest_first_and_ends(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    desk.section("Harbour", "harbour")
    for number in range(21):
        clock.advance(timedelta(minutes=1))
        desk.publish(f"Story {number}", sections=["harbour"], tags=["Quay"])
    for path in ("/section/harbour/", "/tag/quay/", "/archive/2026/03/26/"):
        first, second = read(client, path), read(client, f"{path}?page=2")
        assert headlines(first) == [f"Story {number}" for number in range(20, 0, -1)]
        assert headlines(second) == ["Story 0"]
        assert [each.get("href") for each in pick(first, 'link[rel="next"]')] == [f"{path}?page=2"]
        assert [each.get("href") for each in pick(second, 'a[rel="prev"]')] == [path]
        for wrong in ("0", "3", "-1", "x", "01", "1.0", "٢", ""):
            assert client.get(f"{path}?page={wrong}").status_code == 404, wrong


def test_a_section_holds_the_stories_of_those_below_it(client: FlaskClient, desk: Desk) -> None:
    desk.section("Business", "business")
    desk.section("Port", "port", parent="business")
    desk.publish("A crane", sections=["port"])
    assert headlines(read(client, "/section/business/")) == ["A crane"]
    assert headlines(read(client, "/section/business/port/")) == ["A crane"]
    assert client.get("/section/port/").status_code == 404


def test_an_empty_section_is_a_page_but_an_unused_tag_or_name_is_not(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Harbour", "harbour")
    desk.person("Nobody Yet", "nobody-yet")
    article = desk.publish(tags=["Quay"])
    read(client, "/tag/quay/")
    taken_down(desk, clock, article)
    assert headlines(read(client, "/section/harbour/")) == []
    for path in ("/tag/quay/", "/author/nobody-yet/", "/tag/never/", "/author/never/", "/section/never/"):
        assert client.get(path).data == client.get("/never/").data


def test_an_internal_tag_is_nowhere_to_be_seen(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    desk.publish(tags=["Quay", "Desk only"])
    with newsroom.sessions.write() as session:
        session.execute(update(Tag).where(Tag.slug == "desk-only").values(internal=True))
        session.commit()
    assert client.get("/tag/desk-only/").status_code == 404
    assert "Desk only" not in client.get(STORY).text


def test_an_authors_page_lists_what_they_signed(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    page = read(client, "/author/amara-osei/")
    assert words(pick(page, "h1")[0]) == "Amara Osei"
    assert headlines(page) == ["Ferry returns to the old quay"]


@pytest.mark.parametrize("path", ["/archive/2025/", "/archive/2026/13/", "/archive/2026/02/30/", "/archive/0000/"])
def test_a_date_without_stories_is_no_page(client: FlaskClient, desk: Desk, path: str) -> None:
    desk.publish()
    assert client.get(path).status_code == 404


def test_the_archive_leads_from_years_to_days(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    for path, span in (("", "2026/"), ("2026/", "2026/03/"), ("2026/03/", "2026/03/26/")):
        page = read(client, f"/archive/{path}")
        assert f"/archive/{span}" in [each.get("href") for each in pick(page, ".spans a")]


def test_corrections_are_listed_while_their_story_is_to_be_seen(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish()
    desk.correct(article, "It was the new quay.")
    clock.advance(timedelta(minutes=1))
    desk.correct(article, "No, the old one.", "clarification")
    page = read(client, "/corrections/")
    assert [words(each) for each in pick(page, ".correction-words")] == [
        "No, the old one.",
        "It was the new quay.",
    ]
    taken_down(desk, clock, article)
    assert "There are no corrections." in words(read(client, "/corrections/"))


def test_most_read_says_so_when_nobody_was_counted(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    assert "Nobody has been counted yet." in words(read(client, "/most-read/"))


# --- Every page --------------------------------------------------------------------------------------------


def test_every_page_has_landmarks_and_one_way_to_search(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    paths = ("/", STORY, f"{STORY}history/", "/section/ai/", "/tag/ferries/", "/archive/", "/corrections/")
    for path in (*paths, "/most-read/", "/author/amara-osei/"):
        page = read(client, path)
        for landmark in ("body > header", "body > main", "body > footer", "body > header > nav"):
            assert len(pick(page, landmark)) == 1, (path, landmark)
        assert len(pick(page, "h1")) == 1
        assert pick(page, "body > a")[0].get("href") == "#content"
        assert [words(each) for each in pick(page, 'a[href="/search"]')] == ["Search"]
        assert pick(page, "body > *")[-1].tag == "dialog"


def test_no_page_asks_anybody_else_for_anything(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    for path in ("/", STORY):
        page = read(client, path)
        loaded = pick(page, "[src], link[rel=stylesheet]")
        assert loaded
        assert all((each.get("src") or each.get("href")).startswith("/") for each in loaded)
        scripts = [each for each in pick(page, "script") if not each.get("src")]
        assert all(each.get("type") == "application/ld+json" for each in scripts)
        assert not pick(page, "[style], style")


def test_an_error_page_echoes_nothing(client: FlaskClient, desk: Desk) -> None:
    assert client.get("/%3Cscript%3E?q=echo").data == client.get("/other").data


def test_a_page_sets_no_cookie_and_is_not_sent_twice(client: FlaskClient, desk: Desk) -> None:
    full_story(desk)
    answer = client.get(STORY)
    assert "Set-Cookie" not in answer.headers
    assert client.get(STORY, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_one_story_and_fifty_take_the_same_number_of_queries(
    client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    asked: list[str] = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def queries(path: str) -> int:
        clock.advance(timedelta(hours=1))
        with newsroom.sessions.write() as session:  # nothing is remembered of what was asked before
            about = {"slug": f"about-{clock.now():%d-%H}", "title": "About", "body_html": "<p>This paper.</p>"}
            _page, events = write_page(session, SYSTEM, about, clock.now())
            reactions.commit(session, events, clock.now(), newsroom.signal)
        client.get("/nothing/")  # the first request after a change also asks what has changed
        asked.clear()
        assert client.get(path).status_code == 200, path
        return len(asked)

    def story(number: int) -> None:
        clock.advance(timedelta(minutes=1))
        person, tag = desk.person(f"Person {number}"), f"Tag {number}"
        by = [{"person": "amara-osei"}, {"person": person, "role": "photo"}]
        image, _ = hang(newsroom, picture(64, 48))
        article = desk.publish(
            f"Ferry {number}", sections=["ai"], tags=["Ferries", tag], bylines=by, lead_image=image, body_html=BODY
        )
        desk.correct(article, "It was Tuesday.")
        Readers(newsroom).read(article)

    def count() -> dict[str, int]:
        clock.advance(timedelta(hours=1))
        Readers(newsroom).roll_up()
        return {path: queries(path) for path in LISTS}

    full_story(desk)
    story(0)
    few = count()
    for number in range(1, 50):
        story(number)
    many = count()
    assert many == few


LISTS = (
    "/",
    "/section/ai/",
    "/tag/ferries/",
    "/author/amara-osei/",
    "/archive/",
    "/archive/2026/",
    "/archive/2026/03/",
    "/archive/2026/03/26/",
    "/most-read/",
    "/corrections/",
    "/text/",
    "/search?q=ferry",
    "/search?tag=ferries",
    "/search/suggest?q=ferry",
    "/sitemap.xml",
    "/sitemap-news.xml",
    *(
        f"{below}feed.{form}"
        for below in ("/", "/section/ai/", "/tag/ferries/", "/author/amara-osei/", "/corrections/")
        for form in ("json", "rss", "atom")
    ),
    "/api/v1/articles",
    "/api/v1/articles?q=ferry",
    "/api/v1/tags",
    "/api/v1/people",
    "/api/v1/changes",
)


def test_a_page_that_has_no_pages_has_no_second_one(client: FlaskClient) -> None:
    for path in ("/", "/most-read/"):
        assert client.get(f"{path}?page=1").status_code == 200
        for wrong in ("0", "2", "abc", ""):
            assert client.get(f"{path}?page={wrong}").status_code == 404, (path, wrong)
