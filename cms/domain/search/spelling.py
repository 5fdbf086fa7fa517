"""Did you mean: a mistyped word's nearest word in the headlines that readers may see, and in nothing else.

Words of the index are never offered: they could tell of a story that was withdrawn a second ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from cms.domain.search.grammar import Asked
from cms.interfaces import Phrase, Query, Word
from cms.language import fold, words

SHORTEST = 4
TWO_SLIPS_FROM = 8


def better_spelt(asked: Asked, unknown: Collection[str], headlines: Iterable[str]) -> tuple[str, Query]:
    """The text and the query with each unknown word replaced by its nearest, where there is one."""
    known = Counter(fold(word) for headline in headlines for word, _, _ in words(headline))
    text, every = asked.text, list[Word | Phrase]()
    for one in asked.query.every:
        nearest = _nearest(fold(one.text), known) if one.text in unknown else None
        every.append(Word(nearest) if nearest else one)
        text = text.replace(one.text, nearest, 1) if nearest else text
    return text, replace(asked.query, every=tuple(every))


def _nearest(word: str, known: Counter[str]) -> str | None:
    """The commonest of the known words that are one slip away (two, for a long word)."""
    if len(word) < SHORTEST:
        return None
    allowed = 2 if len(word) >= TWO_SLIPS_FROM else 1
    near = [
        (slips, -count, other)
        for other, count in known.items()
        if abs(len(other) - len(word)) <= allowed
        and (other[0] == word[0] or other[-2:] == word[-2:])
        and (slips := _slips(word, other)) <= allowed
    ]
    return min(near)[2] if near else None


def _slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1]
