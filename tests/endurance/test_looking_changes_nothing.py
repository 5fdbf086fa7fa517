"""Whatever is looked at, by anybody, nothing is changed by it: a link or a picture elsewhere can do no harm."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.db import Base
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff
from tests.surfaces.guessing import Guess, addresses


def test_no_get_head_or_options_changes_a_row_whoever_asks(
    app: Flask, client: FlaskClient, staff: Callable[[str], Staff], desk: Desk, newsroom: Newsroom
) -> None:
    admin = staff("admin").client
    desk.section("News", "news")
    desk.person("Ana Ruiz")
    shown, key = hang(newsroom, picture(), alt="A ferry")
    story = {"tags": ["Ferries"], "sections": ["news"], "bylines": [{"person": "ana-ruiz"}], "lead_image": shown}
    article = desk.publish("Sails", **story)
    guess = Guess(article, desk.now.date(), "sails", "ferries", "ana-ruiz", key, shown, "0" * 32, ("sails",) * 3)
    program = {"Authorization": f"Bearer {desk.token('admin')}"}
    client.get("/api/v1/articles", headers=program)  # the token's use is noted, once in ten minutes
    asked = dict.fromkeys(address for _, address in addresses(app, ["GET"], guess))
    assert len(asked) > 150
    before = rows(newsroom)
    for number, address in enumerate(asked):
        method = ("GET", "GET", "HEAD", "OPTIONS")[number % 4]
        answer = admin.open(address, method=method, headers=program if address.startswith("/api/") else {})
        assert answer.status_code < 500 or answer.status_code == 501, address
        answer.close()
    assert rows(newsroom) == before


def rows(newsroom: Newsroom) -> dict[str, list[str]]:
    with newsroom.sessions.read() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables}
