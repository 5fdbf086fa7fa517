"""The W3C's own checker of HTML finds nothing to say of any kind of page, whatever the paper's language, or of any room
of the admin."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from cms.app import create_app
from cms.domain.articles.model import Publication
from cms.domain.media.model import Media
from cms.engines.files.s3 import S3Files
from cms.newsroom import Newsroom
from tests.lending import Reader
from tests.machines import S3Server
from tests.sizes import SOAKING
from tests.staff import hire

__test__ = SOAKING
"""It takes Java, which nothing else does, so whoever runs `sh scripts/check` needs none."""

CHECKER = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
NOWHERE = S3Server("http://127.0.0.1:9")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_nu_checker_finds_no_error_and_no_warning_on_any_page(
    paper: Newsroom, kinds: list[str], tmp_path: Path, language: str
) -> None:
    paper = replace(paper, settings=replace(paper.settings, site_language=language))
    client = opened(paper).test_client()
    answers = {path: client.get(path) for path in kinds} | reached(client, "/", "public.", 3)
    if language != "en":  # the sample's own pages are in English, and are taken to be in the paper's language
        standing = [path for path in answers if endpoint(client.application, path) == "public.standing"]
        for path in standing:
            if answers[path].status_code == 200:
                del answers[path]
    answers |= {
        "400": client.get("/", base_url="http://elsewhere.example"),
        "405": client.post("/"),
        "410": client.get(withdrawn(paper)),
        "422": client.post(kinds[-1], data={"text": "?", "address": "nobody"}),
        "500": at_fault(paper).get("/fault"),
        "503": opened(replace(paper, files=S3Files(NOWHERE.url("site")))).test_client().get(picture(paper)),
    }
    statuses = {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200}
    assert statuses == {"/nothing-here/": 404, **{path: int(path) for path in answers if path.isdigit()}}
    assert said_by_the_checker(answers, tmp_path) == ""


def test_the_nu_checker_finds_no_error_and_no_warning_in_any_room_of_the_admin(paper: Newsroom, tmp_path: Path) -> None:
    app = opened(paper)
    rooms = {"/admin/sign-in": app.test_client().get("/admin/sign-in")}
    rooms |= reached(hire(app, paper, "admin").client, "/admin/", "admin.", 2)
    assert len(rooms) > 50
    assert said_by_the_checker(rooms, tmp_path) == ""


def reached(client: FlaskClient, start: str, within: str, each: int) -> dict[str, TestResponse]:
    """The pages that links lead to from here, so many of each kind."""
    found: dict[str, TestResponse] = {}
    kinds: Counter[str] = Counter()
    waiting, met = [start], {start}
    while waiting:
        path = waiting.pop(0)
        kind = endpoint(client.application, path)
        if not kind.startswith(within) or kinds[kind] == each:
            continue
        answer = client.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        kinds[kind] += 1
        found[path] = answer
        for link in html.document_fromstring(answer.text).iter("a"):
            there = urljoin(path, link.get("href", "")).partition("#")[0]
            if there.startswith("/") and there not in met:
                met.add(there)
                waiting.append(there)
    return found


def endpoint(app: Flask, path: str) -> str:
    """What answers there; nothing does at some addresses, which are those of old papers or of files."""
    try:
        return str(app.url_map.bind("").match(urlsplit(path).path)[0])
    except HTTPException:
        return ""


def said_by_the_checker(answers: Mapping[str, TestResponse], folder: Path) -> str:
    java = shutil.which("java")
    if java is None:
        pytest.fail("Java is missing; type: apt-get install -y default-jre-headless", pytrace=False)
    pages = folder / "pages"
    pages.mkdir()
    for number, (path, answer) in enumerate(answers.items()):
        name = "".join(letter if letter.isalnum() else "-" for letter in path)
        (pages / f"{number}{name[:80]}.html").write_bytes(answer.data)
    command = [java, "-Dfile.encoding=UTF-8", "-jar", str(CHECKER), "--format", "gnu", "--exit-zero-always", str(pages)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stderr


def opened(newsroom: Newsroom) -> Flask:
    app = create_app(newsroom)
    app.test_client_class = Reader
    return app


def at_fault(paper: Newsroom) -> FlaskClient:
    """A browser at a site with an address where a programmer has made a mistake."""
    app = opened(paper)
    app.add_url_rule("/fault", view_func=lambda: str(1 // 0))
    return app.test_client()


def withdrawn(paper: Newsroom) -> str:
    """The address of a story that was taken down with a notice."""
    with paper.sessions.read() as session:
        row = session.scalars(select(Publication).where(Publication.notice.is_not(None))).first()
        assert row is not None
        assert row.article.address_date is not None
        return f"/{row.article.address_date:%Y/%m/%d}/{row.slug}/"


def picture(paper: Newsroom) -> str:
    """The address of a rendition that nobody has asked for yet."""
    with paper.sessions.read() as session:
        return f"/media/{session.scalars(select(Media.key)).first()}/w320.jpg"
