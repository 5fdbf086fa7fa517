"""Which words of a text a query matched, as pieces that a template escapes by itself.

No markup is made here. A piece is ``(text, marked)``; joined together, the pieces are a part of the text,
letter for letter, so a highlight can neither cut through a tag nor bring one in.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from cms.domain.articles.body import plain_text
from cms.language import cut, fold, stemmer_of, stems_of

WINDOW = 240
LOOKED_AT = 50_000
_SPACE = re.compile(r"\s")
Piece = tuple[str, bool]


class Marker:
    """Finds a query's words in texts of one language.

    ``start``: what the last word may merely begin with. ``within``: a word that holds one is one too.
    """

    def __init__(self, terms: Iterable[str], language: str, start: str = "", *, within: bool = False) -> None:
        stems = stems_of(stemmer_of(language))
        asked = [found[1] for term in terms for found in cut(term)]
        self._asked = {stems[word] for word in asked}
        if within:
            self._stems: Mapping[str, str] = _Loosely(asked, stems, str.__contains__)
        else:
            self._stems = _Loosely([start], stems, str.startswith) if start else stems

    def mark(self, text: str) -> list[Piece]:
        """The whole text, its matching words marked."""
        return self._pieces(text, 0, len(text))

    def excerpt(self, text: str, window: int = WINDOW) -> list[Piece]:
        """About ``window`` characters with the most different matching words, cut between words.

        Looks at the first 50,000 characters, so that the longest story can't make a page of results slow.
        """
        text = text[:LOOKED_AT]
        start = self._best_start(text, window)
        return self._pieces(text, start, min(start + window, len(text)))

    def shown(self, standfirst: str, body_html: str) -> list[Piece]:
        """An excerpt of the standfirst; of the body when that has more of what was asked for."""
        standing = _part(standfirst, self.excerpt(standfirst))
        if self._different(standing) == len(self._asked):
            return standing
        body = plain_text(body_html)
        return max(standing, _part(body, self.excerpt(body)), key=self._different)

    def _best_start(self, text: str, window: int) -> int:
        """A little before the first match from which on the window holds the most different words."""
        best, most = 0, 0
        inside: deque[tuple[int, str]] = deque()
        for found in cut(text):
            stemmed = self._stems[found[1]]
            if stemmed not in self._asked:
                continue
            inside.append((found.start(), stemmed))
            while found.end(1) > inside[0][0] + window * 3 // 4 and len(inside) > 1:
                inside.popleft()
            different = len({each for _, each in inside})
            if different > most:
                best, most = inside[0][0], different
            if most == len(self._asked):
                break  # no window holds more, and the rest need not be read
        if best <= window // 2:
            return 0
        space = _SPACE.search(text, best - window // 4, best)
        return space.end() if space else best

    def _pieces(self, text: str, start: int, end: int) -> list[Piece]:
        """From ``start`` to ``end``, or to the last word that ends before it when the text goes on."""
        pieces: list[Piece] = []
        place = last = start
        for found in cut(text, start, end + 1):
            stop = found.end(1)
            if stop > end:
                break
            last = stop
            if self._stems[found[1]] in self._asked:
                pieces += [(text[place : found.start()], False)] * (found.start() > place)
                pieces.append((found[1], True))
                place = stop
        last = end if end == len(text) or last == start else last
        return pieces + [(text[place:last], False)] * (last > place)

    def _different(self, pieces: Iterable[Piece]) -> int:
        return len({self._stems[text] for text, marked in pieces if marked})


def _part(text: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces, with an ellipsis where the text goes on beyond them."""
    said = "".join(piece for piece, _marked in pieces)
    before, after = not text.startswith(said), not text.endswith(said)
    return [*[("… ", False)] * before, *pieces, *[(" …", False)] * after]


class _Loosely(dict[str, str]):
    """The stems of a page's words, but for a word that holds what was typed, or begins with it: that one has the typed
    word's. ``holds`` says whether a word does."""

    def __init__(self, typed: Iterable[str], stems: Mapping[str, str], holds: Callable[[str, str], bool]) -> None:
        super().__init__()
        self._typed, self._stems, self._holds = [(fold(word), stems[word]) for word in typed], stems, holds

    def __missing__(self, word: str) -> str:
        folded = fold(word)
        held = (stemmed for typed, stemmed in self._typed if self._holds(folded, typed))
        stemmed = self[word] = next(held, None) or self._stems[word]
        return stemmed
