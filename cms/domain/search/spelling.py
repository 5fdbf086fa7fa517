"""Did you mean: a mistyped word's nearest word in the headlines that readers may see, and in nothing else.

Words of the index are never offered, and none of the vocabulary's that no visible headline has: they could tell of a
story that was withdrawn a second ago.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from cms.domain.search.grammar import Asked
from cms.domain.search.vocabulary import near, of_headlines
from cms.interfaces import Phrase, Word
from cms.language import fold

COMPARED = 8
"""Words as near as one another that are weighed by how many stories have them."""

Find = Callable[[str], tuple[int, Sequence[str]]]
"""How many visible stories have a word, and the headlines of the first of them."""


def nearest(session: Session, word: str, find: Find) -> str | None:
    """The commonest of the nearest words that a visible headline has."""
    for candidates in near(session, fold(word)):
        found = {candidate: find(candidate) for candidate in candidates[:COMPARED]}
        for candidate in sorted(found, key=lambda one: -found[one][0]):
            if candidate in of_headlines(found[candidate][1]):
                return candidate
    return None


def respelt(asked: Asked, mended: Mapping[str, str]) -> Asked:
    """The text and the query with these words in place of those."""
    text, every = asked.text, list[Word | Phrase]()
    for one in asked.query.every:
        better = mended.get(one.text)
        every.append(Word(better) if better else one)
        text = text.replace(one.text, better, 1) if better else text
    return replace(asked, text=text, query=replace(asked.query, every=tuple(every)))
