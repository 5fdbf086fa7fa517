"""A full disk, a database that is busy or away: reading goes on, and whoever writes is told and loses nothing."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pysqlite3
from flask.testing import FlaskClient
from sqlalchemy import event

from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import picture
from tests.staff import Staff
from tests.surfaces.programs import Program, told

LONG = "<p>" + "Typed words. " * 5_000 + "</p>"
SIGN_IN = "/admin/sign-in"


@contextmanager
def writers_with(newsroom: Newsroom, pragma: str) -> Iterator[None]:
    """Every writing connection under a limit of SQLite's own."""

    def limit(connection: Any, *_more: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

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
    with writers_with(newsroom, "max_page_count=1"):  # never less than there are: no page more
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


def test_a_database_that_somebody_else_holds_is_busy_and_never_our_fault(
    newsroom: Newsroom, staff: Callable[[str], Staff], client: FlaskClient, desk: Desk
) -> None:
    editor, token = staff("editor"), desk.token("editor")
    at = editor.write(headline="Ferry")
    other = pysqlite3.connect(str(newsroom.settings.data_dir / "copydesk.sqlite3"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with writers_with(newsroom, "busy_timeout=0"):
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
