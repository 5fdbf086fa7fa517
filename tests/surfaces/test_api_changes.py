"""``/changes``: a mirror that asks for what came after its last entry misses nothing and hears nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.surfaces.programs import Program, told


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


@pytest.fixture
def public(client: FlaskClient) -> Program:
    return Program(client, None)


def test_every_act_is_told_once_and_in_order(editor: Program, desk: Desk, clock: SetClock) -> None:
    first, second = desk.publish("First"), desk.publish("Second")
    clock.advance(timedelta(minutes=1))
    desk.correct(first, "It was Tuesday.")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(second)
    expected = [
        ("publication", first), ("publication", second), ("correction", first), ("withdrawal", second),
    ]  # fmt: skip
    for limit in (1, 2, 3, 100):
        seen = [each for page in editor.pages(f"/changes?limit={limit}") for each in page]
        assert [(each["kind"], each["article"]) for each in seen] == expected
    assert seen[2]["correction"]["text"] == "It was Tuesday."
    assert seen[0]["publication"]["n"] == 1


def test_what_is_scheduled_is_told_when_it_begins(public: Program, desk: Desk, clock: SetClock) -> None:
    desk.publish("Now")
    planned = desk.write("Later")
    desk.put_live(planned, live_from=desk.now + timedelta(hours=1))
    called_off = desk.write("Never")
    desk.cancel(called_off, desk.put_live(called_off, live_from=desk.now + timedelta(hours=1)))
    reached = public("GET", "/changes").get_json()
    assert (len(reached["data"]), reached["next"]) == (1, None)
    clock.advance(timedelta(minutes=30))
    between = desk.publish("In between")
    clock.advance(timedelta(minutes=30))
    fresh = public("GET", f"/changes?after={reached['after']}").get_json()
    assert [each["article"] for each in fresh["data"]] == [between, planned]
    again = public("GET", f"/changes?after={fresh['data'][-1]['id']}").get_json()
    assert (again["data"], again["after"]) == ([], fresh["after"])


def test_a_story_dated_back_is_not_missed(public: Program, desk: Desk, clock: SetClock) -> None:
    desk.publish("Now")
    reached = public("GET", "/changes").get_json()["after"]
    clock.advance(timedelta(minutes=1))
    old = desk.write("From the archive")
    desk.put_live(old, live_from=desk.now - timedelta(days=365))
    assert [each["article"] for each in public("GET", f"/changes?after={reached}").get_json()["data"]] == [old]


def test_the_public_hears_of_takedowns_and_of_nothing_hidden(public: Program, desk: Desk, clock: SetClock) -> None:
    quiet, loud = desk.publish("Quiet"), desk.publish("Loud")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(quiet)
    desk.withdraw(loud, notice="It was wrong.")
    told_of = public("GET", "/changes").get_json()["data"]
    assert [(each["kind"], each["article"], each["notice"]) for each in told_of] == [
        ("withdrawal", loud, "It was wrong.")
    ]
    desk.put_live(quiet)
    assert {each["kind"] for each in public("GET", "/changes").get_json()["data"] if each["article"] == quiet} == {
        "publication"
    }


def test_a_place_that_was_never_told_is_refused(public: Program) -> None:
    for place in ("x", "", "Y2hhbmdlcy4xLjIuMw==", "Y2hhbmdlcy45OTk5OTk5OTk5OTkuMC4w", "%E2%98%83"):
        assert told(public("GET", f"/changes?after={place}"), 422)["errors"].keys() == {"after"}
