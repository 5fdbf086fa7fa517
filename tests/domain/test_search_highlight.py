"""What readers see of why a story was found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cms.domain.search.highlight import Marker
from cms.language import words

LONG = "The harbour is quiet. " * 40 + "Then a storm ran over the harbour and boats were running. " + "Calm. " * 90
TEXTS = st.text(st.characters() | st.sampled_from(" <&storm'’é"), max_size=600)


def marked(pieces: list[tuple[str, bool]]) -> list[str]:
    return [text for text, mark in pieces if mark]


def test_every_form_of_a_word_is_marked_where_it_stands() -> None:
    marker = Marker(["run", "prime minister"], "en")
    assert marker.mark("Running, the Prime Minister runs.") == [
        ("Running", True),
        (", the ", False),
        ("Prime", True),
        (" ", False),
        ("Minister", True),
        (" ", False),
        ("runs", True),
        (".", False),
    ]


def test_words_are_marked_by_the_rules_of_the_storys_language() -> None:
    assert marked(Marker(["haus"], "de").mark("Die Häuser am Fluss")) == ["Häuser"]
    assert marked(Marker(["cafe"], "en").mark("A café")) == ["café"]


def test_the_beginning_of_a_word_is_marked_while_it_is_typed() -> None:
    assert marked(Marker(["parl"], "en", start="parl").mark("Parliament sits")) == ["Parliament"]


def test_an_excerpt_is_taken_where_the_most_words_stand_together() -> None:
    excerpt = Marker(["storm", "harbour", "boat"], "en").excerpt(LONG)
    assert {"storm", "harbour", "boats"} <= set(marked(excerpt))
    assert sum(len(text) for text, _ in excerpt) <= 240


def test_an_excerpt_without_a_match_is_the_beginning() -> None:
    excerpt = Marker(["nowhere"], "en").excerpt(LONG)
    assert not marked(excerpt)
    assert LONG.startswith(excerpt[0][0])


def test_the_longest_story_is_marked_quickly_enough_to_be_shown() -> None:
    assert marked(Marker(["storm"], "en").excerpt("storm " * 170_000))


@given(TEXTS, st.lists(st.text(max_size=8), max_size=3), st.integers(1, 300))
def test_an_excerpt_is_a_part_of_the_text_letter_for_letter(text: str, terms: list[str], window: int) -> None:
    marker = Marker([*terms, "storm"], "en", start="sto")
    excerpt = marker.excerpt(text, window)
    assert "".join(piece for piece, _ in excerpt) in text
    assert sum(len(piece) for piece, _ in excerpt) <= window
    assert "".join(piece for piece, _ in marker.mark(text)) == text
    whole = {word for word, _, _ in words(text)}
    assert set(marked(excerpt)) <= whole
