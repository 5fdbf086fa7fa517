"""The W3C's own checker of HTML finds nothing to say of any kind of page, whatever the paper's language."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.app import create_app
from cms.db import open_sessions
from cms.domain.articles.model import Publication
from cms.domain.media.model import Media
from cms.engines.files.s3 import S3Files
from cms.newsroom import Newsroom
from tests.lending import Reader
from tests.machines import S3Server
from tests.sizes import SOAKING

__test__ = SOAKING
"""It takes Java, which nothing else does, so whoever runs `sh scripts/check` needs none."""

CHECKER = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
NOWHERE = S3Server("http://127.0.0.1:9")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_nu_checker_finds_no_error_and_no_warning_on_any_page(
    paper: Newsroom, kinds: list[str], tmp_path: Path, language: str
) -> None:
    paper = replace(paper, settings=replace(paper.settings, site_language=language))
    client = browser(paper)
    written_in_english = {"/privacy/"} if language != "en" else set()  # the sample's own pages, which it says of them
    answers = {path: client.get(path) for path in kinds if path not in written_in_english}
    answers |= {
        "400": client.get("/", base_url="http://elsewhere.example"),
        "405": client.post("/"),
        "410": client.get(withdrawn(paper)),
        "500": broken(paper, tmp_path).get("/"),
        "503": browser(replace(paper, files=S3Files(NOWHERE.url("site")))).get(picture(paper)),
    }
    statuses = {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200}
    assert statuses == {"/nothing-here/": 404, **{path: int(path) for path in answers if path.isdigit()}}
    pages = tmp_path / "pages"
    pages.mkdir()
    for number, (path, answer) in enumerate(answers.items()):
        name = "".join(letter if letter.isalnum() else "-" for letter in path)
        (pages / f"{number}{name}.html").write_bytes(answer.data)
    assert said_by_the_checker(pages) == ""


def said_by_the_checker(pages: Path) -> str:
    java = shutil.which("java")
    if java is None:
        pytest.fail("Java is missing; type: apt-get install -y default-jre-headless", pytrace=False)
    command = [java, "-Dfile.encoding=UTF-8", "-jar", str(CHECKER), "--format", "gnu", "--exit-zero-always", str(pages)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stderr


def browser(newsroom: Newsroom) -> FlaskClient:
    app = create_app(newsroom)
    app.test_client_class = Reader
    return app.test_client()


def broken(paper: Newsroom, folder: Path) -> FlaskClient:
    """A browser at a site whose database holds nothing, not even tables."""
    return browser(replace(paper, sessions=open_sessions(f"sqlite:///{folder / 'nothing.sqlite3'}")))


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
