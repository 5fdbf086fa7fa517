"""``cms import ninjs``: items of a wire, in whichever version of the IPTC's form they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from cms.cli.main import cms
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import picture
from tests.surfaces.programs import Program
from tests.surfaces.test_import_articles import counts

Bring = Callable[..., dict[str, Any]]

NEWEST = {
    "uri": "urn:wire:ferry",
    "type": "text",
    "standard": {"name": "ninjs", "version": "3.1"},
    "version": "2",
    "pubStatus": "usable",
    "firstCreated": "2024-05-01T12:00:00Z",
    "versionCreated": "2024-05-02T12:00:00+0000",
    "language": "en-GB",
    "headlines": [{"role": "short", "value": "Ferry"}, {"role": "main", "value": "Ferry returns"}],
    "descriptions": [{"role": "summary", "value": "It is back."}],
    "bodies": [
        {"contentType": "text/plain", "value": "plain"},
        {"contentType": "text/html", "value": "<p>Marked <script>evil()</script>up</p>"},
    ],
    "by": "By Ada Byron and Ana Ruiz",
    "subjects": [{"name": "Ferries", "uri": "urn:s:1"}],
    "places": [{"literal": "Harbour"}],
    "associations": [
        {
            "name": "mainpicture",
            "uri": "urn:wire:picture",
            "type": "picture",
            "altText": "The quay",
            "by": "Ana Ruiz",
            "renditions": [
                {"name": "small", "href": "https://wire.example/none.jpg"},
                {"name": "original", "href": "quay.jpg"},
            ],
        }
    ],
}
OLDEST = {
    "uri": "urn:wire:old",
    "type": "text",
    "pubstatus": "usable",
    "versioncreated": "2023-01-02T00:00:00Z",
    "headline": "Written in 1.4",
    "body_text": "One & two\n\nThree",
    "byline": "Ada Byron",
    "subject": [{"name": "Ships"}],
}
SUPERDESK = {
    "guid": "tag:desk:1",
    "type": "text",
    "firstcreated": "2023-03-01T00:00:00+0000",
    "headline": "From Superdesk",
    "body_html": "<p>Text</p>",
    "authors": [{"name": "Lena Holt", "role": "editor"}],
    "service": [{"name": "World", "code": "w"}],
    "keywords": ["Sea"],
}


@pytest.fixture
def bring(newsroom: Newsroom, tmp_path: Path) -> Bring:
    def bring(*items: Any, code: int = 0, path: Path | None = None, more: tuple[str, ...] = ()) -> dict[str, Any]:
        file = path or tmp_path / "wire" / "items.json"
        if path is None:
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(items))
        done = CliRunner().invoke(cms, ["import", "ninjs", str(file), "--json", *more], obj=lambda: newsroom)
        assert done.exit_code == code, done.output
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return bring


def test_items_of_every_version_are_stories(bring: Bring, client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "wire").mkdir()
    (tmp_path / "wire" / "quay.jpg").write_bytes(picture())
    told = bring(NEWEST, OLDEST, SUPERDESK)
    assert told["articles"] == counts(created=3)
    assert told["media"] == counts(created=1)
    page = client.get("/2024/05/01/ferry-returns/").text
    for said in ("<p>Marked up</p>", "It is back.", "Ada Byron", "Ana Ruiz", "Ferries", "Harbour", 'alt="The quay"'):
        assert said in page
    assert "May 2, 2024" in page
    assert "<p>One &amp; two</p><p>Three</p>" in client.get("/2023/01/01/written-in-1-4/").text
    page = client.get("/2023/02/28/from-superdesk/").text
    assert "Lena Holt" in page
    assert "/section/world/" in page
    assert bring(NEWEST, OLDEST, SUPERDESK)["articles"] == counts(unchanged=3)


def test_a_folder_of_files_is_read_and_the_newest_version_counts(
    bring: Bring, client: FlaskClient, tmp_path: Path
) -> None:
    wire = tmp_path / "wire"
    wire.mkdir()
    (wire / "b.json").write_text(json.dumps({**OLDEST, "version": "2", "headline": "Second version"}))
    (wire / "c.json").write_text(json.dumps({**OLDEST, "version": "1"}))
    (wire / "lines.jsonl").write_text(json.dumps(NEWEST) + "\n" + json.dumps(SUPERDESK) + "\n")
    (wire / "d.json").write_text("{broken")
    told = bring(path=wire, code=1)
    assert told["articles"] == counts(created=3, skipped=2)
    assert [error["row"] for error in told["errors"]] == ["d.json"]
    assert client.get("/2023/01/01/second-version/").status_code == 200


def test_what_is_withheld_embargoed_or_cancelled_is_not_shown(bring: Bring, client: FlaskClient, desk: Desk) -> None:
    told = bring(
        {**OLDEST, "uri": "u:1", "pubstatus": "withheld"},
        {**OLDEST, "uri": "u:2", "embargoed": "2031-01-01T00:00:00Z"},
        {**OLDEST, "uri": "u:3", "pubstatus": "canceled"},
        {**OLDEST, "uri": "u:4", "versioncreated": None},
        {**OLDEST, "uri": "u:5", "type": "picture"},
        {**OLDEST, "uri": None},
        {**OLDEST, "uri": "u:7", "versioncreated": "yesterday"},
        code=1,
    )
    assert told["articles"] == counts(created=4, skipped=3)
    assert client.get("/api/v1/articles").get_json()["data"] == []
    stories = Program(client, desk.token("editor"))("GET", "/articles").get_json()["data"]
    assert sorted((story["state"], story["visibility"]) for story in stories) == [
        ("draft", "never"),
        ("draft", "never"),
        ("ready", "scheduled"),
        ("spiked", "never"),
    ]


def test_a_cancelled_item_is_taken_off_show(bring: Bring, client: FlaskClient) -> None:
    bring(OLDEST)
    assert client.get("/2023/01/01/written-in-1-4/").status_code == 200
    assert bring({**OLDEST, "version": "2", "pubstatus": "canceled"})["articles"] == counts(changed=1)
    assert client.get("/2023/01/01/written-in-1-4/").status_code == 404
