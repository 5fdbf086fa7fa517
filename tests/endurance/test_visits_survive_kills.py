"""Web processes and the worker of a served newsroom are killed in the middle of their work, over and over, while
readers keep coming: no visit that was acknowledged is lost, and none is counted twice.

Every view here is another reader's, so each is one visit. That a process was at work when it was killed is proven, not
hoped for: a worker by the writer's place in the database, which it was seen to hold after it had been stopped and
before it was killed; a web process by a request that it had been sent and had not answered.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cms import worker
from cms.app import build_newsroom
from cms.domain.views.model import SeenView, VisitDrop, VisitTotal
from cms.domain.views.once import view_key
from cms.newsroom import Newsroom
from cms.settings import read_settings
from tests.desk import Desk
from tests.readers import FIREFOX
from tests.serving import Served, served, until
from tests.sizes import SOAKING, size

KILLS = size(25, 500, "KILLS")
READERS = 6
AHEAD = 10
"""Requests that a connection sends before it reads an answer."""

BETWEEN = 500
"""Visits that are acknowledged before the next process is killed."""

WRITERS_PLACE = 120
"""The byte of a database's -shm file that whoever writes has locked (sqlite.org/walformat.html, 2.3)."""

ESTABLISHED = "01"

numbers = count()


@pytest.mark.timeout(0 if SOAKING else 240)
def test_no_acknowledged_visit_is_lost_or_doubled_whoever_is_killed_at_work(tmp_path: Path) -> None:
    data = tmp_path / "var"
    with served(data, TRUSTED_PROXIES="1") as site:
        newsroom = its_newsroom(site)
        article = Desk(newsroom).publish("Ferry returns")
        newsroom.sessions.dispose()
        readers = [Reader(site.port, article) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        proven = [kill_one(site, readers, data, worker_too=bool(number % 2)) for number in range(KILLS)]
        for reader in readers:
            reader.stop()
        assert site.stop() == 0
    worker.count_visits(newsroom)
    assert proven.count(True) >= 0.95 * KILLS, "killed at work"
    acknowledged = [view for reader in readers for view in reader.acknowledged]
    in_doubt = [view for reader in readers for view in reader.in_doubt]
    assert len(acknowledged) >= KILLS * BETWEEN
    compare(newsroom, acknowledged, in_doubt)


def compare(newsroom: Newsroom, acknowledged: list[str], in_doubt: list[str]) -> None:
    with newsroom.sessions.read() as session:
        seen = set(session.scalars(select(SeenView.view)))
        visits = session.scalar(select(func.sum(VisitTotal.visits)))
        drops = session.execute(select(VisitDrop.reason, VisitDrop.views)).all()
    assert [view for view in acknowledged if view_key(view) not in seen] == [], "lost"
    assert visits == len(seen), "doubled"
    assert drops == []
    assert seen <= {view_key(view) for view in [*acknowledged, *in_doubt]}


class Reader(threading.Thread):
    """Sends views over one connection after another, and keeps what became of them."""

    def __init__(self, port: int, article: str) -> None:
        super().__init__(daemon=True)
        self._port, self._article = port, article
        self._done = threading.Event()
        self.acknowledged: list[str] = []
        self.in_doubt: list[str] = []
        """Refused, or sent to a process that died before it answered: nobody was promised anything."""

    def run(self) -> None:
        while not self._done.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=20) as connection:
                    while not self._done.is_set():
                        self._send_some(connection)
            except OSError:
                self._done.wait(0.02)  # nobody listens for the moment, or whoever did is gone

    def _send_some(self, connection: socket.socket) -> None:
        views = [f"view-{next(numbers):09d}" for _ in range(AHEAD)]
        answered = 0
        try:
            connection.sendall(b"".join(self._request(view) for view in views))
            for answered, status in enumerate(statuses(connection, AHEAD), start=1):
                (self.acknowledged if status == 204 else self.in_doubt).append(views[answered - 1])
        finally:
            self.in_doubt += views[answered:]

    def _request(self, view: str) -> bytes:
        number = int(view[5:])
        body = json.dumps({"article": self._article, "view": view})
        return (
            f"POST /api/v1/views HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nOrigin: http://127.0.0.1:{self._port}\r\n"
            f"User-Agent: {FIREFOX}\r\nX-Forwarded-For: {11 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.7\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def stop(self) -> None:
        self._done.set()
        self.join()


def statuses(connection: socket.socket, number: int) -> Iterator[int]:
    """Of so many answers without a body. Raises OSError when the connection ends before the last."""
    held = b""
    while number:
        head, end, rest = held.partition(b"\r\n\r\n")
        if end:
            held, number = rest, number - 1
            yield int(head[9:12])
            continue
        more = connection.recv(65536)
        if not more:
            raise ConnectionResetError
        held += more


def kill_one(site: Served, readers: list[Reader], data: Path, *, worker_too: bool) -> bool:
    """Wait for some visits, and kill a process that is proven to be at work; whether it was."""
    goal = answered(readers) + BETWEEN
    until(lambda: answered(readers) >= goal, "visits are acknowledged")
    if worker_too:
        return kill_the_worker(site, data)
    victims: list[int] = []
    until(lambda: victims.extend(read_by_somebody(site)) or victims, "somebody is served")
    doubted = sum(len(reader.in_doubt) for reader in readers)
    os.kill(victims[0], signal.SIGKILL)
    until(lambda: sum(len(reader.in_doubt) for reader in readers) > doubted, "a request is left without an answer")
    return True


def answered(readers: list[Reader]) -> int:
    return sum(len(reader.acknowledged) for reader in readers)


def kill_the_worker(site: Served, data: Path) -> bool:
    """Stopped in the middle of a transaction, looked at, and killed."""
    inode = (data / "copydesk.sqlite3-shm").stat().st_ino
    until(lambda: len(site.working()) == 1, "a worker is at work, the one killed before is gone")
    [number] = site.working()
    until(lambda: writes(number, inode), "the worker counts")
    os.kill(number, signal.SIGSTOP)
    proven = writes(number, inode)
    os.kill(number, signal.SIGKILL)
    return proven


def read_by_somebody(site: Served) -> list[int]:
    """The web processes that somebody is connected to. Nobody here is connected and sends nothing."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{site.port:04X}") and row[3] == ESTABLISHED}
    return [number for number in site.serving() if sockets & open_files(number)]


def open_files(process: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(os.readlink(descriptor))
    return found


def writes(process: int, inode: int) -> bool:
    """Whether the process holds the writer's place, as the kernel says."""
    held = rf"POSIX\s+ADVISORY\s+WRITE\s+{process} \w+:\w+:{inode} (\d+) (\d+)"
    found = re.findall(held, Path("/proc/locks").read_text())
    return any(int(first) <= WRITERS_PLACE <= int(last) for first, last in found)


def its_newsroom(site: Served) -> Newsroom:
    return build_newsroom(read_settings({k: v for k, v in site.environment.items() if k.startswith("CMS_")}))
