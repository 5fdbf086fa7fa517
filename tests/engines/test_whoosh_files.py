"""What the Whoosh index promises of its files."""

from __future__ import annotations

import gc
import os
import random
import stat
from pathlib import Path

import pytest

from cms.engines.search.whoosh import rebuilding
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import IndexUnusable, Phrase, Query, Removal
from tests.engines.searching import find, found_ids, matching, model_of, queries, stories, story


@pytest.fixture
def index(tmp_path: Path) -> WhooshIndex:
    opened = WhooshIndex(tmp_path / "index")
    opened.rebuild([], 0)
    return opened


def test_a_damaged_file_is_found_out_and_a_rebuild_mends_it(tmp_path: Path) -> None:
    pool = list(stories(30))
    dice = random.Random(6)
    WhooshIndex(tmp_path / "index").rebuild(pool, 1)
    for place in range(3):
        for spoil in (_cut, _flip, _flip, _flip, _empty, None):
            index = WhooshIndex(tmp_path / "index")
            index.rebuild(pool, 1)
            assert find(index, Query()).total == 30
            files = sorted(path for path in (tmp_path / "index" / "current").iterdir() if path.stat().st_size)
            assert len(files) == 3
            if spoil is None:
                files[place].unlink()
            else:
                fresh = tmp_path / "spoilt"  # never cut a file that is mapped
                fresh.write_bytes(spoil(files[place].read_bytes(), dice))
                fresh.replace(files[place])
            assert not index.health().ok
            with pytest.raises(IndexUnusable):
                find(WhooshIndex(tmp_path / "index"), Query())


def _cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(1, len(content))]


def _flip(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def _empty(content: bytes, dice: random.Random) -> bytes:
    return b""


def test_a_build_of_more_than_is_held_in_memory_is_one_segment_all_the_same(
    index: WhooshIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "WORDS_AT_ONCE", 400)
    pool = model_of(stories(60))
    index.rebuild(pool.values(), 1)
    assert index.health().segments == 1
    for query in queries(60):
        assert found_ids(index, query) == set(matching(pool.values(), query)), query


def test_a_story_as_long_as_a_book_is_found(index: WhooshIndex) -> None:
    index.apply([story("book", "Storm", "storm " * 70_000), story("b", "Calm", "A storm")], 1)
    assert found_ids(index, "storm") == {"book", "b"}
    assert found_ids(index, Query((Phrase("storm storm storm"),))) == {"book"}


def test_no_word_of_a_removed_story_stays_in_the_files_after_a_purge(index: WhooshIndex, tmp_path: Path) -> None:
    index.apply([story("a", "Zebrafinch libel"), story("b", "Calm")], 1)
    index.apply([Removal("a")], 2)
    index.purge()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file())
    assert b"zebrafinch" not in kept.lower()
    assert found_ids(index, Query()) == {"b"}


def test_only_the_newsroom_may_write_to_the_index(index: WhooshIndex, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o700


def test_a_long_life_keeps_no_file_open_that_is_gone(index: WhooshIndex, tmp_path: Path) -> None:
    reader = WhooshIndex(tmp_path / "index")
    gc.disable()  # a web process may go without collecting for hours
    try:
        for number in range(40):
            index.apply([story("a", f"Storm {number}")], number)
            assert find(reader, "storm").total == 1
        held = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    finally:
        gc.enable()
    assert len([name for name in held if name.endswith("(deleted)") and "index" in name]) <= 1
