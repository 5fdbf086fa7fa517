"""The order of the Whoosh index's answers, held against the formula worked out story by story."""

from __future__ import annotations

from dataclasses import replace
from math import log1p
from pathlib import Path

import pytest

from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Document, Query, Removal
from cms.language import words
from tests.engines.searching import NOW, find, matching, queries, stories, weight


def test_the_top_ten_is_that_of_scoring_every_story(tmp_path: Path) -> None:
    """BM25F (headline twice) × freshness, whatever the segments and the dead among them."""
    index = WhooshIndex(tmp_path / "index")
    pool = list(stories(240))
    index.rebuild((replace(one, headline="old words") for one in pool[:200]), 1)
    for cursor in range(8):
        index.apply([*pool[cursor * 30 : cursor * 30 + 30], Removal(f"story-{cursor}")], cursor)
    model = pool[8:]
    excluded = frozenset({"story-20", "story-230"})
    for query in queries(120, seed=8):
        found = find(index, query, exclude=excluded)
        expected = _scored([one for one in model if one.article not in excluded], query)
        assert [hit.score for hit in found.hits] == pytest.approx([score for score, _ in expected[:10]]), query
        assert [hit.article for hit in found.hits] == [article for _, article in expected[:10]], query


def _scored(model: list[Document], query: Query) -> list[tuple[float, str]]:
    average = sum(map(_length, model)) / len(model)
    rarities = []
    for asked in query.every:
        carrying = sum(weight(one, asked) > 0 for one in model)
        rarities.append(log1p((len(model) - carrying + 0.5) / (carrying + 0.5)))
    scored = []
    for one in matching(model, query).values():
        norm = 1.2 * (0.25 + 0.75 * _length(one) / average)
        weights = [weight(one, asked) for asked in query.every]
        relevance = sum(r * 2.2 * w / (w + norm) for r, w in zip(rarities, weights, strict=True))
        age = (NOW - one.published_at).total_seconds() / 86_400
        scored.append(((relevance if query.every else 1) * (0.4 + 0.6 * 2 ** (-age / 30)), one.article))
    return sorted(scored, reverse=True)


def _length(one: Document) -> int:
    zones = [one.headline, one.headline, one.standfirst, one.body, *one.author_names, *one.tag_names]
    return sum(len(list(words(zone))) for zone in zones)
