"""What those who run several machines are told, and what readers get when the machines lose one another."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dotenv import dotenv_values
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.app import build_newsroom
from cms.cli.main import cms
from cms.clock import SystemClock
from cms.domain.articles.model import Article
from cms.domain.views.model import VisitTotal
from cms.engines import chosen
from cms.engines.signal.redis import RedisSignal
from cms.newsroom import Newsroom
from cms.settings import read_settings
from cms.worker.counting import count_visits
from cms.worker.loop import Worker
from tests.desk import Desk
from tests.lending import serve
from tests.machines import Valkey
from tests.serving import ROOT, until


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom], valkey: Valkey, postgres_url: str) -> Iterator[Newsroom]:
    room = make_newsroom(SIGNAL_URL=valkey.url, SEARCH_URL="postgresql:", DATABASE_URL=postgres_url)
    room = replace(room, clock=SystemClock())
    yield room
    close(room)


def close(room: Newsroom) -> None:
    assert isinstance(room.signal, RedisSignal)
    room.signal.close()


def browser(room: Newsroom) -> FlaskClient:
    return serve(room).test_client()


class Fast(SystemClock):
    def now(self) -> datetime:
        return super().now() + timedelta(milliseconds=900)


def test_a_machine_whose_clock_is_off_the_databases_is_not_ready(newsroom: Newsroom) -> None:
    Worker(newsroom).index()
    ready = browser(newsroom).get("/readyz")
    assert (ready.status_code, ready.get_json()["engines"]["clock"]) == (200, "ok")
    fast = browser(replace(newsroom, clock=Fast())).get("/readyz")
    assert fast.status_code == 503
    assert fast.get_json()["engines"]["clock"].endswith("s off the database's")


def test_the_doctor_finds_the_clock_that_is_off(newsroom: Newsroom) -> None:
    assert finding(newsroom, "clock")["ok"]
    ill = finding(replace(newsroom, clock=Fast()), "clock")
    assert not ill["ok"]
    assert "NTP" in ill["remedy"]


def test_without_redis_pages_stay_and_show_every_change(newsroom: Newsroom, valkey: Valkey) -> None:
    desk, client = Desk(newsroom), browser(newsroom)
    desk.publish("Ferry returns to the old quay")
    assert "old quay" in client.get("/").get_data(as_text=True)
    valkey.kill()
    desk.publish("Harbour floods for a second day")
    assert "second day" in client.get("/").get_data(as_text=True)
    told = client.get("/readyz")
    assert (told.status_code, told.get_json()["engines"]["signal"]) == (200, "does not answer")


def test_the_doctor_says_what_it_means_that_redis_is_gone(newsroom: Newsroom, valkey: Valkey) -> None:
    assert finding(newsroom, "signal")["ok"]
    valkey.kill()
    ill = finding(newsroom, "signal")
    assert not ill["ok"]
    assert "every request asks the database" in ill["remedy"]


def test_what_one_machine_withdraws_is_gone_from_the_others_memory_when_the_verb_returns(
    newsroom: Newsroom, valkey: Valkey
) -> None:
    other = replace(newsroom, signal=RedisSignal(valkey.url, lambda: 0))
    desk, here, there = Desk(newsroom), browser(newsroom), browser(other)
    article = desk.publish("Ferry returns to the old quay")
    until(lambda: other.signal.read() is not None, "the other machine has its lease")
    for _ in range(2):
        assert "old quay" in here.get("/").get_data(as_text=True)
        assert "old quay" in there.get("/").get_data(as_text=True)
    desk.withdraw(article)
    assert "old quay" not in there.get("/").get_data(as_text=True)
    assert "old quay" not in here.get("/").get_data(as_text=True)
    close(other)


def test_many_workers_of_two_machines_count_each_visit_once(
    make_newsroom: Callable[..., Newsroom], valkey: Valkey, postgres_url: str, tmp_path: Path
) -> None:
    shared = {"VIEWS_URL": valkey.url, "SEARCH_URL": "postgresql:", "DATABASE_URL": postgres_url}
    rooms = [make_newsroom(DATA_DIR=str(tmp_path / name), **shared) for name in ("one", "two")]
    article, browsers = Desk(rooms[0]).publish(), [browser(room) for room in rooms]
    over = threading.Event()
    workers = [threading.Thread(target=work, args=(room, over)) for room in rooms for _ in range(2)]
    for worker in workers:
        worker.start()
    for n in range(80):
        agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{n % 40}.0) Gecko/20100101 Firefox/{n % 40}.0"
        named = {"Origin": "http://news.example", "User-Agent": agent}
        view = {"article": article, "view": f"view-{n:08d}"}
        assert browsers[n // 40].post("/api/v1/views", json=view, headers=named).status_code == 204
    until(lambda: total(rooms[0], article) >= 40, "they are counted")
    until(lambda: not [path for room in rooms for path in spooled(room)], "nothing waits any more")
    over.set()
    for worker in workers:
        worker.join()
    assert total(rooms[0], article) == 40  # each reader came to both machines, and is the same visit there
    for room in rooms:
        room.views.close()


def work(room: Newsroom, over: threading.Event) -> None:
    while not over.wait(0.05):
        count_visits(room)


def spooled(room: Newsroom) -> list[Path]:
    return [path for kind in ("open", "sealed") for path in (room.settings.data_dir / "views").glob(f"*.{kind}")]


def total(room: Newsroom, article: str) -> int:
    with room.sessions.read() as session:
        wanted = select(VisitTotal.visits).join(Article, Article.id == VisitTotal.article_id)
        return session.scalar(wanted.where(Article.public_id == article)) or 0


def test_the_example_for_several_machines_is_one_that_copydesk_takes(tmp_path: Path) -> None:
    example = {name: value or "" for name, value in dotenv_values(ROOT / "deploy" / "several-machines.env").items()}
    settings = read_settings({**example, "CMS_DATA_DIR": str(tmp_path)}, check=chosen.check)
    assert settings.several_machines


def finding(newsroom: Newsroom, what: str) -> dict[str, Any]:
    done = CliRunner().invoke(cms, ["doctor", "--json"], obj=lambda: newsroom)
    return next(each for each in json.loads(done.stdout) if each["what"] == what)


@pytest.mark.parametrize("name", ["CMS_SIGNAL_URL", "CMS_VIEWS_URL"])
@pytest.mark.parametrize("url", ["redis://", "redis://:hidden@host/x", "redis://:hid@den@host:port", "tcp://host"])
def test_a_wrong_address_stops_the_start_in_one_line_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, url: str
) -> None:
    monkeypatch.setenv("CMS_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv(name, url)
    done = CliRunner().invoke(cms, ["doctor"], obj=build_newsroom)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"cms: {name} takes ")
    assert "hid" not in done.stderr
    assert not (tmp_path / "var").exists()
