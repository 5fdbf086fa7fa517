"""A search over a snapshot, by operations on whole arrays: exact totals, exact order, exact facets.

Nothing is pruned. Whoosh's own collector skips blocks that it thinks can't reach the top ten and loses better
hits in 4 of 220 real queries.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp2, log1p
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cms.engines.search.whoosh.columns import Integers
from cms.engines.search.whoosh.matching import Clause, Matches, carriers, clause_of, matches_of
from cms.engines.search.whoosh.schema import microseconds
from cms.engines.search.whoosh.segments import HALF_LIFE_US, Living, Segment, Snapshot
from cms.interfaces import Facets, Found, Hit, Query

SATURATION, LENGTH_SHARE = 1.2, 0.75
TIMELESS, FRESH = 0.4, 0.6
NAMED = ("sections", "tags", "authors")
Scores = NDArray[np.float64]


def search(
    snapshot: Snapshot,
    query: Query,
    *,
    now: datetime,
    sort: Literal["relevance", "newest"],
    offset: int,
    limit: int,
    facets: bool,
) -> Found:
    matched = _match(snapshot, query)
    instant = microseconds(now)
    scores = [_scores(part, snapshot, matched.rarities, instant) for part in matched.parts]
    total = sum(len(part.documents) for part in matched.parts)
    hits = _best(matched.parts, scores, sort, offset + limit)[offset:]
    return Found(hits=tuple(hits), total=total, facets=_facets(matched.parts) if facets else Facets())


@dataclass(frozen=True)
class Part:
    """A segment's matching documents, in order, with each clause's weight there (0: not matched)."""

    segment: Segment
    documents: Integers
    weights: list[Integers]


@dataclass(frozen=True)
class Matched:
    parts: list[Part]
    rarities: list[float]


def _match(snapshot: Snapshot, query: Query) -> Matched:
    every = [clause for asked in query.every if (clause := clause_of(asked)) is not None]
    without = [clause for asked in query.without if (clause := clause_of(asked)) is not None]
    found = [[matches_of(living.segment, clause).among(living.alive) for clause in every] for living in snapshot.living]
    counts = [sum(len(matches[place]) for matches in found) for place in range(len(every))]
    rarities = [rarity(snapshot.documents, count) for count in counts]
    parts = [_part(living, matches, without, query) for living, matches in zip(snapshot.living, found, strict=True)]
    return Matched([part for part in parts if len(part.documents)], rarities)


def rarity(documents: int, matching: int) -> float:
    return log1p((documents - matching + 0.5) / (matching + 0.5))


def _part(living: Living, matches: list[Matches], without: list[Clause], query: Query) -> Part:
    segment = living.segment
    documents = _candidates(living, matches, query.relaxed)
    documents = _filter(segment, documents, query)
    for clause in without:
        if len(documents):
            documents = documents[~matches_of(segment, clause).at(documents)[0]]
    return Part(segment, documents, [_aligned(one, documents) for one in matches])


def _candidates(living: Living, matches: list[Matches], relaxed: bool) -> Integers:
    if not matches:
        return np.arange(living.segment.size) if living.alive is None else np.flatnonzero(living.alive)
    if relaxed and len(matches) > 1:
        present = np.zeros(living.segment.size, np.bool_)
        for one in matches:
            present[one.documents] = True
        return np.flatnonzero(present)
    fewest, *others = sorted(matches, key=len)
    documents = fewest.documents
    for one in others:
        documents = documents[one.at(documents)[0]]
    return documents


def _filter(segment: Segment, documents: Integers, query: Query) -> Integers:
    for field, names in zip(NAMED, (query.sections, query.tags, query.authors), strict=True):
        for name in names:
            carrying = carriers(segment, field, name)
            documents = documents[Matches(carrying, carrying).at(documents)[0]]
    if query.since is not None:
        documents = documents[segment.published[documents] >= microseconds(query.since)]
    if query.before is not None:
        documents = documents[segment.published[documents] < microseconds(query.before)]
    return documents


def _aligned(matches: Matches, documents: Integers) -> Integers:
    if matches.documents is documents:
        return matches.weights
    present, weights = matches.at(documents)
    if len(weights) == len(documents):
        return weights
    aligned = np.zeros(len(documents), np.int64)
    aligned[present] = weights
    return aligned


def _scores(part: Part, snapshot: Snapshot, rarities: list[float], now: int) -> Scores:
    """BM25F × freshness; freshness alone when no word was asked for."""
    segment, documents = part.segment, part.documents
    fading = segment.fading[documents] * exp2(min((segment.newest - now) / HALF_LIFE_US, 900.0))
    freshness: Scores = TIMELESS + FRESH * np.minimum(fading, 1.0)
    if not rarities:
        return freshness
    lengths = segment.lengths[documents] / snapshot.average_length
    norms = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths)
    scores = np.zeros(len(documents))
    for rarity, weights in zip(rarities, part.weights, strict=True):
        scores += (rarity * (SATURATION + 1)) * weights / (weights + norms)
    return scores * freshness


def _best(parts: list[Part], scores: list[Scores], sort: Literal["relevance", "newest"], most: int) -> list[Hit]:
    """The first ``most`` hits: by score, then by date, then by their place in the index."""
    hits: list[Hit] = []
    for part, part_scores in zip(parts, scores, strict=True):
        published = part.segment.published[part.documents]
        keys = (published, part_scores) if sort == "relevance" else (part_scores, published)
        names = part.segment.strings["article"]
        for place in _top(keys, most).tolist():
            article = names[int(part.documents[place])][0]
            hits.append(Hit(article, float(part_scores[place]), _instant(int(published[place]))))
    if sort == "newest":
        hits.sort(key=lambda hit: (hit.published_at, hit.score), reverse=True)
    else:
        hits.sort(key=lambda hit: (hit.score, hit.published_at), reverse=True)
    return hits[:most]


def _top(keys: tuple[Integers | Scores, Integers | Scores], most: int) -> NDArray[np.intp]:
    """Places of the largest, by the last key first, as ``lexsort`` orders."""
    last = keys[-1]
    if most <= 0:
        return np.empty(0, np.intp)
    if len(last) > most:
        least = np.partition(last, len(last) - most)[len(last) - most]
        near = np.flatnonzero(last >= least)
    else:
        near = np.arange(len(last))
    return near[np.lexsort([key[near] for key in keys])[::-1]][:most]


def _facets(parts: list[Part]) -> Facets:
    counted: dict[str, Counter[str]] = {field: Counter() for field in (*NAMED, "years")}
    for part in parts:
        for field in NAMED:
            counted[field].update(part.segment.strings[field].counts(part.documents))
        years = np.bincount(part.segment.years[part.documents] - 1)
        counted["years"].update({str(year + 1): int(years[year]) for year in np.flatnonzero(years).tolist()})
    return Facets(**{field: dict(counts) for field, counts in counted.items()})


def _instant(published: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=published)
