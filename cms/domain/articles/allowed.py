"""The allow-list: every element and attribute a body may hold. What isn't named here is dropped.

One list, read by our own tidying and by both libraries behind it. It names no element that switches the HTML
parser into another mode (svg, math, style, template, noscript, textarea, title, iframe, select), no form, and
no attribute that a page's scripts or styles could mistake for their own (id, name, style, srcset, data-*,
free class).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cms.domain.articles.embeds import PROVIDERS
from cms.domain.articles.links import check_picture, check_url

Check = Callable[[str], str | None]

SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def attribute(tag: str, name: str, value: str) -> str | None:
    """The value as it may stand in ``<tag name="…">``, or None when it may not stand there."""
    check = TAGS.get(tag, {}).get(name)
    return check(value) if check else None


def _text(value: str) -> str:
    return value


def _one_of(*values: str) -> Check:
    allowed = frozenset(values)
    return lambda value: value if value in allowed else None


def _matching(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: value if compiled.fullmatch(value) else None


_ANYWHERE: Mapping[str, Check] = {
    "lang": _matching(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,8}"),
    "dir": _one_of("ltr", "rtl", "auto"),
}
_SPAN = _matching(r"[1-9][0-9]{0,2}")
_CELL: Mapping[str, Check] = {"colspan": _SPAN, "rowspan": _SPAN}
_EMBEDS = [f"embed embed-{provider}" for provider in PROVIDERS]
_RECORDINGS = ("audio", "video")
_PIXELS = _matching(r"[1-9][0-9]{0,4}")

_OWN: Mapping[str, Mapping[str, Check]] = {
    "a": {"href": check_url, "title": _text},
    "abbr": {"title": _text},
    "aside": {"class": _one_of("fact-box", "pull-quote")},
    "blockquote": {"cite": check_url},
    "figure": {"class": _one_of("wide", "full", "inset", "gallery", *_RECORDINGS, *_EMBEDS)},
    "img": {
        "src": check_picture,
        "alt": _text,
        "width": _PIXELS,
        "height": _PIXELS,
        "title": _text,
        "loading": _one_of("lazy", "eager"),
    },
    "ol": {"start": _matching(r"-?[0-9]{1,6}"), "type": _one_of("1", "a", "A", "i", "I")},
    "q": {"cite": check_url},
    "td": _CELL,
    "th": {"scope": _one_of("col", "row", "colgroup", "rowgroup"), **_CELL},
    "time": {"datetime": _matching(r"[0-9TZPWYMDHS:+.,\- ]{1,40}")},
}
_BLOCKS = "p h2 h3 h4 ul li pre br hr figcaption table caption thead tbody tfoot tr dl dt dd"
_WORDS = "strong em b i s u sub sup small mark code cite del ins kbd bdi bdo span"

TAGS: Mapping[str, Mapping[str, Check]] = {
    **dict.fromkeys(f"{_BLOCKS} {_WORDS}".split(), _ANYWHERE),
    **{tag: {**checks, **_ANYWHERE} for tag, checks in _OWN.items()},
}
INLINE = frozenset({"a", "abbr", "q", "time", *_WORDS.split()})
