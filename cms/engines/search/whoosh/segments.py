"""What a search looks at: opened segments, and a snapshot of them at one generation.

A segment's files never change, so one opened segment serves every thread and every later generation; a commit
adds segments and marks documents dead. Only the marks are read anew.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from cms.engines.search.whoosh.state import State, checksums

TERMS_REMEMBERED = 4_096
CHECKED_WHEN_OPENED = 1_048_576
HALF_LIFE_US = 30 * 86_400 * 1_000_000
_ATTEMPTS = 10


class Terms:
    """A segment's terms and where their postings lie."""

    def __init__(self, reader: Any, size: int) -> None:
        self._reader = reader
        self._size = size

    def postings(self, field: str, term: str) -> Postings:
        try:
            found = self._reader.term_info(field, term.encode())
        except (TermNotFound, KeyError):
            return NOTHING
        return self.at(found)

    def at(self, found: Any) -> Postings:
        start, (length,) = found.extent()  # read back, the length comes as a tuple
        postings = Postings.read(self._reader._postfile.view(start, length))
        if int(postings.documents[-1]) >= self._size:
            raise ValueError("a term names a document that the segment does not have")
        return postings

    def __iter__(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """((field, term), where), in order."""
        return iter(self._reader.items())


class Segment:
    """One segment's terms and columns. Safe for any number of threads: nothing in it moves after opening."""

    def __init__(self, path: Path, listed: Any) -> None:
        self.name: str = listed.segment_id()
        self.path = path
        self.size: int = listed.doc_count_all()
        files = SegmentFiles(path)
        self._mapped = files.mapped
        self.terms = Terms(listed.codec().terms_reader(files, listed), self.size)
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
        # The cache must not refer to the segment: a circle would keep its file open until it is collected.
        self.postings = lru_cache(maxsize=TERMS_REMEMBERED)(self.terms.postings)

    def is_cut_short(self) -> bool:
        """Whether its file has less than was mapped. Reading what is missing would kill the process."""
        return self._mapped.size() < len(self._mapped)

    def place_of(self, article: str) -> int | None:
        documents = self.postings("article", article).documents
        return int(documents[-1]) if len(documents) else None

    def holds(self) -> Iterator[tuple[str, int]]:
        """Each document's article and revision, in order, dead ones too."""
        named = self.strings["article"]
        articles = (named.strings[ordinal] for ordinal in named.ordinals.tolist())
        return zip(articles, self.numbers["revision"].array.tolist(), strict=True)

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

    @property
    def opened(self) -> dict[str, Segment]:
        return {living.segment.name: living.segment for living in self.living}

    def is_cut_short(self) -> bool:
        return any(living.segment.is_cut_short() for living in self.living)

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


def contents(directory: Path) -> Path:
    """Whoosh's list of the newest generation."""
    generation = TOC._latest_generation(FileStorage(str(directory)), _DEF_INDEX_NAME)
    return directory / TOC._filename(_DEF_INDEX_NAME, generation)


def listed_segments(path: Path) -> list[Any]:
    """The segments in such a list. Raises anything at all when it is damaged."""
    generation = int(path.stem.rpartition("_")[2])
    storage = FileStorage(str(path.parent))
    listed: list[Any] = TOC.read(storage, _DEF_INDEX_NAME, generation, schema=SCHEMA).segments
    return listed


def file_of(directory: Path, listed: Any) -> Path:
    return directory / str(listed.make_filename(listed.COMPOUND_EXT))


def verify(state: State, path: Path, *, largest: int | None = None) -> None:
    """Raise ValueError unless a file is what was written. Files above ``largest`` bytes: the size alone."""
    if path.name not in state.files:  # of a commit whose process was killed before it could note this
        return
    size, expected = state.files[path.name]
    actual = path.stat().st_size
    if actual != size or ((largest is None or size <= largest) and checksums(path)[1] != expected):
        raise ValueError(f"{path.name} is damaged")


def _take(state: State, opened: dict[str, Segment]) -> Snapshot:
    newest = contents(state.directory)
    verify(state, newest)
    living = []
    for listed in listed_segments(newest):
        segment = opened.get(listed.segment_id())
        if segment is None:
            path = file_of(state.directory, listed)
            verify(state, path, largest=CHECKED_WHEN_OPENED)
            segment = Segment(path, listed)
        living.append(_living(segment, listed))
    return snapshot_of(state, living)


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
