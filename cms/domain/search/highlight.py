"""Which words of a text a query matched, as pieces that a template escapes by itself.

No markup is made here. A piece is ``(text, marked)``; joined together, the pieces are a part of the text,
letter for letter, so a highlight can neither cut through a tag nor bring one in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cms.language import fold, stem, stemmer_of, words

WINDOW = 240
LOOKED_AT = 50_000
Piece = tuple[str, bool]


class Marker:
    """Finds a query's words in texts of one language. ``start``: what the last word may merely begin with."""

    def __init__(self, terms: Iterable[str], language: str, start: str = "") -> None:
        self._stemmer = stemmer_of(language)
        self._stems = {stem(word, self._stemmer) for term in terms for word, _, _ in words(term)}
        self._start = fold(start)
        self._known: dict[str, str | None] = {}

    def mark(self, text: str) -> list[Piece]:
        """The whole text, its matching words marked."""
        return _pieces(text, self._spans(text), 0, len(text))

    def excerpt(self, text: str, window: int = WINDOW) -> list[Piece]:
        """About ``window`` characters with the most different matching words, cut between words.

        Looks at the first 50,000 characters, so that the longest story can't make a page of results slow.
        """
        text = text[:LOOKED_AT]
        spans = self._spans(text)
        start = self._best_start(text, spans, window)
        end = start + window
        if end < len(text):
            end = start + max((stop for _, _, stop in words(text[start:end]) if start + stop < end), default=window)
        return _pieces(text, spans, start, min(end, len(text)))

    def _spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where each matching word begins and ends, and its stem."""
        found = []
        for word, begin, end in words(text):
            stemmed = self._matched(word)
            if stemmed is not None:
                found.append((begin, end, stemmed))
        return found

    def _matched(self, word: str) -> str | None:
        """Its stem, if it is one that was looked for; worked out once for each of a page's different words."""
        try:
            return self._known[word]
        except KeyError:
            stemmed = stem(word, self._stemmer)
            marked = stemmed in self._stems or (self._start and fold(word).startswith(self._start))
            self._known[word] = found = stemmed if marked else None
            return found

    def _best_start(self, text: str, spans: list[tuple[int, int, str]], window: int) -> int:
        """A little before the match from which on the window holds the most different words."""
        best, most = 0, 0
        inside: Counter[str] = Counter()
        first = 0
        for _, end, stemmed in spans:
            inside[stemmed] += 1
            while end > spans[first][0] + window * 3 // 4 and spans[first][1] < end:
                inside -= Counter((spans[first][2],))
                first += 1
            if len(inside) > most:
                best, most = spans[first][0], len(inside)
        if not most or best < window // 2:
            return 0
        return next(begin for _, begin, _ in words(text) if begin >= best - window // 4)


def _pieces(text: str, spans: list[tuple[int, int, str]], start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = []
    place = start
    for begin, stop, _ in spans:
        if begin < place or stop > end:
            continue
        if begin > place:
            pieces.append((text[place:begin], False))
        pieces.append((text[begin:stop], True))
        place = stop
    if place < end:
        pieces.append((text[place:end], False))
    return pieces
