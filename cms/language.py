"""Words and stems, the same for the search index, the highlights and the query.

"running" must find "run" and "Müller" must be found by "muller", and a highlight must mark exactly what the
index matched. That holds only while all three cut and stem text here. The stemmers are Whoosh's Snowball
stemmers; a language without one gets lower case and folded accents.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

from whoosh.lang import has_stopwords, stemmer_for_language, stopwords_for_language

STEMMED = frozenset({"da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ro", "ru", "sv"})
LONGEST_WORD = 64
WORDS_REMEMBERED = 65_536

_SAME_STEMMER = {"nb": "no", "nn": "no"}
# Chinese and Japanese put no spaces between words, so each character is a word and a run of them a phrase.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Possessive (``++``): the cutter never goes back, which is half of its speed.
_WORD = re.compile(rf"([{_UNSPACED}]|(?:[^\W_{_UNSPACED}]++[\u0300-\u036f]*+)++)(?:['’][sS]\b)?")
_NOT_DECOMPOSED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def stemmer_of(language: str) -> str:
    """The stemmer for a language tag: ``en-GB`` gives ``en``; ``""`` when there is none for it."""
    base = language.replace("_", "-").split("-")[0].lower()
    base = _SAME_STEMMER.get(base, base)
    return base if base in STEMMED else ""


def cut(text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
    """Each word as the first group of a match. A possessive 's belongs to no word."""
    return _WORD.finditer(text, start, end)


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word with where it starts and ends."""
    for found in cut(text):
        yield found[1], *found.span(1)


def stems(text: str, stemmer: str) -> list[str]:
    """The stems of a text's words, in order."""
    return list(map(stems_of(stemmer).__getitem__, _WORD.findall(text)))


def stem(word: str, stemmer: str) -> str:
    """What a word is matched by: its stem by that stemmer, without accents, in lower case."""
    return stems_of(stemmer)[word]


class _Stems(dict[str, str]):
    """The stems of words, each worked out once; forgotten all together when there are too many."""

    def __init__(self, stemmer: str) -> None:
        super().__init__()
        self._stemmer = stemmer

    def __missing__(self, word: str) -> str:
        if len(self) >= WORDS_REMEMBERED:
            self.clear()
        self[word] = stemmed = _stem(word, self._stemmer)
        return stemmed


@cache
def stems_of(stemmer: str) -> Mapping[str, str]:
    """Every word's stem, worked out when it is first asked for."""
    return _Stems(stemmer)


def _stem(word: str, stemmer: str) -> str:
    lower = unicodedata.normalize("NFKC", word[:LONGEST_WORD]).casefold()
    if not stemmer:
        return fold(lower)
    try:
        return fold(_stemmer(stemmer)(lower))
    except IndexError:  # some Snowball stemmers trip over words that their language can't have
        return fold(lower)


@lru_cache(maxsize=WORDS_REMEMBERED)
def fold(word: str) -> str:
    """Lower case without accents, for words whose beginning is matched as it is typed."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain.translate(_NOT_DECOMPOSED)


@cache
def commonplace(stemmer: str) -> frozenset[str]:
    """Stems of a language's commonest words, which say nothing about what a story is about; none are known of some."""
    if not has_stopwords(stemmer):
        return frozenset()
    return frozenset(stem(word, stemmer) for word in stopwords_for_language(stemmer))


@cache
def _stemmer(stemmer: str) -> Callable[[str], str]:
    found: Callable[[str], str] = stemmer_for_language(stemmer)
    return found
