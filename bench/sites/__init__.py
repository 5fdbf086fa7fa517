"""Who is compared: each is one class with the same few verbs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.serving import fetch

UNPRIVILEGED = {"user": "www-data", "group": "www-data", "extra_groups": []} if os.geteuid() == 0 else {}
"""Who runs what isn't ours: some of it refuses to run as root."""


@dataclass(frozen=True)
class Door:
    """One way to a site's pages, which is one row of the tables: with a page cache, or without."""

    name: str
    port: int
    publish: Callable[[str], None]
    """Save a story with this headline, and publish it."""
    purge: Callable[[], None] | None = None
    """Forget every finished page. None where none is kept."""


class Peer(ABC):
    about: str
    """What was installed, and how it was set up: a line of the page that is written."""
    doors: list[Door]
    paths: list[str]
    """Where its stories are."""
    programs: dict[str, Callable[[str], None]]
    """Ways to save and publish, by their names, whose time is taken."""

    def __init__(self, folder: Path, stories: Path) -> None:
        """``stories``: one JSON object a line, as bench/newsroom.py writes them."""
        self.folder, self.stories = folder, stories
        self.open_ = contextlib.ExitStack()
        folder.mkdir()
        folder.chmod(0o755)

    @abstractmethod
    def install(self) -> None: ...

    @abstractmethod
    def fill(self) -> None: ...

    @abstractmethod
    def serve(self) -> None: ...

    def stop(self) -> None:
        self.open_.close()

    def warm(self, door: Door) -> None:
        """Ask for every page, until whoever keeps pages has them all."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda path: fetch(door.port, path), ["/", *self.paths]))


@contextlib.contextmanager
def resident(command: list[str], **how: object) -> Iterator[Callable[[str], None]]:
    """A program that is started once, and publishes a story for each headline that it reads."""
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    process = subprocess.Popen(command, start_new_session=True, **piped, **how)  # type: ignore[call-overload]

    def publish(headline: str) -> None:
        process.stdin.write(headline + "\n")
        if process.stdout.readline() != "published\n":
            raise SystemExit(f"{command} published nothing")

    try:
        yield publish
    finally:
        process.kill()
        process.wait()


def answer(command: list[str], **how: object) -> str:
    """What a command says, or its complaint and the end."""
    told = subprocess.run(command, capture_output=True, text=True, **how)  # type: ignore[call-overload]
    if told.returncode:
        raise SystemExit(f"{' '.join(command)}\n{told.stdout}{told.stderr}")
    return str(told.stdout)


def last_line(told: str) -> object:
    return json.loads(told.strip().rsplit("\n", 1)[-1])


def emptying(cache: Path) -> Callable[[], None]:
    """Take away every file below this folder."""

    def empty() -> None:
        for file in cache.rglob("*"):
            if file.is_file():
                file.unlink(missing_ok=True)

    return empty
