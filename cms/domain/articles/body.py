"""The one sanitiser: whatever comes in, by editor, API or import, is stored only as `clean` gives it.

Three readers have to agree. Our own rebuilds the body under the allow-list and checks every address; bleach
and then nh3, each with a parser of its own and under the same list, must find nothing left to change. It runs
on write, so a page never waits for it; and nothing may alter the text afterwards, for a character removed
later can join two harmless halves into markup.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import filterfalse

import nh3
from bleach.sanitizer import Cleaner

from cms.domain.articles.allowed import INLINE, SCHEMES, TAGS, attribute
from cms.domain.articles.links import check_url
from cms.domain.articles.shape import TooMuch, reshape

__all__ = [
    "LARGEST_BODY",
    "BodyRefused",
    "absolute",
    "check_url",
    "clean",
    "plain_text",
    "with_own_files",
    "word_count",
]

LARGEST_BODY = 1_000_000  # bytes of UTF-8

_ROUNDS = 4
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_ANY_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>")
_TAG_AS_IT_CAME = re.compile(r"<[a-zA-Z][^>]*>")
_TAG_THAT_SAYS_MORE = re.compile(r"<[a-z][a-z0-9]* [^>]*>")
_ROOTED = re.compile(r' (?:href|src|cite)="(?=/[^/])')
_WITHIN_A_LINE = INLINE | {"img"}
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"[{_CJK}]")


class BodyRefused(ValueError):
    """The body can't be stored; the message is a sentence for the editor."""


def clean(html: str) -> str:
    """The body as it may be stored. ``clean(clean(x)) == clean(x)``: only a body that all three readers leave
    alone is ever given back. Raises BodyRefused when it is over 1 MB, nested too deep, or holds control
    characters."""
    if _NOT_TEXT.search(html):
        raise BodyRefused("The body holds a control character, or half of one, that no text can hold.")
    _check_size(html)
    try:
        body = reshape(html)
        for _ in range(_ROUNDS):
            read = nh3_only(bleach_only(body))
            if read == body and reshape(body) == body:
                _check_size(body)
                return body
            body = reshape(read)
    except TooMuch as too_much:
        raise BodyRefused(str(too_much)) from too_much
    raise BodyRefused("The body's markup can't be read the same way twice; paste it as plain text.")


def bleach_only(html: str) -> str:
    """What bleach makes of it. A cleaner holds a parser and so is never shared between threads."""
    cleaner = Cleaner(tags=TAGS.keys(), attributes=_bleach_may_keep, protocols=SCHEMES, strip=True)
    cleaned: str = cleaner.clean(html)
    return cleaned


def nh3_only(html: str) -> str:
    """What nh3 makes of it."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={tag: set(checks) for tag, checks in TAGS.items()},
        attribute_filter=attribute,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


def plain_text(body_html: str, limit: int | None = None) -> str:
    """A stored body's words, captions included, a line per block. With ``limit``, at most so many characters,
    ending at a word's end."""
    lines = (" ".join(line.split()) for line in _unmarked(body_html).split("\n"))
    text = "\n".join(line for line in lines if line)
    if limit is None or len(text) <= limit:
        return text
    cut = text[: limit + 1]
    end = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:end] if end > 0 else text[:limit]


def word_count(body_html: str) -> int:
    """The number of words; in Chinese and Japanese, which don't space them, of characters."""
    text = _unmarked(body_html).replace("/", " ").replace("\N{EN DASH}", " ").replace("\N{EM DASH}", " ")
    characters = 0
    if not text.isascii() and _CJK_CHARACTER.search(text):
        text, characters = _CJK_CHARACTER.subn(" ", text)
    parts = text.split()
    mixed = filterfalse(str.isalnum, parts)  # most are nothing but letters
    return characters + len(parts) - sum(not any(map(str.isalnum, part)) for part in mixed)


def absolute(body_html: str, origin: str) -> str:
    """A stored body for feeds: rooted addresses under ``origin`` (``https://example.org``)."""
    if '="/' not in body_html:
        return body_html
    rooted = rf"\g<0>{origin.rstrip('/')}"
    return _TAG_THAT_SAYS_MORE.sub(lambda tag: _ROOTED.sub(rooted, tag[0]), body_html)


def with_own_files(html: str, origin: str) -> str:
    """A body to be cleaned, in which the site's pictures and recordings may be named by their whole addresses, as feeds
    and API name them: by rooted ones, which alone are kept. What it says of addresses in its words stays."""
    own = re.compile(rf"(\b(?:src|href)\s*=\s*[\"']?){re.escape(origin)}(?=/media/)", re.IGNORECASE)
    return _TAG_AS_IT_CAME.sub(lambda tag: own.sub(r"\1", tag[0]), html)


def _unmarked(body_html: str) -> str:
    """The text as its readers read it, with a line end wherever a block begins or ends."""
    return unescape(_ANY_TAG.sub(lambda tag: "" if tag[2] in _WITHIN_A_LINE else "\n", body_html))


def _check_size(html: str) -> None:
    if len(html) > LARGEST_BODY or len(html.encode()) > LARGEST_BODY:
        raise BodyRefused("The body is longer than 1 MB.")


def _bleach_may_keep(tag: str, name: str, value: str) -> bool:
    """bleach hands values over as written, references and all."""
    return attribute(tag, name, unescape(value)) is not None
