"""What differs between two revisions, as markup for people: <ins> for what came, <del> for what went.

Bodies are aligned block by block first, so that a paragraph put in does not make all that follow look new, and
only blocks that changed are compared word by word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape

from lxml import html
from lxml.html.diff import htmldiff

from cms.domain.articles.allowed import INLINE
from cms.domain.articles.body import BodyRefused, clean
from cms.domain.articles.model import Revision

LONGEST_COMPARED = 60_000
"""Characters that are compared word by word, which takes a second then and the square of that: what is longer went and
came as a whole."""

MOST_COMPARED = 2_000
"""Blocks of both texts that are all weighed against one another."""


@dataclass(frozen=True)
class Difference:
    """``field`` is headline, standfirst, key_points or body; ``html`` is clean markup."""

    field: str
    html: str


def differences(older: Revision, newer: Revision) -> list[Difference]:
    """Every text field that differs. Both revisions must have their body loaded."""
    found = [
        Difference("headline", _lines([older.headline], [newer.headline])),
        Difference("standfirst", _lines([older.standfirst], [newer.standfirst])),
        Difference("key_points", _lines(older.key_points, newer.key_points)),
        Difference("body", body_difference(older.body_html, newer.body_html)),
    ]
    return [difference for difference in found if difference.html]


def body_difference(older: str, newer: str) -> str:
    """The blocks that changed, with a rule between places that are apart; empty when none did."""
    marked = "<hr>".join(_changed(blocks(older), blocks(newer)))
    try:
        return clean(marked)
    except BodyRefused:  # both texts together are more than one may be
        return "<p><del>…</del> <ins>…</ins></p>"


def _lines(older: list[str], newer: list[str]) -> str:
    return body_difference(*("".join(f"<p>{escape(line)}</p>" for line in side if line) for side in (older, newer)))


def _changed(older: list[str], newer: list[str]) -> Iterator[str]:
    overlook = len(older) + len(newer) > MOST_COMPARED  # blocks that come again and again are then no landmarks
    for how, old_from, old_to, new_from, new_to in SequenceMatcher(None, older, newer, overlook).get_opcodes():
        if how != "equal":
            yield _marked("".join(older[old_from:old_to]), "".join(newer[new_from:new_to]))


def _marked(older: str, newer: str) -> str:
    if len(older) + len(newer) <= LONGEST_COMPARED:
        return htmldiff(older, newer)
    return "".join(block for block in (older and htmldiff(older, ""), newer and htmldiff("", newer)) if block)


def blocks(body_html: str) -> list[str]:
    """The body's top-level elements, and what words stand between them: put together they are the body again."""
    found = []
    for part in html.fragments_fromstring(body_html):
        if isinstance(part, str):
            found.append(escape(part, quote=False))
            continue
        found.append(html.tostring(part, encoding="unicode", with_tail=False))
        if part.tail and (part.tail.strip() or part.tag in INLINE):
            found.append(escape(part.tail, quote=False))
    return found
