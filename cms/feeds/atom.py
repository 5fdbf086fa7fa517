"""Atom 1.0 (RFC 4287), paged by RFC 5005, with deleted entries by RFC 6721."""

from __future__ import annotations

from cms.feeds.entries import IMAGE_TYPE, Author, Entry, Feed, instant
from cms.web.xml import Part, root

MEDIA_TYPE = "application/atom+xml"

NAMESPACES: dict[str | None, str] = {
    None: "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "media": "http://search.yahoo.com/mrss/",
}


def atom(feed: Feed) -> bytes:
    document = root("feed", NAMESPACES, {"xml:lang": feed.language})
    document.add("id", feed.id)
    document.add("title", feed.title)
    if feed.description:
        document.add("subtitle", feed.description)
    document.add("updated", instant(feed.updated_at))
    document.add("icon", feed.small_icon)
    document.add("logo", feed.icon)
    _person(document, feed.publisher)
    document.add("link", "", {"rel": "alternate", "type": "text/html", "href": feed.home})
    for relation, address in (("self", feed.here), ("first", feed.first), ("next", feed.next)):
        if address:
            document.add("link", "", {"rel": relation, "type": MEDIA_TYPE, "href": address})
    for hub in feed.hubs:
        document.add("link", "", {"rel": "hub", "href": hub})
    for gone, at in feed.withdrawn:
        document.add("at:deleted-entry", "", {"ref": gone, "when": instant(at)})
    document.leave_place()
    return document.document(feed.items)


def atom_entry(entry: Entry, site_language: str) -> bytes:
    holder = root("feed", NAMESPACES)
    part = holder.add("entry", "", {"xml:lang": entry.language} if entry.language != site_language else None)
    part.add("id", entry.id)
    part.add("title", entry.title)
    part.add("updated", instant(entry.modified_at))
    part.add("published", instant(entry.published_at))
    for author in entry.authors:
        _person(part, author)
    part.add("link", "", {"rel": "alternate", "type": "text/html", "href": entry.url})
    for category in (*entry.sections, *entry.tags):
        part.add("category", "", {"term": category.slug, "scheme": category.scheme, "label": category.name})
    if entry.summary:
        part.add("summary", entry.summary)
    part.add("content", entry.content_html, {"type": "html"})
    for one in entry.recordings:
        part.add("link", "", {"rel": "enclosure", "type": one.media_type, "href": one.url, "title": one.title})
    if picture := entry.picture:
        part.add("link", "", {"rel": "enclosure", "type": IMAGE_TYPE, "href": picture.url})
        size = {"width": str(picture.width), "height": str(picture.height)}
        media = part.add("media:content", "", {"url": picture.url, "type": IMAGE_TYPE, "medium": "image", **size})
        if picture.alt or picture.caption:
            media.add("media:description", picture.alt or picture.caption, {"type": "plain"})
        if picture.credit:
            media.add("media:credit", picture.credit)
    return holder.pieces()


def _person(part: Part, author: Author) -> None:
    person = part.add("author")
    person.add("name", author.name)
    person.add("uri", author.url)
