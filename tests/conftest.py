"""What every test can ask for: a newsroom with real engines on a database of its own, and a clock that stands."""

from __future__ import annotations

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

from cms.app import build_newsroom, create_app, in_front_of
from cms.clock import SetClock
from cms.db import open_sessions
from cms.moving import schema
from cms.newsroom import Newsroom
from cms.public.redirecting import Hits
from cms.settings import Settings, read_settings
from cms.web.database import db
from tests.desk import Desk

pytest_plugins = ["tests.services", "tests.machines", "tests.sample", "tests.staff"]

examples.register_profile("copydesk", deadline=None)  # no test depends on how fast a machine is
examples.load_profile("copydesk")

MORNING = datetime(2026, 3, 26, 19, 26, 5, 250_000, tzinfo=UTC)
"""When tests begin: 3:26 pm in New York, where the tests' paper is made."""


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the migrations' schema, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "blank.sqlite3"
    sessions = open_sessions(f"sqlite:///{path}")
    schema.upgrade(sessions.write_engine)
    sessions.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Any) -> str:
    """The same for PostgreSQL: what every test's own database is a copy of."""

    def fill(url: str) -> None:
        sessions = open_sessions(url)
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
        newsroom = build_newsroom(settings_of(data, **given), clock)
        made.append(newsroom)
        return newsroom

    yield make
    for newsroom in made:
        newsroom.sessions.dispose()


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
def app(newsroom: Newsroom, built_apps: dict[str, Flask]) -> Flask:
    """The application, handed this test's newsroom. Those whose settings are alike share one: to build it takes
    longer than most tests do. What watches over its own figures is built anew."""
    settings = newsroom.settings
    alike = repr(replace(settings, data_dir=Path(), database_url=""))
    app = built_apps.get(alike)
    if app is None or settings.metrics_token:
        app = built_apps[alike] = create_app(newsroom)
    app.extensions |= {"newsroom": newsroom, "redirect_hits": Hits()}
    db._app_engines[app] = {None: newsroom.sessions.read_engine}
    app.wsgi_app = in_front_of(Flask.wsgi_app.__get__(app), newsroom)  # type: ignore[method-assign]
    app.config["PROPAGATE_EXCEPTIONS"] = None
    app.testing = True
    return app


@pytest.fixture(scope="session")
def built_apps() -> dict[str, Flask]:
    return {}


class Reader(FlaskClient):
    """Comes to the site under its own name; any other is refused."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", self.application.extensions["newsroom"].settings.origin)
        return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader's browser."""
    app.test_client_class = Reader
    return app.test_client()


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """The newsroom's staff at work, for setting a scene."""
    return Desk(newsroom)
