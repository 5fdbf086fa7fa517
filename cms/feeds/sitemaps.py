"""Sitemaps: everything there is (https://www.sitemaps.org/protocol.html), and the news of the last 48 hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Response, abort, g

from cms.domain import addresses, keys
from cms.domain.articles.mapping import Place, list_places, story_places
from cms.domain.articles.queries import first_published, how_many, newest_first, visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory
from cms.domain.standing.pages import all_pages
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.xml import Part, root

MOST = 50_000
"""Addresses in one file, by the protocol."""

MOST_NEWS = 1_000
NEWS = timedelta(hours=48)

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def sitemap() -> Response:
    """One file while one holds it all; then an index of files."""
    stories_there_are = how_many(db.session(), visible(now()))
    lists = _lists()
    if stories_there_are + len(lists) <= MOST:
        return _answer(_urls(lists + _stories(0)))
    parts = range(1, -(-stories_there_are // MOST) + 1)
    return _answer(_index([addresses.sitemap("lists"), *(addresses.sitemap(str(number)) for number in parts)]))


def lists() -> Response:
    return _answer(_urls(_lists()))


def part(number: int) -> Response:
    """A file of the index, counted from 1; 404 beyond the last."""
    found = _stories((number - 1) * MOST)
    if not found and (number - 1) * MOST >= how_many(db.session(), visible(now())):
        abort(404)
    return _answer(_urls(found))


def news() -> Response:
    """What was first published in the last 48 hours, to the minute it is asked for; an index beyond 1,000."""
    many = how_many(db.session(), first_published(visible(now()), now() - NEWS, None))
    if many <= MOST_NEWS:
        return _news(0)
    return _answer(_index(addresses.news_sitemap(str(number)) for number in range(1, -(-many // MOST_NEWS) + 1)))


def news_part(number: int) -> Response:
    return _news((number - 1) * MOST_NEWS)


def _news(offset: int) -> Response:
    settings, at = newsroom().settings, now()
    recent = newest_first(first_published(visible(at), at - NEWS, None)).offset(offset).limit(MOST_NEWS)
    found = stories(db.session(), recent, at, settings.article_path)
    if offset and not found:
        abort(404)
    document = root("urlset", {None: _SITEMAP, "news": _NEWS})
    for story in found:
        if not story.seo.get("noindex") and not story.seo.get("canonical_url"):
            _news_story(document.add("url"), story)
    oldest = min((story.published_at for story in found), default=None)
    return _answer(document, oldest + NEWS + timedelta(microseconds=1) if oldest else None)


def _news_story(url: Part, story: PublicStory) -> None:
    settings = newsroom().settings
    url.add("loc", settings.origin + story.path)
    item = url.add("news:news")
    publication = item.add("news:publication")
    publication.add("news:name", settings.site_name)
    publication.add("news:language", _news_language(story.language))
    item.add("news:publication_date", _stamp(story.published_at))
    item.add("news:title", story.headline)


def _news_language(tag: str) -> str:
    """ISO 639 without a country, save for the two kinds of written Chinese."""
    base, *rest = tag.lower().split("-")
    if base == "zh":
        return "zh-tw" if {"tw", "hk", "mo", "hant"} & set(rest) else "zh-cn"
    return base


def _lists() -> list[Place]:
    fixed = (addresses.front(), addresses.most_read(), addresses.corrections(), addresses.archives())
    standing = [Place(addresses.standing(each.slug), each.saved_at) for each in all_pages(db.session())]
    pages = [Place(path) for path in fixed] + standing
    return pages + list_places(db.session(), now(), MOST - len(pages))


def _stories(offset: int) -> list[Place]:
    return story_places(db.session(), now(), newsroom().settings.article_path, offset=offset, limit=MOST)


def _urls(places: Iterable[Place]) -> Part:
    document = root("urlset", {None: _SITEMAP})
    for place in places:
        url = document.add("url")
        url.add("loc", newsroom().settings.origin + place.path)
        if place.modified_at:
            url.add("lastmod", _stamp(place.modified_at))
    return document


def _index(paths: Iterable[str]) -> Part:
    document = root("sitemapindex", {None: _SITEMAP})
    for path in paths:
        document.add("sitemap").add("loc", newsroom().settings.origin + path)
    return document


def _stamp(at: datetime) -> str:
    """A W3C date-time with the site's offset."""
    return at.astimezone(newsroom().settings.site_timezone).isoformat(timespec="seconds")


def _answer(document: Part, good_until: datetime | None = None) -> Response:
    g.page_keys = frozenset({keys.SITE, keys.FRONT})
    g.page_good_until = good_until
    return Response(document.document(), content_type="application/xml; charset=utf-8")
