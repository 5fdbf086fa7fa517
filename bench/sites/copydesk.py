"""Copydesk as it comes, ``cms run`` with its worker, but for room in its cache for every page, as the others have."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sys
from pathlib import Path

from bench import publishing
from bench.newsroom import fill
from bench.serving import ROOT, addresses, free_port, started, until_up
from bench.sites import Door, Peer, answer
from cms import reactions
from cms.app import build_newsroom
from cms.domain import keys
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom
from cms.settings import read_settings


class Copydesk(Peer):
    filled: Path | None = None
    """A data folder that bench/newsroom.py has filled: a copy of it saves a minute."""

    def install(self) -> None:
        self._port = free_port()
        self._settings = {"CMS_DATA_DIR": str(self.folder / "var"), "CMS_SAMPLE": "0", "CMS_PORT": str(self._port)}
        self._settings["CMS_PAGE_CACHE_MB"] = "256"
        self.about = (
            "**Copydesk**, this checkout: `cms run`, which is granian with a web process for each core, a worker, and "
            "SQLite with durable commits. `CMS_PAGE_CACHE_MB=256` gives room for every page: the 64 that it comes with "
            "hold about 1,800 of this size."
        )

    def fill(self) -> None:
        if self.filled:
            shutil.copytree(self.filled, self.folder / "var")
        else:
            with self.stories.open() as lines:
                fill(self._newsroom(), sum(1 for _ in lines))

    def serve(self) -> None:
        given = {**os.environ, **self._settings}
        self.open_.enter_context(
            started([sys.executable, "-m", "cms", "run"], self.folder / "log", env=given, cwd=ROOT)
        )
        until_up(self._port, "/healthz")
        command = [sys.executable, "-m", "cms", "token", "add", "Bench", "--role", "editor"]
        self._token = answer(command, env=given, cwd=ROOT).strip()
        newsroom = self._newsroom()
        self.open_.callback(newsroom.sessions.dispose)

        def purge() -> None:
            with newsroom.sessions.write() as session:
                event = Event("purge", SYSTEM, "pages:all", keys=frozenset({keys.SITE}))
                reactions.commit(session, [event], newsroom.clock.now(), newsroom.signal)

        self.paths = addresses(self._port)
        self.doors = [Door("Copydesk", self._port, self._publish, purge)]
        self.programs = {
            "Copydesk, API (two calls)": self._publish,
            "Copydesk, in process": lambda headline: publishing.publish(newsroom, publishing.save(newsroom, headline)),
        }

    def warm(self, door: Door) -> None:
        """Several times: a connection reaches any of two processes, and both should have every page."""
        for _ in range(4):
            super().warm(door)

    def _publish(self, headline: str) -> None:
        made = self._post("/api/v1/articles", {"headline": headline, "body_html": "<p>It is so.</p>"})
        self._post(f"/api/v1/articles/{made['id']}/publications", {})

    def _post(self, path: str, fields: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        connection.request("POST", path, json.dumps(fields), headers)
        told = connection.getresponse()
        body = told.read().decode()
        connection.close()
        if told.status != 201:
            raise SystemExit(f"{path}: {told.status} {body}")
        return json.loads(body)  # type: ignore[no-any-return]

    def _newsroom(self) -> Newsroom:
        return build_newsroom(read_settings(self._settings))
