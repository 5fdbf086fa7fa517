"""Cut the power while editors save, and see what is there afterwards: ``bench/power_cuts.py``. Takes root, on Linux.

    sudo PYTHONPATH=. .venv/bin/python bench/power_cuts.py [--cuts N] [--on sqlite|postgresql] [--careless]

The database lies on a disk of its own, a file that the kernel writes past its cache. At any instant it holds what
was written out and nothing that was merely written: a copy of it is what a power cut would leave. Some editors, each a
process, save and publish and note what was acknowledged; at a random moment they and the server are stopped, the file
is copied, and they go on. From the copy the database must start, be whole, and hold every save that had been
acknowledged, each with its hash. ``--careless`` turns the databases' own syncing off, to see the same run find losses.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, text

from cms.app import build_newsroom
from cms.domain.articles import desk
from cms.domain.articles.chain import first_bad_link
from cms.domain.articles.model import Article, Revision
from cms.moving import schema
from cms.newsroom import Newsroom
from cms.settings import read_settings
from tests.desk import Desk
from tests.services import as_user, postgres_binaries, postgres_user

EDITORS, SIZE = 4, 384 * 1024**2


@dataclass
class Place:
    """A database on a disk of its own: how it is begun there, what processes serve it, and its address."""

    begin: Callable[[Path], None]
    serve: Callable[[Path], Any]
    url: Callable[[Path], str]


# --- Cutting -----------------------------------------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--cuts", type=int, default=50)
    options.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--careless", action="store_true")
    asked = options.parse_args()
    place = PLACES[asked.on](asked.careless)
    lost = broken = acknowledged = 0
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for number in range(asked.cuts):
            told, left = one_cut(Path(folder), place, asked.careless, random.Random(number))
            acknowledged += told
            lost += left or 0
            broken += left is None
            print(
                f"{number + 1:4}  {told} acknowledged, {'does not start' if left is None else f'{left} lost'}",
                flush=True,
            )
    print(f"{asked.cuts} cuts, {acknowledged} saves acknowledged before them: {lost} lost, {broken} not to be opened")


def one_cut(folder: Path, place: Place, careless: bool, chance: random.Random) -> tuple[int, int | None]:
    """How many saves had been acknowledged, and how many of them are gone; None where nothing can be opened."""
    image, after = folder / "disk", folder / "after"
    image.write_bytes(b"")
    os.truncate(image, SIZE)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    journals = [folder / f"acknowledged.{number}" for number in range(EDITORS)]
    with disk(image, folder / "here") as here:
        place.begin(here)
        with place.serve(here) as server, newsroom_at(place.url(here), careless) as newsroom:
            schema.upgrade(newsroom.sessions.write_engine)
            os.sync()
            newsroom.sessions.dispose()
            editors = [edit(place.url(here), journal, careless) for journal in journals]
            while not all(journal.exists() for journal in journals):
                time.sleep(0.01)
            time.sleep(chance.uniform(0.3, 2.0))
            stopped = [*editors, *server()]
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            shutil.copyfile(image, after)
            acknowledged = [json.loads(line) for journal in journals for line in journal.read_text().splitlines()]
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
            for pid in editors:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    for journal in journals:
        journal.unlink()
    with disk(after, folder / "there") as there, ExitStack() as open_:
        try:
            open_.enter_context(place.serve(there))
            newsroom = open_.enter_context(newsroom_at(place.url(there), careless))
            return len(acknowledged), missing(newsroom, acknowledged)
        except Exception as unusable:
            print(f"      {unusable!r:.200}")
            return len(acknowledged), None


def missing(newsroom: Newsroom, acknowledged: list[list[Any]]) -> int:
    """Of the saves, those that are not there with the hash that was acknowledged. Raises where a history is broken."""
    with newsroom.sessions.read() as session:
        if session.get_bind().dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        there = set()
        for article in session.scalars(select(Article)):
            chain = session.scalars(
                select(Revision).where(Revision.article_id == article.id).order_by(Revision.number)
            ).all()
            assert first_bad_link(article.public_id, chain) is None
            there |= {(article.public_id, row.number, row.hash) for row in chain}
    return len({tuple(each) for each in acknowledged} - there)


# --- Editors -----------------------------------------------------------------------------------------------


def edit(url: str, journal: Path, careless: bool) -> int:
    """A process that saves and publishes until it is killed. What it notes lies on another disk, which stays on."""
    pid = os.fork()
    if pid:
        return pid
    try:
        with newsroom_at(url, careless) as newsroom, journal.open("w") as file:
            at_work, number = Desk(newsroom), 0
            while True:
                number += 1
                if number % 20 == 1:
                    story = at_work.write(f"Ferry {number}", body_html="<p>It sails at nine.</p>" * 50)
                else:
                    at_work.save(story, headline=f"Ferry {number}", body_html=f"<p>It sails at {number}.</p>" * 50)
                with newsroom.sessions.read() as session:
                    row = desk.revision(session, desk.find(session, story))
                    file.write(json.dumps([story, row.number, row.hash]) + "\n")
                    file.flush()
                if number % 7 == 0:
                    at_work.put_live(story)
    finally:
        os._exit(1)


@contextmanager
def newsroom_at(url: str, careless: bool) -> Iterator[Newsroom]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as data:
        settings = read_settings({"CMS_DATA_DIR": data, "CMS_DATABASE_URL": url, "CMS_SITE_URL": "http://news.example"})
        newsroom = build_newsroom(settings)
        if careless and url.startswith("sqlite"):
            event.listen(
                newsroom.sessions.write_engine,
                "checkout",
                lambda connection, *_: connection.execute("PRAGMA synchronous=OFF"),
            )
        yield newsroom
        newsroom.sessions.dispose()


# --- Disks and databases -----------------------------------------------------------------------------------


@contextmanager
def disk(image: Path, at: Path) -> Iterator[Path]:
    """The file as a disk, written past the kernel's cache, and mounted."""
    at.mkdir(exist_ok=True)
    loop = subprocess.run(
        ["losetup", "--find", "--show", "--direct-io=on", image], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        subprocess.run(["mount", loop, at], check=True)
        try:
            yield at
        finally:
            subprocess.run(["umount", at], check=True)
    finally:
        subprocess.run(["losetup", "--detach", loop], check=True)


def sqlite(_careless: bool) -> Place:
    @contextmanager
    def serve(_at: Path) -> Iterator[Callable[[], list[int]]]:
        yield list

    return Place(lambda at: None, serve, lambda at: f"sqlite:///{at}/copydesk.sqlite3")


def postgresql(careless: bool) -> Place:
    user = postgres_user()

    def command(at: Path, name: str, *arguments: str) -> None:
        binary = postgres_binaries(at.parent, user) / name
        subprocess.run(
            [binary, "-D", at / "data", *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL, **as_user(user)
        )

    def begin(at: Path) -> None:
        at.parent.chmod(0o755)
        shutil.chown(at, user or None)
        command(at, "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        careless_lines = "fsync = off\nfull_page_writes = off\n" if careless else ""
        with (at / "data" / "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = ''\nunix_socket_permissions = 0700\n{careless_lines}checkpoint_timeout = 30s\n"
            )

    @contextmanager
    def serve(at: Path) -> Iterator[Callable[[], list[int]]]:
        for held in (at / "data" / "postmaster.pid", at / ".s.PGSQL.5432.lock"):
            held.unlink(missing_ok=True)  # of a server whose number may be somebody else's on this machine by now
        command_at = ["-w", "-t", "60", "-l", str(at / "server.log"), "-o", f"-c unix_socket_directories='{at}'"]
        command(at, "pg_ctl", *command_at, "start")
        first = int((at / "data" / "postmaster.pid").read_text().splitlines()[0])
        try:
            yield lambda: [first, *children(first)]
        finally:
            command(at, "pg_ctl", "-m", "immediate", "stop")

    return Place(begin, serve, lambda at: f"postgresql+psycopg://postgres@/postgres?host={at}")


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


PLACES = {"sqlite": sqlite, "postgresql": postgresql}


if __name__ == "__main__":
    main()
