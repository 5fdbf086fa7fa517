"""One story, one truth: page, JSON-LD, Open Graph, feeds, sitemaps, oEmbed and API tell the same of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import select

from cms import reactions
from cms.clock import SetClock
from cms.domain.articles.desk import find
from cms.domain.articles.model import Revision
from cms.domain.people.staff import SYSTEM
from cms.domain.standing.pages import write_page
from cms.domain.workflow.translating import link_translation
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, looked_at, picture
from tests.sizes import size
from tests.surfaces.pages import described, pick, read, words

ORIGIN = "http://news.example"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60) | st.text(
    " <>&\"'/\u202e\u200d\u00a0\u2028é漢ع", min_size=1, max_size=20
)
TEXT = (TEXT | st.sampled_from(["</script><script>", "<!-- <script>"])).filter(str.strip)
ROLES = st.sampled_from(["writer", "reporting", "photo", "video", "editing", "translation"])


def line(text: str) -> str:
    """As a browser shows it."""
    return " ".join(text.split())


def said(page: Any, name: str) -> list[str]:
    return [each.get("content") for each in page.xpath(f"//meta[@property='{name}' or @name='{name}']")]


def test_a_story_says_how_many_words_it_has_and_how_long_they_take_to_read(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    desk.publish("It sails", slug="it-sails", body_html=f"<p>{'a word, ' * 400}</p>")
    with newsroom.sessions.write() as session:  # saved before words were counted on saving
        session.scalars(select(Revision)).one().words = None
        reactions.commit(session, [], newsroom.clock.now(), newsroom.signal)
    desk.publish("It sails again", slug="it-sails-again", body_html=f"<p>{'a word, ' * 400}</p>")
    for slug in ("it-sails", "it-sails-again"):
        page = read(client, f"/2026/03/26/{slug}/")
        assert described(page)["wordCount"] == 800
        assert words(pick(page, ".reading-time")[0]) == "3 minutes to read"


@settings(
    max_examples=size(8, 300), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    headlines=st.lists(TEXT, min_size=1, max_size=3),
    standfirst=TEXT,
    corrections=st.lists(TEXT, max_size=2),
    names=st.lists(TEXT.map(str.strip), max_size=3, unique=True),
    credits=st.lists(st.tuples(st.integers(0, 2), ROLES), max_size=5, unique=True),
    tags=st.lists(TEXT, max_size=3, unique_by=lambda name: name.strip().casefold()),
    translated=st.booleans(),
    minor=st.booleans(),
    later=st.integers(1, 10_000_000),
)
def test_every_outlet_agrees_on_any_story(
    client: FlaskClient,
    desk: Desk,
    clock: SetClock,
    headlines: list[str],
    standfirst: str,
    corrections: list[str],
    names: list[str],
    credits: list[tuple[int, str]],
    tags: list[str],
    translated: bool,
    minor: bool,
    later: int,
) -> None:
    clock.advance(timedelta(days=1))  # its address is its own
    slugs = [desk.person(name, slug=f"p{clock.now().timestamp():.0f}-{at}") for at, name in enumerate(names)]
    by = [(slugs[at], names[at], role) for at, role in credits if at < len(names)]
    fields = {"bylines": [{"person": slug, "role": role} for slug, _name, role in by], "tags": tags}
    article = desk.publish(headlines[0], slug="a-story", standfirst=standfirst, **fields)
    for headline in headlines[1:]:
        clock.advance(timedelta(milliseconds=later))
        desk.put_live(article, revision=desk.save(article, headline=headline), minor=minor)
    for correction in corrections:
        clock.advance(timedelta(milliseconds=later))
        desk.correct(article, correction)
    if translated:
        other = desk.publish("عودة العبارة", slug="abbara", language="ar")
        desk.act(other, lambda session, row: link_translation(session, SYSTEM, row, find(session, article)))

    told = Told(client, article)
    title, authors = headlines[-1].strip(), list(dict.fromkeys(name for _slug, name, _role in by))
    assert told.titles() == {title}
    assert {line(words(pick(told.page, "h1")[0])), *map(line, said(told.page, "og:title"))} == {line(title)}
    assert len(told.urls()) == 1
    assert told.first() == {told.api["published_at"]}
    assert told.last() == {told.api["modified_at"]}
    assert [(one["name"], one["role"]) for one in told.api["bylines"]] == [(name, role) for _slug, name, role in by]
    assert told.authors() == [authors] * len(told.authors())
    printed = [line(words(each)) for each in pick(told.page, ".byline a")]
    assert sorted(printed) == sorted(line(name) for _slug, name, _role in by)
    notes = [each["text"] for each in told.api["corrections"]]
    assert sorted(notes) == sorted(note.strip() for note in corrections)
    assert [each["text"] for each in told.ld.get("correction", [])] == notes
    assert [each["text"] for each in told.item["_copydesk"]["corrections"]] == notes
    languages = {each.get("hreflang") for each in pick(told.page, "link[hreflang]")}
    assert languages == ({"en", "ar"} if translated else set())


class Told:
    """What every outlet says of one story."""

    def __init__(self, client: FlaskClient, article: str) -> None:
        self.api = client.get(f"/api/v1/articles/{article}").get_json()
        self.url = self.api["url"]
        self.page = read(client, self.url.removeprefix(ORIGIN))
        self.ld = described(self.page)
        items = client.get("/feed.json").get_json(force=True)["items"]
        [self.item] = [each for each in items if each["id"] == f"urn:copydesk:{article}"]
        rss, atom = (etree.fromstring(client.get(f"/feed.{form}").data) for form in ("rss", "atom"))
        [self.rss] = [each for each in rss.iter("item") if each.findtext("guid") == self.item["id"]]
        [self.atom] = [each for each in atom.iter(f"{ATOM}entry") if each.findtext(f"{ATOM}id") == self.item["id"]]
        self.card = client.get("/oembed", query_string={"url": self.url}).get_json()
        [self.place] = self._mapped(client, "/sitemap.xml")
        [news] = self._mapped(client, "/sitemap-news.xml")
        self.news = news.find(f"{NEWS}news")

    def titles(self) -> set[str | None]:
        told = {self.api["headline"], self.ld["headline"], self.item["title"], self.card["title"]}
        told |= {self.rss.findtext("title"), self.atom.findtext(f"{ATOM}title"), self.news.findtext(f"{NEWS}title")}
        return told

    def urls(self) -> set[str | None]:
        canonical = pick(self.page, 'link[rel="canonical"]')[0].get("href")
        told = {self.url, canonical, self.ld["url"], self.item["url"], self.rss.findtext("link")}
        told |= {*said(self.page, "og:url"), self.place.findtext(f"{SITEMAP}loc")}
        return told | {self.atom.find(f"{ATOM}link[@rel='alternate']").get("href")}

    def authors(self) -> list[list[str]]:
        """Each once, in the order printed."""
        creators = [each.text for each in self.rss.findall("{http://purl.org/dc/elements/1.1/}creator")]
        persons = [each.text for each in self.atom.findall(f"{ATOM}author/{ATOM}name")]
        ld, feed = (
            [each["name"] for each in names] for names in (self.ld.get("author", []), self.item.get("authors", []))
        )
        assert self.card.get("author_name", "") == ", ".join(feed)
        return [ld, feed, creators, persons]

    def first(self) -> set[str]:
        shown = pick(self.page, "time.published")[0].get("datetime")
        exact = [shown, self.ld["datePublished"], *said(self.page, "article:published_time")]
        exact += [self.item["date_published"], self.atom.findtext(f"{ATOM}published")]
        whole = [self.news.findtext(f"{NEWS}publication_date"), self.rss.findtext("pubDate")]
        return self._one(exact, whole)

    def last(self) -> set[str]:
        exact = [pick(self.page, ".modified time")[0].get("datetime"), self.ld["dateModified"]]
        exact += [*said(self.page, "article:modified_time"), self.item["date_modified"]]
        exact += [self.atom.findtext(f"{ATOM}updated"), self.rss.findtext(f"{ATOM}updated")]
        return self._one(exact, [self.place.findtext(f"{SITEMAP}lastmod")])

    def _mapped(self, client: FlaskClient, path: str) -> list[Any]:
        urls = etree.fromstring(client.get(path).data)
        return [each for each in urls if each.findtext(f"{SITEMAP}loc") == self.url]

    @staticmethod
    def _one(exact: list[str], whole: list[str]) -> set[str]:
        """The instant that all of these are, as the API says it; ``whole`` are told to the second."""
        instants = {datetime.fromisoformat(each) for each in exact}
        seconds = {
            parsedate_to_datetime(each) if each.endswith("GMT") else datetime.fromisoformat(each) for each in whole
        }
        assert seconds == {each.replace(microsecond=0) for each in instants}
        return {each.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in instants}


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
