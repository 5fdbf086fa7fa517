"""Requests that are wrong by themselves get a page of the site's, which tells nothing of what is at the address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from lxml import html

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import serve
from tests.surfaces.pages import pick, words

STORY = "/2026/03/26/ferry-returns-to-the-old-quay/"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writing_to_a_page_is_refused_alike_for_hidden_and_unknown_stories(
    client: FlaskClient, desk: Desk, clock: SetClock, method: str
) -> None:
    desk.put_live(desk.write(), live_from=clock.now() + timedelta(days=1))
    hidden = client.open(STORY, method=method)
    unknown = client.open("/2026/03/26/never-was/", method=method)
    assert hidden.status_code == unknown.status_code == 405
    assert hidden.data == unknown.data
    assert "GET" in hidden.headers["Allow"]
    page = html.document_fromstring(hidden.text)
    assert words(pick(page, "h1")[0]) == "That cannot be done here"
    assert "The Harbour Post" in words(pick(page, "header")[0])


def test_another_name_than_the_sites_is_refused_with_a_page_that_repeats_nothing(client: FlaskClient) -> None:
    answer = client.get("/", base_url="http://attacker.example")
    assert answer.status_code == 400
    assert "attacker" not in answer.text
    assert words(pick(html.document_fromstring(answer.text), "h1")[0]) == "That was not understood"


def test_the_api_keeps_its_own_shape_for_the_same_refusals(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/articles")
    assert answer.status_code == 405
    assert answer.get_json()["status"] == 405


@pytest.mark.parametrize("path", ["/section/news", "/tag//ferries/", "/admin", "/admin/articles"])
def test_a_site_under_tls_leads_nobody_out_of_it_though_its_proxy_speaks_plainly(
    make_newsroom: Callable[..., Newsroom], path: str
) -> None:
    app = serve(make_newsroom(SITE_URL="https://news.example"))
    answer = app.test_client().get(path, base_url="http://news.example")
    assert answer.status_code == 308
    assert answer.location.startswith("https://news.example/")
