"""Stories turned round: of each term, where it stands.

Whoosh takes each word of each story as an object through a sorted pool. Here a word is a number: a segment's
words lie in one array in the order of reading, one sort brings each term's together, and its posting list is
a slice of what comes of it.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from cms.engines.search.keywords import telling_words
from cms.engines.search.whoosh.columns import ranges
from cms.engines.search.whoosh.postings import NOTHING, Postings
from cms.engines.search.whoosh.schema import microseconds, starts, zones
from cms.interfaces import Document
from cms.language import stemmer_of, stems

NAMED = ("article", "authors", "sections", "start", "tags")
_PLACE_BITS = np.uint64(32)
_PLACE = np.uint64((1 << 32) - 1)
Listed = tuple[str, bytes, Postings]
"""A field, one of its terms, and where that stands."""


class Inverted:
    def __init__(self) -> None:
        self.documents = 0
        self._named: dict[str, dict[str, list[int]]] = {field: defaultdict(list) for field in NAMED}
        self._terms: dict[str, int] = {}
        self._numbers: dict[str, _Numbers] = {}
        self._words = array("I")
        # One entry a zone that has words: its document, its first position, how many words, and what one weighs.
        self._zones = array("I")

    @property
    def words(self) -> int:
        return len(self._words)

    def add(self, document: Document) -> dict[str, Any]:
        """Take a story's terms, and answer with its columns."""
        stemmer = stemmer_of(document.language)
        weighed = self._read(document, stemmer)
        names = {
            "article": (document.article,),
            "authors": tuple(dict.fromkeys(document.authors)),
            "sections": tuple(dict.fromkeys(document.sections)),
            "tags": tuple(dict.fromkeys(document.tags)),
        }
        for field, named in {**names, "start": starts(document.headline)}.items():
            for name in named:
                self._named[field][name].append(self.documents)
        self.documents += 1
        return {
            **names,
            "stemmer": (stemmer,),
            "keywords": tuple(f"{stemmer}:{word}" for word in telling_words(weighed, stemmer)),
            "published": microseconds(document.published_at),
            "length": weighed.total(),
            "revision": document.revision,
        }

    def lists(self) -> Iterator[Listed]:
        """Every term of every field with its list, in the order of an index."""
        for field in NAMED:
            for name, documents in sorted(self._named[field].items()):
                ones = np.ones(len(documents), "<u2")
                listed = Postings(np.array(documents, "<u4"), ones, NOTHING.counts, NOTHING.positions)
                yield field, name.encode(), listed
        yield from self._of_words()

    def _read(self, document: Document, stemmer: str) -> Counter[str]:
        """Number a story's words; what each of its stems weighs."""
        if stemmer not in self._numbers:
            self._numbers[stemmer] = _Numbers(stemmer, self._terms)
        weighed = Counter[str]()
        for text, start, room, weight in zones(document):
            found = stems(text, stemmer)[:room]
            if found:
                self._words.extend(map(self._numbers[stemmer].__getitem__, found))
                self._zones.extend((self.documents, start, len(found), weight))
                weighed.update(found * weight)
        return weighed

    def _of_words(self) -> Iterator[Listed]:
        """Each stem's documents, what it weighs in each, how often it stands there, and where."""
        terms = sorted(self._terms)
        ranks = np.empty(len(terms), np.uint64)
        ranks[[self._terms[term] for term in terms]] = np.arange(len(terms))
        # Rank and place in one number: sorted, each term's words are together, in the order of reading.
        ordered = np.sort(ranks[np.array(self._words)] << _PLACE_BITS | np.arange(len(self._words), dtype=np.uint64))
        places, ranked = ordered & _PLACE, ordered >> _PLACE_BITS
        documents, starts_at, lengths, weights = np.array(self._zones, "<u4").reshape(-1, 4).T
        zone = np.repeat(np.arange(len(lengths)), lengths)[places]
        positions = ranges(starts_at, lengths)[places].astype("<u2")
        documents, weights = documents[zone], weights[zone]
        another = (np.diff(ranked, prepend=len(terms)) != 0) | (np.diff(documents, prepend=self.documents) != 0)
        first = np.flatnonzero(another)
        documents = documents[first]
        weights = np.add.reduceat(weights, first).astype("<u2") if len(first) else weights
        counts = np.diff(first, append=len(places)).astype("<u2")
        firsts = np.append(first, len(places))
        ends = np.searchsorted(ranked[first], np.arange(len(terms) + 1, dtype=np.uint64)).tolist()
        for term, (begin, end) in zip(terms, pairwise(ends), strict=True):
            there = slice(begin, end)
            at = positions[firsts[begin] : firsts[end]]
            yield "text", term.encode(), Postings(documents[there], weights[there], counts[there], at)


class _Numbers(dict[str, int]):
    """A number for each stem of one stemmer; ``terms`` are those of all, as the index writes them."""

    def __init__(self, stemmer: str, terms: dict[str, int]) -> None:
        super().__init__()
        self._stemmer, self._terms = stemmer, terms

    def __missing__(self, word: str) -> int:
        number = self[word] = self._terms.setdefault(f"{self._stemmer}:{word}", len(self._terms))
        return number
