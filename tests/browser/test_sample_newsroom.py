"""What whoever starts Copydesk for the first time finds: a paper that looks like this morning's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cms.app import build_newsroom, create_app
from cms.clock import SetClock
from cms.db import Base
from cms.domain.articles.model import Article
from cms.domain.views.windows import out_of_step
from cms.moving.sample import loading
from cms.newsroom import Newsroom
from cms.settings import read_settings
from tests.conftest import MORNING, Reader
from tests.surfaces.pages import pick, read, words


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> Iterator[Newsroom]:
    """A newsroom with the sample loaded, once for all that look at it."""
    data = tmp_path_factory.mktemp("sample")
    shutil.copyfile(blank_sqlite, data / "copydesk.sqlite3")
    environ = {
        "CMS_DATA_DIR": str(data),
        "CMS_SITE_URL": "http://news.example",
        "CMS_SECRET_KEY": "a key for tests only, long enough",
    }
    newsroom = build_newsroom(read_settings(environ), SetClock(MORNING))
    loading.load_sample(newsroom)
    yield newsroom
    newsroom.sessions.dispose()


def rows(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.sessions.read() as session:
        counted = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
    return {name: number or 0 for name, number in counted.items()}


def test_loading_it_twice_adds_nothing(paper: Newsroom) -> None:
    before = rows(paper)
    assert before["articles"] > 40
    assert loading.load_sample(paper) == 0
    assert rows(paper) == before


def test_its_paper_has_been_read_today_and_its_counts_are_in_step(paper: Newsroom) -> None:
    app = create_app(paper)
    app.test_client_class = Reader
    client = app.test_client()
    ranked = read(client, "/most-read/")
    assert len(pick(ranked, ".ranked > li")) == 20
    lead = pick(read(client, "/"), ".card-lead .card-headline a")[0].get("href")
    sentence = words(pick(read(client, lead), ".visits")[0])
    assert not sentence.endswith(" 0 visits today")
    with paper.sessions.read() as session:
        assert out_of_step(session) == []


def test_it_shows_every_state_a_story_can_be_in(paper: Newsroom) -> None:
    with paper.sessions.read() as session:
        states = set(session.scalars(select(Article.state)))
        embargoed = session.scalar(select(func.count()).where(Article.embargo_until > paper.clock.now()))
    assert {"draft", "in_review", "ready"} <= states
    assert embargoed == 1
