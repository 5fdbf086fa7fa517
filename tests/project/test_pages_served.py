"""Pages from memory on the real server: two processes, many connections, one truth."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from cms.app import build_newsroom
from cms.settings import read_settings
from tests.desk import Desk
from tests.serving import Served, command, served

HEADERS = ("etag", "last-modified", "vary", "cache-control", "content-security-policy")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("pages") / "var") as running:
        yield running


@pytest.fixture(scope="module")
def newsdesk(site: Served) -> Desk:
    """Staff in a third process of the same machine: this one."""
    settings = {name: value for name, value in site.environment.items() if name.startswith("CMS_")}
    return Desk(build_newsroom(read_settings(settings)))


def ask(site: Served, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_a_change_shows_on_every_process_at_once(site: Served, newsdesk: Desk) -> None:
    path = f"/{newsdesk.now:%Y/%m/%d}/the-old-quay/"
    story = newsdesk.publish("The old quay")
    for number in range(20):
        assert ask(site, path).status == 200
        newsdesk.put_live(story, revision=newsdesk.save(story, standfirst=f"Standing {number}"))
        for _ in range(6):  # each on a connection of its own, so both processes are met
            assert f"Standing {number}." in site.get(path)[1].replace("</p>", ".</p>")
            assert f"Standing {number}" in site.get("/")[1]
    newsdesk.withdraw(story)
    assert [site.get(path)[0] for _ in range(8)] == [404] * 8


def test_processes_agree_on_bytes_and_tags(site: Served, newsdesk: Desk) -> None:
    newsdesk.publish("A new port", body_html="<p>" + "Dug. " * 500 + "</p>")
    path = f"/{newsdesk.now:%Y/%m/%d}/a-new-port/"
    for encoding in ("identity", "gzip", "br", "zstd"):
        answers = [ask(site, path, **{"Accept-Encoding": encoding}) for _ in range(8)]
        assert len({(answer.getheader("etag"), answer.body) for answer in answers}) == 1  # type: ignore[attr-defined]
        tag = answers[0].getheader("etag") or ""
        held = {"Accept-Encoding": encoding, "If-None-Match": tag}
        assert {ask(site, path, **held).status for _ in range(8)} == {304}
    head, whole = ask(site, path, "HEAD"), ask(site, path)
    assert (head.status, head.body) == (200, b"")  # type: ignore[attr-defined]
    assert [head.getheader(name) for name in HEADERS[2:]] == [whole.getheader(name) for name in HEADERS[2:]]
    assert head.getheader("content-length") == whole.getheader("content-length")


def test_another_name_is_refused_and_a_purge_reaches_the_running_site(site: Served) -> None:
    assert ask(site, "/").status == 200
    assert {ask(site, "/", Host="elsewhere.example").status for _ in range(4)} == {400}
    assert command("pages", "purge", data=site.data, PORT=str(site.port)).returncode == 0
    assert ask(site, "/").status == 200


def test_slow_bodies_leave_threads_for_readers(site: Served) -> None:
    head = (
        f"POST /api/v1/views HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nContent-Length: 500\r\n"
        "Content-Type: application/json\r\n\r\n{"
    )
    dribbling = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(200)]
    for connection in dribbling:
        connection.sendall(head.encode())
    try:
        statuses: list[int] = []
        readers = [threading.Thread(target=lambda: statuses.append(site.get("/")[0])) for _ in range(40)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert statuses == [200] * 40
        late = socket.create_connection(("127.0.0.1", site.port), timeout=10)
        late.sendall(head.encode())
        refused = late.recv(2000).decode()
        late.close()
        assert "503" in refused.splitlines()[0]
        assert "retry-after: " in refused.lower()
    finally:
        for connection in dribbling:
            connection.close()


@pytest.mark.parametrize(
    "framed",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\nContent-Length: 5\r\n\r\n{}   ",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 2, 2\r\n\r\n{}",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "X-Split: a\rX-Other: b\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_request_that_two_servers_could_end_in_two_places_is_the_last_of_its_connection(
    site: Served, framed: str
) -> None:
    host = f"Host: 127.0.0.1:{site.port}\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall(f"POST /api/v1/views HTTP/1.1\r\n{host}{framed}GET / HTTP/1.1\r\n{host}\r\n".encode())
        answered = b""
        while piece := connection.recv(65_536):
            answered += piece
    assert answered.count(b"HTTP/1.1 ") == 1
    assert answered.split()[1] in (b"204", b"400")


def test_files_of_the_build_are_compressed_and_kept_for_a_year(site: Served) -> None:
    page = site.get("/")[1]
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    sizes = {}
    for encoding in ("identity", "gzip", "br"):
        answer = ask(site, path, **{"Accept-Encoding": encoding})
        assert answer.status == 200
        assert answer.getheader("content-type") == "text/css; charset=utf-8"
        assert answer.getheader("cache-control") == "public, max-age=31536000, immutable"
        assert answer.getheader("content-encoding") == (None if encoding == "identity" else encoding)
        assert answer.getheader("vary") == "Accept-Encoding"
        sizes[encoding] = len(answer.body)  # type: ignore[attr-defined]
    assert sizes["br"] < sizes["gzip"] < sizes["identity"]
    for wrong in ("none.css", "../../wsgi.py", "manifest.json", "site.css%00", "%2e%2e/src/public/site.css", ""):
        assert ask(site, f"/static/build/{wrong}").status == 404
