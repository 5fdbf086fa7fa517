"""What a feed can be of: the paper, a section, a tag, an author, or the paper's corrections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask_babel import gettext
from sqlalchemy import Select

from cms.domain import addresses, forwards, keys
from cms.domain.articles import lists
from cms.domain.articles.lists import PAPER, Listing
from cms.domain.articles.queries import filed_in, signed_by, with_tag
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_path, subtree, tag_by_slug
from cms.web.current import newsroom
from cms.web.database import db
from cms.web.moved import elsewhere


@dataclass(frozen=True)
class Source:
    """``narrow`` keeps, of any publications, those of the ``listing``. ``path`` is the page it belongs to."""

    id: str
    title: str
    path: str
    description: str
    key: str
    listing: Listing
    narrow: Callable[[Select[Any]], Select[Any]]
    may_be_empty: bool = True


def paper() -> Source:
    settings = newsroom().settings
    front = addresses.front()
    return Source(settings.origin + front, settings.site_name, front, "", keys.FRONT, PAPER, lambda wanted: wanted)


def section(path: str) -> Source:
    found = section_by_path(db.session(), path)
    if found is None:
        abort(elsewhere(forwards.SECTION, path, addresses.section(path)))
    ids = subtree(db.session(), [found.id])
    return Source(
        f"urn:copydesk:section:{found.public_id}",
        titled(found.name),
        addresses.section(path),
        found.introduction,
        keys.section(found.slug),
        lists.in_sections(ids),
        lambda wanted: filed_in(wanted, ids),
    )


def tag(slug: str) -> Source:
    """404 for a tag that no visible story carries, as for one that never was."""
    found = tag_by_slug(db.session(), slug)
    if found is None:
        abort(elsewhere(forwards.TAG, slug, addresses.tag(slug)))
    if found.internal:
        abort(404)
    return Source(
        f"urn:copydesk:tag:{found.public_id}",
        titled(found.name),
        addresses.tag(slug),
        found.introduction,
        keys.tag(slug),
        lists.tagged(found.id),
        lambda wanted: with_tag(wanted, found.id),
        may_be_empty=False,
    )


def author(slug: str) -> Source:
    found = person_by_slug(db.session(), slug)
    if found is None:
        abort(elsewhere(forwards.PERSON, slug, addresses.author(slug)))
    return Source(
        f"urn:copydesk:person:{found.public_id}",
        titled(found.name),
        addresses.author(slug),
        found.bio,
        keys.person(slug),
        lists.by_author(found.id, house=found.house),
        lambda wanted: signed_by(wanted, found.id),
        may_be_empty=False,
    )


def corrections() -> Source:
    title, path = titled(gettext("Corrections")), addresses.corrections()
    return Source("urn:copydesk:corrections", title, path, "", keys.FRONT, PAPER, lambda wanted: wanted)


def titled(name: str) -> str:
    return f"{name} – {newsroom().settings.site_name}"
