"""Articles through the API: what a program may read, write and publish, and how it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture

ARTICLES = "/api/v1/articles"


class Program:
    """A client of the API with a token of one role."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.open(ARTICLES + path, method=method, json=body, headers={**self._headers, **named})


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


def told(answer: TestResponse, status: int) -> dict[str, Any]:
    """A refusal of this status, in the one shape."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == status
    assert body.keys() >= {"code", "status", "message", "errors"}
    return body


def test_a_text_may_name_pictures_by_the_addresses_that_the_api_gives(
    editor: Program, client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    shown, key = hang(newsroom, picture())
    image = client.get(f"/api/v1/media/{shown}", headers={"Authorization": f"Bearer {desk.token('editor')}"}).get_json()
    assert image["url"].startswith(f"http://news.example/media/{key}/")
    theirs = image["url"].replace("news.example", "other.example")
    text = f'<figure><img src="{image["url"]}" alt="A ferry"></figure><p>Sails.</p><img src="{theirs}" alt="">'
    said = f'&lt;img src="{image["url"]}"&gt; or src={image["url"]}'
    text += f"<p>Write {said}.</p>"
    made = editor("POST", "", {"headline": "Ferry returns", "body_html": text}).get_json()
    assert made["body_html"].count("<img") == 1
    assert f'src="/media/{key}/' in made["body_html"]
    assert made["body_html"].count(image["url"]) == 2


def test_a_story_is_written_published_and_withdrawn(
    editor: Program, client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Harbour")
    desk.person("Ana Ruiz")
    made = editor(
        "POST",
        "",
        {
            "headline": "Ferry returns",
            "body_html": "<p>Back.</p>",
            "sections": ["harbour"],
            "bylines": [{"person": "ana-ruiz"}],
            "tags": ["Ferries"],
        },
    )
    assert made.status_code == 201
    draft = made.get_json()
    assert (draft["state"], draft["visibility"], draft["url"], draft["published_at"]) == ("draft", "never", None, None)
    assert draft["bylines"][0]["name"] == "Ana Ruiz"
    path = f"/{draft['id']}"
    assert client.get(ARTICLES + path).status_code == 404
    published = editor("POST", f"{path}/publications", {})
    assert published.status_code == 201
    assert published.get_json()["n"] == 1
    seen = client.get(ARTICLES + path).get_json()
    assert seen["url"] == "http://news.example/2026/03/26/ferry-returns/"
    assert seen["published_at"] == seen["modified_at"] == "2026-03-26T19:26:05.250Z"
    assert (seen["state"], seen["visibility"], seen["embargo_until"]) == ("ready", "live", None)
    assert [each["id"] for each in client.get(f"{ARTICLES}?section=harbour").get_json()["data"]] == [draft["id"]]
    clock.advance(timedelta(minutes=1))
    assert editor("POST", f"{path}/withdrawal", {}).get_json()["visibility"] == "withdrawn"
    assert client.get(ARTICLES + path).status_code == 404


def test_a_save_names_what_it_saw(editor: Program) -> None:
    made = editor("POST", "", {"headline": "First"})
    path, etag = f"/{made.get_json()['id']}", made.headers["ETag"]
    told(editor("PATCH", path, {"headline": "Second"}), 428)
    told(editor("PATCH", path, {"headline": "Second"}, If_Match="*"), 412)
    saved = editor("PATCH", path, {"headline": "Second"}, If_Match=etag)
    assert saved.status_code == 200
    assert saved.get_json()["revision"] == 2
    refusal = told(editor("PATCH", path, {"headline": "Third"}, If_Match=etag), 412)
    assert refusal["yours"] == {"headline": "Third"}
    assert refusal["current"]["headline"] == "Second"
    same = editor("PATCH", path, {"headline": "Second"}, If_Match=saved.headers["ETag"])
    assert (same.get_json()["revision"], same.headers["ETag"]) == (2, saved.headers["ETag"])


def test_nothing_can_be_done_to_a_story_that_there_is_not(editor: Program) -> None:
    for path, sent in (("submit", {}), ("publications", {}), ("withdraw", {}), ("hold", {"reason": "A letter"})):
        assert told(editor("POST", f"/unknown/{path}", sent), 404)["code"] == "not_found"


def test_the_slug_comes_of_the_headline_as_its_language_spells_it(editor: Program) -> None:
    for language, slug in (("de", "groesse-zaehlt"), ("tr", "grosse-zahlt"), ("en", "grosse-zahlt")):
        made = editor("POST", "", {"headline": "Größe zählt", "language": language}).get_json()
        assert (made["slug"], made["language"]) == (slug, language)


def test_every_wrong_field_is_named(editor: Program) -> None:
    unknown = told(editor("POST", "", {"headline": "x", "views": 9, "published_at": "now"}), 422)
    assert unknown["errors"].keys() == {"views", "published_at"}
    limits = told(editor("POST", "", {"headline": "x" * 301, "slug": "Not A Slug"}), 422)
    assert limits["errors"].keys() == {"headline", "slug"}
    absent = told(editor("POST", "", {"headline": "x", "sections": ["nowhere"], "bylines": [{"person": "no"}]}), 422)
    assert absent["errors"].keys() == {"sections", "bylines"}
    assert told(editor("POST", "", {}), 422)["errors"].keys() == {"headline"}


def test_refusals_below_the_api_have_one_shape(editor: Program, client: FlaskClient) -> None:
    told(client.get("/api/v1/nowhere"), 404)
    told(client.get(f"{ARTICLES}/unknown"), 404)
    told(client.post(ARTICLES, json={"headline": "x"}), 401)
    told(client.get(ARTICLES, headers={"Authorization": "Bearer wrong"}), 401)
    told(client.put(ARTICLES), 405)
    told(client.get(f"{ARTICLES}?color=red"), 422)
    told(client.get(f"{ARTICLES}?limit=1000"), 422)
    told(client.get(f"{ARTICLES}?after=nobody"), 422)
    assert client.get("/nowhere").mimetype == "text/html"


def test_broken_json_is_a_bad_request(client: FlaskClient, desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token('editor')}", "Content-Type": "application/json"}
    told(client.post(ARTICLES, data=b"{", headers=headers), 400)
    told(client.post(ARTICLES, data=b'{"headline": "\xff"}', headers=headers), 400)
    told(client.post(ARTICLES, data=b"x" * 2_100_000, headers=headers), 413)


def test_a_contributor_sees_and_acts_on_their_own_alone(client: FlaskClient, desk: Desk) -> None:
    contributor = Program(client, desk.token("contributor"))
    told(contributor("GET", f"/{desk.write()}"), 404)
    mine = contributor("POST", "", {"headline": "Mine"}).get_json()["id"]
    assert told(contributor("POST", f"/{mine}/publications", {}), 403)["right"] == "publish"
    assert contributor("POST", f"/{mine}/submit").get_json()["state"] == "in_review"
    assert told(contributor("POST", f"/{mine}/submit"), 409)["state"] == "in_review"


def test_whoever_may_not_edit_is_told_so_whatever_they_saw(client: FlaskClient, desk: Desk) -> None:
    reporter, path = Program(client, desk.token("reporter")), f"/{desk.write()}"
    for named in ({}, {"If_Match": '"another"'}, {"If_Match": reporter("GET", path).headers["ETag"]}):
        assert told(reporter("PATCH", path, {"headline": "Mine now"}, **named), 403)["right"] == "edit"


def test_what_cannot_be_done_now_says_how_the_story_stands_and_what_can(
    editor: Program, desk: Desk, clock: SetClock
) -> None:
    draft, live, spiked = desk.write("A draft"), desk.publish("Live"), desk.write("Binned")
    embargoed, gone = desk.write("Embargoed"), desk.publish("Withdrawn")
    desk.embargo(embargoed, desk.now + timedelta(hours=1))
    clock.advance(timedelta(minutes=1))
    desk.withdraw(gone)
    editor("POST", f"/{spiked}/spike")
    due = {"live_from": (desk.now + timedelta(hours=1)).isoformat()}
    assert editor("POST", f"/{live}/publications", due).status_code == 201
    for path, method, body, state, verbs in (
        (f"{draft}/approve", "POST", None, "draft", {"submit", "spike", "edit", "publish"}),
        (f"{draft}/withdrawal", "POST", None, "draft", {"submit", "spike", "edit", "publish"}),
        (f"{draft}/corrections", "POST", {"kind": "update", "text": "New."}, "draft", {"submit", "publish"}),
        (f"{spiked}/publications", "POST", None, "spiked", {"unspike"}),
        (f"{embargoed}/publications", "POST", None, "draft", {"schedule", "lift_embargo"}),
        (live, "DELETE", None, "ready", {"withdraw"}),
        (f"{live}/publications/1", "DELETE", None, "ready", {"withdraw"}),
        (f"{live}/publications", "POST", due, "ready", {"withdraw", "correct", "publish"}),
        (f"{gone}/withdrawal", "POST", None, "ready", {"publish", "spike"}),
        (f"{gone}/corrections", "POST", {"kind": "update", "text": "New."}, "ready", {"publish", "spike"}),
    ):
        refused = told(editor(method, f"/{path}", body), 409)
        assert refused["state"] == state, path
        assert set(refused["verbs"]) >= verbs, path
        assert path == f"{live}/publications" or "correct" not in refused["verbs"], path


def test_a_list_is_paged_without_losing_or_repeating_any(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    made = []
    for number in range(5):
        made.append(desk.publish(f"Story {number}"))
        clock.advance(timedelta(minutes=number % 2))
    seen, following = [], f"http://news.example{ARTICLES}?limit=2"
    while following:
        page = client.get(following.removeprefix("http://news.example")).get_json()
        seen += [each["id"] for each in page["data"]]
        following = page["next"]
    assert seen == made[::-1]


def test_visits_are_told_of_visible_articles_only(client: FlaskClient, desk: Desk) -> None:
    shown, hidden = desk.publish(), desk.write("Hidden")
    answer = client.get(f"/api/v1/views?ids={shown},{hidden},unknown")
    assert answer.get_json() == {shown: {"total": 0, "today": 0}}
    told(client.get("/api/v1/views?ids=" + ",".join(f"id{n}" for n in range(51))), 422)


def test_the_api_describes_itself(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").get_json()
    assert description["openapi"].startswith("3.1")
    assert "/api/v1/articles/{public_id}" in description["paths"]


def test_publishing_again_shows_what_was_saved_since(editor: Program, client: FlaskClient, clock: SetClock) -> None:
    made = editor("POST", "", {"headline": "Ferry returns"})
    article = f"/{made.get_json()['id']}"
    assert editor("POST", f"{article}/publications").get_json()["revision"] == 1
    was = client.get(ARTICLES + article).get_json()["url"]
    clock.advance(timedelta(minutes=1))
    seen = editor("GET", article).headers["ETag"]
    editor("PATCH", article, {"headline": "Ferry delayed", "slug": "ferry-delayed"}, If_Match=seen)
    assert client.get(was).status_code == 200
    assert editor("POST", f"{article}/publications").get_json()["revision"] == 2
    shown = client.get(ARTICLES + article).get_json()
    assert shown["headline"] == "Ferry delayed"
    moved = client.get(was)
    assert (moved.status_code, shown["url"].endswith(moved.headers["Location"])) == (301, True)


def test_what_was_approved_and_not_yet_out_is_what_publishing_means(editor: Program) -> None:
    article = f"/{editor('POST', '', {'headline': 'Ferry returns'}).get_json()['id']}"
    editor("POST", f"{article}/submit")
    approved = editor("POST", f"{article}/approve").headers["ETag"]
    editor("PATCH", article, {"headline": "Not read by anybody"}, If_Match=approved)
    assert editor("POST", f"{article}/publications").get_json()["revision"] == 1
    assert editor("POST", f"{article}/publications").get_json()["revision"] == 2
