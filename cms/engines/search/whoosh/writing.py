"""Commits: one batch, one new segment, old versions marked dead by their own number.

Whoosh's ``update_document`` opens the whole index to find the old version; we look the number up in segments
that are open already. No commit merges by itself: that is for ``merging``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from cms.engines.search.whoosh.inverting import Inverted, Listed
from cms.engines.search.whoosh.postings import ArrayCodec
from cms.engines.search.whoosh.schema import SCHEMA
from cms.engines.search.whoosh.segments import Segment, contents, file_of, listed_segments
from cms.engines.search.whoosh.state import Checksums, State, checksums, sync, write_state
from cms.interfaces import Document, Removal

Change = Document | Removal


def apply(state: State, opened: Mapping[str, Segment], batch: Sequence[Change], cursor: int) -> None:
    """Commit a batch to a build whose segments are all in ``opened``, and note the cursor."""
    latest = {change.article: change for change in batch}
    with writer(state.directory) as open_writer:
        for number in _numbers(open_writer, opened, latest):
            open_writer.delete_document(number)
        add(open_writer, (change for change in latest.values() if isinstance(change, Document)))
        open_writer.commit(merge=False)
    settle(state.directory, cursor, state.files)


def add(open_writer: SegmentWriter, documents: Iterable[Document], *, words: int | None = None) -> None:
    """Put documents into the writer's new segment: all, or until they have so many words."""
    inverted = Inverted()
    for document in documents:
        put_columns(open_writer, inverted.add(document))
        if words is not None and inverted.words >= words:
            break
    put_lists(open_writer, inverted.lists())


def put_columns(open_writer: SegmentWriter, columns: Mapping[str, Any]) -> None:
    """Write the next document's columns."""
    target = open_writer.perdocwriter
    target.start_doc(open_writer.docnum)
    for name, value in columns.items():
        target.add_column_value(name, SCHEMA[name].column_type, value)
    target.finish_doc()
    open_writer.docnum += 1
    open_writer._added = True


def put_lists(open_writer: SegmentWriter, lists: Iterable[Listed]) -> None:
    """Write the lists of all terms, which come in order."""
    target = open_writer.fieldwriter
    for field, of_field in groupby(lists, key=itemgetter(0)):
        target.start_field(field, SCHEMA[field])
        for _, term, postings in of_field:
            target.start_term(term)
            target._postwriter.add_whole(postings)
            target.finish_term()
        target.finish_field()


@contextmanager
def writer(directory: Path) -> Iterator[SegmentWriter]:
    """A Whoosh writer that is given up, with whatever it had written, when the block fails."""
    open_writer = SegmentWriter(FileIndex(FileStorage(str(directory)), schema=SCHEMA), codec=ArrayCodec())
    try:
        yield open_writer
    except BaseException:
        if not open_writer.is_closed:
            open_writer.cancel()
        raise


def settle(directory: Path, cursor: int, known: Checksums) -> None:
    """Make the newest generation durable (Whoosh never syncs), then tell readers of it."""
    newest = contents(directory)
    files: dict[str, tuple[int, int]] = {}
    for path in [newest, *(file_of(directory, listed) for listed in listed_segments(newest))]:
        if path.name in known:
            files[path.name] = known[path.name]
        else:
            sync(path)
            files[path.name] = checksums(path)
    write_state(directory, cursor, files)


def _numbers(open_writer: SegmentWriter, opened: Mapping[str, Segment], articles: Iterable[str]) -> Iterator[int]:
    """Whoosh's numbers of the living documents of these articles."""
    first = 0
    for listed in open_writer.segments:
        segment = opened[listed.segment_id()]
        for article in articles:
            place = segment.place_of(article)
            if place is not None and not listed.is_deleted(place):
                yield first + place
        first += listed.doc_count_all()
