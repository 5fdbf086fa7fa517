"""A full disk, a database that is busy or away: reading goes on, and whoever writes is told and loses nothing."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pysqlite3
import pytest
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy import create_engine, event, make_url, select, text

from cms.domain.articles.model import Revision
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import picture
from tests.services import PostgresServer
from tests.staff import Staff
from tests.surfaces.programs import Program, told

ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
LONG = "<p>" + "Typed words. " * 5_000 + "</p>"
SIGN_IN = "/admin/sign-in"


@contextmanager
def writers_with(newsroom: Newsroom, statement: str) -> Iterator[None]:
    """Every writing connection under a limit of the database's own."""

    def limit(connection: Any, *_more: Any) -> None:
        connection.execute(statement)
        connection.commit()

    newsroom.sessions.dispose()
    event.listen(newsroom.sessions.write_engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(newsroom.sessions.write_engine, "checkout", limit)
        newsroom.sessions.dispose()


def test_a_full_disk_is_said_while_reading_goes_on_and_nothing_typed_is_lost(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    editor, program = staff("editor"), Program(client, desk.token("editor"))
    desk.publish("Ferry returns")
    assert program("GET", "/articles").status_code == 200
    with writers_with(newsroom, "PRAGMA max_page_count=1"):  # never less than there are: no page more
        page = editor.post("/admin/articles/new", headline="Typed headline", body_html=LONG)
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
        assert "disk is full" in page.text
        assert "Typed headline" in page.text
        assert page.text.count("Typed words.") == 5_000
        assert "csrf" not in page.text.partition("What you typed")[2]
        refused = told(program("POST", "/articles", {"headline": "Another", "body_html": LONG}), 503)
        assert (refused["code"], "disk is full" in refused["message"]) == ("no_space", True)
        assert client.get("/2026/03/26/ferry-returns/").status_code == 200
        assert client.get("/search?q=ferry").status_code == 200
    assert editor.post("/admin/articles/new", headline="Typed headline", body_html=LONG).status_code == 303


def test_a_disk_that_takes_no_changes_is_said_while_reading_goes_on(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    editor, program = staff("editor"), Program(client, desk.token("editor"))
    desk.publish("Ferry returns")
    with writers_with(newsroom, "PRAGMA query_only=ON"):
        page = editor.post("/admin/articles/new", headline="Typed headline", body_html=LONG)
        assert (page.status_code, "takes no changes" in page.text, "Typed headline" in page.text) == (503, True, True)
        assert told(program("POST", "/articles", {"headline": "Another"}), 503)["code"] == "read_only"
        assert client.get("/2026/03/26/ferry-returns/").status_code == 200


def test_a_database_that_somebody_else_holds_is_busy_and_never_our_fault(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    editor, token = staff("editor"), desk.token("editor")
    at = editor.write(headline="Ferry")
    other = pysqlite3.connect(str(newsroom.settings.data_dir / "copydesk.sqlite3"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with writers_with(newsroom, "PRAGMA busy_timeout=0"):
        page = editor.post(at, base=1, headline="Typed headline")
        assert (page.status_code, "Typed headline" in page.text, "busy" in page.text) == (503, True, True)
        secret = editor.post(SIGN_IN, email="editor@news.example", password="not to be repeated")
        assert (secret.status_code, "not to be repeated" in secret.text) == (503, False)
        assert told(Program(client, token)("POST", "/articles", {"headline": "Another"}), 503)["code"] == "busy"
    other.close()
    assert editor.post(at, base=1, headline="Typed headline").status_code == 303


def test_a_database_that_is_away_is_a_503_everywhere_until_it_is_back(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    desk.publish("Ferry returns")
    editor = staff("editor")
    file, away = newsroom.settings.data_dir / "copydesk.sqlite3", newsroom.settings.data_dir / "away"
    newsroom.sessions.dispose()
    shutil.move(file, away)
    file.mkdir()
    for reader, path in (
        (client, "/"),
        (client, "/feed.json"),
        (client, "/api/v1/articles"),
        (editor.client, "/admin/"),
    ):
        answer = reader.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), path
        assert answer.headers["Cache-Control"] == "no-store", path
    file.rmdir()
    shutil.move(away, file)
    assert client.get("/").status_code == 200
    assert "Ferry returns" in editor.get("/admin/articles/")


@ON_POSTGRESQL
def test_a_story_that_somebody_else_holds_is_waited_for_ten_seconds_and_no_longer(
    newsroom: Newsroom, staff: Callable[[str], Staff], desk: Desk
) -> None:
    sessions, editor = newsroom.sessions, staff("editor")
    for engine in (sessions.read_engine, sessions.write_engine):
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "10s"
    at = editor.write(headline="Ferry")
    other = create_engine(newsroom.settings.database_url)
    with writers_with(newsroom, "SET lock_timeout = '20ms'"), other.begin() as held:
        held.execute(text("SELECT id FROM articles FOR UPDATE"))
        page = editor.post(at, base=1, headline="Typed headline")
        assert (page.status_code, "Typed headline" in page.text, "busy" in page.text) == (503, True, True)
    assert editor.post(at, base=1, headline="Typed headline").status_code == 303
    other.dispose()


@ON_POSTGRESQL
def test_a_server_that_goes_amid_a_save_leaves_nothing_half_done_and_one_that_comes_back_is_found(
    newsroom: Newsroom, staff: Callable[[str], Staff], desk: Desk, client: FlaskClient, postgres: PostgresServer
) -> None:
    editor, story = staff("editor"), desk.publish("Ferry returns")
    at, name = f"/admin/articles/{story}/", make_url(newsroom.settings.database_url).database or ""
    desk.section("Quay", "quay")
    with cut_off_before(newsroom, "INSERT INTO revision_sections", "INSERT INTO audit_lines"):
        for _statement in range(2):
            page = editor.post(at, base=1, headline="Typed headline", primary="quay")
            assert (page.status_code, "Typed headline" in page.text) == (503, True)
    with newsroom.sessions.read() as session:
        assert session.scalars(select(Revision.headline)).all() == ["Ferry returns"]
    with gone(postgres, name):
        for reader, path in ((client, "/"), (client, "/api/v1/articles"), (editor.client, "/admin/")):
            answer = reader.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), path
    assert client.get("/").status_code == 200
    assert editor.post(at, base=1, headline="Typed headline").status_code == 303


@contextmanager
def cut_off_before(newsroom: Newsroom, *statements: str) -> Iterator[None]:
    """Writers' connections are ended by the server as they come to each of these statements, once."""
    left, engine = list(statements), newsroom.sessions.write_engine

    def cut(_connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if left and statement.startswith(left[0]):
            del left[0]
            pid = cursor.connection.info.backend_pid
            with psycopg.connect(cursor.connection.info.dsn) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    event.listen(engine, "before_cursor_execute", cut)
    yield
    event.remove(engine, "before_cursor_execute", cut)
    assert left == []


@contextmanager
def gone(postgres: PostgresServer, name: str) -> Iterator[None]:
    """Nobody is connected, or can be."""
    postgres.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false"), name)
    with psycopg.connect(f"host='{postgres.folder}' user=postgres dbname=postgres", autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
    postgres.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true"), name)


def test_a_folder_of_files_that_cannot_be_used_is_said_and_nothing_is_recorded(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    folder = newsroom.settings.data_dir / "files"
    folder.write_text("a file where the folder should be")
    headers = {"Authorization": f"Bearer {desk.token('editor')}"}
    sent = client.post("/api/v1/media", data={"file": (io.BytesIO(picture()), "ferry.png")}, headers=headers)
    assert told(sent, 503)["errors"] == {}
    answer = staff("editor").post("/admin/media/", file=(io.BytesIO(picture()), "ferry.png"))
    assert "Try again in a moment" in answer.text
    folder.unlink()
    assert client.get("/api/v1/media", headers=headers).get_json()["data"] == []
