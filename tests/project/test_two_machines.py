"""One site on two machines: two ``cms web`` with a folder each, one worker, and PostgreSQL, Valkey and S3 between."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.machines import Valkey
from tests.pictures import picture
from tests.serving import Served, command, served, until

SITE = "http://news.example"


@dataclass
class Site:
    machines: list[Served]
    token: str
    valkey: Valkey
    agents: int = field(default=0)

    def ask(self, machine: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """One request, as it comes through a balancer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.machines[machine].port, timeout=20)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, sent, {"Host": "news.example", **named})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def api(self, machine: int, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        who = f"Bearer {self.token}"
        status, text = self.ask(machine, method, f"/api/v1{path}", body, Authorization=who, Content_Type=kind)
        assert status < 300, (status, text)
        return json.loads(text) if text else None

    def publish(self, machine: int, headline: str, **more: Any) -> tuple[str, str]:
        """A story's id and path."""
        article = self.api(machine, "POST", "/articles", {"headline": headline, "body_html": "<p>Text.</p>", **more})
        self.api(machine, "POST", f"/articles/{article['id']}/publications", {})
        return article["id"], urlsplit(self.api(machine, "GET", f"/articles/{article['id']}")["url"]).path

    def visit(self, machine: int, article: str, agent: str) -> int:
        """The answer's status."""
        self.agents += 1
        sent = {"article": article, "view": f"view-{self.agents:08d}"}
        return self.ask(machine, "POST", "/api/v1/views", sent, Origin=SITE, User_Agent=agent)[0]

    def visits(self, machine: int, article: str) -> int:
        told = json.loads(self.ask(machine, "GET", f"/api/v1/views?ids={article}")[1])
        return int(told[article]["total"])

    def spooled(self) -> list[Path]:
        return [path for each in self.machines for path in (each.data / "views").glob("*.*") if path.suffix]


@pytest.fixture
def site(tmp_path: Path, postgres_url: str, valkey: Valkey, s3_url: str) -> Iterator[Site]:
    shared = {
        "DATABASE_URL": postgres_url,
        "SEARCH_URL": "postgresql:",
        "FILES_URL": s3_url,
        "SIGNAL_URL": valkey.url,
        "VIEWS_URL": valkey.url,
        "SECRET_KEY": "one key for every machine of the site",
        "SITE_URL": SITE,
        "WORKERS": "1",
    }
    made = command("token", "add", "balancer", "--role", "editor", data=tmp_path / "one", **shared)
    with ExitStack() as running:
        web = [running.enter_context(served(tmp_path / name, "web", ready=False, **shared)) for name in ("one", "two")]
        running.enter_context(served(tmp_path / "three", "worker", ready=False, **shared))
        until(lambda: all(each.answers() for each in web), "both machines answer")
        yield Site(web, made.stdout.strip(), valkey)


def test_two_machines_show_the_same_at_every_moment(site: Site) -> None:
    boundary = b'--the-form\r\nContent-Disposition: form-data; name="file"; filename="quay.jpg"\r\n\r\n'
    form = boundary + picture() + b"\r\n--the-form--\r\n"
    media = site.api(0, "POST", "/media", form, "multipart/form-data; boundary=the-form")["id"]
    article, path = site.publish(0, "Ferry returns to the old quay", lead_image=media)
    for machine in (0, 1, 0, 1):  # the second time from memory
        status, page = site.ask(machine, "GET", path)
        assert (status, b"old quay" in page) == (200, True)
        assert b"old quay" in site.ask(machine, "GET", "/")[1]
    shown = page.partition(b'src="/media/')[2].partition(b'"')[0].decode()
    assert site.ask(1, "GET", f"/media/{shown}")[0] == 200  # its bytes came in at the other machine
    site.api(1, "POST", f"/articles/{article}/withdrawal", {})
    assert [site.ask(machine, "GET", path)[0] for machine in (0, 1)] == [404, 404]
    assert [b"old quay" in site.ask(machine, "GET", "/")[1] for machine in (0, 1)] == [False, False]


def test_without_redis_every_page_is_answered_and_changes_are_seen_at_once(site: Site) -> None:
    _article, path = site.publish(0, "Ferry returns to the old quay")
    for machine in (0, 1, 0, 1):
        assert site.ask(machine, "GET", path)[0] == 200
    site.valkey.kill()
    assert [site.ask(machine, "GET", each)[0] for machine in (0, 1) for each in (path, "/", "/search?q=ferry")] == [
        200
    ] * 6
    _article, second = site.publish(1, "Harbour floods for a second day")
    assert b"second day" in site.ask(0, "GET", "/")[1]
    assert site.ask(0, "GET", second)[0] == 200
    told = json.loads(site.ask(0, "GET", "/readyz")[1])
    assert (told["status"], told["engines"]["signal"], told["engines"]["views"]) == (
        "ready",
        "does not answer",
        "does not answer",
    )
    site.valkey.start()
    until(lambda: json.loads(site.ask(0, "GET", "/readyz")[1])["engines"]["signal"] == "ok", "it is found again")


def test_visits_of_both_machines_are_neither_lost_nor_doubled(site: Site) -> None:
    article, _path = site.publish(0, "Ferry returns to the old quay")
    agents = [f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0" for n in range(100, 160)]
    answers = [site.visit(n % 2, article, agent) for n, agent in enumerate(agents[:20])]
    site.valkey.kill()
    answers += [site.visit(n % 2, article, agent) for n, agent in enumerate(agents[20:40])]
    site.valkey.start()
    answers += [site.visit(n % 2, article, agent) for n, agent in enumerate(agents[40:])]
    answers += [site.visit(1 - n % 2, article, agent) for n, agent in enumerate(agents)]  # all of them, elsewhere
    assert set(answers) == {204}
    until(lambda: site.visits(0, article) >= len(agents), "they are counted")
    until(lambda: not site.spooled(), "nothing waits any more")
    assert [site.visits(machine, article) for machine in (0, 1)] == [len(agents)] * 2
