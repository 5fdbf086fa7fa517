"""People, sections, tags, images, users, tokens, the audit log, search and visits through the API."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cms.clock import SetClock
from tests.desk import Desk
from tests.pictures import picture
from tests.surfaces.programs import ORIGIN, Program, told


@pytest.fixture
def public(client: FlaskClient) -> Program:
    return Program(client, None)


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


@pytest.fixture
def admin(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("admin"))


@pytest.mark.parametrize(
    ("kind", "filed"),
    [("tags", {"tags": ["Kay"]}), ("people", {"bylines": [{"person": "kay"}]})],
)
def test_readers_hear_only_of_names_on_stories_they_can_see(
    kind: str, filed: dict[str, object], public: Program, editor: Program, desk: Desk, clock: SetClock
) -> None:
    made = editor("POST", f"/{kind}", {"name": "Kay"})
    assert (made.status_code, made.get_json()["slug"]) == (201, "kay")
    told(editor("POST", f"/{kind}", {"name": "Other", "slug": "kay"}), 409)
    article = desk.write(**filed)
    assert public.all(f"/{kind}", "slug") == []
    told(public("GET", f"/{kind}/kay"), 404)
    assert editor.all(f"/{kind}", "slug") == ["kay"]
    desk.put_live(article)
    assert public.all(f"/{kind}", "slug") == ["kay"]
    assert public("GET", f"/{kind}/kay").get_json()["name"] == "Kay"
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert public.all(f"/{kind}", "slug") == []


def test_a_persons_address_for_mail_is_for_staff(public: Program, editor: Program, desk: Desk) -> None:
    editor("POST", "/people", {"name": "Kay", "email": "kay@news.example", "bio": "Writes."})
    desk.publish(bylines=[{"person": "kay"}])
    assert editor("GET", "/people/kay").get_json()["email"] == "kay@news.example"
    assert "email" not in public("GET", "/people/kay").get_json()


def test_names_are_paged_in_order(editor: Program) -> None:
    for name in ("Cy", "Ann", "Bo", "Di"):
        editor("POST", "/people", {"name": name})
        editor("POST", "/tags", {"name": name})
    for kind in ("people", "tags"):
        pages = editor.pages(f"/{kind}?limit=3")
        assert [[each["name"] for each in page] for page in pages] == [["Ann", "Bo", "Cy"], ["Di"]]
        told(editor("GET", f"/{kind}?after=nobody"), 422)


def test_sections_are_a_tree(public: Program, editor: Program) -> None:
    editor("POST", "/sections", {"name": "Sport"})
    made = editor("POST", "/sections", {"name": "Sailing & rowing", "parent": "sport"})
    assert made.get_json()["path"] == "sport/sailing-and-rowing"
    assert public.all("/sections?limit=1", "slug") == ["sport", "sailing-and-rowing"]
    assert public("GET", "/sections/sailing-and-rowing").get_json()["parent"] == "sport"
    assert told(editor("POST", "/sections", {"name": "x", "parent": "none"}), 422)["errors"].keys() == {"parent"}
    told(editor("POST", "/sections", {"name": "Again", "slug": "sport"}), 409)
    told(public("GET", "/sections/none"), 404)


@pytest.mark.parametrize("role", ["contributor", "reporter"])
def test_whoever_may_not_is_told_which_right_is_missing(role: str, client: FlaskClient, desk: Desk) -> None:
    program = Program(client, desk.token(role))
    assert told(program("POST", "/sections", {"name": "x"}), 403)["right"] == "manage_taxonomy"
    assert told(program("POST", "/tags", {"name": "x"}), 403)["right"] == "manage_taxonomy"
    assert told(program("POST", "/people", {"name": "x"}), 403)["right"] == "manage_people"
    for path in ("/users", "/tokens", "/audit"):
        assert told(program("GET", path), 403)["right"] in ("manage_users", "manage_tokens", "see_audit")


def test_wrong_names_are_named(editor: Program) -> None:
    for path in ("/people", "/tags", "/sections"):
        assert told(editor("POST", path, {"name": " "}), 422)["errors"].keys() == {"name"}
        assert told(editor("POST", path, {"name": "x" * 300}), 422)["errors"].keys() == {"name"}
        assert told(editor("POST", path, {"name": "x", "slug": "No Slug"}), 422)["errors"].keys() == {"slug"}
        assert told(editor("POST", path, {"name": "x", "color": "red"}), 422)["errors"].keys() == {"color"}
    assert told(editor("POST", "/people", {"name": "x", "email": "nobody"}), 422)["errors"].keys() == {"email"}


# --- Images ------------------------------------------------------------------------------------------------


def send(client: FlaskClient, token: str, content: bytes | None, **texts: str) -> TestResponse:
    file = {"file": (io.BytesIO(content), "a.jpg")} if content is not None else {}
    return client.post(
        "/api/v1/media", data={**file, **texts}, headers={"Authorization": f"Bearer {token}"},
        content_type="multipart/form-data",
    )  # fmt: skip


def test_an_image_is_taken_in_used_and_told_of(client: FlaskClient, desk: Desk) -> None:
    token = desk.token("reporter")
    reporter = Program(client, token)
    made = send(client, token, picture(), alt="A quay", credit="Ana Ruiz")
    assert made.status_code == 201
    media = made.get_json()
    assert (media["alt"], media["credit"], media["width"], media["height"]) == ("A quay", "Ana Ruiz", 800, 600)
    assert reporter.all("/media") == [media["id"]]
    assert reporter("GET", f"/media/{media['id']}").get_json() == media
    article = reporter("POST", "/articles", {"headline": "x", "lead_image": media["id"]}).get_json()
    assert article["lead_image"].keys() == {"id", "url", "alt", "caption", "credit", "width", "height"}
    assert article["lead_image"]["id"] == media["id"]


def test_what_is_no_image_is_refused(client: FlaskClient, desk: Desk) -> None:
    token = desk.token("reporter")
    assert told(send(client, token, b"not an image"), 422)["errors"].keys() == {"file"}
    assert told(send(client, token, None, alt="x"), 422)["errors"].keys() == {"file"}
    assert told(send(client, token, picture(), color="red"), 422)["errors"].keys() == {"color"}
    told(Program(client, token)("POST", "/media", {"file": "x"}), 415)
    told(Program(client, desk.token("contributor"))("POST", "/media"), 403)
    told(Program(client, None)("GET", "/media"), 401)


# --- Staff and tokens --------------------------------------------------------------------------------------


def test_a_token_is_told_once_works_and_is_revoked(client: FlaskClient, admin: Program) -> None:
    made = admin("POST", "/tokens", {"name": "Wire", "role": "reporter"}, Idempotency_Key="k")
    assert made.status_code == 201
    wire = Program(client, made.get_json()["token"])
    assert wire("POST", "/articles", {"headline": "x"}).status_code == 201
    assert told(admin("POST", "/tokens", {"name": "Wire", "role": "reporter"}, Idempotency_Key="k"), 409)["code"] == (
        "already_created"
    )
    listed = admin("GET", "/tokens").get_json()["data"]
    assert made.get_json()["id"] in [each["id"] for each in listed]
    assert all("token" not in each for each in listed)
    assert admin("DELETE", f"/tokens/{made.get_json()['id']}").status_code == 204
    told(wire("GET", "/articles"), 401)
    assert told(admin("POST", "/tokens", {"name": "x", "role": "king"}), 422)["errors"].keys() == {"role"}
    told(admin("POST", "/tokens", {"name": "x", "role": "editor", "expires_at": "2020-01-01T00:00:00Z"}), 422)


def test_staff_are_taken_on_changed_and_let_go(admin: Program, desk: Desk) -> None:
    desk.section("Sport")
    made = admin("POST", "/users", {"email": "kay@news.example", "role": "reporter"})
    assert (made.status_code, made.get_json()["name"]) == (201, "kay")
    assert len(made.get_json()["password"]) > 12
    path = f"/users/{made.get_json()['id']}"
    changed = admin("PATCH", path, {"role": "editor", "sections": ["sport"]}).get_json()
    assert (changed["role"], changed["sections"], changed["name"]) == ("editor", ["sport"], "kay")
    assert admin("PATCH", path, {"active": False}).get_json()["active"] is False
    assert "password" not in admin("GET", path).get_json()
    told(admin("POST", "/users", {"email": "kay@news.example", "role": "editor"}), 409)
    assert told(admin("POST", "/users", {"email": "kay", "role": "editor"}), 422)["errors"].keys() == {"email"}
    told(admin("POST", "/users", {"email": "bo@news.example", "role": "editor", "password": "short"}), 422)


def test_the_audit_log_is_told_newest_first_and_narrowed(admin: Program, desk: Desk) -> None:
    article = desk.publish()
    verbs = [row["verb"] for page in admin.pages("/audit?limit=2") for row in page]
    assert verbs[:2] == ["publish", "approve"]
    only = admin("GET", f"/audit?subject=article:{article}&verb=publish").get_json()["data"]
    assert [(row["verb"], row["subject"], row["by"]) for row in only] == [("publish", f"article:{article}", "The Desk")]
    assert admin("GET", f"/audit?actor={only[0]['actor']}&verb=publish").get_json()["data"] == only
    assert admin("GET", "/audit?to=2020-01-01").get_json()["data"] == []


# --- Search and visits -------------------------------------------------------------------------------------


def test_search_marks_what_it_found_and_counts_what_is_there(public: Program, desk: Desk) -> None:
    desk.newsroom.search.rebuild([], 0)
    desk.section("Harbour")
    for number in range(3):
        desk.publish(f"Ferry <{number}>", sections=["harbour"], tags=["Boats"])
    desk.publish("Nothing of the kind")
    found = public("GET", "/search?q=ferries&limit=2").get_json()
    assert (len(found["data"]), found["total"]) == (2, 3)
    assert found["data"][0]["highlight"]["headline"].startswith("<mark>Ferry</mark> &lt;")
    assert found["facets"]["section"] == {"harbour": 3}
    assert found["facets"]["tag"] == {"boats": 3}
    assert len(public.all("/search?q=ferries&limit=2")) == 3
    assert public("GET", "/search").get_json()["data"] == []
    suggested = public("GET", "/search/suggest?q=ferr").get_json()["data"]
    assert suggested[0].keys() == {"headline", "url"}


def test_visits_are_told_day_by_day_to_staff(client: FlaskClient, public: Program, desk: Desk, clock: SetClock) -> None:
    reporter = Program(client, desk.token("reporter"))
    article = desk.publish()
    clock.advance(timedelta(days=1))
    stats = reporter("GET", f"/stats?from=2026-03-25&to=2026-03-27&article={article}").get_json()
    assert [each["day"] for each in stats["days"]] == ["2026-03-25", "2026-03-26", "2026-03-27"]
    assert len(reporter("GET", "/stats").get_json()["days"]) == 30
    told(reporter("GET", "/stats?from=2026-03-27&to=2026-03-25"), 422)
    told(reporter("GET", "/stats?article=unknown"), 404)
    told(public("GET", "/stats"), 401)


def test_renaming_keeps_links_and_a_taken_slug_is_refused(public: Program, editor: Program, desk: Desk) -> None:
    for kind, filed in (
        ("sections", {"sections": ["kay"]}),
        ("tags", {"tags": ["Kay"]}),
        ("people", {"bylines": [{"person": "kay"}]}),
    ):
        editor("POST", f"/{kind}", {"name": "Kay", "slug": "kay"})
        editor("POST", f"/{kind}", {"name": "Taken", "slug": "taken"})
        desk.publish(**filed)
        told(public("PATCH", f"/{kind}/kay", {"name": "Kim"}), 401)
        told(editor("PATCH", f"/{kind}/nobody", {"name": "Kim"}), 404)
        told(editor("PATCH", f"/{kind}/kay", {"slug": "taken"}), 409)
        assert told(editor("PATCH", f"/{kind}/kay", {"name": "", "bogus": 1}), 422)["errors"].keys() >= {"bogus"}
        assert "name" in told(editor("PATCH", f"/{kind}/kay", {"name": " "}), 422)["errors"]
        was = editor("GET", f"/{kind}/kay").get_json()
        answer = editor("PATCH", f"/{kind}/kay", {"name": "Kim", "slug": "kim"})
        assert (answer.status_code, answer.get_json()["name"], answer.get_json()["slug"]) == (200, "Kim", "kim")
        moved = public("GET", was["url"])
        assert (moved.status_code, moved.headers["Location"]) == (301, answer.get_json()["url"].removeprefix(ORIGIN))


def test_sections_nest_only_so_deep(editor: Program) -> None:
    editor("POST", "/sections", {"name": "Level 1"})
    for level in range(2, 7):
        made = editor("POST", "/sections", {"name": f"Level {level}", "parent": f"level-{level - 1}"})
        assert made.status_code == 201
    assert "parent" in told(editor("POST", "/sections", {"name": "Level 7", "parent": "level-6"}), 422)["errors"]
    moved = editor("PATCH", "/sections/level-2", {"parent": None})
    assert (moved.get_json()["parent"], moved.get_json()["path"]) == (None, "level-2")


def test_a_former_address_leads_where_an_editor_says(public: Program, editor: Program, desk: Desk) -> None:
    told(public("GET", "/redirects"), 401)
    assert told(Program(editor._client, desk.token("reporter"))("GET", "/redirects"), 403)["right"]
    made = editor("POST", "/redirects", {"former": "/old.html", "target": "/most-read/"})
    assert made.status_code == 201
    told(editor("POST", "/redirects", {"former": "/old.html", "target": "/search"}), 409)
    assert "target" in told(editor("POST", "/redirects", {"former": "/x", "target": "javascript:x"}), 422)["errors"]
    gone = editor("POST", "/redirects", {"former": "/gone.html", "target": None}).get_json()
    answer = public("GET", "http://news.example/old.html")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/most-read/")
    assert public("GET", "http://news.example/gone.html").status_code == 410
    assert editor.all("/redirects?limit=1", "former") == ["/gone.html", "/old.html"]
    assert editor("GET", f"/redirects/{gone['id']}").get_json() == gone
    assert editor("DELETE", f"/redirects/{gone['id']}").status_code == 204
    assert public("GET", "http://news.example/gone.html").status_code == 404
    told(editor("DELETE", f"/redirects/{gone['id']}"), 404)
    assert "after" in told(editor("GET", "/redirects?after=nowhere"), 422)["errors"]
