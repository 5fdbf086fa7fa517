"""What a reader types, as a query that can neither fail nor explode.

    flood insurance          both words, in any of their forms
    "prime minister"         these words next to one another
    -football                not this word
    author: section: tag:    only stories that carry it (``author:"Jane Doe"`` works too)
    after:2024 before:2025-06-30

Anything else is just text: there are no wildcards, ranges or brackets, and no way to name another field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from cms.domain.articles.slugs import slug_for
from cms.interfaces import Phrase, Query, Word
from cms.language import words

MOST_CHARACTERS = 200
MOST_TERMS = 12
SHORTEST_PREFIX = 3

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PART = re.compile(
    r'(?P<minus>-?)(?:(?P<field>author|section|tag|before|after):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))',
    re.I,
)
_DATE = re.compile(r"([12]\d{3})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True)
class Asked:
    """A query and the text it was read from; the flags say whether anything was left unread."""

    text: str
    query: Query
    characters_cut: bool = False
    terms_cut: bool = False


def parse(text: str, *, zone: tzinfo = UTC, as_you_type: bool = False) -> Asked:
    """Never raises. Dates begin in ``zone``; ``as_you_type`` takes the last word for the beginning of one."""
    read = text.translate(_QUOTES)[:MOST_CHARACTERS]
    asked = Asked(text[:MOST_CHARACTERS], Query(), characters_cut=len(text) > MOST_CHARACTERS)
    room = MOST_TERMS
    for part in _PART.finditer(read):
        if not any(words(part["quoted"] or part["plain"] or "")):
            continue
        if room < 1:
            return replace(asked, terms_cut=True)
        narrowed = _narrow(asked.query, part, zone)
        if narrowed is not None:
            room -= 1
            asked = replace(asked, query=narrowed)
            continue
        term, size = _term(part, room, last=as_you_type and part.end() == len(read))
        asked = replace(asked, query=_with(asked.query, term, without=bool(part["minus"])))
        asked = replace(asked, terms_cut=asked.terms_cut or size > room)
        room -= size
    return asked


def terms(query: Query) -> Iterator[str]:
    """The words to look for and to mark in what was found."""
    for asked in query.every:
        yield asked.text


def _narrow(query: Query, part: re.Match[str], zone: tzinfo) -> Query | None:
    """The query within one more filter, or None when the part isn't one: then it is text."""
    field, value = (part["field"] or "").lower(), part["quoted"] or part["plain"] or ""
    if not field or part["minus"]:
        return None
    if field == "author":
        return replace(query, authors=(*query.authors, slug_for(value)))
    if field == "section":
        return replace(query, sections=(*query.sections, slug_for(value)))
    if field == "tag":
        return replace(query, tags=(*query.tags, slug_for(value)))
    instant = _instant(value, zone)
    if instant is None:
        return None
    if field == "after":
        return replace(query, since=max(filter(None, (query.since, instant))))
    return replace(query, before=min(filter(None, (query.before, instant))))


def _instant(value: str, zone: tzinfo) -> datetime | None:
    """The beginning of a year, month or day."""
    date = _DATE.fullmatch(value)
    if date is None:
        return None
    try:
        return datetime(int(date[1]), int(date[2] or 1), int(date[3] or 1), tzinfo=zone)
    except ValueError:
        return None


def _term(part: re.Match[str], room: int, *, last: bool) -> tuple[Word | Phrase, int]:
    """The part as a term of at most ``room`` words, and how many words it had."""
    quoted = part["quoted"] is not None
    text = part["quoted"] if quoted else part["plain"]
    if part["field"]:
        text = f"{part['field']}:{text}"
    cut = list(words(text))
    text = text[: cut[room - 1][2]] if len(cut) > room else text
    if quoted:
        return Phrase(text), len(cut)
    prefix = last and not part["minus"] and len(cut) == 1 and len(cut[0][0]) >= SHORTEST_PREFIX
    return Word(text, prefix=prefix), len(cut)


def _with(query: Query, term: Word | Phrase, *, without: bool) -> Query:
    if without:
        return replace(query, without=(*query.without, term))
    return replace(query, every=(*query.every, term))
