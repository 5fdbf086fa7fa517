"""What a search looks at: opened segments, and a snapshot of them at one generation.

A segment's files never change, so one opened segment serves every thread and every later generation; a commit
adds segments and marks documents dead. Only the marks are read anew.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.index import _DEF_INDEX_NAME, TOC
from whoosh.reading import TermNotFound

from cms.engines.search.whoosh.columns import Numbers, Strings
from cms.engines.search.whoosh.opening import SegmentFiles
from cms.engines.search.whoosh.postings import NOTHING, Postings
from cms.engines.search.whoosh.schema import NUMBER_COLUMNS, SCHEMA, STRING_COLUMNS
from cms.engines.search.whoosh.state import State

TERMS_REMEMBERED = 4_096
CHECKED_WHEN_OPENED = 1_048_576
HALF_LIFE_US = 30 * 86_400 * 1_000_000
_ATTEMPTS = 10


class Segment:
    """One segment's terms and columns. Safe for any number of threads: nothing in it moves after opening."""

    def __init__(self, directory: Path, listed: Any) -> None:
        self.name: str = listed.segment_id()
        self.path = directory / listed.make_filename(listed.COMPOUND_EXT)
        self.size: int = listed.doc_count_all()
        files = SegmentFiles(self.path)
        self.terms = listed.codec().terms_reader(files, listed)
        self._postings_file = self.terms._postfile
        perdoc = listed.codec().per_document_reader(files, listed)
        self.strings: dict[str, Strings] = {
            name: perdoc.column_reader(name, SCHEMA[name].column_type) for name in STRING_COLUMNS
        }
        self.numbers: dict[str, Numbers] = {
            name: perdoc.column_reader(name, SCHEMA[name].column_type) for name in NUMBER_COLUMNS
        }
        self.stemmers = self.strings["stemmer"].strings
        self.published = self.numbers["published"].array
        self.lengths = self.numbers["length"].array
        self.postings = lru_cache(maxsize=TERMS_REMEMBERED)(self._read_postings)

    def _read_postings(self, field: str, term: str) -> Postings:
        try:
            found = self.terms.term_info(field, term.encode())
        except (TermNotFound, KeyError):
            return NOTHING
        return self.postings_at(found)

    def postings_at(self, found: Any) -> Postings:
        start, (length,) = found.extent()  # read back, the length comes as a tuple
        postings = Postings.read(self._postings_file.view(start, length))
        if int(postings.documents[-1]) >= self.size:
            raise ValueError(f"{self.name} names a document it does not have")
        return postings

    def place_of(self, article: str) -> int | None:
        documents = self.postings("article", article).documents
        return int(documents[-1]) if len(documents) else None

    @cached_property
    def newest(self) -> int:
        return int(self.published.max())

    @cached_property
    def fading(self) -> NDArray[np.float64]:
        """2^(-age / 30 days), the age counted from the segment's newest story."""
        return np.exp2((self.published - self.newest) / HALF_LIFE_US)

    @cached_property
    def years(self) -> NDArray[np.int64]:
        return self.published.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970


@dataclass(frozen=True)
class Living:
    """A segment and which of its documents are alive (None: all of them)."""

    segment: Segment
    alive: NDArray[np.bool_] | None
    count: int
    total_length: int


@dataclass(frozen=True)
class Snapshot:
    """The index at one generation. Never changes; a search keeps the one it began with."""

    state: State
    living: tuple[Living, ...]
    documents: int
    average_length: float

    def without(self, articles: frozenset[str]) -> Snapshot:
        """The same with these articles dead, so that no total, facet or word count knows them."""
        if not articles:
            return self
        return snapshot_of(self.state, [_less(one, articles) for one in self.living])


def take_snapshot(state: State, opened: dict[str, Segment]) -> Snapshot:
    """Read the newest generation, opening only segments that ``opened`` doesn't have.

    A writer may delete a file between our reading of the list and our opening of it; then there is a newer
    list, and we read that.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _take(state, opened)
        except FileNotFoundError:
            continue
    return _take(state, opened)


def snapshot_of(state: State, living: list[Living]) -> Snapshot:
    documents = sum(one.count for one in living)
    length = sum(one.total_length for one in living)
    return Snapshot(state, tuple(living), documents, max(length / documents, 1.0) if documents else 1.0)


def listed_segments(directory: Path) -> list[Any]:
    """The segments of the newest generation, as Whoosh lists them. Raises anything when damaged."""
    listed: list[Any] = TOC.read(FileStorage(str(directory)), _DEF_INDEX_NAME, schema=SCHEMA).segments
    return listed


def checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            value = zlib.crc32(piece, value)
    return value


def _take(state: State, opened: dict[str, Segment]) -> Snapshot:
    living = []
    for listed in listed_segments(state.directory):
        name = listed.segment_id()
        segment = opened.get(name)
        if segment is None:
            segment = _open(state, listed)
        living.append(_living(segment, listed))
    return snapshot_of(state, living)


def _open(state: State, listed: Any) -> Segment:
    segment_path = state.directory / listed.make_filename(listed.COMPOUND_EXT)
    size = segment_path.stat().st_size
    known = state.segments.get(listed.segment_id())
    if known is not None and known[0] != size:
        raise ValueError(f"{segment_path.name} has {size} bytes, not {known[0]}")
    if known is not None and size <= CHECKED_WHEN_OPENED and checksum(segment_path) != known[1]:
        raise ValueError(f"{segment_path.name} is damaged")
    return Segment(state.directory, listed)


def _living(segment: Segment, listed: Any) -> Living:
    dead = np.fromiter(listed.deleted_docs(), np.int64, listed.deleted_count())
    if not len(dead):
        return Living(segment, None, segment.size, int(segment.lengths.sum()))
    alive = np.ones(segment.size, np.bool_)
    alive[dead] = False
    return Living(segment, alive, int(alive.sum()), int(segment.lengths[alive].sum()))


def _less(one: Living, articles: frozenset[str]) -> Living:
    places = [place for article in articles if (place := one.segment.place_of(article)) is not None]
    places = [place for place in places if one.alive is None or one.alive[place]]
    if not places:
        return one
    alive = np.ones(one.segment.size, np.bool_) if one.alive is None else one.alive.copy()
    alive[places] = False
    length = one.total_length - int(one.segment.lengths[places].sum())
    return Living(one.segment, alive, one.count - len(places), length)
