"""Stories like a story: those that share its most telling words."""

from __future__ import annotations

import numpy as np

from cms.engines.search.whoosh.executor import SATURATION, rarity
from cms.engines.search.whoosh.matching import Matches
from cms.engines.search.whoosh.segments import Living, Snapshot

TELLING = 12
SHARED_AT_LEAST = 2


def similar(snapshot: Snapshot, article: str, limit: int) -> list[str]:
    keywords = _keywords(snapshot, article)
    found = {word: [_matches(living, word) for living in snapshot.living] for word in keywords}
    rarities = {word: rarity(snapshot.documents, sum(map(len, matches))) for word, matches in found.items()}
    telling = sorted(rarities, key=lambda word: (-rarities[word], word))[:TELLING]
    scored: list[tuple[float, str]] = []
    for place, living in enumerate(snapshot.living):
        scores, shared = np.zeros(living.segment.size), np.zeros(living.segment.size, np.int64)
        for word in telling:
            matches = found[word][place]
            scores[matches.documents] += rarities[word] * matches.weights / (matches.weights + SATURATION)
            shared[matches.documents] += 1
        near = np.flatnonzero(shared >= SHARED_AT_LEAST)
        best = near[np.argsort(-scores[near], kind="stable")][: limit + 1]
        names = living.segment.strings["article"]
        scored += [(float(scores[document]), names[document][0]) for document in best.tolist()]
    scored.sort(key=lambda one: (-one[0], one[1]))
    return [name for _, name in scored if name != article][:limit]


def _keywords(snapshot: Snapshot, article: str) -> tuple[str, ...]:
    for living in snapshot.living:
        place = living.segment.place_of(article)
        if place is not None and (living.alive is None or living.alive[place]):
            return living.segment.strings["keywords"][place]
    return ()


def _matches(living: Living, term: str) -> Matches:
    postings = living.segment.postings("text", term)
    return Matches(postings.documents, postings.weights).among(living.alive)
