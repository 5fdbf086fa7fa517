"""One story, one truth: page, JSON-LD, Open Graph, feeds, sitemaps, oEmbed and API tell the same of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from cms import reactions
from cms.clock import SetClock
from cms.domain.people.staff import SYSTEM
from cms.domain.standing.pages import write_page
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, looked_at, picture
from tests.surfaces.pages import pick, read, words

ORIGIN = "http://news.example"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp", "Zs", "Cf"))
    | st.sampled_from(" <>&\"'/"),
    min_size=1,
    max_size=60,
).filter(str.strip)


def described(page: Any) -> dict[str, Any]:
    [script] = pick(page, 'script[type="application/ld+json"]')
    return json.loads(script.text)


def said(page: Any, name: str) -> list[str]:
    return [each.get("content") for each in page.xpath(f"//meta[@property='{name}' or @name='{name}']")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headline=TEXT,
    standfirst=TEXT,
    correction=TEXT,
    names=st.lists(TEXT, min_size=0, max_size=3, unique=True),
    tags=st.lists(TEXT, max_size=3, unique_by=lambda name: name.strip().casefold()),
    later=st.integers(0, 10_000_000),
)
def test_json_ld_says_of_any_story_what_its_page_shows(
    client: FlaskClient,
    desk: Desk,
    clock: SetClock,
    headline: str,
    standfirst: str,
    correction: str,
    names: list[str],
    tags: list[str],
    later: int,
) -> None:
    slugs = [desk.person(name, slug=f"p{clock.now().timestamp():.0f}-{at}") for at, name in enumerate(names)]
    article = desk.publish(
        headline, slug="a-story", standfirst=standfirst, bylines=[{"person": slug} for slug in slugs], tags=tags
    )
    clock.advance(timedelta(milliseconds=later))
    desk.correct(article, correction)
    path = client.get("/feed.json").get_json(force=True)["items"][0]["url"].removeprefix(ORIGIN)
    page = read(client, path)
    told = described(page)
    assert " ".join(told["headline"].split()) == words(pick(page, "h1")[0])
    assert told["datePublished"] == pick(page, "time.published")[0].get("datetime")
    assert told["dateModified"] == pick(page, ".modified time")[0].get("datetime")
    shown = [words(each) for each in pick(page, ".byline a")]
    assert [" ".join(author["name"].split()) for author in told.get("author", [])] == shown
    assert told["correction"][0]["text"] == correction.strip()
    assert told["url"] == ORIGIN + path
    clock.advance(timedelta(days=1))


def test_every_outlet_agrees_on_a_story(client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock) -> None:
    desk.section("Harbour")
    desk.person("Zoë Ruiz", "zoe-ruiz")
    desk.person("Ana Brandt", "ana-brandt")
    image, _ = hang(newsroom, picture(2000, 1000), alt="A ferry", credit="Ola Nilsen")
    title, url = "Ferry & quay: “together” <again>", f"{ORIGIN}/2026/03/26/ferry/"
    names = ["Zoë Ruiz", "Ana Brandt"]
    article = desk.publish(
        title,
        slug="ferry",
        standfirst="After a year.",
        sections=["harbour"],
        bylines=[{"person": "zoe-ruiz"}, {"person": "ana-brandt"}],
        tags=["Ferries"],
        lead_image=image,
    )
    clock.advance(timedelta(hours=1))
    desk.correct(article, "It was Tuesday.")
    page = read(client, url.removeprefix(ORIGIN))
    ld = described(page)
    api = client.get(f"/api/v1/articles/{article}").get_json()
    [item] = client.get("/feed.json").get_json(force=True)["items"]
    rss = etree.fromstring(client.get("/feed.rss").data).find("channel/item")
    atom = etree.fromstring(client.get("/feed.atom").data).find(f"{ATOM}entry")
    card = client.get("/oembed", query_string={"url": url}).get_json()
    places = {each.findtext(f"{SITEMAP}loc"): each for each in etree.fromstring(client.get("/sitemap.xml").data)}

    titles = [words(pick(page, "h1")[0]), ld["headline"], *said(page, "og:title"), *said(page, "twitter:title")]
    titles += [api["headline"], item["title"], rss.findtext("title"), atom.findtext(f"{ATOM}title"), card["title"]]
    assert set(titles) == {title}
    found = [pick(page, 'link[rel="canonical"]')[0].get("href"), ld["url"], *said(page, "og:url"), api["url"]]
    found += [item["url"], rss.findtext("link"), atom.find(f"{ATOM}link[@rel='alternate']").get("href")]
    assert set(found) == {url}
    assert url in places
    printed = [[words(each) for each in pick(page, ".byline a")], [each["name"] for each in ld["author"]]]
    printed += [[each["name"] for each in api["bylines"]], [each["name"] for each in item["authors"]]]
    printed += [[each.text for each in rss.findall("{http://purl.org/dc/elements/1.1/}creator")]]
    printed += [[each.text for each in atom.findall(f"{ATOM}author/{ATOM}name")], card["author_name"].split(", ")]
    assert printed == [names] * len(printed)
    first = [pick(page, "time.published")[0].get("datetime"), ld["datePublished"], api["published_at"]]
    first += [*said(page, "article:published_time"), item["date_published"], atom.findtext(f"{ATOM}published")]
    assert {datetime.fromisoformat(each) for each in first} == {clock.now() - timedelta(hours=1)}
    assert parsedate_to_datetime(rss.findtext("pubDate")) == (clock.now() - timedelta(hours=1)).replace(microsecond=0)
    last = [pick(page, ".modified time")[0].get("datetime"), ld["dateModified"], api["modified_at"]]
    last += [*said(page, "article:modified_time"), item["date_modified"], atom.findtext(f"{ATOM}updated")]
    assert {datetime.fromisoformat(each) for each in last} == {clock.now()}
    lastmod = datetime.fromisoformat(places[url].findtext(f"{SITEMAP}lastmod"))
    assert lastmod == clock.now().replace(microsecond=0)


def test_a_picture_is_described_with_its_size_and_credit(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    image, _ = hang(newsroom, picture(2000, 1000), alt="A ferry", credit="Ola Nilsen")
    desk.publish(slug="ferry", lead_image=image)
    page = read(client, "/2026/03/26/ferry/")
    told = described(page)["image"]
    assert [(each["width"], each["height"]) for each in told] == [(1600, 800), (1600, 900), (1280, 960), (960, 960)]
    assert {each["creditText"] for each in told} == {"Ola Nilsen"}
    for address in (*(each["url"] for each in told), *said(page, "og:image"), *said(page, "twitter:image")):
        assert client.get(address.removeprefix(ORIGIN)).mimetype == "image/jpeg"
    shared = client.get(said(page, "og:image")[0].removeprefix(ORIGIN))
    assert looked_at(shared.data).size == (1280, 720)
    assert (said(page, "og:image:width"), said(page, "og:image:height")) == (["1280"], ["720"])
    assert said(page, "og:image:alt") == ["A ferry"]


# --- Pictures for sharing ----------------------------------------------------------------------------------


def test_a_story_without_a_picture_is_shared_with_a_drawn_one(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish(slug="ferry")
    page = read(client, "/2026/03/26/ferry/")
    [address] = said(page, "og:image")
    assert (said(page, "og:image:width"), said(page, "og:image:height")) == (["1200"], ["630"])
    assert said(page, "twitter:card") == ["summary_large_image"]
    answer = client.get(address.removeprefix(ORIGIN))
    assert answer.mimetype == "image/png"
    drawn = looked_at(answer.data)
    assert drawn.size == (1200, 630)
    assert len(drawn.getcolors(100_000) or []) > 10  # there are letters on it
    clock.advance(timedelta(minutes=1))
    desk.put_live(article, revision=desk.save(article, headline="Rewritten"))
    [newer] = said(read(client, "/2026/03/26/ferry/"), "og:image")
    moved = client.get(address.removeprefix(ORIGIN))
    assert (moved.status_code, moved.headers["Location"]) == (302, newer.removeprefix(ORIGIN))
    assert client.get(newer.removeprefix(ORIGIN)).data != answer.data


def test_no_card_is_drawn_of_a_story_that_readers_cannot_see(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    draft = desk.write("Secret")
    gone = desk.publish("Gone again")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(gone)
    nothing = client.get(f"/share/{'0' * 16}/1.png")
    assert nothing.status_code == 404
    for article in (draft, gone):
        answer = client.get(f"/share/{article}/1.png")
        assert (answer.status_code, answer.data) == (404, nothing.data)


def test_letters_that_the_font_lacks_leave_the_papers_name(newsroom: Newsroom) -> None:
    without = newsroom.images.draw_card("عودة العبارة", "", "The Harbour Post")
    assert without == newsroom.images.draw_card("漢字", "", "The Harbour Post")
    assert without != newsroom.images.draw_card("The ferry", "", "The Harbour Post")
    longest = newsroom.images.draw_card("word " * 60, "Section", "W" * 300)
    assert looked_at(longest).size == (1200, 630)


def test_what_was_chosen_for_sharing_is_shared(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    _, key = hang(newsroom, picture())
    chosen = {"social_image": f"/media/{key}/w1280.jpg", "social_title": "Shared", "social_description": "Short."}
    desk.publish(slug="ferry", language="pt-BR", seo=chosen)
    page = read(client, "/2026/03/26/ferry/")
    assert said(page, "og:image") == said(page, "twitter:image") == [f"{ORIGIN}/media/{key}/w1280.jpg"]
    assert said(page, "og:title") == said(page, "twitter:title") == ["Shared"]
    assert said(page, "og:locale") == ["pt_BR"]


def test_the_papers_policies_are_named_where_it_has_put_them_down(
    client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.publish(slug="ferry")
    publisher = described(read(client, "/2026/03/26/ferry/"))["publisher"]
    assert publisher["@type"] == "NewsMediaOrganization"
    assert "ethicsPolicy" not in publisher
    written = {"slug": "ethics", "title": "Our ethics", "body_html": "<p>We say what we know.</p>"}
    with newsroom.sessions.write() as session:
        _page, events = write_page(session, SYSTEM, written, clock.now())
        reactions.commit(session, events, clock.now(), newsroom.signal)
    publisher = described(read(client, "/2026/03/26/ferry/"))["publisher"]
    assert publisher["ethicsPolicy"] == publisher["publishingPrinciples"] == f"{ORIGIN}/ethics/"
    places = [each.findtext(f"{SITEMAP}loc") for each in etree.fromstring(client.get("/sitemap.xml").data)]
    assert f"{ORIGIN}/ethics/" in places


def test_the_papers_mark_is_named_everywhere_and_is_there(client: FlaskClient, desk: Desk) -> None:
    desk.publish("Ferry")
    page = read(client, "/2026/03/26/ferry/")
    logo = described(page)["publisher"]["logo"]
    feed = client.get("/feed.json").json
    atom = etree.fromstring(client.get("/feed.atom").data)
    rss = etree.fromstring(client.get("/feed.rss").data).find("channel")
    assert logo["url"] == feed["icon"] == atom.findtext(f"{ATOM}logo")
    assert feed["favicon"] == atom.findtext(f"{ATOM}icon") == rss.findtext("image/url")
    assert [rss.findtext(f"image/{each}") == rss.findtext(each) for each in ("title", "link")] == [True, True]
    installed = client.get("/manifest.webmanifest")
    assert installed.mimetype == "application/manifest+json"
    assert installed.json["name"] == "The Harbour Post"
    sizes = {"image/png": lambda data: f"{looked_at(data).width}x{looked_at(data).height}"}
    for icon in installed.json["icons"]:
        answer = client.get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
        assert sizes.get(icon["type"], lambda _data: "any")(answer.data) == icon["sizes"]
    drawn = looked_at(client.get(logo["url"].removeprefix(ORIGIN)).data)
    assert drawn.size == (logo["width"], logo["height"])
    for link in pick(page, 'link[rel="icon"], link[rel="apple-touch-icon"], link[rel="manifest"]'):
        assert client.get(link.get("href")).status_code == 200
