"""``cms import articles``: JSON Lines, one story a line, with the fields that the API takes and what came of it since.

``{"headline": "…", "body_html": "…", "bylines": ["Ada Byron"], "published_at": "2019-05-01T12:00:00Z", "views": 12}``
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from cms.domain.articles.fields import BYLINE_ROLES, MOST
from cms.domain.articles.slugs import slug_for
from cms.domain.text import plain
from cms.moving.arriving.arrivals import Arrivals
from cms.moving.arriving.bodies import with_our_pictures
from cms.moving.arriving.pictures import Picture, Pictures
from cms.moving.arriving.story import Name, Signed, Story

SOURCE = "articles"
LONGEST_LINE = 8_000_000

_TEXTS = ("headline", "standfirst", "body_html", "slug", "language")
_TIMES = ("published_at", "modified_at", "embargo_until", "live_until")
_OTHERS = ("id", "key_points", "bylines", "sections", "tags", "lead_image", "seo", "views", "state", "former")
_STATES = ("draft", "in_review", "ready", "spiked")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)


class Unreadable(ValueError):
    """A line that can't be taken; the message names the field."""


def stories(file: BinaryIO, arrivals: Arrivals, pictures: Pictures) -> Iterator[Story]:
    """The stories, in their order; a line that can't be read is reported and the next one follows."""
    read = _Reading(arrivals, pictures)
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        called = f"line {number}"
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            arrivals.refuse(called, "it is longer than 8 MB")
        elif line.strip():
            try:
                yield read.story(line, called)
            except Unreadable as unreadable:
                arrivals.refuse(called, str(unreadable))
    read.report()


