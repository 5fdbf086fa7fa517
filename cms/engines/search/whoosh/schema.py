"""What the index keeps of a story, as fields of a Whoosh schema.

Every word of a story goes into one field, ``text``: BM25F in its first form, which weighs each zone's count
(a headline counts twice) and saturates the sum. One list for each word means one look-up for each word, exact
document counts, and phrases that may be looked for in all zones at once. A term is the stem with its stemmer
before it (``de:haus``), so that each story is matched by the rules of its own language and a word asked for
is simply looked up under each stemmer.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from whoosh.columns import Column
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence

from cms.engines.search.keywords import telling_words
from cms.engines.search.whoosh.columns import NumberColumn, StringsColumn
from cms.interfaces import Document
from cms.language import fold, stemmer_of, stems, words

VERSION = 2
HEADLINE_WEIGHT = 2
STANDFIRST_AT, NAMES_AT, NAME_APART, BODY_AT = 1_000, 2_000, 20, 4_000
SHORTEST_START, LONGEST_START = 3, 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Counted = tuple[int, "array[int]"]


class WordsField(FieldType):
    """Terms with weights and positions, counted before they come here."""

    def __init__(self) -> None:
        super().__init__(Existence(), None)

    def index(self, value: dict[str, Any], **_: Any) -> Iterator[tuple[bytes, int, int, bytes]]:
        for term, (weight, positions) in value.items():
            yield term.encode(), len(positions), weight, positions.tobytes()


class NamesField(FieldType):
    """Whole strings: looked up as terms (``terms``), counted as a column (``column``), or both."""

    def __init__(self, *, terms: bool = True, column: bool = True) -> None:
        super().__init__(Existence(), None)
        self.indexed = terms
        self.column_type = StringsColumn() if column else None

    def index(self, value: Iterable[str], **_: Any) -> Iterator[tuple[bytes, int, int, bytes]]:
        for name in dict.fromkeys(value):
            yield name.encode(), 1, 1, b""

    def to_column_value(self, value: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value))


class NumberField(FieldType):
    def __init__(self) -> None:
        super().__init__(Existence(), None)
        self.indexed = False
        self.column_type: Column = NumberColumn()

    def to_column_value(self, value: int) -> int:
        return value


SCHEMA = Schema(
    text=WordsField(),
    start=NamesField(column=False),
    article=NamesField(),
    sections=NamesField(),
    tags=NamesField(),
    authors=NamesField(),
    stemmer=NamesField(terms=False),
    keywords=NamesField(terms=False),
    published=NumberField(),
    length=NumberField(),
    revision=NumberField(),
)
STRING_COLUMNS = ("article", "sections", "tags", "authors", "stemmer", "keywords")
NUMBER_COLUMNS = ("published", "length", "revision")


def fields_of(document: Document) -> dict[str, Any]:
    """The values of one story for each field of the schema."""
    stemmer = stemmer_of(document.language)
    counted, length = _count(document, stemmer)
    return {
        "text": {f"{stemmer}:{word}": entry for word, entry in counted.items()},
        "start": {start for word, _, _ in words(document.headline) for start in starts(word)},
        "article": (document.article,),
        "sections": document.sections,
        "tags": document.tags,
        "authors": document.authors,
        "stemmer": (stemmer,),
        "keywords": _keywords(counted, stemmer),
        "published": microseconds(document.published_at),
        "length": length,
        "revision": document.revision,
    }


def starts(word: str) -> Iterator[str]:
    """The beginnings by which a headline's word may be found as it is typed."""
    letters = fold(word)
    for length in range(SHORTEST_START, min(len(letters), LONGEST_START) + 1):
        yield letters[:length]


def microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _count(document: Document, stemmer: str) -> tuple[dict[str, Counted], int]:
    """Each stem's weight and positions, and the story's weighted length."""
    counted: dict[str, list[Any]] = {}
    length = 0
    for text, start, room, weight in _zones(document):
        for position, word in enumerate(stems(text, stemmer, room), start):
            entry = counted.get(word)
            if entry is None:
                entry = counted[word] = [0, array("I")]
            entry[0] += weight
            entry[1].append(position)
            length += weight
    return {word: (weight, positions) for word, (weight, positions) in counted.items()}, length


def _zones(document: Document) -> Iterator[tuple[str, int, int | None, int]]:
    """Text, first position, room for words, weight. The gaps keep a phrase from running across zones."""
    yield document.headline, 0, STANDFIRST_AT - 1, HEADLINE_WEIGHT
    yield document.standfirst, STANDFIRST_AT, NAMES_AT - STANDFIRST_AT - 1, 1
    names = (*document.author_names, *document.tag_names)[: (BODY_AT - NAMES_AT) // NAME_APART]
    for place, name in enumerate(names):
        yield name, NAMES_AT + place * NAME_APART, NAME_APART - 1, 1
    yield document.body, BODY_AT, None, 1


def _keywords(counted: dict[str, Counted], stemmer: str) -> list[str]:
    """The terms that say most about a story, for finding others like it."""
    return [f"{stemmer}:{word}" for word in telling_words({w: entry[0] for w, entry in counted.items()}, stemmer)]
