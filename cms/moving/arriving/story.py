"""A story as an import brings it, whatever it was written in: the one form that all of them are read into."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cms.domain.articles.fields import clean_fields
from cms.domain.errors import Invalid


@dataclass(frozen=True)
class Name:
    """A person, section or tag: by its slug, its name, or both. ``parent`` is the path above a section."""

    name: str = ""
    slug: str = ""
    parent: str = ""
    about: str = ""
    """What is said of it, where it is new here."""


@dataclass(frozen=True)
class Signed:
    person: Name
    role: str = "writer"


@dataclass(frozen=True)
class Story:
    """``key`` is what the source knows it by, ``called`` what a report calls it.

    ``fields`` are those of an article that need nothing of the database; a body shows only pictures that are here.
    """

    key: str
    called: str
    fields: Mapping[str, Any]
    bylines: tuple[Signed, ...] = ()
    sections: tuple[Name, ...] = ()
    tags: tuple[Name, ...] = ()
    lead_image: str | None = None
    """An image's public id."""
    state: str = "draft"
    """Of the working copy, where it isn't to be live."""
    live_from: datetime | None = None
    live_until: datetime | None = None
    modified_at: datetime | None = None
    embargo_until: datetime | None = None
    written_at: datetime | None = None
    """When it was begun or last worked on, where nothing was published."""
    views: int = 0
    former: tuple[str, ...] = ()
    """Paths at which readers have it in their bookmarks."""

    @property
    def digest(self) -> str:
        told = {name: value for name, value in asdict(self).items() if name not in ("key", "called")}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Cleaned:
    """A story's fields as they may be stored; or, where some can't be, why."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)


def clean(fields: Mapping[str, Any]) -> Cleaned:
    """Most of an import's work; it needs no database, so that every core can share in it."""
    try:
        return Cleaned(clean_fields(fields))
    except Invalid as invalid:
        return Cleaned(errors=invalid.errors)


def clean_all(stories: list[Mapping[str, Any]]) -> list[Cleaned]:
    return [clean(fields) for fields in stories]
