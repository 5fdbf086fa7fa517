"""Wagtail from PyPI on granian and SQLite; with wagtail-cache, and without."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bench.serving import free_port, started, until_up
from bench.sites import Door, Peer, answer, emptying, last_line, resident

HERE = Path(__file__).parent
APPLICATION = "newspaper.wsgi:application"


class Wagtail(Peer):
    def install(self) -> None:
        site, environment = self.folder / "site", self.folder / "environment"
        shutil.copytree(HERE, site, ignore=shutil.ignore_patterns("__pycache__"))
        answer([sys.executable, "-m", "venv", str(environment)])
        self._python, pip = str(environment / "bin" / "python"), [str(environment / "bin" / "pip"), "install", "-q"]
        answer([*pip, "wagtail", "granian"])
        answer([*pip, "--no-deps", "wagtail-cache"])  # which would have an older Wagtail installed
        self._environment = {**os.environ, "PYTHONPATH": str(site), "DJANGO_SETTINGS_MODULE": "newspaper.settings"}
        self._environment |= {"BENCH_FOLDER": str(self.folder), "PAGE_CACHE": ""}
        for command in (["makemigrations", "newspaper"], ["migrate"]):
            self._run("-m", "django", *command)
        ask = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
        wagtail, django, granian, cache = self._run("-c", ask, "wagtail", "django", "granian", "wagtail-cache").split()
        self.about = (
            f"**Wagtail** {wagtail} on Django {django}: a site of three page types and two short templates, SQLite in "
            f"WAL mode, granian {granian} with two processes of one thread. *With wagtail-cache* {cache}: the file "
            f"cache of its documentation with room for every page, cleared on every publication as that advises, since "
            f"it clears nothing by itself."
        )

    def fill(self) -> None:
        self.paths = last_line(self._run(str(self.folder / "site" / "fill.py"), str(self.stories)))  # type: ignore[assignment]

    def serve(self) -> None:
        self.doors, self.programs = [], {}
        for name, cache in (("Wagtail", ""), ("Wagtail, wagtail-cache", "1")):
            port, environment = free_port(), {**self._environment, "PAGE_CACHE": cache}
            granian = [str(Path(self._python).with_name("granian")), "--interface", "wsgi", "--workers", "2"]
            log = self.folder / f"{port}.log"
            self.open_.enter_context(
                started([*granian, "--port", str(port), APPLICATION], log, env=environment, cwd=self.folder)
            )
            program = [self._python, str(self.folder / "site" / "publish.py")]
            publish = self.open_.enter_context(resident(program, env=environment))
            until_up(port, "/")
            self.doors.append(Door(name, port, publish, emptying(self.folder / "pages") if cache else None))
            self.programs[f"{name}, in process"] = publish

    def _run(self, *arguments: str) -> str:
        return answer([self._python, *arguments], env=self._environment, cwd=self.folder)
