"""JSON Feed 1.1, by the rules of https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from marshmallow import Schema, fields, post_dump

from cms.feeds.entries import Entry, Feed, instant

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


class _Bare(Schema):
    """Leaves out what is empty: a reader of feeds takes an empty string for a value."""

    @post_dump
    def without_empty(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in (None, "", [], {})}


class _Author(_Bare):
    name = fields.String()
    url = fields.String()


class _Attachment(_Bare):
    url = fields.String()
    mime_type = fields.String(attribute="media_type")
    title = fields.String()


class _Item(_Bare):
    def __init__(self, site_language: str) -> None:
        super().__init__()
        self._site_language = site_language

    id = fields.String()
    url = fields.String()
    title = fields.String()
    summary = fields.String()
    content_html = fields.String()
    image = fields.Function(lambda entry: entry.picture and entry.picture.url)
    date_published = fields.Function(lambda entry: instant(entry.published_at))
    date_modified = fields.Function(lambda entry: instant(entry.modified_at))
    authors = fields.Nested(_Author, many=True)
    tags = fields.Function(lambda entry: [tag.name for tag in entry.tags])
    attachments = fields.Nested(_Attachment, many=True, attribute="recordings")
    language = fields.Method("other_language")
    _copydesk = fields.Raw(attribute="extension")

    def other_language(self, entry: Entry) -> str | None:
        return entry.language if entry.language != self._site_language else None


class _Feed(_Bare):
    version = fields.Constant(VERSION)
    title = fields.String()
    home_page_url = fields.String(attribute="home")
    feed_url = fields.String(attribute="first")
    next_url = fields.String(attribute="next")
    description = fields.String()
    icon = fields.String()
    favicon = fields.String(attribute="small_icon")
    language = fields.String()
    authors = fields.Function(lambda feed: [_Author().dump(feed.publisher)])
    hubs = fields.Function(lambda feed: [{"type": "WebSub", "url": hub} for hub in feed.hubs])
    _copydesk = fields.Method("extension")

    def extension(self, feed: Feed) -> dict[str, Any] | None:
        if not feed.withdrawn:
            return None
        return {"about": feed.home, "withdrawn": [{"id": gone, "at": instant(at)} for gone, at in feed.withdrawn]}


def json_item(entry: Entry, site_language: str) -> bytes:
    return _json(_item(site_language).dump(entry))


def json_feed(feed: Feed) -> bytes:
    head = _json(_Feed().dump(feed)).removesuffix(b"}")
    return b'%s, "items": [%s]}' % (head, b", ".join(feed.items))


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


_item = cache(_Item)
