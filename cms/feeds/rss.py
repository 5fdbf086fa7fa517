"""RSS 2.0, by https://www.rssboard.org/rss-specification and the best practices of the same board.

Names stand in ``dc:creator``, for RSS's own ``author`` must be a mail address; the text stands whole in
``content:encoded``, after the standfirst in ``description``.
"""

from __future__ import annotations

from email.utils import format_datetime

from cms.feeds.entries import IMAGE_TYPE, Entry, Feed, Picture, instant
from cms.web.xml import Part, root

MEDIA_TYPE = "application/rss+xml"

NAMESPACES: dict[str | None, str] = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def rss(feed: Feed) -> bytes:
    document = root("rss", NAMESPACES, {"version": "2.0"})
    channel = document.add("channel")
    channel.add("title", feed.title)
    channel.add("link", feed.home)
    channel.add("description", feed.description or feed.title)
    channel.add("language", feed.language)
    channel.add("lastBuildDate", format_datetime(feed.updated_at, usegmt=True))
    image = channel.add("image")
    for name, said in (("url", feed.small_icon), ("title", feed.title), ("link", feed.home)):
        image.add(name, said)
    for relation, address in (("self", feed.here), ("first", feed.first), ("next", feed.next)):
        if address:
            channel.add("atom:link", "", {"rel": relation, "type": MEDIA_TYPE, "href": address})
    for hub in feed.hubs:
        channel.add("atom:link", "", {"rel": "hub", "href": hub})
    channel.leave_place()
    return document.document(feed.items)


def rss_item(entry: Entry, site_language: str) -> bytes:
    holder = root("rss", NAMESPACES)
    item = holder.add("item")
    item.add("title", entry.title)
    item.add("link", entry.url)
    item.add("guid", entry.id, {"isPermaLink": "false"})
    item.add("pubDate", format_datetime(entry.published_at, usegmt=True))
    item.add("atom:updated", instant(entry.modified_at))
    for author in entry.authors:
        item.add("dc:creator", author.name)
    if entry.language != site_language:
        item.add("dc:language", entry.language)
    for category in (*entry.sections, *entry.tags):
        item.add("category", category.name, {"domain": category.scheme})
    if entry.summary:
        item.add("description", entry.summary)
    item.add("content:encoded", entry.content_html)
    if entry.picture:
        _picture(item, entry.picture)
    return holder.pieces()


def _picture(item: Part, picture: Picture) -> None:
    # 0 is what the format asks for where a length isn't known: the file is made when first asked for.
    item.add("enclosure", "", {"url": picture.url, "length": "0", "type": IMAGE_TYPE})
    size = {"width": str(picture.width), "height": str(picture.height)}
    media = item.add("media:content", "", {"url": picture.url, "type": IMAGE_TYPE, "medium": "image", **size})
    if picture.alt or picture.caption:
        media.add("media:description", picture.alt or picture.caption, {"type": "plain"})
    if picture.credit:
        media.add("media:credit", picture.credit)
