"""One command serves everything, keeps it alive, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.serving import command, port_is_free, served, until


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
    ],
)
def test_a_wrong_setting_is_one_line_and_creates_nothing(data: Path, name: str, value: str, takes: str) -> None:
    done = command("run", data=data, **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"cms: CMS_{name} ")
    assert takes in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not data.exists()


def test_loading_the_sample_twice_adds_nothing(data: Path) -> None:
    assert command("db", "upgrade", data=data).returncode == 0
    first = command("sample", "load", data=data)
    assert first.returncode == 0, first.stderr
    second = command("sample", "load", data=data)
    assert second.returncode == 0, second.stderr
    assert "there already" in second.stdout


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
