"""The order of the Whoosh index's answers, held against the formula worked out story by story."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Removal
from tests.engines.searching import find, queries, scored, stories


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
        expected = scored([one for one in model if one.article not in excluded], query)
        assert [hit.score for hit in found.hits] == pytest.approx([score for score, _ in expected[:10]]), query
        assert [hit.article for hit in found.hits] == [article for _, article in expected[:10]], query
