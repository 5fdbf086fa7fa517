"""An article's writable fields, checked and cleaned before anything is opened for writing.

This is the pure half of a save: no database. Each field that can't be taken is named with what it takes; all of
them at once, so that nobody fixes a form one complaint at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cms.domain.articles.body import BodyRefused, clean
from cms.domain.articles.links import check_url
from cms.domain.articles.slugs import check_slug
from cms.domain.errors import Invalid
from cms.domain.text import plain

BYLINE_ROLES = ("writer", "reporting", "photo", "video", "editing", "translation")
MOST = 50
"""The most bylines, sections, tags or key points that an article takes."""


def clean_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields as they may be stored. Raises Invalid, naming every field that can't be taken."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in fields.items():
        check = _CHECKS.get(name)
        if check is None:
            errors[name] = ["This is not a field of an article."]
            continue
        try:
            cleaned[name] = check(value)
        except ValueError as refused:
            errors[name] = [str(refused)]
    if errors:
        raise Invalid(errors)
    return cleaned


def _headline(value: str) -> str:
    headline = plain(value, 300)
    if not headline:
        raise ValueError("Takes a headline of 1 to 300 characters.")
    return headline


def _standfirst(value: str) -> str:
    return plain(value, 1000)


def _key_points(values: Sequence[str]) -> list[str]:
    _bounded(values)
    return [point for point in (plain(value, 500) for value in values) if point]


def _body(value: str) -> str:
    try:
        return clean(value)
    except BodyRefused as refused:
        raise ValueError(str(refused)) from None


def _bylines(values: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    _bounded(values)
    bylines = []
    for value in values:
        role = value.get("role") or "writer"
        if role not in BYLINE_ROLES:
            raise ValueError(f"Takes the roles {', '.join(BYLINE_ROLES)}.")
        byline = {"person": plain(value["person"], 80), "role": role}
        if byline in bylines:
            raise ValueError("Takes each person once in each role.")
        bylines.append(byline)
    return bylines


def _sections(values: Sequence[str]) -> list[str]:
    return _each_once(values, 80)


def _tags(values: Sequence[str]) -> list[str]:
    return [name for name in _each_once(values, 100) if name]


def _each_once(values: Sequence[str], limit: int) -> list[str]:
    _bounded(values)
    return list(dict.fromkeys(plain(value, limit) for value in values))


def _bounded(values: Sequence[Any]) -> None:
    if len(values) > MOST:
        raise ValueError(f"Takes at most {MOST}.")


def _lead_image(value: str | None) -> str | None:
    return plain(value, 16) if value else None


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*", value) or len(value) > 35:
        raise ValueError("Takes a language tag, such as en or pt-BR.")
    return value


def _seo(value: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for name, entry in value.items():
        if name not in SEO_FIELDS:
            raise ValueError(f"Takes {', '.join(SEO_FIELDS)}.")
        if entry in (None, "", False):
            continue
        if name == "noindex":
            cleaned[name] = bool(entry)
        elif name in ("canonical_url", "social_image"):
            cleaned[name] = _address(name, entry)
        else:
            cleaned[name] = plain(entry, 300)
    return cleaned


def _address(name: str, value: str) -> str:
    address = check_url(value)
    if address is None:
        raise ValueError(f"{name} takes a web address or a path from the site's root.")
    return address


SEO_FIELDS = (
    "title",
    "description",
    "canonical_url",
    "noindex",
    "social_title",
    "social_description",
    "social_image",
)

_CHECKS: dict[str, Callable[[Any], Any]] = {
    "headline": _headline,
    "standfirst": _standfirst,
    "key_points": _key_points,
    "body_html": _body,
    "bylines": _bylines,
    "sections": _sections,
    "tags": _tags,
    "lead_image": _lead_image,
    "slug": check_slug,
    "language": _language,
    "seo": _seo,
}

WRITABLE = frozenset(_CHECKS)
