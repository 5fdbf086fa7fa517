"""What a paper in another language than English shows its readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

import cms
from cms.newsroom import Newsroom
from cms.web.translations import FOLDER
from tests.desk import Desk
from tests.lending import serve
from tests.staff import Staff
from tests.surfaces.pages import pick, read, words

CMS = Path(cms.__file__).parent
SOURCES = [("public/**.py", "python"), ("feeds/**.py", "python"), ("templates/public/**.html", "jinja2")]


@pytest.fixture
def german(make_newsroom: Callable[..., Newsroom]) -> FlaskClient:
    newsroom = make_newsroom(SITE_LANGUAGE="de", SITE_TIMEZONE="Europe/Berlin")
    desk = Desk(newsroom)
    desk.person("Leonie Falk", "leonie-falk")
    desk.publish(slug="lesesaal", bylines=[{"person": "leonie-falk"}], tags=["Bücher"])
    return serve(newsroom).test_client()


def messages() -> Iterator[Any]:
    for _file, _line, message, _comments, _context in extract_from_dir(str(CMS), SOURCES):
        yield message


@pytest.mark.parametrize("language", ["de", "ar"])
def test_every_word_of_the_website_is_there_in_german_and_arabic(language: str) -> None:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as text:
        catalogue = read_po(text, locale=language)
    wanted = {message[0] if isinstance(message, tuple) else message for message in messages()}
    assert len(wanted) > 80
    untold = {message for message in wanted if message not in catalogue or not catalogue[message].string}
    assert untold == set()
    assert {
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id
    } == wanted
    assert [message.id for message in catalogue if list(message.check(catalogue))] == []


def test_a_german_paper_speaks_german_in_words_dates_and_numbers(german: FlaskClient) -> None:
    page = read(german, "/2026/03/26/lesesaal/")
    said = words(pick(page, "body")[0])
    assert pick(page, "html")[0].get("lang") == "de"
    for part in ("26. März 2026", "0 Mal besucht, 0 Besuche heute", "Schlagwörter: Bücher", "Zuletzt geändert:"):
        assert part in said
    assert words(pick(page, ".byline")[0]) == "Von Leonie Falk"
    for english in ("Skip to", "Search", "Written by", "Tags:", "Close"):
        assert english not in said


def test_an_arabic_paper_speaks_arabic_and_counts_as_arabic_does(make_newsroom: Callable[..., Newsroom]) -> None:
    newsroom = make_newsroom(SITE_LANGUAGE="ar")
    desk = Desk(newsroom)
    desk.person("هدى منصور", "huda")
    desk.publish("عودة العبارة", slug="abbara", language="ar", bylines=[{"person": "huda"}], tags=["المرفأ"])
    desk.publish("جسر", slug="jisr", language="ar")
    client = serve(newsroom).test_client()
    page = read(client, "/2026/03/26/abbara/")
    assert (pick(page, "html")[0].get("lang"), pick(page, "html")[0].get("dir")) == ("ar", "rtl")
    assert not pick(page, "article")[0].get("dir")
    said = words(pick(page, "body")[0])
    for part in ("بقلم هدى منصور", "26 مارس 2026", "لم يُزر بعد، لا زيارات اليوم", "الوسوم: المرفأ"):
        assert part in said, part
    assert "مقالان" in words(pick(read(client, "/archive/"), ".spans")[0])


@pytest.fixture
def pair(desk: Desk) -> tuple[str, str]:
    """A story in English and in Arabic, linked."""
    english = desk.publish(slug="ferry")
    arabic = desk.publish("عودة العبارة", slug="abbara", language="ar")
    return english, arabic


def link(client: FlaskClient, desk: Desk, one: str, other: str, role: str = "editor") -> Any:
    headers = {"Authorization": f"Bearer {desk.token(role)}"}
    return client.put(f"/api/v1/articles/{one}/translations", json={"translation_of": other}, headers=headers)


def test_readers_of_either_language_are_offered_the_other(
    client: FlaskClient, desk: Desk, pair: tuple[str, str]
) -> None:
    english, arabic = pair
    assert not pick(read(client, "/2026/03/26/ferry/"), ".languages")
    assert link(client, desk, arabic, english).status_code == 200
    page = read(client, "/2026/03/26/ferry/")
    assert [(each.get("hreflang"), words(each)) for each in pick(page, ".languages a")] == [("ar", "العربية")]
    assert {(each.get("hreflang"), each.get("href")) for each in pick(page, "link[hreflang]")} == {
        ("ar", "http://news.example/2026/03/26/abbara/"),
        ("en", "http://news.example/2026/03/26/ferry/"),
    }
    page = read(client, "/2026/03/26/abbara/")
    assert [(each.get("hreflang"), words(each)) for each in pick(page, ".languages a")] == [("en", "English")]
    told = client.get(f"/api/v1/articles/{english}/translations").json
    assert [each["language"] for each in told["data"]] == ["ar", "en"]
    assert "linked" not in told


def test_a_translation_that_is_not_public_is_not_told_of(
    client: FlaskClient, desk: Desk, pair: tuple[str, str], clock: Any
) -> None:
    english, arabic = pair
    link(client, desk, arabic, english)
    clock.advance(timedelta(minutes=1))
    desk.withdraw(arabic)
    page = read(client, "/2026/03/26/ferry/")
    assert not pick(page, ".languages, link[hreflang]")
    assert client.get(f"/api/v1/articles/{english}/translations").json == {"data": []}
    assert client.get(f"/api/v1/articles/{arabic}/translations").status_code == 404


def test_one_language_once_and_no_story_of_itself(client: FlaskClient, desk: Desk, pair: tuple[str, str]) -> None:
    english, arabic = pair
    second = desk.publish("Another", slug="another")
    link(client, desk, arabic, english)
    for one, other in ((english, english), (second, english)):
        answer = link(client, desk, one, other)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["translation_of"])
    assert link(client, desk, second, english, "contributor").status_code in (403, 404)


def test_an_editor_links_by_the_address_of_the_page(
    client: FlaskClient, staff: Callable[[str], Staff], pair: tuple[str, str]
) -> None:
    editor, path = staff("editor"), f"/admin/articles/{pair[1]}/translations"
    assert editor.post(path, other="http://news.example/2026/03/26/nowhere/").status_code == 422
    assert editor.post(path, other="http://news.example/2026/03/26/ferry/").status_code == 303
    assert pick(read(client, "/2026/03/26/ferry/"), ".languages")
    assert editor.post(path, clear="1").status_code == 303
    assert not pick(read(client, "/2026/03/26/ferry/"), ".languages")
