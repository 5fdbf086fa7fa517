"""``/metrics`` and ``/readyz``: what those who run the site are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from cms.app import create_app
from cms.clock import SetClock
from cms.newsroom import Newsroom
from cms.worker.counting import count_visits
from cms.worker.loop import Worker
from tests.desk import Desk
from tests.lending import Reader
from tests.readers import GOOGLEBOT, Readers

TOKEN = {"Authorization": "Bearer watch over it"}


@pytest.fixture
def watched(make_newsroom: Callable[..., Newsroom]) -> Newsroom:
    return make_newsroom(METRICS_TOKEN="watch over it")


def reader(newsroom: Newsroom) -> FlaskClient:
    app = create_app(newsroom)
    app.test_client_class = Reader
    return app.test_client()


def figures(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Cache-Control"] == "no-store"
    families: Any = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_without_the_token_there_are_no_metrics(client: FlaskClient, watched: Newsroom) -> None:
    nothing, theirs = client.get("/nothing-here"), reader(watched)
    for site, headers in ((client, TOKEN), (theirs, {}), (theirs, {"Authorization": "Bearer x"})):
        answer = site.get("/metrics", headers=headers)
        assert (answer.status_code, answer.data) == (404, nothing.data)


def test_requests_of_every_process_are_added_up(watched: Newsroom) -> None:
    client = reader(watched)
    before = figures(client)
    client.get("/")
    client.get("/feed.json")
    client.get("/nothing-here")
    client.get("/api/v1/articles")
    after = figures(client)
    for room, status, more in (("pages", "2xx", 1), ("feeds", "2xx", 1), ("pages", "4xx", 1), ("api", "2xx", 1)):
        sample = ("copydesk_requests_total", room, status)
        assert after[sample] - before[sample] == more
    assert after["copydesk_request_seconds_count", "pages"] - before["copydesk_request_seconds_count", "pages"] == 2
    assert after["copydesk_request_seconds_bucket", "+Inf", "pages"] >= 1
    folder = watched.settings.data_dir / "metrics"
    [own] = folder.glob("*.tally")
    (folder / "4711.tally").write_bytes(own.read_bytes())  # as another process would leave it
    assert figures(client)["copydesk_requests_total", "feeds", "2xx"] == 2


def test_the_newsrooms_backlog_and_visits_are_told(watched: Newsroom, clock: SetClock) -> None:
    client, desk, readers = reader(watched), Desk(watched), Readers(watched)
    article = desk.publish()
    readers.read(article)
    readers.read(article, 2, agent=GOOGLEBOT)
    count_visits(watched)
    clock.advance(timedelta(seconds=90))
    told = figures(client)
    assert told["copydesk_articles_visible",] == 1
    assert told["copydesk_outbox_waiting", "search"] == told["copydesk_search_drift",] == 1
    assert told["copydesk_outbox_age_seconds", "search"] == 90
    assert told["copydesk_visits",] == 1
    assert told["copydesk_views_dropped_total", "bot"] == 1
    assert told["copydesk_search_index_usable",] == 0
    Worker(watched).index()
    told = figures(client)
    assert told["copydesk_search_drift",] == told["copydesk_outbox_waiting", "search"] == 0
    assert told["copydesk_search_index_usable",] == 1


def test_a_worker_that_stops_is_noticed(watched: Newsroom, clock: SetClock) -> None:
    client = reader(watched)
    age = ("copydesk_worker_heartbeat_age_seconds",)
    assert age not in figures(client)
    Worker(watched).beat()
    assert figures(client)[age] == 0
    clock.advance(timedelta(minutes=5))
    assert figures(client)[age] == 300


def test_readiness_names_every_engine(client: FlaskClient, newsroom: Newsroom) -> None:
    Worker(newsroom).index()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ready",
        "engines": {"database": "ok", "search": "ok", "views": "ok", "files": "ok", "signal": "ok"},
    }
