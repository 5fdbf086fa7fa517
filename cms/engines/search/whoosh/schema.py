"""What the index keeps of a story, as fields of a Whoosh schema.

Every word of a story goes into one field, ``text``: BM25F in its first form, which weighs each zone's count
(a headline counts twice) and saturates the sum. One list for each word means one look-up for each word, exact
document counts, and phrases that may be looked for in all zones at once. A term is the stem with its stemmer
before it (``de:haus``), so that each story is matched by the rules of its own language and a word asked for
is simply looked up under each stemmer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from whoosh.columns import Column
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence

from cms.engines.search.whoosh.columns import NumberColumn, StringsColumn
from cms.interfaces import Document
from cms.language import fold, words

VERSION = 3
HEADLINE_WEIGHT = 2
STANDFIRST_AT, NAMES_AT, NAME_APART, BODY_AT = 1_000, 2_000, 20, 4_000
BODY_WORDS = 60_000
"""What is indexed of a body. So a position, like the count of a word or its weight, is a number of 16 bits."""

SHORTEST_START, LONGEST_START = 3, 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Field(FieldType):
    """Terms (``inverting`` makes their lists), a column, or both."""

    def __init__(self, column: Column | None = None) -> None:
        super().__init__(Existence(), None)
        self.column_type = column


SCHEMA = Schema(
    text=Field(),
    start=Field(),
    article=Field(StringsColumn()),
    sections=Field(StringsColumn()),
    tags=Field(StringsColumn()),
    authors=Field(StringsColumn()),
    stemmer=Field(StringsColumn()),
    keywords=Field(StringsColumn()),
    published=Field(NumberColumn()),
    length=Field(NumberColumn()),
    revision=Field(NumberColumn()),
)
STRING_COLUMNS = ("article", "sections", "tags", "authors", "stemmer", "keywords")
NUMBER_COLUMNS = ("published", "length", "revision")


def zones(document: Document) -> Iterator[tuple[str, int, int, int]]:
    """Text, first position, room for words, weight. The gaps keep a phrase from running across zones."""
    yield document.headline, 0, STANDFIRST_AT - 1, HEADLINE_WEIGHT
    yield document.standfirst, STANDFIRST_AT, NAMES_AT - STANDFIRST_AT - 1, 1
    names = (*document.author_names, *document.tag_names)[: (BODY_AT - NAMES_AT) // NAME_APART]
    for place, name in enumerate(names):
        yield name, NAMES_AT + place * NAME_APART, NAME_APART - 1, 1
    yield document.body, BODY_AT, BODY_WORDS, 1


def starts(headline: str) -> set[str]:
    """The beginnings by which a headline's words may be found as they are typed."""
    folded = [fold(word)[:LONGEST_START] for word, _, _ in words(headline)]
    return {word[:length] for word in folded for length in range(SHORTEST_START, len(word) + 1)}


def microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
