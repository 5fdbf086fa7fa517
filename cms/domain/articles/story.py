"""PublicStory: the only thing an outlet may render; and StoryLink, as much of it as leads to a story.

Page, list, feed, search result and API answer are all made from this value, so they cannot disagree on a
title, a name or a date, and none of them can reach past it to something unpublished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class StoryPerson:
    """A printed name. ``role`` is writer, reporting, photo, video, editing or translation; ``kind`` person, desk
    or agency."""

    id: str
    slug: str
    name: str
    role: str
    path: str
    kind: str = "person"


@dataclass(frozen=True)
class StoryTerm:
    """A section or tag as printed, with its address."""

    id: str
    slug: str
    name: str
    path: str


@dataclass(frozen=True)
class StoryImage:
    id: str
    key: str
    alt: str
    caption: str
    credit: str
    width: int
    height: int


@dataclass(frozen=True)
class StoryCorrection:
    """``kind`` is correction, clarification, update, editors_note or retraction."""

    id: str
    kind: str
    text: str
    published_at: datetime


@dataclass(frozen=True)
class PublicStory:
    """One article as readers may see it at one instant. ``body_html`` is empty in lists, where it isn't loaded."""

    id: str
    revision: int
    path: str
    slug: str
    language: str
    headline: str
    standfirst: str
    key_points: tuple[str, ...]
    body_html: str
    bylines: tuple[StoryPerson, ...]
    sections: tuple[StoryTerm, ...]
    tags: tuple[StoryTerm, ...]
    lead_image: StoryImage | None
    published_at: datetime
    modified_at: datetime
    live_until: datetime | None
    corrections: tuple[StoryCorrection, ...]
    seo: Mapping[str, Any] = field(default_factory=dict)
    words: int = 0
    """Of the text; 0 where it isn't loaded."""


@dataclass(frozen=True)
class StoryLink:
    """A story as another page names it."""

    id: str
    language: str
    headline: str
    path: str
