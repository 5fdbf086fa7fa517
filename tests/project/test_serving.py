"""One command serves everything, keeps it alive, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Served, command, port_is_free, served, until


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "news data"


def test_one_command_serves_the_site_with_its_worker_and_stops_cleanly(data: Path) -> None:
    with served(data) as site:
        assert site.get("/")[0] == 200
        assert json.loads(site.get("/readyz")[1])["status"] == "ready"
        assert len(site.working()) == 1
        assert site.stop() == 0
        assert site.children() == {}
        assert port_is_free(site.port)


def test_a_log_that_takes_nothing_stops_nobody(data: Path) -> None:
    assert command("db", "upgrade", data=data).returncode == 0
    with served(data, "web", "--announce", ready=False, log=Path("/dev/full")) as site:
        until(site.answers, "it answers all the same")


def test_a_killed_web_process_is_replaced(data: Path) -> None:
    with served(data) as site:
        until(lambda: len(site.serving()) == 2, "both web processes are there")
        first = site.serving()
        for number in first:
            os.kill(number, signal.SIGKILL)
        until(lambda: len(set(site.serving()) - set(first)) == 2, "two others have taken their places")
        until(site.answers, "it answers again")


def test_a_killed_server_or_worker_is_started_again(data: Path) -> None:
    with served(data) as site:
        [worker] = site.working()
        os.kill(worker, signal.SIGKILL)
        until(lambda: site.working() not in ([], [worker]), "another worker is at work")
        server = next(number for number, line in site.children().items() if "cms web" in line)
        os.kill(server, signal.SIGKILL)
        until(lambda: server not in site.children() and site.answers(), "it answers again")


def test_when_the_parent_is_killed_nothing_keeps_the_port(data: Path) -> None:
    with served(data) as site:
        family = site.children()
        os.kill(site.process.pid, signal.SIGKILL)
        site.process.wait()
        until(lambda: not any(alive(number) for number in family), "all of its children are gone")
        until(lambda: port_is_free(site.port), "the port is free")


def test_a_second_start_on_the_same_port_is_refused_and_the_first_serves_on(data: Path) -> None:
    with served(data) as site:
        second = command("run", data=data.with_name("other"), PORT=str(site.port))
        assert second.returncode == 1
        assert "set CMS_PORT to a free one" in second.stderr
        assert site.answers()


def test_without_its_schema_the_web_command_names_the_remedy(data: Path) -> None:
    done = command("web", data=data)
    assert done.returncode == 1
    assert "cms db upgrade" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("PORT", "eighty", "takes a whole number from 1 to 65535"),
        ("SITE_TIMEZONE", "Mars/Olympus", "takes an IANA time zone"),
        ("DATABASE_URL", "mysql://here", "takes sqlite:///PATH or postgresql+psycopg://"),
        ("SECRET_KEY", "short", "takes at least 32 characters"),
        ("SITE_LANGAUGE", "en", "is not a setting"),
        ("HOST", "nowhere", "takes an IP address"),
        ("MAIL_URL", "smtp://", "takes smtp://"),
        ("SITE_URL", "https://news.example:port", "takes the site's origin"),
        ("HUBS", "hub.example", "takes WebSub hubs' addresses"),
        ("FILES_URL", "s3://", "takes s3://BUCKET/PREFIX?endpoint=URL"),
        ("VIEWS_URL", "redis://", "takes redis://USER:PASSWORD@HOST:PORT/DB"),
        ("SIGNAL_URL", "memcached://127.0.0.1", "takes local: or redis://HOST"),
    ],
)
def test_a_wrong_setting_is_one_line_and_creates_nothing(data: Path, name: str, value: str, takes: str) -> None:
    done = command("run", data=data, **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"cms: CMS_{name} ")
    assert takes in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not data.exists()


def test_a_data_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file" / "var", Path("/proc/copydesk")):  # root may write to the second, says its mode
        done = command("run", data=wrong)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert done.stderr.startswith("cms: CMS_DATA_DIR takes a folder")


@pytest.mark.parametrize("asked", [("doctor",), ("web",), ("token", "add", "x", "--role", "editor")])
def test_a_database_that_does_not_answer_is_told_in_one_line(data: Path, asked: tuple[str, ...]) -> None:
    done = command(*asked, data=data, DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "database" in done.stdout + done.stderr
    assert asked != ("doctor",) or "CMS_DATABASE_URL" in done.stdout


def test_loading_the_sample_twice_adds_nothing(data: Path) -> None:
    assert command("db", "upgrade", data=data).returncode == 0
    first = command("sample", "load", data=data)
    assert first.returncode == 0, first.stderr
    second = command("sample", "load", data=data)
    assert second.returncode == 0, second.stderr
    assert "there already" in second.stdout


def test_the_same_newsroom_stands_on_postgresql_with_its_search(data: Path, postgres_url: str) -> None:
    on = {"DATABASE_URL": postgres_url, "SEARCH_URL": "postgresql:"}
    with served(data, **on) as site:
        token = command("token", "add", "wire", "--role", "editor", data=data, **on).stdout.strip()
        made = api(
            site, token, "POST", "/articles", {"headline": "Ferry returns", "body_html": "<p>On an old quay.</p>"}
        )
        api(site, token, "POST", f"/articles/{made['id']}/publications", {})
        path = api(site, token, "GET", f"/articles/{made['id']}")["url"].removeprefix(site.origin)
        assert "On an old quay." in site.get(path)[1]
        assert "Ferry returns" in site.get("/")[1]
        assert "Ferry returns" in site.get("/search?q=quay")[1]
        until(
            lambda: json.loads(command("search", "status", "--json", data=data, **on).stdout)["documents"] == 1,
            "it is indexed",
        )
        api(site, token, "POST", f"/articles/{made['id']}/withdrawal", {})
        assert site.get(path)[0] == 404
        assert "Ferry returns" not in site.get("/")[1] + site.get("/search?q=quay")[1]
        assert site.stop() == 0


def api(site: Served, token: str, method: str, path: str, said: object = None) -> Any:
    """One call that must succeed; its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, f"/api/v1{path}", json.dumps(said) if said is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status < 300, text
    return json.loads(text)


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
