"""What every public answer has in common: a reader, a cache and a proxy can rely on it at any address."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from urllib.parse import urlencode

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient

from cms.newsroom import Newsroom
from cms.web.assets import asset_url
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import hang, picture

QUAY = "/2026/03/26/the-old-quay/"
PAGES = (
    *("/", QUAY, f"{QUAY}history/", f"{QUAY}text/", "/section/harbour/", "/tag/ferries/", "/author/ana-ruiz/"),
    *("/archive/", "/archive/2026/", "/archive/2026/03/", "/archive/2026/03/26/", "/most-read/", "/corrections/"),
    *("/search", "/search?q=quay", "/search/suggest?q=quay", "/text/", "/offline/", "/manifest.webmanifest"),
    *("/feed.json", "/feed.rss", "/feed.atom", "/section/harbour/feed.json", "/tag/ferries/feed.rss"),
    *("/author/ana-ruiz/feed.atom", "/corrections/feed.json", "/sitemap.xml", "/sitemap-news.xml", "/robots.txt"),
    *("/opensearch.xml", "/.well-known/security.txt", "/service-worker.js"),
    "/oembed?" + urlencode({"url": f"http://news.example{QUAY}"}),
)
FILES = ("site.css", "public.js", "icon.svg", "icon-180.png")
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda sent: zstandard.ZstdDecompressor().decompress(sent),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.fixture
def addresses(desk: Desk, newsroom: Newsroom) -> list[str]:
    """Every kind of public address, on a site where each has something to show."""
    desk.section("Harbour", "harbour")
    desk.person("Ana Ruiz", "ana-ruiz")
    image, key = hang(newsroom, picture())
    article = desk.publish(
        "The old quay",
        body_html="<p>" + "It stands. " * 50 + "</p>",
        sections=["harbour"],
        tags=["Ferries"],
        bylines=[{"person": "ana-ruiz"}],
        lead_image=image,
    )
    desk.correct(article, "It was built in 1911.")
    return [*PAGES, f"/media/{key}/w320.webp", f"/share/{article}/1.png", *(asset_url(name) for name in FILES)]


def test_it_has_a_strong_etag_and_a_date_and_is_not_sent_again(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        tag, date = answer.headers["ETag"], answer.headers.get("Last-Modified")
        assert tag.startswith('"'), address
        assert date, address
        for held in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
            again = client.get(address, headers=held)
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), address
        other = {"If-None-Match": '"another"', "If-Modified-Since": date}
        assert client.get(address, headers=other).status_code == 200, address


def test_it_sets_no_cookie_and_has_a_strict_policy_that_is_the_same_for_all(
    client: FlaskClient, addresses: list[str]
) -> None:
    for address in addresses:
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "nonce" not in policy and "unsafe" not in policy, address
        assert "Set-Cookie" not in answer.headers, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address


def test_text_is_compressed_as_its_reader_likes(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        plain = client.get(address)
        if plain.mimetype.startswith("image/") and plain.mimetype != "image/svg+xml":
            continue  # compressed already
        if len(plain.data) < 256:
            continue
        assert plain.headers["Vary"] == "Accept-Encoding", address
        for encoding, decoded in DECODERS.items():
            answer = client.get(address, headers={"Accept-Encoding": encoding})
            assert answer.headers["Content-Encoding"] == encoding, address
            assert decoded(answer.data) == plain.data, address
            assert answer.headers["ETag"] != plain.headers["ETag"], address


def test_the_api_compresses_what_it_tells_the_public(client: FlaskClient, addresses: list[str], desk: Desk) -> None:
    for path in ("articles", "search?q=quay", "front", "openapi.json"):
        address = f"/api/v1/{path}"
        plain = client.get(address)
        for encoding, decoded in DECODERS.items():
            asked = {"Accept-Encoding": encoding}
            answer = client.get(address, headers=asked)
            assert (answer.headers["Content-Encoding"], decoded(answer.data)) == (encoding, plain.data), address
            assert "Accept-Encoding" in answer.headers["Vary"], address
            tag = answer.headers["ETag"]
            assert tag.startswith('"') and tag != plain.headers["ETag"], address
            assert client.get(address, headers={**asked, "If-None-Match": tag}).status_code == 304, address
    token = {"Authorization": f"Bearer {desk.token('editor')}", "Accept-Encoding": "gzip"}
    article = client.get("/api/v1/articles").json["data"][0]["id"]
    mine = client.get(f"/api/v1/articles/{article}", headers=token)
    assert "Content-Encoding" not in mine.headers
    saved = client.patch(
        f"/api/v1/articles/{article}",
        json={"standfirst": "Still."},
        headers={"Authorization": token["Authorization"], "If-Match": mine.headers["ETag"]},
    )
    assert saved.status_code == 200


@BOTH_DATABASES
def test_no_byte_in_an_address_is_our_error(client: FlaskClient, desk: Desk) -> None:
    """PostgreSQL can't even look for a zero byte."""
    desk.publish("The old quay")
    places = ("/{}", "/2026/03/26/{}/", "/news/{}/", "/section/{}/", "/tag/{}/feed.json", "/author/{}/", "/archive/{}/")
    for place in (*places, "/media/{}", "/page/{}", "/feeds/{}.xml", "/search/suggest?q={}", "/search?section={}"):
        for odd in ("%00", "a%00b", "%ff", "%ED%A0%80"):
            assert client.get(place.format(odd)).status_code in (200, 301, 308, 400, 404), (place, odd)
