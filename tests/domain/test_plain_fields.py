"""Headlines and other one-line fields are kept as they were typed, and slugs are made of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.domain.articles.slugs import LONGEST_SLUG, check_slug, slug_for
from cms.domain.text import plain


def test_line_breaks_and_tabs_become_spaces_and_the_ends_are_trimmed() -> None:
    assert plain("\n One\r\ntwo\tthree \n", 300) == "One  two three"


@pytest.mark.parametrize(
    "value",
    [
        "<b>5 > 3</b> & &amp;",
        "a\x7fb\x9fc",
        "e\u0301 é",
        "a\u200bb\u202ec",
        "👩‍👩‍👧 \U0010ffff \ufdd0",
        "a  b\xa0c",
        "{{ 7*7 }}",
        "",
    ],
)
def test_everything_else_is_given_back_code_point_for_code_point(value: str) -> None:
    assert plain(value, 300) == value


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x0c", "\x1f", "\ud800", "\udfff"])
@pytest.mark.parametrize("value", ["a{}b", "{}a", "a{}"])
def test_a_control_character_is_refused_wherever_it_stands(value: str, character: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        plain(value.format(character), 300)


def test_the_limit_counts_characters_after_trimming_and_is_named() -> None:
    assert plain(f" {'é' * 300} ", 300) == "é" * 300
    with pytest.raises(ValueError, match=r"1,001 characters long; the limit is 1,000"):
        plain("é" * 1001, 1000)


@pytest.mark.parametrize(
    ("headline", "slug"),
    [
        ("The bridge won’t open", "the-bridge-wont-open"),
        ("100% & more: it's 1,000", "100-more-its-1000"),
        ("Türkiye'de ışık, İstanbul'da ağ", "turkiyede-isik-istanbulda-ag"),
        ("Größe", "grosse"),
        ("Ελλάδα", "ellada"),
        ("Київ", "kiiv"),
        ("日本", "ri-ben"),
        ("١٢٣", "123"),
        ("!!! 🔥 —", "story"),
        ("", "story"),
        ("\u200b\ud800", "story"),
    ],
)
def test_a_headline_gives_a_readable_slug(headline: str, slug: str) -> None:
    assert slug_for(headline) == slug


@pytest.mark.parametrize("language", ["de", "DE-at"])
def test_german_spells_its_umlauts_out(language: str) -> None:
    assert slug_for("Größe über Äpfel", language) == "groesse-ueber-aepfel"


def test_an_arabic_headline_gives_a_slug_in_ascii() -> None:
    assert check_slug(slug_for("الأخبار العاجلة", "ar")) != "story"


def test_a_long_slug_is_cut_between_words() -> None:
    slug = slug_for("bridge " * 40)
    assert LONGEST_SLUG - len("-bridge") < len(slug) <= LONGEST_SLUG
    assert set(slug.split("-")) == {"bridge"}
    assert slug_for("x" * 1000) == "x" * LONGEST_SLUG


@given(st.text())
def test_every_headline_gives_a_valid_slug(headline: str) -> None:
    for slug in (slug_for(headline), slug_for(headline, "de")):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= LONGEST_SLUG
        assert check_slug(slug) == slug


@pytest.mark.parametrize("value", ["", "-a", "a-", "a--b", "A", "a b", "a_b", "a/b", "é", "a\n", "١", "x" * 81])
def test_what_is_no_slug_is_refused_with_a_sentence(value: str) -> None:
    with pytest.raises(ValueError, match="A slug is"):
        check_slug(value)
