"""Which documents of a segment match a word or a phrase, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cms.engines.search.whoosh.columns import Integers, ranges
from cms.engines.search.whoosh.postings import NOTHING, Postings
from cms.engines.search.whoosh.schema import HEADLINE_WEIGHT, LONGEST_START, SHORTEST_START, STANDFIRST_AT
from cms.engines.search.whoosh.segments import Segment
from cms.interfaces import Phrase, Word
from cms.language import fold, stem, words

_PLACE_BITS = 32
_PLACE = (1 << _PLACE_BITS) - 1


@dataclass(frozen=True)
class Clause:
    """A word or phrase cut into words; ``start`` is what a headline's word may begin with instead."""

    words: tuple[str, ...]
    start: str | None = None


@dataclass(frozen=True)
class Matches:
    """Matching documents in order, and each one's weighted count."""

    documents: Integers
    weights: Integers

    def __len__(self) -> int:
        return len(self.documents)

    def among(self, alive: NDArray[np.bool_] | None) -> Matches:
        if alive is None:
            return self
        kept = alive[self.documents]
        return Matches(self.documents[kept], self.weights[kept])

    def at(self, documents: Integers) -> tuple[NDArray[np.bool_], Integers]:
        """Which of these documents (in order) match, and the weights of those that do."""
        if not len(self.documents):
            return np.zeros(len(documents), np.bool_), self.weights
        places = np.searchsorted(self.documents, documents)
        places[places == len(self.documents)] = 0
        present = self.documents[places] == documents
        return present, self.weights[places[present]]


NO_MATCH = Matches(NOTHING.documents, NOTHING.weights)


def clause_of(asked: Word | Phrase) -> Clause | None:
    """None when there is no letter or digit in it."""
    cut = tuple(word for word, _, _ in words(asked.text))
    if not cut:
        return None
    if isinstance(asked, Word) and asked.prefix and len(cut) == 1:
        letters = fold(cut[0])
        if len(letters) >= SHORTEST_START:
            return Clause(cut, letters[:LONGEST_START])
    return Clause(cut)


def matches_of(segment: Segment, clause: Clause) -> Matches:
    """All matches, the dead included."""
    found = []
    for stemmer in segment.stemmers:
        terms = [f"{stemmer}:{stem(word, stemmer)}" for word in clause.words]
        lists = [segment.postings("text", term) for term in terms]
        if all(map(len, lists)):
            found.append(_phrase(lists) if len(lists) > 1 else Matches(lists[0].documents, lists[0].weights))
    if clause.start is not None:
        begun = segment.postings("start", clause.start)
        found.append(Matches(begun.documents, begun.weights))
    found = [matches for matches in found if len(matches)]
    if len(found) < 2:
        return found[0] if found else NO_MATCH
    return _union(found, segment.size)


def carriers(segment: Segment, field: str, name: str) -> Integers:
    """The documents with this section, tag or author."""
    return segment.postings(field, name).documents


def _union(found: list[Matches], size: int) -> Matches:
    weights = np.zeros(size, np.int64)
    for matches in found:
        weights[matches.documents] += matches.weights
    documents = np.flatnonzero(weights)
    return Matches(documents, weights[documents])


def _phrase(lists: list[Postings]) -> Matches:
    """Where the words follow one another: first the documents with all of them, then positions in those."""
    rarest_first = sorted(enumerate(lists), key=lambda one: len(one[1]))
    documents = rarest_first[0][1].documents
    for _, postings in rarest_first[1:]:
        documents = documents[_contains(postings.documents, documents)]
    places: NDArray[np.int64] | None = None
    for offset, postings in rarest_first:
        here = _places(postings, documents, len(lists) - offset)
        places = here if places is None else places[_contains(here, places)]
        documents, places = _narrowed(documents, places)
    if places is None or not len(places):
        return NO_MATCH
    in_headline = (places & _PLACE) < STANDFIRST_AT + len(lists)
    weights = np.bincount(places >> _PLACE_BITS, np.where(in_headline, HEADLINE_WEIGHT, 1))
    return Matches(documents, weights.astype(np.int64))


def _narrowed(documents: Integers, places: NDArray[np.int64]) -> tuple[Integers, NDArray[np.int64]]:
    """The documents that have any of these places left, and the places by their ranks among those."""
    ranks = places >> _PLACE_BITS
    left = ranks[np.flatnonzero(np.diff(ranks, prepend=-1))]
    if len(left) == len(documents):
        return documents, places
    return documents[left], (np.searchsorted(left, ranks) << _PLACE_BITS) + (places & _PLACE)


def _places(postings: Postings, documents: Integers, shift: int) -> NDArray[np.int64]:
    """Document rank and shifted position as one number each, ascending."""
    rows = np.searchsorted(postings.documents, documents)
    counts = postings.counts[rows].astype(np.int64)
    positions = postings.positions[ranges(postings.starts()[rows], counts)].astype(np.int64)
    return (np.repeat(np.arange(len(documents)), counts) << _PLACE_BITS) + positions + shift


def _contains(sorted_numbers: Integers, asked: Integers) -> NDArray[np.bool_]:
    if not len(sorted_numbers):
        return np.zeros(len(asked), np.bool_)
    places = np.searchsorted(sorted_numbers, asked)
    places[places == len(sorted_numbers)] = 0
    return sorted_numbers[places] == asked
