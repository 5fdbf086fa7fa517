"""``cms run``, ``cms web`` and ``cms worker``: serving, and keeping what serves alive.

``cms run`` is a parent with two children: the web server (granian, with its own processes) and the worker. A child
that dies is started again. Whoever finds its parent gone goes too, so that nothing is left holding the port.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces

from cms.cli.desk import require_schema, with_newsroom
from cms.cli.starting import prepare
from cms.newsroom import Newsroom
from cms.orphans import leave_with_parent
from cms.settings import Settings
from cms.web.body_gate import THREADS
from cms.worker.loop import Worker

RESTART_AFTER = 0.25
"""Seconds between a child's death and its next start."""

ROOT = Path(__file__).resolve().parents[2]


@click.command()
@click.option("--reload", is_flag=True, help="Start the web processes anew when the code changes.")
@with_newsroom
def run(newsroom: Newsroom, reload: bool) -> None:
    """Serve everything on this machine: migrate, prepare, then web processes and the worker under one parent."""
    require_free_port(newsroom.settings)
    prepare(newsroom)
    newsroom.sessions.dispose()
    web_command = ["web", "--announce", *(["--reload"] if reload else [])]
    children = [Child(web_command), Child(["worker"])]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep(children, stop)


@click.command()
@click.option("--announce", is_flag=True, hidden=True)
@click.option("--reload", is_flag=True, help="Start anew when the code changes.")
@with_newsroom
def web(newsroom: Newsroom, announce: bool, reload: bool) -> None:
    """Serve the website, admin, feeds and API; no worker, no migration."""
    require_schema(newsroom)
    settings = newsroom.settings
    require_free_port(settings)
    newsroom.sessions.dispose()
    server = Granian(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        respawn_interval=0.05,
        workers_kill_timeout=5,
        working_dir=ROOT,
        log_level="warning",  # type: ignore[arg-type]
        reload=reload,
        reload_paths=[ROOT / "cms"] if reload else None,
    )
    if announce:
        server.on_startup(lambda: _announce(settings))
    leave_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    logging.getLogger("_granian").addFilter(_is_news)
    server.serve()


def _announce(settings: Settings) -> None:
    try:
        click.echo(f"Copydesk is at {settings.origin}/ and its admin at /admin/")
    except OSError:  # a log on a full disk is no reason not to serve, now or when it is flushed for the next process
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a word of the server's is worth saying: not that there are more threads than cores. So there must be,
    since a slow body holds one for as long as it likes (web/body_gate.py)."""
    return not record.getMessage().startswith("Configuration allows spawning up to")


@click.command()
@with_newsroom
def worker(newsroom: Newsroom) -> None:
    """Carry out what was put in the outbox, count visits and keep the index."""
    require_schema(newsroom)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    leave_with_parent(stop.set)
    Worker(newsroom).work(stop)


def require_free_port(settings: Settings) -> None:
    """End with exit code 1 when somebody listens here already.

    The web processes share the port (SO_REUSEPORT), so a second start would not fail: the kernel would hand every
    other request to the wrong newsroom.
    """
    try:
        with socket.create_server((settings.host, settings.port), reuse_port=False):
            return
    except OSError as error:
        raise click.ClickException(
            f"{settings.host}:{settings.port} can't be listened on ({error.strerror}); set CMS_PORT to a free one"
        ) from None


class Child:
    """One process of ours, started again whenever it ends by itself."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "cms", *arguments]
        self._process: subprocess.Popen[Any] | None = None

    def start_if_ended(self) -> None:
        if self._process is None or self._process.poll() is not None:
            path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
            self._process = subprocess.Popen(  # noqa: S603
                self._command,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C reaches the parent, which stops its children in order
            )

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def keep(children: Sequence[Child], stop: threading.Event) -> None:
    """Keep the children running until told to stop; then stop them all, cleanly if they can."""
    while not stop.is_set():
        for child in children:
            child.start_if_ended()
        stop.wait(RESTART_AFTER)
    for child in children:
        child.stop()
    for child in children:
        child.wait(10)
