"""Matching a story against a query by reading it, for the few that the index does not hold yet."""

from __future__ import annotations

from collections import Counter

from cms.domain.search.grammar import SHORTEST_PREFIX
from cms.interfaces import Document, Phrase, Query, Word
from cms.language import fold, stem, stemmer_of, stems, words

HEADLINE_WEIGHT = 2
SATURATION = 1.2


class Read:
    """A document read once, to be held against any number of queries."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._stemmer = stemmer_of(document.language)
        self._headline = [fold(word) for word, _, _ in words(document.headline)]
        plain = (document.standfirst, *document.author_names, *document.tag_names, document.body)
        weighed = [(document.headline, HEADLINE_WEIGHT), *((text, 1) for text in plain)]
        self._zones = [(stems(text, self._stemmer), weight) for text, weight in weighed]
        self._weights = Counter[str]()
        for zone, weight in self._zones:
            for word in zone:
                self._weights[word] += weight

    def relevance(self, query: Query) -> float | None:
        """How well it matches, from 0 to 1; None when it does not, by the rules that the index goes by."""
        if not _within(self.document, query) or any(self._weight(asked) for asked in query.without):
            return None
        found = [weight for asked in query.every if (weight := self._weight(asked)) is not None]
        if not found:
            return 1.0
        if not (any(found) if query.relaxed else all(found)):
            return None
        return sum(weight / (weight + SATURATION) for weight in found) / len(found)

    def _weight(self, asked: Word | Phrase) -> int | None:
        """How often it stands there, twice as much in the headline; None when there is no word in it."""
        cut = [word for word, _, _ in words(asked.text)]
        if not cut:
            return None
        wanted = [stem(word, self._stemmer) for word in cut]
        if len(wanted) > 1:
            return sum(_times(wanted, zone) * weight for zone, weight in self._zones)
        begun = isinstance(asked, Word) and asked.prefix and self._begins(fold(cut[0]))
        return self._weights[wanted[0]] + begun

    def _begins(self, start: str) -> bool:
        return len(start) >= SHORTEST_PREFIX and any(word.startswith(start) for word in self._headline)


def _within(document: Document, query: Query) -> bool:
    return (
        set(query.sections) <= set(document.sections)
        and set(query.tags) <= set(document.tags)
        and set(query.authors) <= set(document.authors)
        and (query.since is None or document.published_at >= query.since)
        and (query.before is None or document.published_at < query.before)
    )


def _times(wanted: list[str], there: list[str]) -> int:
    places = (place for place, word in enumerate(there) if word == wanted[0])
    return sum(there[place : place + len(wanted)] == wanted for place in places)
