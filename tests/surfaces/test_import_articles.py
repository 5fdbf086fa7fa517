"""``cms import articles``: a newsroom brings its stories as lines of JSON, and readers find them where they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from cms.cli import moving
from cms.cli.main import cms
from cms.moving.arriving import arrivals
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import picture
from tests.surfaces.programs import Program

Bring = Callable[..., dict[str, Any]]

FERRY = {
    "headline": "Ferry returns to the old quay",
    "body_html": "<p>It is <em>back</em>.</p>",
    "bylines": ["Ada Byron", {"name": "Ana Ruiz", "role": "photo"}],
    "sections": ["Harbour", "world/europe"],
    "tags": ["Ferries"],
    "published_at": "2019-05-01T12:00:00Z",
    "modified_at": "2019-05-02T09:30:00Z",
    "views": 41,
    "former": ["/2019/ferry.html"],
}


@pytest.fixture
def bring(newsroom: Newsroom, tmp_path: Path) -> Bring:
    """Write these lines to a file, import it, and say what came of it."""

    def bring(*lines: Any, code: int = 0, more: tuple[str, ...] = ()) -> dict[str, Any]:
        file = tmp_path / "stories.jsonl"
        file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        done = CliRunner().invoke(cms, ["import", "articles", str(file), "--json", *more], obj=lambda: newsroom)
        assert done.exit_code == code, done.output
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return bring


def counts(created: int = 0, changed: int = 0, unchanged: int = 0, skipped: int = 0) -> dict[str, int]:
    read = created + changed + unchanged + skipped
    return {"read": read, "created": created, "changed": changed, "unchanged": unchanged, "skipped": skipped}


@BOTH_DATABASES
def test_a_story_is_live_from_its_own_date_with_its_people_its_sections_and_its_readers(
    bring: Bring, client: FlaskClient
) -> None:
    told = bring(FERRY)
    assert told["articles"] == counts(created=1)
    assert told["people"] == counts(created=2)
    assert (told["unsupported"], told["errors"]) == ([], [])
    page = client.get("/2019/05/01/ferry-returns-to-the-old-quay/")
    assert page.status_code == 200
    for said in ("Ada Byron", "Ana Ruiz", "Visited 41 times", "May 2, 2019", "/section/world/europe/", "Ferries"):
        assert said in page.text
    for listed in ("/section/harbour/", "/tag/ferries/", "/author/ada-byron/", "/archive/2019/05/"):
        assert "Ferry returns to the old quay" in client.get(listed).text
    moved = client.get("/2019/ferry.html")
    assert (moved.status_code, moved.location) == (301, "/2019/05/01/ferry-returns-to-the-old-quay/")


def test_a_second_run_changes_nothing_and_a_changed_line_changes_its_story(bring: Bring, client: FlaskClient) -> None:
    first = {**FERRY, "id": 7}
    bring(first)
    again = bring(first)
    assert again["articles"] == counts(unchanged=1)
    corrected = {**first, "body_html": "<p>It was never away.</p>"}
    assert bring(corrected)["articles"] == counts(changed=1)
    assert "never away" in client.get("/2019/05/01/ferry-returns-to-the-old-quay/").text
    assert bring(corrected)["articles"] == counts(unchanged=1)
    assert bring(first, more=("--resume",))["articles"] == counts(unchanged=1)


def test_a_dry_run_says_what_would_come_and_writes_nothing(bring: Bring, client: FlaskClient) -> None:
    assert bring(FERRY, more=("--dry-run",))["articles"] == counts(created=1)
    assert client.get("/2019/05/01/ferry-returns-to-the-old-quay/").status_code == 404
    assert bring(FERRY)["articles"] == counts(created=1)


def test_a_line_that_cannot_be_taken_is_named_and_the_others_come_in(bring: Bring, client: FlaskClient) -> None:
    bad = [
        "{not json",
        '"a text"',
        {"body_html": "<p>No headline</p>"},
        {"headline": "x" * 301},
        {"headline": "When", "published_at": "yesterday"},
        {"headline": "Views", "views": -1},
        {"headline": "Role", "bylines": [{"name": "Ada", "role": "dancer"}]},
        {"headline": "Slug", "slug": "Not a slug"},
        {"headline": "Lead", "lead_image": 5},
        {"headline": "Tags", "tags": "Ferries"},
        {"headline": "Half a \ud800 character", "id": "\ud800"},
        {"headline": "Nothing", "bylines": ["A\x00b"]},
        {"headline": "Former", "former": ["elsewhere"]},
        "[" * 100_000,
        '{"headline": "Long number", "views": ' + "9" * 5000 + "}",
    ]
    told = bring(FERRY, *bad, "", {"headline": "A draft", "mood": "fair"}, code=1)
    assert told["articles"] == counts(created=2, skipped=len(bad))
    assert {error["row"].split(" “")[0] for error in told["errors"]} == {f"line {n}" for n in range(2, 17)}
    assert told["unsupported"] == ["field 'mood' is unknown here and was left out (1 times, first in line 18)"]
    assert client.get("/2019/05/01/ferry-returns-to-the-old-quay/").status_code == 200


def test_what_is_not_live_stays_hidden(bring: Bring, client: FlaskClient, desk: Desk) -> None:
    lines = [
        {"headline": "A draft"},
        {"headline": "In review", "state": "in_review"},
        {"headline": "In the bin", "state": "spiked"},
        {"headline": "Tomorrow", "published_at": "2030-01-01T00:00:00Z"},
    ]
    assert bring(*lines)["articles"] == counts(created=4)
    assert client.get("/api/v1/articles").get_json()["data"] == []
    ask = Program(client, desk.token("editor"))
    stories = ask("GET", "/articles").get_json()["data"]
    assert {(story["headline"], story["state"], story["visibility"]) for story in stories} == {
        ("A draft", "draft", "never"),
        ("In review", "in_review", "never"),
        ("In the bin", "spiked", "never"),
        ("Tomorrow", "ready", "scheduled"),
    }


def test_what_staff_did_here_since_is_never_undone(bring: Bring, desk: Desk, client: FlaskClient) -> None:
    bring({**FERRY, "id": 1}, {**FERRY, "id": 2})
    ask = Program(client, desk.token("editor"))
    second, first = (story["id"] for story in ask("GET", "/articles").get_json()["data"])
    desk.save(first, headline="Ferry is late")
    desk.withdraw(second)
    other = {**FERRY, "body_html": "<p>Something else</p>"}
    told = bring({**other, "id": 1}, {**other, "id": 2})
    assert told["articles"] == counts(skipped=2)
    assert "worked on here since" in "".join(told["unsupported"])
    assert "withdrawn here" in "".join(told["unsupported"])
    assert "Something else" not in client.get("/2019/05/01/ferry-returns-to-the-old-quay/").text


def test_stories_alike_stand_side_by_side_and_come_in_once(bring: Bring, client: FlaskClient) -> None:
    assert bring(FERRY, FERRY)["articles"] == counts(created=2)
    assert bring(FERRY, FERRY)["articles"] == counts(unchanged=2)
    assert client.get("/2019/05/01/ferry-returns-to-the-old-quay-2/").status_code == 200


def test_pictures_come_from_the_folder_that_is_given_and_from_nowhere_else(
    bring: Bring, client: FlaskClient, tmp_path: Path
) -> None:
    folder = tmp_path / "media"
    (folder / "2019").mkdir(parents=True)
    (folder / "2019" / "quay.jpg").write_bytes(picture())
    (tmp_path / "outside.jpg").write_bytes(picture())
    (folder / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    story = {
        **FERRY,
        "lead_image": {"file": "2019/quay.jpg", "alt": "The quay"},
        "body_html": '<p>See</p><img src="https://old.example/uploads/2019/quay.jpg" alt="Again">'
        '<img src="../outside.jpg"><img src="link.jpg"><img src="http://127.0.0.1/x.png">',
    }
    told = bring(story, more=("--media-dir", str(folder)))
    assert told["media"]["created"] == 2
    assert told["media"]["skipped"] == 3
    page = client.get("/2019/05/01/ferry-returns-to-the-old-quay/").text
    assert 'alt="The quay"' in page
    assert 'alt="Again"' in page
    assert "127.0.0.1" not in page
    assert bring(story, more=("--media-dir", str(folder)))["articles"] == counts(unchanged=1)


def test_many_stories_come_in_whole_and_are_found_at_once(
    bring: Bring, client: FlaskClient, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "AT_ONCE", 40)
    monkeypatch.setattr(moving, "MANY", 100)
    lines = [{**FERRY, "headline": f"Story {n}", "id": n, "former": []} for n in range(101)]
    assert bring(*lines)["articles"] == counts(created=101)
    assert len(newsroom.search.holds()) == 101
    assert bring(*lines)["articles"] == counts(unchanged=101)
    assert client.get("/2019/05/01/story-100/").status_code == 200
