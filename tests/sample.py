"""The sample newsroom as its first user finds it, and one address of every kind of page that it has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cms.app import build_newsroom
from cms.clock import SetClock
from cms.domain.articles.model import Publication
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.moving.sample import loading
from cms.newsroom import Newsroom
from cms.settings import read_settings
from tests.conftest import MORNING


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


@pytest.fixture(scope="module")
def kinds(paper: Newsroom) -> list[str]:
    """One address of every kind of page: of LISTS, then of STORIES."""
    with paper.sessions.read() as session:
        shown = visible(paper.clock.now()).where(Publication.slug.in_(STORIES))
        told = stories(session, shown, paper.clock.now(), paper.settings.article_path)
    assert len(told) == len(STORIES)
    return [
        *LISTS,
        *(story.path for story in told),
        *(f"{told[0].path}{below}/" for below in ("history", "text", "report")),
    ]


STORIES = (
    "eastholm-bridge-closed",
    "mutarjimun-st-brannoc",
    "lesesaal-am-kai",
    "saltgate-market-nineteen-hours",
    "harbour-lights-bells-and-horns",  # every kind of block there is
)
LISTS = (
    "/",
    "/section/climate/",
    "/section/business/port/",
    "/tag/drought/",
    "/author/priya-raman/",
    "/archive/",
    "/most-read/",
    "/corrections/",
    "/search?q=water&from=2026-01-01",
    "/search?q=qqqq",
    "/privacy/",
    "/text/",
    "/offline/",
    "/nothing-here/",
)
