"""Matching a story against a query by reading it, for the few that the index does not hold yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cms.interfaces import Document, Phrase, Query, Word
from cms.language import fold, stem, stemmer_of, stems, words

HEADLINE_WEIGHT = 2
SATURATION = 1.2


def matching(documents: Iterable[Document], query: Query) -> Iterator[tuple[Document, float]]:
    """Those that match as the index would match them, each with how well, from 0 to 1."""
    for document in documents:
        if _within(document, query):
            weight = _Text(document).relevance(query)
            if weight is not None:
                yield document, weight


def _within(document: Document, query: Query) -> bool:
    return (
        set(query.sections) <= set(document.sections)
        and set(query.tags) <= set(document.tags)
        and set(query.authors) <= set(document.authors)
        and (query.since is None or document.published_at >= query.since)
        and (query.before is None or document.published_at < query.before)
    )


class _Text:
    def __init__(self, document: Document) -> None:
        self._stemmer = stemmer_of(document.language)
        self._headline = [fold(word) for word, _, _ in words(document.headline)]
        names = (*document.author_names, *document.tag_names)
        weighed = [
            (document.headline, HEADLINE_WEIGHT),
            *((text, 1) for text in (document.standfirst, *names, document.body)),
        ]
        self._zones = [(stems(text, self._stemmer), weight) for text, weight in weighed]

    def relevance(self, query: Query) -> float | None:
        if any(self._weight(asked) for asked in query.without):
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
        weight = sum(_times(wanted, zone) * each for zone, each in self._zones)
        if isinstance(asked, Word) and asked.prefix and len(cut) == 1:
            start = fold(cut[0])
            weight += len(start) >= 3 and any(word.startswith(start) for word in self._headline)
        return weight


def _times(wanted: list[str], there: list[str]) -> int:
    if len(wanted) == 1:
        return there.count(wanted[0])
    places = (place for place, word in enumerate(there) if word == wanted[0])
    return sum(there[place : place + len(wanted)] == wanted for place in places)
