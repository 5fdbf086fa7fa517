"""The services that tests run against are real, and each test has its own corner of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Error
from sqlalchemy import create_engine, make_url, text

from tests.services import PostgresServer


def test_a_change_in_one_test_database_is_not_seen_in_another(postgres: PostgresServer) -> None:
    def fill(url: str) -> None:
        run(url, "CREATE TABLE story (headline text)", "INSERT INTO story VALUES ('from the template')")

    template = postgres.template("stories", fill)
    with postgres.database(template) as one, postgres.database(template) as other:
        run(one, "DELETE FROM story")
        assert rows(other, "SELECT headline FROM story") == [("from the template",)]
        assert rows(one, "SELECT headline FROM story") == []


def test_a_test_database_is_gone_afterwards_whoever_is_still_connected(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        lingering = create_engine(url).connect()
    names = {name for (name,) in rows(postgres.url("postgres"), "SELECT datname FROM pg_database")}
    lingering.invalidate()
    assert make_url(url).database not in names


def test_postgresql_knows_letters_beyond_ascii_and_can_keep_spans_apart(postgres_url: str) -> None:
    run(postgres_url, "CREATE EXTENSION btree_gist")
    assert rows(postgres_url, "SELECT lower('ÄÖÜ')") == [("äöü",)]


def test_chromium_reaches_this_site_and_nothing_else(chromium: Browser) -> None:
    with page_at("127.0.0.1") as this_site, page_at("127.0.0.2") as elsewhere, chromium.new_page() as page:
        page.goto(this_site)
        assert page.get_by_role("heading", name="Ready").is_visible()
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(elsewhere)


class ReadyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>Ready</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """A test's output has no use for an access log."""


@contextmanager
def page_at(address: str) -> Iterator[str]:
    with ThreadingHTTPServer((address, 0), ReadyPage) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://{address}:{server.server_port}/"
        server.shutdown()


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found
