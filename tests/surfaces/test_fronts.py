"""What editors put on a front, and what readers then see there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.staff import Staff
from tests.surfaces.pages import pick, read, words


@pytest.fixture
def stories(desk: Desk, clock: SetClock) -> list[str]:
    """Twenty stories in a section, oldest first; their ids."""
    desk.section("Harbour", "harbour")
    made = []
    for number in range(20):
        clock.advance(timedelta(minutes=1))
        made.append(desk.publish(f"Story {number}", sections=["harbour"]))
    return made


def front(client: FlaskClient, path: str = "/") -> list[str]:
    return [words(each) for each in pick(read(client, path), "main .card-headline")]


def put(client: FlaskClient, desk: Desk, role: str = "editor", query: str = "", **asked: Any) -> Any:
    token = desk.token(role)
    return client.put(f"/api/v1/front{query}", json=asked, headers={"Authorization": f"Bearer {token}"})


def test_a_chosen_story_leads_and_stands_nowhere_else(client: FlaskClient, desk: Desk, stories: list[str]) -> None:
    answer = put(client, desk, lead=[stories[3]], secondary=[None, stories[0]], rails={"harbour": [stories[19]]})
    assert answer.status_code == 200, answer.json
    shown = front(client)
    assert shown[0] == "Story 3"
    assert shown[1:4] == ["Story 18", "Story 0", "Story 17"]
    assert shown[-4] == "Story 19"
    assert len(shown) == len(set(shown)) == 16
    assert answer.json["lead"][0]["headline"] == "Story 3"
    assert answer.json["chosen"]["secondary"] == [None, stories[0], None]


def test_a_withdrawn_story_leaves_its_slot_to_the_newest_and_comes_back_to_it(
    client: FlaskClient, desk: Desk, clock: SetClock, stories: list[str]
) -> None:
    put(client, desk, lead=[stories[3]])
    clock.advance(timedelta(minutes=1))
    desk.withdraw(stories[3])
    assert front(client)[0] == "Story 19"
    clock.advance(timedelta(minutes=1))
    desk.put_live(stories[3])
    assert front(client)[0] == "Story 3"


def test_a_story_chosen_before_it_is_out_takes_its_slot_at_its_second(
    client: FlaskClient, desk: Desk, clock: SetClock, stories: list[str]
) -> None:
    coming = desk.write("Tomorrow", sections=["harbour"])
    due = desk.now + timedelta(hours=2)
    desk.put_live(coming, live_from=due)
    put(client, desk, lead=[coming])
    public = client.get("/api/v1/front").json
    assert public["lead"][0]["headline"] == "Story 19"
    assert "chosen" not in public and coming not in str(public)
    clock.set(due)
    assert front(client)[0] == "Tomorrow"


def test_a_section_has_a_front_of_its_own(client: FlaskClient, desk: Desk, stories: list[str]) -> None:
    desk.publish("From elsewhere")
    assert front(client, "/section/harbour/")[:3] == ["Story 19", "Story 18", "Story 17"]
    put(client, desk, query="?section=harbour", secondary=[stories[2]])
    assert front(client, "/section/harbour/")[:4] == ["Story 19", "Story 2", "Story 18", "Story 17"]
    assert len(front(client, "/section/harbour/")) == 20
    assert client.get("/section/harbour/?page=2").status_code == 404


def test_what_cannot_stand_in_a_slot_is_refused_by_name(client: FlaskClient, desk: Desk, stories: list[str]) -> None:
    one = stories[0]
    for asked, named in (
        ({"lead": [one, stories[1]]}, "lead"),
        ({"lead": ["nobody"]}, "lead"),
        ({"rails": {"nowhere": [one]}}, "rail:nowhere"),
        ({"lead": [one], "secondary": [one]}, "secondary"),
        ({"banner": {"text": "Late", "until": "2020-01-01T00:00:00Z"}}, "until"),
        ({"banner": {"text": "Odd", "link": "javascript:alert(1)", "until": "2030-01-01T00:00:00Z"}}, "link"),
    ):
        answer = put(client, desk, **asked)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [named]), answer.json
    assert client.get("/api/v1/front?section=nowhere").status_code == 404


def test_only_editors_arrange_and_an_older_view_of_the_front_undoes_nothing(
    client: FlaskClient, desk: Desk, stories: list[str]
) -> None:
    refused = put(client, desk, "reporter", lead=[stories[0]])
    assert (refused.status_code, refused.json["right"]) == (403, "manage_front")
    put(client, desk, lead=[stories[0]])
    headers = {"Authorization": f"Bearer {desk.token('editor')}", "If-Match": '"front-0"'}
    stale = client.put("/api/v1/front", json={"lead": [stories[1]]}, headers=headers)
    assert (stale.status_code, stale.json["version"]) == (412, 1)
    assert front(client)[0] == "Story 0"


def test_whoever_names_another_front_than_there_is_arranges_nothing(
    client: FlaskClient, desk: Desk, stories: list[str]
) -> None:
    bearer = {"Authorization": f"Bearer {desk.token('editor')}"}
    for named in ('"front-7"', "*", '"another"', 'W/"front-0"'):
        refused = client.put("/api/v1/front", json={"lead": [stories[1]]}, headers={**bearer, "If-Match": named})
        assert (refused.status_code, refused.json["version"]) == (412, 0), named
    seen = client.get("/api/v1/front", headers=bearer).headers["ETag"]
    arranged = client.put("/api/v1/front", json={"lead": [stories[1]]}, headers={**bearer, "If-Match": seen})
    assert arranged.status_code == 200


def test_the_fronts_etag_moves_with_what_stands_there(client: FlaskClient, desk: Desk, stories: list[str]) -> None:
    held = {"If-None-Match": client.get("/api/v1/front").headers["ETag"]}
    assert client.get("/api/v1/front", headers=held).status_code == 304
    desk.publish("Just in")
    anew = client.get("/api/v1/front", headers=held)
    assert (anew.status_code, anew.json["lead"][0]["headline"]) == (200, "Just in")


def test_an_editor_arranges_the_front_with_selects_and_without_a_script(
    client: FlaskClient, staff: Callable[[str], Staff], stories: list[str]
) -> None:
    editor = staff("editor")
    page = editor.get("/admin/front/")
    assert "Automatic: Story 19" in page
    answer = editor.post("/admin/front/", version=0, **{"lead.0": stories[5]})
    assert answer.status_code == 303
    assert front(client)[0] == "Story 5"
    assert editor.post("/admin/front/", version=0, **{"lead.0": stories[6]}).status_code == 409
    assert front(client)[0] == "Story 5"


def test_the_banner_stands_above_every_page_until_its_time(
    client: FlaskClient, staff: Callable[[str], Staff], clock: SetClock, stories: list[str]
) -> None:
    editor = staff("editor")
    form = {"text": "Bridge <closed>", "link": "/section/harbour/", "until": "2026-03-26T18:00"}
    assert editor.post("/admin/front/banner", "/admin/front/", **form).status_code == 303
    for path in ("/", "/archive/", "/section/harbour/"):
        (banner,) = pick(read(client, path), ".banner")
        assert "Bridge <closed>" in words(banner)
    clock.advance(timedelta(hours=3))
    assert not pick(read(client, "/"), ".banner")
