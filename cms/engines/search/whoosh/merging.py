"""Fewer segments, by joining arrays.

Whoosh merges posting by posting. Here each term's documents are renumbered and joined as arrays, which also
leaves out everything that is dead: after a rewrite no withdrawn word is left in the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.writing import SegmentWriter

from cms.engines.search.whoosh.columns import ranges
from cms.engines.search.whoosh.inverting import Listed
from cms.engines.search.whoosh.postings import Postings
from cms.engines.search.whoosh.schema import NUMBER_COLUMNS, STRING_COLUMNS
from cms.engines.search.whoosh.segments import Segment, Snapshot
from cms.engines.search.whoosh.state import State
from cms.engines.search.whoosh.writing import put_columns, put_lists, settle, writer

CLASS_RATIO = 8
TOGETHER = 4
TOO_MANY = 16
DEAD = -1
Renumbering = NDArray[np.int64]


def due(snapshot: Snapshot) -> list[set[str]]:
    """Groups of segments worth joining: four of a size class, or one that is mostly dead."""
    classes: dict[int, set[str]] = {}
    for living in snapshot.living:
        size_class = 0
        while CLASS_RATIO ** (size_class + 1) <= living.count:
            size_class += 1
        classes.setdefault(size_class, set()).add(living.segment.name)
    groups = [names for names in classes.values() if len(names) >= TOGETHER]
    grouped = set().union(*groups)
    wasted = [one.segment for one in snapshot.living if 2 * one.count <= one.segment.size]
    return groups + [{segment.name} for segment in wasted if segment.name not in grouped]


def too_many(snapshot: Snapshot) -> set[str]:
    """Every segment but the largest few, once there are more than searches should have to visit."""
    if len(snapshot.living) <= TOO_MANY:
        return set()
    by_size = sorted(snapshot.living, key=lambda one: one.count)
    return {one.segment.name for one in by_size[: -(TOGETHER - 1)]}


def with_dead(snapshot: Snapshot) -> set[str]:
    return {one.segment.name for one in snapshot.living if one.alive is not None}


def join(state: State, opened: Mapping[str, Segment], names: set[str]) -> None:
    """Rewrite these segments as one, without their dead."""
    with writer(state.directory) as open_writer:
        open_writer.commit(mergetype=partial(_join, opened=opened, names=names))
    settle(state.directory, state.cursor, state.files)


def _join(
    open_writer: SegmentWriter, listed: list[Any], *, opened: Mapping[str, Segment], names: set[str]
) -> list[Any]:
    """A Whoosh merge policy: writes the new segment and answers with the segments that stay."""
    sources = []
    for one in listed:
        if one.segment_id() in names:
            segment = opened[one.segment_id()]
            sources.append((segment, _copy_columns(open_writer, segment, one)))
    if open_writer.docnum:
        put_lists(open_writer, _lists(sources))
    return [one for one in listed if one.segment_id() not in names]


def _copy_columns(open_writer: SegmentWriter, segment: Segment, listed: Any) -> Renumbering:
    """Copy what is alive, and say under which number each document goes on."""
    renumbering: Renumbering = np.full(segment.size, DEAD)
    columns: list[tuple[str, Any]] = [
        *((name, segment.strings[name]) for name in STRING_COLUMNS),
        *((name, segment.numbers[name]) for name in NUMBER_COLUMNS),
    ]
    for document in range(segment.size):
        if not listed.is_deleted(document):
            renumbering[document] = open_writer.docnum
            put_columns(open_writer, {name: column[document] for name, column in columns})
    return renumbering


def _lists(sources: Sequence[tuple[Segment, Renumbering]]) -> Iterator[Listed]:
    streams = [_terms(place, segment) for place, (segment, _) in enumerate(sources)]
    for (field, term), entries in groupby(merge(*streams), key=itemgetter(0, 1)):
        lists = [_renumbered(sources[place][0].terms.at(info), sources[place][1]) for _, _, place, info in entries]
        lists = [postings for postings in lists if len(postings)]
        if lists:
            yield field, term, _joined(lists)


def _terms(place: int, segment: Segment) -> Iterator[tuple[str, bytes, int, Any]]:
    for (field, term), info in segment.terms:
        yield field, term, place, info


def _renumbered(postings: Postings, renumbering: Renumbering) -> Postings:
    documents = renumbering[postings.documents]
    kept = documents != DEAD
    if kept.all():
        return Postings(documents, postings.weights, postings.counts, postings.positions)
    positions = postings.positions
    counts = postings.counts
    if len(counts):
        positions = positions[ranges(postings.starts()[kept], counts[kept])]
        counts = counts[kept]
    return Postings(documents[kept], postings.weights[kept], counts, positions)


def _joined(lists: list[Postings]) -> Postings:
    if len(lists) == 1:
        return lists[0]
    return Postings(
        np.concatenate([postings.documents for postings in lists]),
        np.concatenate([postings.weights for postings in lists]),
        np.concatenate([postings.counts for postings in lists]),
        np.concatenate([postings.positions for postings in lists]),
    )
