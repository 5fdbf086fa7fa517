"""What a reader may type into the search field, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.domain.search.grammar import MOST_CHARACTERS, MOST_TERMS, parse
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Document, Phrase, Query, Word
from cms.language import words

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OPERATORS = [
    "*",
    "?",
    "~2",
    "[a TO z]",
    "{",
    "}",
    "(",
    ")",
    "^9",
    "&&",
    "||",
    "!",
    "\\",
    "/x/",
    ":",
    '"',
    "''",
    "<1",
]
NAMES = [
    "status:scheduled",
    "body:x",
    "published:[ TO ]",
    "id:*",
    "text:",
    "author:",
    "tag:*",
    "before:",
    "after:99",
]
CORES = [
    "",
    "a",
    "NOT",
    "AND OR",
    "NOT NOT NOT a",
    "--",
    "-",
    "%00",
    "\x00",
    "\ud800",
    "\u202e",
    "é" * 300,
    "' OR 1=1--",
]
HOSTILE = [f"{core} {name}{operator}" for core, name, operator in product(CORES, ["", *NAMES], OPERATORS)]


def words_of(query: Query) -> int:
    return sum(len(list(words(asked.text))) for asked in (*query.every, *query.without))


def test_plain_words_must_all_match() -> None:
    assert parse("flood insurance").query == Query((Word("flood"), Word("insurance")))


@pytest.mark.parametrize("text", ['"prime minister"', "“prime minister”", "«prime minister»", '"prime minister'])
def test_quoted_words_are_a_phrase(text: str) -> None:
    assert parse(text).query == Query((Phrase("prime minister"),))


def test_a_minus_leaves_a_word_out_and_a_hyphen_does_not() -> None:
    assert parse('cup -football -"world cup" co-op').query == Query(
        (Word("cup"), Word("co-op")), (Word("football"), Phrase("world cup"))
    )


def test_filters_take_slugs_and_names() -> None:
    asked = parse('storm author:"Jane Müller" section:World-News Tag:climate')
    assert asked.query == Query((Word("storm"),), authors=("jane-muller",), sections=("world-news",), tags=("climate",))


def test_dates_begin_in_the_sites_zone_and_the_narrowest_holds() -> None:
    zone = ZoneInfo("America/New_York")
    query = parse("after:2024 after:2024-03 before:2025-02-03 before:2026", zone=zone).query
    assert query == Query(since=datetime(2024, 3, 1, tzinfo=zone), before=datetime(2025, 2, 3, tzinfo=zone))


@pytest.mark.parametrize("text", ["before:soon", "after:2024-13-45", "status:scheduled", "-author:jane"])
def test_what_is_no_filter_is_text(text: str) -> None:
    query = parse(text).query
    assert query == Query(every=query.every, without=query.without)
    assert words_of(query) >= 2


def test_the_last_word_is_a_beginning_only_while_it_is_typed() -> None:
    assert parse("new parl", as_you_type=True).query.every == (Word("new"), Word("parl", prefix=True))
    for text in ("new parl ", "new pa", 'new "parl', "new -parl"):
        query = parse(text, as_you_type=True).query
        assert not any(isinstance(one, Word) and one.prefix for one in (*query.every, *query.without)), text
    assert parse("new parl").query.every == (Word("new"), Word("parl"))


def test_what_is_too_long_is_cut_and_said_to_be() -> None:
    long = parse("x" * 300)
    assert long.characters_cut
    assert len(long.text) == MOST_CHARACTERS
    many = parse(" ".join(f"w{number}" for number in range(20)))
    assert many.terms_cut
    assert words_of(many.query) == MOST_TERMS
    assert words_of(parse(".".join("abcdefghijklmnopqrstuvwxyz")).query) == MOST_TERMS
    fits = parse(" ".join("abcdefghijkl"))
    assert not fits.terms_cut
    assert not fits.characters_cut


@given(st.text(), st.booleans())
def test_any_text_at_all_gives_a_bounded_query(text: str, as_you_type: bool) -> None:
    query = parse(text, as_you_type=as_you_type).query
    assert words_of(query) <= MOST_TERMS
    assert len(query.authors + query.sections + query.tags) <= MOST_TERMS


@given(st.lists(st.sampled_from([*OPERATORS, *NAMES, *CORES, " ", "storm"])).map("".join))
def test_any_mixture_of_operators_gives_a_bounded_query(text: str) -> None:
    assert words_of(parse(text).query) <= MOST_TERMS


def test_hundreds_of_hostile_queries_get_an_answer_and_reach_no_hidden_field(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    index.rebuild([_story()], 1)
    assert len(HOSTILE) > 2_000
    for text in HOSTILE:
        found = index.search(parse(text).query, now=NOW, sort="relevance", offset=0, limit=10)
        assert found.total <= 1
    for text in ("article:secret-id", "stemmer:en", "length:2", "published:1", "keywords:storm"):
        assert index.search(parse(text).query, now=NOW, sort="relevance", offset=0, limit=10).total == 0, text


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WhooshIndex:
    opened = WhooshIndex(tmp_path_factory.mktemp("search") / "index")
    opened.rebuild([_story()], 1)
    return opened


@settings(max_examples=300)
@given(text=st.text(max_size=210))
def test_any_text_can_be_searched_for(index: WhooshIndex, text: str) -> None:
    for as_you_type in (False, True):
        query = parse(text, as_you_type=as_you_type).query
        assert index.search(query, now=NOW, sort="newest", offset=0, limit=10).total <= 1


def _story() -> Document:
    return Document("secret-id", "en", "Storm", "", "Storm at sea", (), (), ("news",), (), (), NOW)
