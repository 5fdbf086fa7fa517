"""Whatever is typed, search answers, and tells of nothing that readers may not see."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.clock import SetClock
from cms.newsroom import Newsroom
from cms.worker.loop import Worker
from tests.databases import EITHER_INDEX
from tests.desk import Desk
from tests.sizes import SOAKING, size

HIDDEN = ("xylographic", "zeppelinesque", "quarterdeckish", "mesmerically")
"""Words of withdrawn, unpublished and scheduled stories, and of a tag that only such a story carries."""

QUERIES_MADE_UP = size(60, 10_000, "QUERIES")
MOST_CPU_SECONDS = 0.25

ADDRESSES = ("/search", "/search/suggest", "/api/v1/search")

HOSTILE = [
    *(
        "",
        " ",
        "\t\n",
        "\0",
        "\0ferry",
        "%00",
        "\x1b[31m",
        "\ud7ff",
        "￾",
        "🛥️",
        "👩‍👩‍👧‍👦",
        "ﷺ" * 64,
        "ı",
        "İ",
        "ß" * 30,
    ),
    *("'", '"', '""', '"""', '" "', "'; DROP TABLE articles; --", "ferry' OR '1'='1", "\\", "\\'", "\\\\:*", "'':*"),
    *(
        "*",
        "**",
        "f*",
        "*f",
        "*ferry*",
        "fer?y",
        "?",
        "??",
        "[a TO z]",
        "[",
        "]",
        "{a TO b}",
        "ferry~2",
        "ferry^9",
        "()",
    ),
    *(
        "(((((",
        ")))))",
        "(ferry",
        "ferry)",
        "a AND",
        "AND",
        "OR",
        "NOT",
        "NOT NOT ferry",
        "ferry AND OR",
        "&",
        "|",
        "!",
    ),
    *(
        "<->",
        "ferry <-> quay",
        "ferry & quay | !x",
        ":*",
        "ferry:*",
        "ferry:A",
        "ferry:ABCD",
        "<2>",
        "a:b:c",
        "en:ferri",
    ),
    *(
        "^ferry",
        "section=news",
        "section:",
        "section:''",
        'section:"',
        "section:-",
        "tag:%",
        "tag:_",
        "author:\\",
        "tag:*",
    ),
    *(
        "article:1",
        "text:ferry",
        "start:fer",
        "stemmer:en",
        "id:1",
        "_id:1",
        "headline:ferry",
        "body:ferry",
        "cursor:0",
    ),
    *("-", "--", "-ferry", "--ferry", '-"ferry quay"', '-"', "-section:news", "ferry -ferry", "- ferry", "-author:x"),
    *("after:", "after:0", "after:9999", "after:1000-13-45", "before:0001", "after:2024-02-30", "before:2999-12-31"),
    *(
        "after:99999999999999",
        "before:-1",
        "after:2026 before:2020",
        "after:１２３４",
        "before:2026-1-1-1",
        "after:١٩٩٩",
    ),
    *(
        "a" * 199,
        "a" * 200,
        "a" * 5_000,
        "ferry " * 200,
        "-ferry " * 200,
        '"' * 400,
        '"a" ' * 100,
        "é" * 199,
        "%" * 300,
    ),
    *(
        "_" * 50,
        "%ferry%",
        "_erry",
        "../../etc/passwd",
        "file:///etc/passwd",
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7 %>",
    ),
    *("<script>alert(1)</script>", "javascript:alert(1)", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "]]>", "<!--"),
    *(
        "a\u0301" * 60,
        "\u202eyrref",
        "\u200bferry",
        "fer\u00adry",
        "ﬁsh",
        "Ｆｅｒｒｙ",
        "𝒻𝑒𝓇𝓇𝓎",
        "中文",
        "日本語の船",
        "العبّارة",
        "מעבורת",
    ),
    *(
        "1",
        "12",
        "-1",
        "0x41",
        "1e999",
        "NaN",
        "inf",
        "null",
        "None",
        "true",
        "undefined",
        "[object Object]",
        "..",
        ".",
    ),
    *(
        "the",
        "the of and in",
        "a",
        "to be or not to be",
        '"the the the the the the the the the the the the"',
        "s",
        "'s",
    ),
]


