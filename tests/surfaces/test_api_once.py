"""``Idempotency-Key``: a request sent twice is one act, and its answer is given again to the letter."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import serve
from tests.pictures import picture
from tests.surfaces.programs import Program, told


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


def test_the_second_try_gets_the_first_ones_answer(editor: Program) -> None:
    first = editor("POST", "/articles", {"headline": "Once", "slug": "once"}, Idempotency_Key="a key")
    again = editor("POST", "/articles", {"slug": "once", "headline": "Once"}, Idempotency_Key="a key")
    assert (first.status_code, first.data, first.headers["ETag"]) == (201, again.data, again.headers["ETag"])
    assert again.status_code == 201
    assert len(editor.all("/articles")) == 1


def test_another_process_knows_the_key(
    make_newsroom: Callable[..., Newsroom], editor: Program, desk: Desk, client: FlaskClient
) -> None:
    token = desk.token("editor", "Two homes")
    first = Program(client, token)("POST", "/articles", {"headline": "Once"}, Idempotency_Key="k")
    elsewhere = serve(make_newsroom()).test_client()
    again = elsewhere.post(
        "/api/v1/articles",
        json={"headline": "Once"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
        base_url="http://news.example",
    )
    assert (again.status_code, again.data) == (201, first.data)


def test_a_key_belongs_to_its_token_path_and_body(client: FlaskClient, editor: Program, desk: Desk) -> None:
    editor("POST", "/articles", {"headline": "Once"}, Idempotency_Key="k")
    wrong = told(editor("POST", "/articles", {"headline": "Twice"}, Idempotency_Key="k"), 422)
    assert wrong["errors"].keys() == {"Idempotency-Key"}
    assert editor("POST", "/tags", {"name": "Once"}, Idempotency_Key="k").status_code == 201
    other = Program(client, desk.token("editor", "Another"))
    assert other("POST", "/articles", {"headline": "Twice"}, Idempotency_Key="k").status_code == 201
    told(editor("POST", "/articles", {"headline": "x"}, Idempotency_Key="k" * 256), 422)


def test_a_refusal_is_not_remembered(editor: Program, desk: Desk) -> None:
    told(editor("POST", "/articles", {"headline": ""}, Idempotency_Key="k"), 422)
    assert editor("POST", "/articles", {"headline": "Mended"}, Idempotency_Key="k").status_code == 201
    article = desk.write()
    told(editor("POST", f"/articles/{article}/withdrawal", Idempotency_Key="w"), 409)
    desk.put_live(article)
    assert editor("POST", f"/articles/{article}/withdrawal", Idempotency_Key="w").status_code == 200


def test_a_key_is_forgotten_after_a_day(editor: Program, clock: SetClock) -> None:
    first = editor("POST", "/articles", {"headline": "Once"}, Idempotency_Key="k").get_json()["id"]
    clock.advance(timedelta(hours=24))
    assert editor("POST", "/articles", {"headline": "Once"}, Idempotency_Key="k").get_json()["id"] != first


def test_tries_at_the_same_moment_are_one_act(app: object, desk: Desk, editor: Program) -> None:
    token = desk.token("editor", "Impatient")

    def send(_n: int) -> int:
        client = app.test_client()  # type: ignore[attr-defined]
        return Program(client, token)("POST", "/articles", {"headline": "Once"}, Idempotency_Key="k").status_code

    editor("GET", "/articles")
    with ThreadPoolExecutor(6) as threads:
        statuses = set(threads.map(send, range(6)))
    assert statuses <= {201, 409}
    assert 201 in statuses
    assert len(editor.all("/articles")) == 1


def test_an_upload_sent_again_is_one_picture(client: FlaskClient, desk: Desk, editor: Program) -> None:
    token = desk.token("editor", "Camera")
    content = picture()

    def send() -> object:
        return client.post(
            "/api/v1/media",
            data={"file": (io.BytesIO(content), "a.jpg"), "alt": "A quay"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
        ).get_json()["id"]

    assert send() == send()
