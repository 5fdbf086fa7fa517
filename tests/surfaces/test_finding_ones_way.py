"""What machines are told of the site: sitemaps, robots.txt, OpenSearch, oEmbed and security.txt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from cms import reactions
from cms.clock import SetClock
from cms.domain.errors import Forbidden, Invalid
from cms.domain.standing.pages import write_page
from cms.domain.workflow.reporting import set_security_contact
from cms.feeds import sitemaps
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import serve
from tests.pictures import hang, picture

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
ORIGIN = "http://news.example"
STORY = f"{ORIGIN}/2026/03/26/ferry-returns-to-the-old-quay/"


def tree(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.mimetype in ("application/xml", "application/opensearchdescription+xml")
    assert answer.headers["ETag"].startswith('"')
    assert "Last-Modified" in answer.headers
    return etree.fromstring(answer.data)


def mapped(client: FlaskClient, path: str = "/sitemap.xml") -> dict[str, str | None]:
    return {url.findtext(f"{MAP}loc"): url.findtext(f"{MAP}lastmod") for url in tree(client, path)}


def news(client: FlaskClient, path: str = "/sitemap-news.xml") -> list[str]:
    return [url.findtext(f"{NEWS}news/{NEWS}title") for url in tree(client, path)]


# --- The sitemap -------------------------------------------------------------------------------------------


def test_the_sitemap_holds_every_visible_story_and_list_and_nothing_else(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Harbour")
    desk.section("Empty")
    desk.person("Ana Ruiz")
    desk.person("Bo Hidden")
    desk.publish(sections=["harbour"], tags=["Boats"], bylines=[{"person": "ana-ruiz"}])
    desk.write("A draft", tags=["Secret"], bylines=[{"person": "bo-hidden"}])
    desk.put_live(desk.write("Tomorrow"), live_from=clock.now() + timedelta(days=1))
    desk.publish("Not for engines", seo={"noindex": True})
    desk.publish("From elsewhere", seo={"canonical_url": "https://elsewhere.example/story"})
    gone = desk.publish("Gone again")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(gone)
    lists = ["/", "/most-read/", "/corrections/", "/archive/", "/section/harbour/", "/author/ana-ruiz/", "/tag/boats/"]
    assert list(mapped(client)) == [*(ORIGIN + path for path in lists), STORY]
    assert all(client.get(address.removeprefix(ORIGIN)).status_code == 200 for address in mapped(client))


def test_lastmod_moves_with_real_changes_only(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish(slug="ferry-returns-to-the-old-quay")
    assert mapped(client)[STORY] == "2026-03-26T15:26:05-04:00"
    clock.advance(timedelta(hours=1))
    desk.put_live(article, revision=desk.save(article, headline="A comma, moved"), minor=True)
    assert mapped(client)[STORY] == "2026-03-26T15:26:05-04:00"
    clock.advance(timedelta(hours=1))
    desk.put_live(article, revision=desk.save(article, headline="Rewritten"))
    assert mapped(client)[STORY] == "2026-03-26T17:26:05-04:00"
    clock.advance(timedelta(hours=1))
    desk.correct(article, "It was Tuesday.")
    assert mapped(client)[STORY] == "2026-03-26T18:26:05-04:00"


def test_a_large_site_has_an_index_of_files(
    client: FlaskClient, desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MOST", 6)
    for number in range(7):
        clock.advance(timedelta(minutes=1))
        desk.publish(f"Story number {number}")
    index = tree(client, "/sitemap.xml")
    assert index.tag == f"{MAP}sitemapindex"
    files = [each.findtext(f"{MAP}loc") for each in index]
    assert files == [f"{ORIGIN}/sitemap-{part}.xml" for part in ("lists", "1", "2")]
    assert [len(mapped(client, file.removeprefix(ORIGIN))) for file in files] == [4, 6, 1]
    assert client.get("/sitemap-3.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


# --- News --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Asia/Kathmandu", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Chatham"]
)
def test_news_is_what_was_first_published_in_the_last_48_hours_at_any_minute(
    make_newsroom: Callable[..., Newsroom], clock: SetClock, zone: str
) -> None:
    newsroom = make_newsroom(SITE_TIMEZONE=zone)
    client, desk = serve(newsroom).test_client(), Desk(newsroom)
    begun: dict[str, datetime] = {}
    for number in range(6):
        headline = f"Story number {number}"
        desk.publish(headline)
        begun[headline] = clock.now()
        clock.advance(timedelta(hours=7, minutes=31))
    late, moment, minute = clock.now(), timedelta(microseconds=1), timedelta(minutes=1)
    ends = [first + timedelta(hours=48) for first in begun.values()]
    edges = [end + off for end in ends for off in (-minute, -moment, timedelta(0), moment, minute)]
    between = [late + timedelta(minutes=minutes) for minutes in (0, 1, 59, 60, 10 * 60, 60 * 60)]
    for at in sorted(each for each in edges + between if each >= late):
        clock.set(at)
        expected = {name for name, first in begun.items() if at - timedelta(hours=48) <= first}
        assert set(news(client)) == expected
    clock.set(late)
    for url in tree(client, "/sitemap-news.xml"):
        stamp = datetime.fromisoformat(url.findtext(f"{NEWS}news/{NEWS}publication_date"))
        assert stamp == begun[url.findtext(f"{NEWS}news/{NEWS}title")].replace(microsecond=0)
        assert stamp.utcoffset() == stamp.astimezone(newsroom.settings.site_timezone).utcoffset()


def test_news_names_the_paper_and_each_storys_language(client: FlaskClient, desk: Desk) -> None:
    for language in ("en-GB", "zh-Hant", "zh", "pt-BR"):
        desk.publish(f"In {language}", language=language)
    items = [url.find(f"{NEWS}news") for url in tree(client, "/sitemap-news.xml")]
    assert {item.findtext(f"{NEWS}publication/{NEWS}name") for item in items} == {"The Harbour Post"}
    told = {item.findtext(f"{NEWS}title"): item.findtext(f"{NEWS}publication/{NEWS}language") for item in items}
    assert told == {"In en-GB": "en", "In zh-Hant": "zh-tw", "In zh": "zh-cn", "In pt-BR": "pt"}


def test_a_storys_change_never_makes_it_news_again(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("Old")
    clock.advance(timedelta(hours=49))
    desk.put_live(article, revision=desk.save(article, headline="Old, rewritten"))
    assert "Old, rewritten" in client.get("/feed.rss").text
    assert news(client) == []


def test_more_news_than_a_file_may_hold_is_an_index(
    client: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MOST_NEWS", 2)
    for number in range(3):
        desk.publish(f"Story number {number}")
    index = tree(client, "/sitemap-news.xml")
    files = [each.findtext(f"{MAP}loc").removeprefix(ORIGIN) for each in index]
    assert [len(news(client, file)) for file in files] == [2, 1]
    assert client.get("/sitemap-news-3.xml").status_code == 404


# --- robots.txt, OpenSearch, security.txt ------------------------------------------------------------------


def test_robots_are_told_of_the_sitemaps_and_kept_from_the_admin(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /admin" in lines
    assert [line for line in lines if line.startswith("Sitemap:")] == [
        f"Sitemap: {ORIGIN}/sitemap.xml",
        f"Sitemap: {ORIGIN}/sitemap-news.xml",
    ]


def test_a_browser_can_search_the_paper(client: FlaskClient) -> None:
    described = tree(client, "/opensearch.xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(described.findtext(f"{space}ShortName")) <= 16
    template = described.find(f"{space}Url[@type='text/html']").get("template")
    assert template == f"{ORIGIN}/search?q={{searchTerms}}"


def test_whoever_finds_a_hole_knows_whom_to_tell_and_never_the_admins_sign_in(
    make_newsroom: Callable[..., Newsroom], clock: SetClock
) -> None:
    newsroom = make_newsroom(ADMIN_EMAIL="desk@news.example", ADMIN_PASSWORD="long enough for a test")
    client, desk = serve(newsroom).test_client(), Desk(newsroom)
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert told["Contact"] == f"{ORIGIN}/"
    assert told["Canonical"] == f"{ORIGIN}/.well-known/security.txt"
    expires = datetime.fromisoformat(told["Expires"])
    assert timedelta(days=30) < expires - clock.now() < timedelta(days=365)
    clock.advance(timedelta(days=400))
    later = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines())
    assert datetime.fromisoformat(later["Expires"]) > clock.now()

    def named() -> str:
        return client.get("/.well-known/security.txt").text.partition("\n")[0]

    def choose(contact: str, role: str = "admin") -> None:
        with newsroom.sessions.write() as session:
            events = set_security_contact(session, desk.actor(role), contact)
            reactions.commit(session, events, clock.now(), newsroom.signal)

    with newsroom.sessions.write() as session:
        fields = {"slug": "contact", "title": "Contact", "body_html": "<p>Write to us.</p>"}
        _page, events = write_page(session, desk.actor("admin"), fields, clock.now())
        reactions.commit(session, events, clock.now(), newsroom.signal)
    assert named() == f"Contact: {ORIGIN}/contact/"
    choose("security@news.example")
    assert named() == "Contact: mailto:security@news.example"
    choose("https://news.example/safe/")
    assert named() == "Contact: https://news.example/safe/"
    for wrong in ("nobody", "http://news.example/", "a@b.example\nContact: mailto:c@d.example"):
        with pytest.raises(Invalid):
            choose(wrong)
    with pytest.raises(Forbidden):
        choose("me@news.example", "editor")


# --- oEmbed ------------------------------------------------------------------------------------------------


def card(client: FlaskClient, url: str = STORY, status: int = 200, **more: Any) -> Any:
    answer = client.get("/oembed", query_string={"url": url, **more})
    assert answer.status_code == status
    return answer.get_json() if status == 200 else answer


def test_a_story_can_be_shown_as_a_card_elsewhere(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    desk.person("Ana Ruiz")
    image, _ = hang(newsroom, picture(1000, 500))
    desk.publish(bylines=[{"person": "ana-ruiz"}], lead_image=image, standfirst="5 < 6")
    told = card(client)
    assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", "Ferry returns to the old quay")
    assert (told["author_name"], told["author_url"]) == ("Ana Ruiz", f"{ORIGIN}/author/ana-ruiz/")
    assert (told["provider_name"], told["provider_url"]) == ("The Harbour Post", f"{ORIGIN}/")
    assert f'<a href="{STORY}">' in told["html"]
    assert "5 &lt; 6" in told["html"]
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (320, 160)
    assert client.get(told["thumbnail_url"]).status_code == 200


@pytest.mark.parametrize(("widest", "highest"), [(400, 90), (320, 160), (100, 100)])
def test_a_card_fits_where_it_is_to_stand(
    client: FlaskClient, desk: Desk, newsroom: Newsroom, widest: int, highest: int
) -> None:
    image, _ = hang(newsroom, picture(1000, 500))
    desk.publish(lead_image=image)
    told = card(client, maxwidth=widest, maxheight=highest)
    assert told["width"] <= widest
    assert told["height"] <= highest
    parts = {name for name in told if name.startswith("thumbnail_")}
    assert len(parts) in (0, 3)
    assert told.get("thumbnail_width", 0) <= widest
    assert told.get("thumbnail_height", 0) <= highest


def test_a_card_is_made_of_visible_stories_only(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish()
    assert card(client)["title"]
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice="Removed on legal advice.")
    hidden = card(client, status=404)
    nothing = card(client, f"{ORIGIN}/2026/03/26/never-was/", status=404)
    assert hidden.data == nothing.data
    for url in ("", "http://[", "https://elsewhere.example/", f"{ORIGIN}/", f"{ORIGIN}/admin/", "javascript:alert(1)"):
        assert card(client, url, status=404).data == nothing.data


def test_a_former_address_gives_the_card_of_the_present_one(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish()
    clock.advance(timedelta(minutes=1))
    desk.put_live(article, revision=desk.save(article, slug="a-better-slug"))
    assert f"{ORIGIN}/2026/03/26/a-better-slug/" in card(client)["html"]


def test_a_card_comes_as_xml_too(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    answer = client.get("/oembed", query_string={"url": STORY, "format": "xml"})
    assert answer.mimetype == "text/xml"
    assert etree.fromstring(answer.data).findtext("title") == "Ferry returns to the old quay"
    assert client.get("/oembed", query_string={"url": STORY, "format": "yaml"}).status_code == 501
    assert client.get("/oembed", query_string={"url": STORY, "maxwidth": "wide"}).status_code == 400
