"""What a paper in another language than English shows its readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

import cms
from cms.app import create_app
from cms.newsroom import Newsroom
from cms.web.translations import FOLDER
from tests.conftest import Reader
from tests.desk import Desk
from tests.surfaces.pages import pick, read, words

CMS = Path(cms.__file__).parent
SOURCES = [("public/**.py", "python"), ("feeds/**.py", "python"), ("templates/public/**.html", "jinja2")]


@pytest.fixture
def german(make_newsroom: Callable[..., Newsroom]) -> Iterator[FlaskClient]:
    newsroom = make_newsroom(SITE_LANGUAGE="de", SITE_TIMEZONE="Europe/Berlin")
    desk = Desk(newsroom)
    desk.person("Leonie Falk", "leonie-falk")
    desk.publish(slug="lesesaal", bylines=[{"person": "leonie-falk"}], tags=["Bücher"])
    app = create_app(newsroom)
    app.test_client_class = Reader
    yield app.test_client()


def messages() -> Iterator[Any]:
    for _file, _line, message, _comments, _context in extract_from_dir(str(CMS), SOURCES):
        yield message


def test_every_word_of_the_website_is_there_in_german() -> None:
    with (FOLDER / "de" / "LC_MESSAGES" / "messages.po").open("rb") as text:
        catalogue = read_po(text, locale="de")
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
