"""Whatever a request says, it is answered in the one shape, and never as a fault of ours."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.surfaces.programs import API, Program, told

NASTY: tuple[Any, ...] = (None, True, 10**30, 1.5, "\0", "\ud800", "x" * 5_000, [[]], {"a": 1}, "0001-01-01T00:00:00Z")
BODIES = {
    "/articles": {
        "headline": "x", "standfirst": "x", "key_points": ["x"], "body_html": "<p>x</p>", "bylines": [], "sections": [],
        "tags": [], "lead_image": None, "slug": "x", "language": "en", "embargo_until": None, "seo": {},
    },
    "/articles/{id}/publications": {"revision": 1, "live_from": None, "live_until": None, "minor": False},
    "/articles/{id}/withdrawal": {"notice": "x"},
    "/articles/{id}/corrections": {"kind": "update", "text": "x"},
    "/articles/{id}/preview-links": {"revision": 1, "expires_at": None},
    "/sections": {"name": "x", "slug": "x", "parent": None},
    "/tags": {"name": "x", "slug": "x"},
    "/people": {"name": "x", "slug": "x", "title": "x", "bio": "x", "email": "x@y.z"},
    "/tokens": {"name": "x", "role": "editor", "expires_at": None},
    "/users": {"email": "x@y.z", "name": "x", "role": "editor", "password": "long enough for anybody"},
}  # fmt: skip


@pytest.fixture
def admin(app: Flask, client: FlaskClient, desk: Desk) -> Program:
    app.testing = False  # a fault must come out as an answer
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Program(client, desk.token("admin"))


@pytest.mark.parametrize("path", BODIES)
def test_no_value_in_any_field_is_our_fault(path: str, admin: Program, desk: Desk) -> None:
    address = path.replace("{id}", desk.write())
    for field in BODIES[path]:
        for value in NASTY:
            answer = admin("POST", address, {**BODIES[path], field: value})
            assert answer.status_code < 500, (field, value)
            if answer.status_code >= 300:
                told(answer, answer.status_code)
    for body in (None, [], "x", 1, True, [[]]):
        assert admin("POST", address, body).status_code < 500


def test_no_value_in_a_saved_article_is_our_fault(admin: Program) -> None:
    made = admin("POST", "/articles", {"headline": "x"})
    for field in (*BODIES["/articles"], "seo.title", "seo.noindex", "seo.social_image", "bylines.person"):
        for value in NASTY:
            outer, _, inner = field.partition(".")
            said = {inner: value} if inner else value
            body = {outer: [said] if outer == "bylines" and inner else said}
            etag = admin("GET", f"/articles/{made.get_json()['id']}").headers["ETag"]
            answer = admin("PATCH", f"/articles/{made.get_json()['id']}", body, If_Match=etag)
            assert answer.status_code in (200, 422), (field, value)


def test_no_parameter_is_our_fault(admin: Program, client: FlaskClient) -> None:
    public, open_to_all = Program(client, None), ("/articles", "/search")
    lists = {
        "/articles": "section tag author from to q sort limit after state visibility",
        "/search": "q section tag author from to sort limit after",
        "/search/suggest": "q",
        "/changes": "limit after",
        "/views": "ids",
        "/stats": "from to article",
        "/audit": "limit after verb subject actor from to",
        "/people": "limit after",
        "/users": "limit after",
        "/media": "limit after",
    }
    values = ("", "%00", "%ff%fe", "99999999999999999999", "x" * 3000, "2026-03-26T10:00:00+")
    for path, names in lists.items():
        for name in (*names.split(), "unknown"):
            for value in values:
                for program in (admin, public) if path in open_to_all else (admin,):
                    answer = program("GET", f"{path}?{name}={value}")
                    assert answer.status_code < 500, (path, name, value)
                    if answer.status_code >= 300:
                        told(answer, answer.status_code)
    for path in (
        "/articles/%00",
        "/articles/%ff",
        "/tags/..%2f..",
        "//articles",
        "/articles/",
        "/articles/x/publications",
    ):
        assert 400 <= admin("GET", path).status_code < 500
        told(admin("GET", path), admin("GET", path).status_code)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400), (b"\xff\xfe", 400), (b'{"headline": NaN}', 400), (b'{"headline": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400), (b'{"seo":' * 500 + b"1" + b"}" * 500, 400), (b'{"headline": "\xff"}', 400),
        (b"null", 422), (b"[]", 422), (b'"x"', 422), (b'{"headline": "\\ud800"}', 422), (b"", 422),
        (b'{"headline": "' + b"x" * 1_500_000 + b'"}', 422), (b'{"headline": "' + b"x" * 10_000_000 + b'"}', 413),
    ],
)  # fmt: skip
def test_a_body_that_is_no_article_is_refused(raw: bytes, status: int, client: FlaskClient, desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token('editor')}", "Content-Type": "application/json"}
    told(client.post(f"{API}/articles", data=raw, headers=headers), status)


def test_a_body_sent_in_chunks_has_the_same_limit(client: FlaskClient, desk: Desk) -> None:
    answer = client.post(
        f"{API}/articles",
        input_stream=io.BytesIO(b'{"headline": "' + b"x" * 2_100_000 + b'"}'),
        headers={
            "Authorization": f"Bearer {desk.token('editor')}",
            "Content-Type": "application/json",
            "Transfer-Encoding": "chunked",
        },
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    told(answer, 413)


def test_a_body_must_say_that_it_is_json(client: FlaskClient, desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token('editor')}", "Content-Type": "text/plain"}
    told(client.post(f"{API}/articles", data=json.dumps({"headline": "x"}), headers=headers), 415)


def test_a_field_given_twice_is_refused_by_name(client: FlaskClient, desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token('editor')}", "Content-Type": "application/json"}
    answer = client.post(f"{API}/articles", data='{"headline": "One", "headline": "Two"}', headers=headers)
    assert told(answer, 422)["errors"] == {"headline": ["Takes one value, not several."]}


def test_wrong_fields_are_named_by_their_paths(admin: Program) -> None:
    body = {"headline": "x", "seo": {"colour": 1}, "bylines": [{"person": "a"}, {"person": 1, "hat": "red"}], "nope": 1}
    errors = told(admin("POST", "/articles", body), 422)["errors"]
    assert errors.keys() == {"seo.colour", "bylines.1.person", "bylines.1.hat", "nope"}
    article = admin("POST", "/articles", {"headline": "x"}).get_json()["id"]
    assert told(admin("POST", f"/articles/{article}/submit", {"now": 1}), 422)["errors"].keys() == {"now"}
    assert told(admin("POST", "/articles", {"headline": None, "tags": "x"}), 422)["errors"] == {
        "headline": ["Takes a value; null is none."],
        "tags": ["Takes a list."],
    }
    assert told(admin("POST", "/articles?draft=1", {"headline": "x"}), 422)["errors"].keys() == {"draft"}


def test_every_address_below_the_api_has_the_shape(admin: Program, client: FlaskClient) -> None:
    public = Program(client, None)
    told(public("GET", "/nowhere"), 404)
    told(public("POST", "/nowhere"), 404)
    told(public("GET", "/articles/nobody"), 404)
    told(public("DELETE", "/articles"), 405)
    assert "GET" in public("PUT", "/articles").headers["Allow"]
    told(public("POST", "/articles", {"nonsense": 1}), 401)
    assert public("POST", "/articles").headers["WWW-Authenticate"] == "Bearer"
    told(client.get(f"{API}/articles", headers={"Authorization": "Basic eDp5"}), 401)
    told(client.get(f"{API}//articles"), 404)
    told(client.get(f"{API}/articles", headers={"Host": "elsewhere.example"}), 400)


def test_only_a_strong_tag_that_names_the_article_lets_it_be_saved(admin: Program) -> None:
    made = admin("POST", "/articles", {"headline": "x"})
    path, etag = f"/articles/{made.get_json()['id']}", made.headers["ETag"]
    for wrong in ("*", f"W/{etag}", '"other"', etag.strip('"') + "x", '""'):
        refusal = told(admin("PATCH", path, {"headline": "y"}, If_Match=wrong), 412)
        assert refusal["yours"] == {"headline": "y"}
        assert refusal["current"]["headline"] == "x"
    told(admin("PATCH", path, {"headline": "y"}), 428)
    told(admin("DELETE", path, If_Match='"other"'), 412)
    saved = admin("PATCH", path, {"headline": "y"}, If_Match=f'"other", {etag}')
    assert saved.status_code == 200
    assert saved.headers["ETag"] != etag


def test_one_answer_names_all_that_is_wrong(admin: Program) -> None:
    body = {"headline": "x" * 301, "standfirst": "\0", "key_points": "x", "tags": ["x"], "bogus": 1}
    errors = told(admin("POST", "/articles", body), 422)["errors"]
    assert set(errors) == {"headline", "standfirst", "key_points", "bogus"}
    named = {"headline": "x" * 301, "sections": ["none"], "bylines": [{"person": "nobody"}], "lead_image": "none"}
    assert set(told(admin("POST", "/articles", named), 422)["errors"]) == set(named)
    assert set(told(admin("POST", "/articles", {**named, "tags": 1}), 422)["errors"]) == {*named, "tags"}
    user = {"email": "nowhere", "name": "\1", "role": "king", "password": "short"}
    assert set(told(admin("POST", "/users", user), 422)["errors"]) == set(user)
    token = {"name": "", "role": "king", "expires_at": "2001-01-01T00:00:00Z"}
    assert set(told(admin("POST", "/tokens", token), 422)["errors"]) == set(token)
    errors = told(admin("GET", "/articles?bogus=1&sort=loudest&limit=0&tag=x"), 422)["errors"]
    assert set(errors) == {"bogus", "sort", "limit"}


def test_a_body_that_is_refused_is_read_to_its_end_so_that_its_sender_hears_why(
    client: FlaskClient, desk: Desk
) -> None:
    for length, token, status in ((2_100_000, desk.token("editor"), 413), (100_000, "nobody's", 401)):
        body = io.BytesIO(b"x" * length)
        answer = client.post(
            f"{API}/articles",
            input_stream=body,
            content_length=length,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        told(answer, status)
        assert body.tell() == length