def mistyped(word: str) -> list[str]:
    """The word with one slip at each place, and its beginnings: none is the word itself."""
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)]
    dropped = [word[:at] + word[at + 1 :] for at in range(1, len(word))]
    begun = [word[:length] for length in range(2, len(word))]
    return sorted({*swapped, *dropped, *begun, f"{word[:-1]}-"} - {word})


@pytest.fixture(autouse=True)
def stories(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    Worker(newsroom).index()
    desk.section("News", "news")
    desk.section("Vitriolous")
    desk.publish("Ferry returns to the quay", sections=["news"], tags=["Boats"], body_html="<p>Of the harbour.</p>")
    gone = desk.publish("Xylographic art", tags=["Mesmerically"])
    desk.write("Zeppelinesque draft", body_html="<p>zeppelinesque</p>")
    desk.put_live(desk.write("Quarterdeckish plans"), live_from=clock.now() + timedelta(days=1))
    Worker(newsroom).index()
    clock.advance(timedelta(seconds=1))
    desk.withdraw(gone)


def ask(client: FlaskClient, address: str, text: str) -> str:
    answer = client.get(address, query_string={"q": text})
    assert answer.status_code in ((200, 422) if address.startswith("/api/") else (200,)), (address, text)
    return answer.text


@EITHER_INDEX
def test_nothing_that_is_typed_is_an_error(client: FlaskClient) -> None:
    for text, address in zip(HOSTILE, itertools.cycle(ADDRESSES), strict=False):
        ask(client, address, text)
    for (one, other), address in zip(itertools.pairwise(HOSTILE[::2]), itertools.cycle(ADDRESSES), strict=False):
        ask(client, address, f"{one[:60]} {other[:60]}")


def test_no_page_holds_a_control_character(client: FlaskClient) -> None:
    typed = "".join(map(chr, range(0x20))) + "ferry\x7f\x9f\ufffe"
    page = client.get("/search", query_string={"q": typed, "section": typed, "sort": typed}).text
    assert "ferry" in page
    assert not set(page) & {*map(chr, range(0x09)), *map(chr, range(0x0E, 0x20)), "\x7f", "\x9f", "\ufffe"}


def test_hidden_words_are_never_told(client: FlaskClient, newsroom: Newsroom) -> None:
    for _ in range(2):  # before the worker has heard of the withdrawal, and after
        for word in HIDDEN:
            for text, address in zip(mistyped(word), itertools.cycle(ADDRESSES), strict=False):
                assert word not in ask(client, address, text).lower(), (address, text)
            told = client.get("/api/v1/search", query_string={"q": word}).get_json()
            assert told["data"] == []
            assert not any(told["facets"].values())
        Worker(newsroom).index()


_LETTERS = st.text(st.sampled_from("abfery \"'-*:()|&!<>\\%_^~[]{}?.,/é中\u0301\u200b0129"), max_size=40)
_PARTS = st.sampled_from(
    ["section:", "tag:", "author:", "after:", "before:", '"', "-", "ferry", "quay", "2026-03", "the"]
)
QUERIES = st.one_of(_LETTERS, st.text(max_size=30), st.lists(st.one_of(_PARTS, _LETTERS), max_size=14).map("".join))


@EITHER_INDEX
@settings(max_examples=QUERIES_MADE_UP, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=QUERIES, address=st.sampled_from(ADDRESSES))
def test_nothing_that_could_be_typed_is_an_error(client: FlaskClient, address: str, text: str) -> None:
    began = time.thread_time()
    told = ask(client, address, text).lower()
    assert not SOAKING or time.thread_time() - began < MOST_CPU_SECONDS
    assert not any(word in told for word in HIDDEN)
