"""What every test can ask for: a newsroom with real engines on a database of its own, and a clock that stands."""

# ruff: noqa: E402
from __future__ import annotations

import gc

gc.disable()  # until everything is loaded: what is loaded stays

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as examples
from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache

from cms.app import build_newsroom
from cms.clock import SetClock
from cms.db import Sessions, open_sessions
from cms.moving import schema
from cms.newsroom import Newsroom
from cms.settings import Settings, read_settings
from tests.desk import Desk
from tests.lending import serve, take_back
from tests.pictures import RememberedImages

pytest_plugins = ["tests.services", "tests.machines", "tests.sample", "tests.staff"]

examples.register_profile("copydesk", deadline=None)  # no test depends on how fast a machine is
examples.load_profile("copydesk")


def pytest_collection_finish() -> None:
    """The collector need not walk through what stays again and again. It took a tenth of all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    """Nor through what is left at the end, which goes with the process."""
    gc.freeze()


MORNING = datetime(2026, 3, 26, 19, 26, 5, 250_000, tzinfo=UTC)
"""When tests begin: 3:26 pm in New York, where the tests' paper is made."""


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the migrations' schema, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "blank.sqlite3"
    sessions = share_compiled(open_sessions(f"sqlite:///{path}"))
    schema.upgrade(sessions.write_engine)
    sessions.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Any) -> str:
    """The same for PostgreSQL: what every test's own database is a copy of."""

    def fill(url: str) -> None:
        sessions = share_compiled(open_sessions(url))
        schema.upgrade(sessions.write_engine)
        sessions.dispose()

    return postgres.template("blank", fill)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MORNING)


@pytest.fixture
def make_newsroom(tmp_path: Path, blank_sqlite: Path, clock: SetClock) -> Iterator[Callable[..., Newsroom]]:
    """Make a newsroom with these settings (names without CMS_); SQLite unless another database is given."""
    made: list[Newsroom] = []

    def make(**given: str) -> Newsroom:
        data = tmp_path / "var"
        if "DATABASE_URL" not in given:
            data.mkdir(exist_ok=True)
            if not (data / "copydesk.sqlite3").exists():
                shutil.copyfile(blank_sqlite, data / "copydesk.sqlite3")
        newsroom = replace(build_newsroom(settings_of(data, **given), clock), images=RememberedImages())
        share_compiled(newsroom.sessions)
        made.append(newsroom)
        return newsroom

    yield make
    take_back()
    for newsroom in made:
        newsroom.sessions.dispose()


def share_compiled(sessions: Sessions) -> Sessions:
    """Let these engines use the SQL that earlier ones of their kind have compiled. To compile it anew for each test's
    own database took longer than most tests do."""
    for engine in (sessions.write_engine, sessions.read_engine):  # what makes a schema writes first
        engine.dialect, compiled = _COMPILED.setdefault(engine.dialect.name, (engine.dialect, LRUCache(5_000)))
        engine.update_execution_options(compiled_cache=compiled)
    return sessions


_COMPILED: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


def settings_of(data: Path, **given: str) -> Settings:
    """The tests' paper's (names without CMS_)."""
    named = {
        "DATA_DIR": str(data),
        "SITE_URL": "http://news.example",
        "SITE_NAME": "The Harbour Post",
        "SITE_TIMEZONE": "America/New_York",
        "SECRET_KEY": "a key for tests only, long enough",
        **given,
    }
    return read_settings({f"CMS_{name}": value for name, value in named.items()})


@pytest.fixture
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings that name the test's database and index; SQLite and Whoosh unless it is marked otherwise."""
    wanted = getattr(request, "param", "sqlite")
    if wanted == "sqlite":
        return {}
    searching = {"SEARCH_URL": "postgresql:"} if "search" in wanted else {}
    return {"DATABASE_URL": request.getfixturevalue("postgres_url"), **searching}


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom], database: dict[str, str]) -> Newsroom:
    return make_newsroom(**database)


@pytest.fixture
def app(newsroom: Newsroom) -> Flask:
    """The application on this test's newsroom."""
    return serve(newsroom)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader's browser."""
    return app.test_client()


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """The newsroom's staff at work, for setting a scene."""
    return Desk(newsroom)