def how_many(path: Path) -> int:
    """Lines, for showing how far it is."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


class _Reading:
    def __init__(self, arrivals: Arrivals, pictures: Pictures) -> None:
        self._arrivals, self._pictures = arrivals, pictures
        self._alike: Counter[int] = Counter()
        self._unknown: dict[str, tuple[int, str]] = {}

    def story(self, line: bytes, called: str) -> Story:
        given = _object(line)
        for name in given.keys() - {*_TEXTS, *_TIMES, *_OTHERS}:
            before, first = self._unknown.get(name, (0, called))
            self._unknown[name] = (before + 1, first)
        fields: dict[str, Any] = {name: _text(given, name) for name in _TEXTS if given.get(name) is not None}
        if not (fields.get("headline") or "").strip():
            raise Unreadable("headline: A story needs a headline.")
        called = f"{called} “{fields['headline'][:80].strip()}”"
        fields["body_html"] = self._body(fields.get("body_html", ""), called)
        fields["key_points"] = _texts(given, "key_points")
        fields["seo"] = _mapping(given, "seo")
        times = {name: _time(given, name) for name in _TIMES}
        live_from, live_until = times["published_at"], times["live_until"]
        embargo = times["embargo_until"]
        if live_from is not None and embargo is not None and live_from < embargo:
            raise Unreadable("published_at: This is before embargo_until.")
        if live_from is not None and live_until is not None and live_until <= live_from:
            raise Unreadable("live_until: Takes a time after published_at.")
        state = given.get("state") or "draft"
        if state not in _STATES:
            raise Unreadable(f"state: Takes one of {', '.join(_STATES)}.")
        return Story(
            key=self._key(given, fields, live_from),
            called=called,
            fields=fields,
            bylines=tuple(_byline(value) for value in _list(given, "bylines")),
            sections=tuple(section for value in _texts(given, "sections") for section in _sections(value)),
            tags=tuple(Name(_plain("tags", value, 100)) for value in _texts(given, "tags") if value.strip()),
            lead_image=self._lead_image(given, called),
            state=state,
            live_from=live_from,
            live_until=live_until,
            modified_at=times["modified_at"],
            embargo_until=embargo,
            views=_number(given, "views"),
            former=tuple(_former(value) for value in _texts(given, "former")),
        )

    def report(self) -> None:
        """What no story has a place for, each once."""
        for name, (times, first) in self._unknown.items():
            self._arrivals.tally.unsupported.append(
                f"field {name!r} is unknown here and was left out ({times} times, first in {first})"
            )

    def _key(self, given: Mapping[str, Any], fields: Mapping[str, str], at: datetime | None) -> str:
        """Its id; without one, its slug and time, and of several alike which of them it is."""
        if (own := given.get("id")) is not None:
            if not isinstance(own, (str, int)) or isinstance(own, bool) or not str(own).strip():
                raise Unreadable("id: Takes a text of at most 400 characters, or a number.")
            return f"id:{_plain('id', str(own), 400)}"
        key = f"{fields.get('slug') or slug_for(fields['headline'])}|{at.isoformat() if at else ''}"
        self._alike[hash(key)] += 1
        return f"{key}|{self._alike[hash(key)]}"

    def _body(self, html: str, called: str) -> str:
        def find(src: str, _attributes: Mapping[str, str]) -> Picture | None:
            return self._pictures.bring(src, [src], {}, called) if src else None

        found = with_our_pictures(html, find)
        self._arrivals.tally.unsupported += [f"{called} {note}" for note in dict.fromkeys(found.notes)]
        return found.html

    def _lead_image(self, given: Mapping[str, Any], called: str) -> str | None:
        """An image that is here, by its id; or a file among the media, by its name or address."""
        image = given.get("lead_image")
        if image is None:
            return None
        if isinstance(image, str):
            image = {"id": image} if re.fullmatch(r"[0-9a-z]{16}", image) else {"file": image}
        if not isinstance(image, dict):
            raise Unreadable("lead_image: Takes an image's id, or a file's name with its texts.")
        if isinstance(image.get("id"), str) and (here := self._pictures.here(image["id"])):
            return here
        name = image.get("file") or image.get("url")
        if not isinstance(name, str):
            raise Unreadable(f"lead_image: There is no image {image.get('id')!r} here.")
        texts = {key: str(image[key]) for key in ("alt", "caption", "credit", "rights") if image.get(key)}
        picture = self._pictures.bring(name, [name], texts, called)
        return picture.public_id if picture else None


def _object(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as broken:
        raise Unreadable(f"it is not UTF-8 (at byte {broken.start + 1})") from None
    except (ValueError, RecursionError) as broken:
        raise Unreadable(f"it is not JSON: {broken}") from None
    if not isinstance(given, dict):
        raise Unreadable("it is not a JSON object")
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given[name]
    if not isinstance(value, str):
        raise Unreadable(f"{name}: Takes text.")
    return value


def _plain(name: str, value: str, limit: int) -> str:
    try:
        return plain(value, limit)
    except ValueError as refused:
        raise Unreadable(f"{name}: {refused}") from None


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, list):
        raise Unreadable(f"{name}: Takes a list.")
    if value is not None and len(value) > MOST:
        raise Unreadable(f"{name}: Takes at most {MOST}.")
    return value or []


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    values = _list(given, name)
    if not all(isinstance(value, str) for value in values):
        raise Unreadable(f"{name}: Takes a list of texts.")
    return values


def _mapping(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise Unreadable(f"{name}: Takes an object.")
    for key, entry in (value or {}).items():
        if entry is not None and not isinstance(entry, bool if key == "noindex" else str):
            raise Unreadable(f"{name}: {key} takes {'true or false' if key == 'noindex' else 'text'}.")
    return value or {}


def _number(given: Mapping[str, Any], name: str) -> int:
    value = given.get(name) or 0
    if isinstance(value, dict):
        value = value.get("total") or 0  # as the API gives it
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Unreadable(f"{name}: Takes a whole number from 0 on.")
    return value


def _time(given: Mapping[str, Any], name: str) -> datetime | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
        if not 1000 <= instant.year <= 2200:
            raise ValueError
    except (ValueError, OverflowError):
        raise Unreadable(f"{name}: Takes an RFC 3339 time with a zone, such as 2026-03-26T15:26:00Z.") from None
    return instant


def _byline(value: Any) -> Signed:
    """A name, a slug, or an object with either and a role."""
    if isinstance(value, str):
        value = {"person": value}
    if not isinstance(value, dict):
        raise Unreadable("bylines: Takes names, or objects with person or name, and role.")
    person, name, role = value.get("person") or "", value.get("name") or "", value.get("role") or "writer"
    if not all(isinstance(part, str) for part in (person, name, role)) or not (person or name).strip():
        raise Unreadable("bylines: Takes names, or objects with person or name, and role.")
    if role not in BYLINE_ROLES:
        raise Unreadable(f"bylines: Takes the roles {', '.join(BYLINE_ROLES)}.")
    person, name = _plain("bylines", person, 200), _plain("bylines", name, 200)
    if not name and not _SLUG.fullmatch(person):
        person, name = "", person
    return Signed(Name(name, person if _SLUG.fullmatch(person) else ""), role)


def _former(value: str) -> str:
    """A path of the old site; of a whole address its path."""
    try:
        path = urlsplit(value).path if "://" in value else value
    except ValueError:
        path = ""
    if not path.startswith("/"):
        raise Unreadable("former: Takes paths of the old site, such as /2019/old-story.html.")
    return _plain("former", path, 500)


def _sections(value: str) -> list[Name]:
    """A slug, a name, or a path of slugs: of that the last one is meant."""
    value = _plain("sections", value, 500).strip("/")
    if not value:
        return []
    parts = value.split("/")
    if len(parts) > 1 and all(_SLUG.fullmatch(part) for part in parts):
        return [Name(slug=parts[-1], parent="/".join(parts[:-1]))]
    return [Name(slug=value) if _SLUG.fullmatch(value) else Name(_plain("sections", value, 100))]
