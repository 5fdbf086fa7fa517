"""``cms import ninjs``: news items of the IPTC's ninjs 1.x, 2.x and 3.x, and of Superdesk's dialect of it.

A file with one item, a list of them or one a line; or a folder of such files, as a wire delivers. Of an item that comes
more than once the highest version counts; one that is cancelled is taken off show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from cms.domain.articles.fields import MOST
from cms.moving.arriving.arrivals import Arrivals
from cms.moving.arriving.bodies import plain, with_our_pictures
from cms.moving.arriving.pictures import Picture, Pictures
from cms.moving.arriving.story import Name, Signed, Story

SOURCE = "ninjs"
LARGEST = 200_000_000
_NAMES = re.compile(r"\s*(?:,|;|\band\b|&|/)\s*", re.IGNORECASE)
_BY = re.compile(r"^\s*by\b[:\s]*", re.IGNORECASE)
_LEADS = ("featuremedia", "featured", "mainpicture", "main", "picture")
_ROLES = {"photographer": "photo", "photo": "photo", "video": "video", "editor": "editing", "translator": "translation"}

Given = Mapping[str, Any]


class Unreadable(ValueError):
    """It is no item of this form; the message says why."""


def files(path: Path) -> list[Path]:
    """The file itself, or every JSON file in the folder, in the order of their names."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in (".json", ".jsonl", ".ninjs"))


def stories(paths: Iterable[Path], arrivals: Arrivals, pictures: Pictures) -> Iterator[Story]:
    """The newest version of each item as a story; what can't be read is reported."""
    paths = list(paths)
    newest: dict[str, tuple[int, str]] = {}
    for called, item in _items(paths, None):
        key, version = _key(item), _version(item)
        if key and (key not in newest or version >= newest[key][0]):
            newest[key] = (version, called)
    for called, item in _items(paths, arrivals):
        key = _key(item)
        if not key:
            arrivals.refuse(called, "it has no uri")
        elif newest[key][1] != called:
            arrivals.leave(f"{called} {key}", "came again in a newer version, which counts")
        elif str(item.get("type") or "text") != "text":
            arrivals.leave(f"{called} {key}", f"is a {item['type']}; only texts are stories")
        else:
            try:
                yield _Item(item, f"{called} {key}", arrivals, pictures).story(key)
            except Unreadable as unreadable:
                arrivals.refuse(f"{called} {key}", str(unreadable))


