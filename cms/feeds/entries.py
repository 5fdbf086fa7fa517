"""What a feed holds, before it takes a form: JSON Feed, RSS and Atom are written from the same values.

Ids, addresses, names and dates are settled here once, so that no two forms can tell a story differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cms.domain import addresses
from cms.domain.articles.body import absolute
from cms.domain.articles.errata import Erratum
from cms.domain.articles.markup import escaped
from cms.domain.articles.story import PublicStory, StoryCorrection, StoryImage, StoryPerson
from cms.domain.media.recordings import recordings_in

IMAGE_WIDTH = 1280
IMAGE_TYPE = "image/jpeg"
NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed that has never held anything: Atom will have a date."""


@dataclass(frozen=True)
class Author:
    name: str
    url: str


@dataclass(frozen=True)
class Category:
    """A section or tag; ``scheme`` is the address below which its slug stands."""

    name: str
    slug: str
    scheme: str


@dataclass(frozen=True)
class Picture:
    """A JPEG at most 1,280 pixels wide."""

    url: str
    width: int
    height: int
    alt: str
    caption: str
    credit: str


@dataclass(frozen=True)
class Recording:
    url: str
    media_type: str
    title: str


@dataclass(frozen=True)
class Entry:
    """One item. Its id is permanent: neither a new slug nor a new domain changes it."""

    id: str
    url: str
    title: str
    summary: str
    content_html: str
    language: str
    published_at: datetime
    modified_at: datetime
    authors: tuple[Author, ...] = ()
    sections: tuple[Category, ...] = ()
    tags: tuple[Category, ...] = ()
    picture: Picture | None = None
    recordings: tuple[Recording, ...] = ()
    extension: Mapping[str, Any] = field(default_factory=dict)
    """What JSON Feed carries beyond its own fields."""


@dataclass(frozen=True)
class Feed:
    """One page of a feed. Every address is absolute; ``next`` is None on the last page."""

    id: str
    title: str
    description: str
    language: str
    publisher: Author
    icon: str
    """Square, 512 pixels wide; ``small_icon`` is the same at 192."""
    small_icon: str
    home: str
    first: str
    here: str
    next: str | None
    items: Sequence[bytes]
    """The entries, as the feed's form writes them."""
    modified_at: datetime
    """When the newest change of an entry was made; NOT_YET without any."""
    withdrawn: Sequence[tuple[str, datetime]] = ()
    """Ids of what was taken down with a notice of late, with when."""
    hubs: Sequence[str] = ()
    """WebSub: who tells subscribers of what is new here."""

    @property
    def updated_at(self) -> datetime:
        """When anything on this page last changed."""
        return max([self.modified_at, *(at for _, at in self.withdrawn)])


def urn(public_id: str) -> str:
    """An article's permanent id in every feed."""
    return f"urn:copydesk:{public_id}"


def of_story(story: PublicStory, origin: str) -> Entry:
    return Entry(
        id=urn(story.id),
        url=origin + story.path,
        title=story.headline,
        summary=story.standfirst,
        content_html=absolute(story.body_html, origin) or "<p></p>",
        language=story.language,
        published_at=story.published_at,
        modified_at=story.modified_at,
        authors=_authors(story.bylines, origin),
        sections=tuple(Category(one.name, one.slug, f"{origin}/section/") for one in story.sections),
        tags=tuple(Category(one.name, one.slug, f"{origin}/tag/") for one in story.tags),
        picture=_picture(story.lead_image, origin) if story.lead_image else None,
        recordings=tuple(Recording(origin + path, *told) for path, *told in recordings_in(story.body_html)),
        extension={
            "standfirst": story.standfirst,
            "key_points": list(story.key_points),
            "corrections": [_correction(note) for note in story.corrections],
        },
    )


def of_erratum(erratum: Erratum, title: str, origin: str) -> Entry:
    """A correction as an item of its own, which leads to its place in the story."""
    note, story = erratum.correction, erratum.story
    return Entry(
        id=f"urn:copydesk:correction:{note.id}",
        url=f"{origin}{story.path}#correction-{note.id}",
        title=title,
        summary="",
        content_html=f"<p>{escaped(note.text)}</p>",
        language=story.language,
        published_at=note.published_at,
        modified_at=note.published_at,
        extension={"article": urn(story.id), "corrections": [_correction(note)]},
    )


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _authors(people: Sequence[StoryPerson], origin: str) -> tuple[Author, ...]:
    """Everybody once, in the order printed: who wrote it and took its picture is one author."""
    return tuple(dict.fromkeys(Author(one.name, origin + one.path) for one in people))


def _picture(image: StoryImage, origin: str) -> Picture:
    width = min(IMAGE_WIDTH, image.width)
    return Picture(
        url=origin + addresses.media(image.key, f"w{IMAGE_WIDTH}.jpg"),
        width=width,
        height=max(1, round(width * image.height / image.width)),
        alt=image.alt,
        caption=image.caption,
        credit=image.credit,
    )


def _correction(note: StoryCorrection) -> dict[str, str]:
    return {"id": note.id, "kind": note.kind, "text": note.text, "published_at": instant(note.published_at)}
