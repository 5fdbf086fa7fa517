"""Which addresses may be linked to, in bodies and in every other field that takes one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.domain.articles.links import LONGEST_URL, check_picture, check_url

HONEST = [
    "https://example.org",
    "https://example.org/",
    "http://example.org:8080/a/b.html?c=d&e=f#g",
    "https://EXAMPLE.org/Path",
    "https://xn--bcher-kva.example/",
    "https://bücher.example/ü?é#ß",
    "https://[2001:db8::1]:443/",
    "https://192.0.2.1/",
    "https://example.org./",
    "https://example.org?x=1",
    "https://web.example/web/2024/https://example.org/a:b@c",
    "https://example.org/%E2%80%8B|{x}^[y]",
    "mailto:desk@example.org",
    "mailto:desk@example.org?subject=Hello%20there&cc=b@example.org",
    "tel:+49-30-123456",
    "tel:112",
    "/",
    "/2024/03/26/a-story/?a=b#c",
    "/a:b",
]
REFUSED = [
    "",
    " ",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://example.org/",
    "file:///etc/passwd",
    "about:blank",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:\\\\evil.example",
    "https:/\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://",
    "https://?x",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://example.org@evil.example/",
    "https://example.org\\@evil.example/",
    "https://example.org:/",
    "https://example.org:0/",
    "https://example.org:65536/",
    "https://example.org:8o/",
    "https://exa%6dple.org/",
    "https://exa mple.org/",
    "https://ex..org/",
    "https://.org/",
    "https://ｅxample.org/",
    "https://example。org/",
    "https://evil.c℀.example/",
    "#fragment",
    "?query",
    "relative/path",
    "./x",
    "../x",
    "example.org",
    "mailto:",
    "mailto:nobody",
    "mailto://example.org/",
    "tel:",
    "tel:javascript:x",
    "1https://example.org",
    ":https://example.org",
]
UNSEEN = "\x00\x01\t\n\r\x1b\x7f\x85\xa0\xad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u2028\u202e\u2060"
UNSEEN += "\u3000\u3164\ufe0f\ufeff\uffff\ud800\U000e0041"


@pytest.mark.parametrize("url", HONEST)
def test_an_honest_address_is_kept_as_it_is(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_could_mislead_or_run_is_refused(url: str) -> None:
    assert check_url(url) is None


@pytest.mark.parametrize("character", UNSEEN)
@pytest.mark.parametrize(
    "url", ["ht{}tps://example.org/", "https:{}//example.org/", "https://example.org/a{}b", "/{}/x"]
)
def test_a_character_that_cannot_be_seen_refuses_the_address(url: str, character: str) -> None:
    assert check_url(url.format(character)) is None


def test_small_slips_are_mended_once_and_for_all() -> None:
    assert check_url(" HTTPS://example.org/a b\n") == "https://example.org/a%20b"
    assert check_url('https://example.org/"<x>`') == "https://example.org/%22%3Cx%3E%60"


def test_an_address_longer_than_browsers_agree_on_is_refused() -> None:
    longest = "/" + "x" * (LONGEST_URL - 1)
    assert check_url(longest) == longest
    assert check_url(longest + "x") is None


@given(st.one_of(st.text(), st.builds("https://{}".format, st.text()), st.builds("/{}".format, st.text())))
def test_checking_twice_changes_nothing(value: str) -> None:
    checked = check_url(value)
    if checked is not None:
        assert check_url(checked) == checked
        assert checked.startswith(("http://", "https://", "mailto:", "tel:", "/"))


@pytest.mark.parametrize("path", ["/media/abc", "/media/a-b_C9/wide.avif", "/media/a.b.jpg"])
def test_our_own_pictures_may_be_shown(path: str) -> None:
    assert check_picture(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "https://example.org/a.png",
        "//example.org/media/a",
        "/media/",
        "/media",
        "/media/../x",
        "/media/a/../../x",
        "/media//a",
        "/media/a?b",
        "/media/a#b",
        "/media/%2e%2e",
        "/media/a b",
        "/media/a\n",
        "/x/media/a",
        "/media/.a",
    ],
)
def test_a_picture_from_anywhere_else_is_not(path: str) -> None:
    assert check_picture(path) is None