def _items(paths: list[Path], arrivals: Arrivals | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every item with what a report calls it; ``arrivals`` is told of what can't be read."""
    for path in paths:
        try:
            given = list(_read(path))
        except Unreadable as unreadable:
            if arrivals:
                arrivals.refuse(path.name, str(unreadable))
            continue
        for number, item in enumerate(given, start=1):
            called = path.name if len(given) == 1 else f"{path.name} item {number}"
            if isinstance(item, dict):
                yield called, item
            elif arrivals:
                arrivals.refuse(called, "it is not a JSON object")


def _read(path: Path) -> Iterator[Any]:
    if path.stat().st_size > LARGEST:
        raise Unreadable("it is larger than 200 MB; split it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8") from None
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as broken:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise Unreadable(f"it is not JSON: {broken}") from None
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as wrong:
                raise Unreadable(f"line {number} is not JSON: {wrong}") from None
        return
    if isinstance(given, dict) and isinstance(given.get("items") or given.get("_items"), list):
        given = given.get("items") or given.get("_items")
    yield from given if isinstance(given, list) else [given]


class _Item:
    """One item, whichever version's names it uses."""

    def __init__(self, item: Given, called: str, arrivals: Arrivals, pictures: Pictures) -> None:
        self._item, self._arrivals, self._pictures = item, arrivals, pictures
        self._called = called
        self._notes = arrivals.tally.unsupported

    def story(self, key: str) -> Story:
        headline = plain(self._headline())
        if not headline:
            raise Unreadable("headline: A story needs a headline.")
        status = self._text("pubstatus", "pubStatus").lower() or "usable"
        first = self._time("firstcreated", "firstCreated", "firstpublished", "contentCreated", "contentcreated")
        version = self._time("versioncreated", "versionCreated")
        start = first or version
        embargo = self._time("embargoed", "embargoedUntil")
        live = status == "usable" and start is not None
        if live and embargo and start and embargo > start:
            start = embargo
        until = self._time("expires", "expiry")
        if status == "usable" and not live:
            self._note("names no time, so it came in as a draft")
        for name in ("ednote", "edNote"):
            if self._text(name):
                self._note(f"has a note to editors: {plain(self._text(name))[:500]}")
        fields: dict[str, Any] = {
            "headline": headline[:300],
            "standfirst": self._described(),
            "body_html": self._body(),
        }
        if self._text("language"):
            fields["language"] = self._text("language").replace("_", "-")
        return Story(
            key=key[:500],
            called=self._called,
            fields=fields,
            bylines=tuple(self._bylines()),
            sections=tuple(self._named("service", "services", limit=100)),
            tags=tuple(self._tags()),
            lead_image=self._lead(),
            state="spiked" if status in ("canceled", "cancelled") else "draft",
            live_from=start if live else None,
            live_until=until if live and until and start and until > start else None,
            modified_at=version if live and start and version and version > start else None,
            embargo_until=embargo,
            written_at=version or first,
        )

    # --- Words ---

    def _headline(self) -> str:
        many = self._valued("headlines", "main")
        more = next((v for k, v in self._item.items() if k.startswith("headline_") and isinstance(v, str)), "")
        return self._text("headline") or many or more or self._text("title")

    def _described(self) -> str:
        said = self._text("description_text", "description_html") or self._valued("descriptions", "summary")
        return plain(said)[:1000]

    def _body(self) -> str:
        bodies = [
            body for body in self._list("bodies") if isinstance(body, dict) and isinstance(body.get("value"), str)
        ]
        html = self._text("body_html", "body_xhtml")
        if not html and bodies:
            marked = [body for body in bodies if "html" in str(body.get("contentType") or body.get("contenttype"))]
            html = marked[0]["value"] if marked else _paragraphs(bodies[0]["value"])
        html = html or _paragraphs(self._text("body_text"))

        def find(src: str, _attributes: Mapping[str, str]) -> Picture | None:
            return self._pictures.bring(src, [src], {}, self._called) if src else None

        found = with_our_pictures(html, find)
        for note in dict.fromkeys(found.notes):
            self._note(note)
        return found.html

    # --- People, places, pictures ---

    def _bylines(self) -> Iterator[Signed]:
        """Superdesk's authors, else the names in the printed line."""
        authors = [
            each for each in self._list("authors") if isinstance(each, dict) and isinstance(each.get("name"), str)
        ]
        if authors:
            for author in authors[:MOST]:
                role = _ROLES.get(str(author.get("role") or "").lower(), "writer")
                yield Signed(Name(plain(author["name"])[:200]), role)
            return
        line = _BY.sub("", plain(self._text("byline", "by")))
        for name in dict.fromkeys(_NAMES.split(line)):
            if name:
                yield Signed(Name(name[:200]))

    def _tags(self) -> list[Name]:
        named = self._named(
            "subject", "subjects", "person", "people", "organisation", "organisations", "place", "places", limit=100
        )
        words = self._item.get("keywords")
        keywords = (
            [Name(plain(word)[:100]) for word in words if isinstance(word, str)] if isinstance(words, list) else []
        )
        return list(dict.fromkeys(name for name in (*named, *keywords) if name.name))[:MOST]

    def _named(self, *names: str, limit: int) -> list[Name]:
        found = []
        for each in (each for name in names for each in self._list(name)):
            said = each.get("name") or each.get("literal") if isinstance(each, dict) else each
            if isinstance(said, str) and plain(said):
                found.append(Name(plain(said)[:limit]))
        return list(dict.fromkeys(found))[:MOST]

    def _lead(self) -> str | None:
        given = self._item.get("associations")
        if isinstance(given, dict):
            named = [(str(name), each) for name, each in given.items()]
        else:
            named = [(str(each.get("name")), each) for each in self._list("associations") if isinstance(each, dict)]
        chosen = [(name, each) for name, each in named if isinstance(each, dict) and each.get("type") == "picture"]
        chosen.sort(key=lambda pair: pair[0].lower() not in _LEADS)
        if not chosen:
            return None
        name, item = chosen[0]
        texts = {
            "alt": _word(item, "body_text", "altText", "alttext"),
            "caption": _word(item, "description_text", "description_html", "headline"),
            "credit": _word(item, "byline", "by", "copyrightholder", "copyrightHolder"),
            "rights": _word(item, "usageterms", "usageTerms", "copyrightnotice", "copyrightNotice"),
        }
        key = _key(item) or f"{_key(self._item)}#{name}"
        hrefs = _renditions(item)
        picture = self._pictures.bring(key, hrefs, {k: v for k, v in texts.items() if v}, self._called)
        return picture.public_id if picture else None

    # --- Values ---

    def _text(self, *names: str) -> str:
        return next((v.strip() for name in names if isinstance(v := self._item.get(name), str) and v.strip()), "")

    def _list(self, name: str) -> list[Any]:
        value = self._item.get(name)
        return value if isinstance(value, list) else []

    def _valued(self, name: str, role: str) -> str:
        """Of several wordings, that of this role, else the first."""
        given = [each for each in self._list(name) if isinstance(each, dict) and isinstance(each.get("value"), str)]
        given.sort(key=lambda each: each.get("role") != role)
        return str(given[0]["value"]) if given else ""

    def _time(self, *names: str) -> datetime | None:
        for name in names:
            value = self._item.get(name)
            if isinstance(value, str) and value.strip():
                try:
                    at = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.strip().upper()))
                    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
                    if not 1000 <= at.year <= 2200:
                        raise ValueError
                    return at
                except (ValueError, OverflowError):
                    raise Unreadable(f"{name}: Takes a time, such as 2026-03-26T15:26:00Z.") from None
        return None

    def _note(self, note: str) -> None:
        self._notes.append(f"{self._called} {note}")


def _key(item: Given) -> str:
    key = item.get("uri") or item.get("guid")
    return plain(key)[:500] if isinstance(key, str) else ""


def _version(item: Given) -> int:
    version = str(item.get("version") or "0")
    return int(version) if version.isdigit() and len(version) < 15 else 0


def _word(item: Given, *names: str) -> str:
    return next((plain(v) for name in names if isinstance(v := item.get(name), str) and v.strip()), "")


def _renditions(item: Given) -> list[str]:
    """Where its file may be: the original first, then from the widest down."""
    given = item.get("renditions")
    pairs = list(given.items()) if isinstance(given, dict) else []
    if isinstance(given, list):
        pairs = [(str(each.get("name")), each) for each in given if isinstance(each, dict)]
    known = [(name, each) for name, each in pairs if isinstance(each, dict) and isinstance(each.get("href"), str)]
    known.sort(key=lambda pair: (pair[0] != "original", -_width(pair[1])))
    return [each["href"] for _name, each in known] or ([item["href"]] if isinstance(item.get("href"), str) else [])


def _width(rendition: Given) -> float:
    width = rendition.get("width")
    return width if isinstance(width, (int, float)) else 0


def _paragraphs(text: str) -> str:
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return "".join(f"<p>{escape(' '.join(part.split()), quote=False)}</p>" for part in parts if part.strip())
