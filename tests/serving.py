"""A newsroom served as its users serve it: the ``cms`` command in a process of its own, on a free port."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30.0
"""Seconds that a busy machine may take over anything that is waited for."""


@dataclass
class Served:
    """A running command, its settings, and what it answers."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """One request on a connection of its own: its status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def children(self) -> dict[int, str]:
        """Every descendant's number and command line."""
        return descendants(self.process.pid)

    def serving(self) -> list[int]:
        """The processes that serve pages: the children of the server's own."""
        children = self.children()
        servers = [number for number, command in children.items() if re.search(r"\bcms web\b", command)]
        below = {number: line for number, line in children.items() if parent_of(number) in servers}
        return [number for number, line in below.items() if not resource_tracker(line)]

    def working(self) -> list[int]:
        return [number for number, command in self.children().items() if re.search(r"\bcms worker\b", command)]

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C and init do; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def command(*arguments: str, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``cms`` with these settings to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cms", *arguments],
        cwd=ROOT,
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@contextmanager
def served(
    data: Path, *arguments: str, ready: bool = True, log: Path | None = None, **settings: str
) -> Iterator[Served]:
    """``cms run`` (or what is asked for), answering; at the end nothing of it is left."""
    port = free_port()
    log = log or data.parent / f"{data.name}-{port}.log"
    given = environment(data, PORT=str(port), **settings)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cms", *(arguments or ("run",))],
            cwd=ROOT,
            env=given,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Served(process, port, data, log, given)
    family: dict[int, str] = {}
    try:
        if ready:
            until(lambda: running.answers() or process.poll() is not None, "it answers")
            assert process.poll() is None, log.read_text()
        family = running.children()
        yield running
    finally:
        family |= running.children()
        for number in (process.pid, *family):
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()


def environment(data: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CMS_")}
    given = {"DATA_DIR": str(data), "SAMPLE": "0", "WORKERS": "2", **settings}
    return {**kept, **{f"CMS_{name}": value for name, value in given.items()}}


def until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for something to become true, and fail by name when it does not."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"waited {patience:.0f} s in vain until {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def port_is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def descendants(root: int) -> dict[int, str]:
    told = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in told.splitlines()]
    below, grown = {root: ""}, True
    while grown:
        fresh = {int(r[0]): r[2] for r in rows if len(r) == 3 and int(r[1]) in below and int(r[0]) not in below}
        below |= fresh
        grown = bool(fresh)
    del below[root]
    return below


def parent_of(number: int) -> int:
    told = subprocess.run(["ps", "-o", "ppid=", "-p", str(number)], capture_output=True, text=True, check=False).stdout
    return int(told or 0)


def resource_tracker(command_line: str) -> bool:
    """Python's own bookkeeper of shared memory, which serves nobody."""
    return "resource_tracker" in command_line
