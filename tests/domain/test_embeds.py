"""Embeds: the honest forms of an address are one thing, and nothing that only looks like it gets in."""

from __future__ import annotations

import pytest

from cms.domain.articles.body import clean
from cms.domain.articles.embeds import PROVIDERS, embed

ADDRESSES = [
    (
        "youtube",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3s",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    ),
    ("youtube", "https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("youtube", "https://m.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("youtube", "https://YouTube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    (
        "youtube",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    ),
    ("vimeo", "https://vimeo.com/76979871", "https://vimeo.com/76979871"),
    ("vimeo", "https://player.vimeo.com/video/76979871?h=1", "https://vimeo.com/76979871"),
    ("vimeo", "https://vimeo.com/76979871/8272103f6e", "https://vimeo.com/76979871/8272103f6e"),
    (
        "bluesky",
        "https://bsky.app/profile/desk.example.org/post/3kabcdefgh2x",
        "https://bsky.app/profile/desk.example.org/post/3kabcdefgh2x",
    ),
    (
        "mastodon",
        "https://social.example/@desk/112233445566778899?x=1",
        "https://social.example/@desk/112233445566778899",
    ),
    ("x", "https://x.com/desk/status/1234567890", "https://x.com/desk/status/1234567890"),
    ("x", "https://mobile.twitter.com/desk/status/1234567890?s=20", "https://x.com/desk/status/1234567890"),
    (
        "instagram",
        "https://www.instagram.com/desk/p/CabcDEF123_/",
        "https://www.instagram.com/p/CabcDEF123_/",
    ),
    ("instagram", "https://instagram.com/reel/CabcDEF123_", "https://www.instagram.com/reel/CabcDEF123_/"),
    (
        "tiktok",
        "https://www.tiktok.com/@desk/video/71234567890?x",
        "https://www.tiktok.com/@desk/video/71234567890",
    ),
    (
        "map",
        "https://www.openstreetmap.org/#map=12/52.5/13.4",
        "https://www.openstreetmap.org/#map=12/52.5/13.4",
    ),
    (
        "map",
        "https://openstreetmap.org/?mlon=13.4&mlat=-52.5#map=12/-52.5/13.4&layers=N",
        None,
    ),
    (
        "map",
        "https://openstreetmap.org/?mlon=13.4&mlat=-52.5#map=12/-52.5/13.4",
        "https://www.openstreetmap.org/?mlat=-52.5&mlon=13.4#map=12/-52.5/13.4",
    ),
]


@pytest.mark.parametrize(("provider", "given_url", "url"), ADDRESSES)
def test_each_way_to_write_an_address_is_the_same_embed(provider: str, given_url: str, url: str | None) -> None:
    found = embed(given_url)
    if url is None:
        assert found is None
        return
    assert found is not None
    assert (found.provider, found.url) == (provider, url)
    assert embed(found.url) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com:443/watch?v=dQw4w9WgXcQ",
        "https://youtube.com@evil.example/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://evilyoutube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com\\@evil.example/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com./watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXc",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXc%22",
        "https://www.youtube.com/watch?x=1#v=dQw4w9WgXcQ",
        "https://www.youtube.com/redirect?q=https://evil.example",
        "https://youtu.be/dQw4w9WgXcQ/../../x",
        "//www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://vimeo.com/abc",
        "https://x.com/desk/status/1234x",
        "https://x.com/i/web/status/1234/../..",
        "https://localhost/@desk/112233445566778899",
        "https://127.0.0.1/@desk/112233445566778899",
        "https://social.example/@desk/1",
        "https://www.tiktok.com/@desk/video/",
        "https://www.openstreetmap.org/#map=12/52.5/x",
        "https://www.openstreetmap.org/node/1#map=12/52.5/13.4",
        "javascript:alert(1)//www.youtube.com/watch?v=dQw4w9WgXcQ",
        "",
    ],
)
def test_what_only_looks_like_an_embed_is_none(url: str) -> None:
    assert embed(url) is None


def test_the_figure_an_embed_makes_is_stored_as_it_is() -> None:
    seen = set()
    for _, given_url, _ in ADDRESSES:
        found = embed(given_url)
        if found:
            seen.add(found.provider)
            figure = found.figure(title='Tom & "Jerry" <3', caption="5 > 3\xa0%")
            assert clean(figure) == figure
            assert clean(found.figure()) == found.figure()
    assert seen == set(PROVIDERS)
