"""JSON Feed 1.1: a list of stories as one document, by the rules of https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, post_dump

from cms.domain import addresses
from cms.domain.articles.body import absolute
from cms.domain.articles.story import PublicStory

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"
IMAGE = "w1280.jpg"


class _Bare(Schema):
    """Leaves out what is empty: a reader of feeds takes an empty string for a value."""

    @post_dump
    def without_empty(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in (None, "", [], {})}


class _Instant(fields.Field[datetime]):
    """RFC 3339 in UTC, to the millisecond."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


class _Author(_Bare):
    name = fields.String()
    url = fields.Method("absolute_url")

    def absolute_url(self, person: Any) -> str:
        return str(self.context_origin + person.path)

    def __init__(self, origin: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context_origin = origin


class _Correction(Schema):
    id = fields.String()
    kind = fields.String()
    text = fields.String()
    published_at = _Instant()


class _Item(_Bare):
    """One story. Its id is permanent: neither a new slug nor a new domain changes it."""

    def __init__(self, origin: str, site_language: str) -> None:
        super().__init__(many=True)
        self._origin, self._language = origin, site_language
        self._author = _Author(origin, many=True)

    id = fields.Function(lambda story: f"urn:copydesk:{story.id}")
    url = fields.Method("story_url")
    title = fields.String(attribute="headline")
    summary = fields.String(attribute="standfirst")
    content_html = fields.Method("content")
    image = fields.Method("story_image")
    date_published = _Instant(attribute="published_at")
    date_modified = _Instant(attribute="modified_at")
    authors = fields.Method("printed_authors")
    tags = fields.Function(lambda story: [tag.name for tag in story.tags])
    language = fields.Method("other_language")
    _copydesk = fields.Method("extension")

    def story_url(self, story: PublicStory) -> str:
        return self._origin + story.path

    def content(self, story: PublicStory) -> str:
        return absolute(story.body_html, self._origin) or "<p></p>"

    def story_image(self, story: PublicStory) -> str | None:
        return self._origin + addresses.media(story.lead_image.key, IMAGE) if story.lead_image else None

    def printed_authors(self, story: PublicStory) -> Any:
        return self._author.dump(story.bylines)

    def other_language(self, story: PublicStory) -> str | None:
        return story.language if story.language != self._language else None

    def extension(self, story: PublicStory) -> dict[str, Any]:
        return {
            "standfirst": story.standfirst,
            "key_points": list(story.key_points),
            "corrections": _Correction(many=True).dump(story.corrections),
        }


def json_feed(
    *,
    title: str,
    origin: str,
    language: str,
    home: str,
    feed: str,
    following: str | None,
    stories: Sequence[PublicStory],
    withdrawn: Sequence[tuple[str, datetime]],
) -> dict[str, Any]:
    """The document. ``home``, ``feed`` and ``following`` are paths; ``withdrawn`` are ids with their times."""
    told: dict[str, Any] = {
        "version": VERSION,
        "title": title,
        "home_page_url": origin + home,
        "feed_url": origin + feed,
        "language": language,
    }
    if following:
        told["next_url"] = origin + following
    if withdrawn:
        instant = _Instant()
        told["_copydesk"] = {
            "about": origin + home,
            "withdrawn": [
                {"id": f"urn:copydesk:{article}", "at": instant.serialize("at", {"at": at})}
                for article, at in withdrawn
            ],
        }
    told["items"] = _Item(origin, language).dump(stories)
    return told
