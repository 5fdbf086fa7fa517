"""When something is wrong with a story: what can be done about it in one act, through the API, by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import undefer
from werkzeug.test import TestResponse

from cms.clock import SetClock
from cms.domain.articles import chain
from cms.domain.articles import desk as desk_rows
from cms.domain.articles.model import Revision
from cms.domain.people.staff import SYSTEM
from cms.domain.workflow import erasing
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk

pytestmark = BOTH_DATABASES


class Caller:
    def __init__(self, client: FlaskClient, desk: Desk) -> None:
        self.client, self.desk = client, desk
        self.tokens: dict[str, str] = {}

    def __call__(self, who: str, method: str, path: str, body: Any = None) -> TestResponse:
        """``who`` is a role, or a role and a number for a second one of it."""
        if who not in self.tokens:
            self.tokens[who] = self.desk.token(who.split()[0], name=who)
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.client.open(f"/api/v1/articles/{path}", method=method, json=body, headers=headers)

    def seen(self, article: str) -> Any:
        answer = self.client.get(f"/api/v1/articles/{article}")
        return answer.get_json() if answer.status_code == 200 else None


@pytest.fixture
def api(client: FlaskClient, desk: Desk) -> Caller:
    return Caller(client, desk)


BODY = "<p>One.</p><p>Two, a libel.</p><p>Three.</p><p>Four.</p>"


def test_a_fix_is_live_at_once_and_is_carried_into_tomorrows_text(api: Caller, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("Today", body_html=BODY)
    clock.advance(timedelta(minutes=1))
    desk.save(article, headline="Tomorrow", body_html=BODY.replace("Four.", "Four, and more."))
    tomorrow = clock.now() + timedelta(days=1)
    desk.put_live(article, revision=2, live_from=tomorrow)
    fixed = api("editor", "POST", f"{article}/fix", {"base": 1, "body_html": BODY.replace(", a libel", "")})
    assert fixed.status_code == 201, fixed.text
    assert fixed.get_json()["rebased"] == [{"n": 2, "became": 4, "revision": 4}]
    assert fixed.get_json()["working_copy"] == {"revision": 4, "conflicts": []}
    assert "libel" not in api.seen(article)["body_html"]
    assert api.seen(article)["headline"] == "Today"
    clock.set(tomorrow)
    assert api.seen(article)["headline"] == "Tomorrow"
    assert "libel" not in api.seen(article)["body_html"]
    assert "Four, and more." in api.seen(article)["body_html"]


def test_a_scheduled_text_that_would_undo_a_fix_is_named_and_kept_only_knowingly(
    api: Caller, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("Today", body_html=BODY)
    clock.advance(timedelta(minutes=1))
    desk.save(article, body_html=BODY.replace("a libel", "a worse libel"))
    desk.put_live(article, revision=2, live_from=clock.now() + timedelta(days=1))
    asked = {"base": 1, "body_html": BODY.replace(", a libel", "")}
    refused = api("editor", "POST", f"{article}/fix", asked)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "would_undo")
    assert [each["n"] for each in refused.get_json()["publications"]] == [2]
    assert "a libel" in api.seen(article)["body_html"]
    done = api("editor", "POST", f"{article}/fix", {**asked, "keep": [2]}).get_json()
    assert done["kept"] == [2]
    assert done["working_copy"]["conflicts"] == ["body_html"]
    undoing = api("editor", "POST", f"{article}/publications", {"revision": done["working_copy"]["revision"]})
    assert undoing.get_json()["code"] == "not_rebased"
    clean = {"base": done["working_copy"]["revision"], "body_html": asked["body_html"]}
    rebased = api("editor", "POST", f"{article}/rebase", clean).get_json()
    assert api("editor", "POST", f"{article}/publications", rebased).status_code == 201


def test_a_fix_names_the_text_that_readers_see(api: Caller, desk: Desk) -> None:
    article = desk.publish("Today")
    desk.save(article, headline="Tomorrow")
    assert api("editor", "POST", f"{article}/fix", {"base": 2, "headline": "x"}).status_code == 412
    assert api("editor", "POST", f"{article}/fix", {"base": 1, "headline": "Today"}).get_json()["code"] == "unchanged"
    assert api("reporter", "POST", f"{article}/fix", {"base": 1, "headline": "x"}).status_code == 403
    draft = desk.write("Draft")
    assert api("editor", "POST", f"{draft}/fix", {"base": 1, "headline": "x"}).get_json()["code"] == "not_live"


def test_rollback_and_republication_show_an_earlier_edition_at_its_address(
    api: Caller, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("First")
    clock.advance(timedelta(minutes=1))
    desk.put_live(article, revision=desk.save(article, headline="Second"))
    clock.advance(timedelta(minutes=1))
    assert api("editor", "POST", f"{article}/rollback", {"publication": 1}).get_json()["revision"] == 1
    assert api.seen(article)["headline"] == "First"
    assert api("editor", "POST", f"{article}/rollback", {"publication": 1}).get_json()["code"] == "on_show"
    address = api.seen(article)["url"]
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert api.seen(article) is None
    assert api("editor", "POST", f"{article}/republication", {}).status_code == 201
    assert api.seen(article)["url"] == address
    assert api("editor", "POST", f"{article}/republication", {}).get_json()["code"] == "live"


def test_an_old_revision_restored_goes_live_only_when_published(api: Caller, desk: Desk) -> None:
    article = desk.publish("First")
    desk.save(article, headline="Second")
    assert api("editor", "POST", f"{article}/restoration", {"revision": 1, "base": 1}).status_code == 412
    assert api("editor", "POST", f"{article}/restoration", {"revision": 1, "base": 2}).get_json() == {"revision": 3}
    assert api("editor", "GET", article).get_json()["headline"] == "First"
    assert api.seen(article)["revision"] == 1


def test_a_publication_is_moved_and_given_an_end(api: Caller, desk: Desk, clock: SetClock) -> None:
    article, hour = desk.write("Later"), timedelta(hours=1)
    desk.put_live(article, live_from=clock.now() + hour)
    when = (clock.now() + 2 * hour).isoformat()
    end = (clock.now() + 3 * hour).isoformat()
    moved = api("editor", "PATCH", f"{article}/publications/1", {"live_from": when, "live_until": end})
    assert (moved.status_code, moved.get_json()["n"]) == (200, 2)
    seen = []
    for _ in range(3):
        clock.advance(hour)
        seen.append(api.seen(article) is not None)
    assert seen == [False, True, False]
    assert api("editor", "PATCH", f"{article}/publications/2", {"live_until": None}).get_json()["code"] == "over"
    assert api("editor", "PATCH", f"{article}/publications/9", {"live_until": None}).status_code == 404


def test_a_legal_hold_stops_everybody_until_its_holder_lifts_it(api: Caller, desk: Desk, clock: SetClock) -> None:
    article = desk.write("Held")
    desk.put_live(article, live_from=clock.now() + timedelta(hours=1))
    held = api("editor", "POST", f"{article}/hold", {"reason": "A letter from counsel"})
    assert (held.status_code, held.get_json()["cancelled"]) == (201, [1])
    for who in ("editor", "admin"):
        assert api(who, "POST", f"{article}/publications", {}).get_json()["code"] == "held"
    assert api("admin", "DELETE", f"{article}/hold").get_json()["right"] == "lift_hold"
    assert api("admin", "POST", f"{article}/spike").get_json()["code"] == "held"
    assert api("admin", "POST", f"{article}/erasure", {"reason": "x"}).get_json()["code"] == "held"
    assert api("editor", "DELETE", f"{article}/hold").status_code == 204
    assert api("editor", "POST", f"{article}/publications", {}).status_code == 201


def test_a_pull_takes_everything_away_and_gives_a_receipt(api: Caller, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("Pulled")
    desk.save(article, headline="Pulled tomorrow")
    desk.put_live(article, live_from=clock.now() + timedelta(days=1), revision=2)
    clock.advance(timedelta(minutes=1))
    receipt = api("editor", "POST", f"{article}/pull", {"reason": "Wrong man", "notice": "Removed."})
    assert receipt.status_code == 201, receipt.text
    told = receipt.get_json()
    assert (told["withdrawn"], told["cancelled"], [each["what"] for each in told["told"]]) == (1, [2], ["search"])
    assert api.seen(article) is None
    assert api("editor", "GET", f"{article}/pulls").get_json()["data"] == [told]
    assert api("reporter", "POST", f"{article}/pull", {"reason": "x"}).status_code == 403


def test_an_erasure_takes_two_people_and_leaves_a_chain_that_verifies(
    api: Caller, desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    article = desk.publish("Zanzibarquux", body_html="<p>Zanzibarquux.</p>", slug="zanzibarquux", tags=["Sea"])
    desk.correct(article, "Zanzibarquux was right")
    desk.save(article, headline="Zanzibarquux again")
    clock.advance(timedelta(minutes=1))
    asked = api("admin", "POST", f"{article}/erasure", {"reason": "A court order"})
    assert (asked.status_code, asked.get_json()["revisions"]) == (202, [1, 2])
    assert api("admin", "POST", f"{article}/erasure/agreement").status_code == 403
    assert api("editor", "POST", f"{article}/erasure/agreement").status_code == 403
    assert api.seen(article) is not None
    done = api("admin 2", "POST", f"{article}/erasure/agreement")
    assert done.status_code == 200, done.text
    assert api.seen(article) is None
    with newsroom.sessions.read() as session:
        rows = session.scalars(select(Revision).order_by(Revision.number).options(undefer(Revision.body_html))).all()
        assert chain.first_bad_link(article, rows) is None
        [record] = erasing.records(session)
        for table in ("revisions", "publications", "corrections", "audit_lines", "autosaves", "outbox", "erasures"):
            assert "zanzibarquux" not in repr(session.execute(text(f"SELECT * FROM {table}")).all()).lower()
    with newsroom.sessions.write() as session:
        session.execute(update(Revision).where(Revision.number == 1).values(headline="Put in its place"))
        rows = session.scalars(select(Revision).order_by(Revision.number).options(undefer(Revision.body_html))).all()
        assert chain.first_bad_link(article, rows) == 1
        row = desk_rows.find(session, article)
        assert erasing.replay(session, SYSTEM, record, clock.now(), zone=desk.zone) is None
        assert row.state == "spiked"


def test_some_revisions_are_erased_only_when_nothing_shows_them(api: Caller, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("With a name")
    clock.advance(timedelta(minutes=1))
    refused = api("admin", "POST", f"{article}/erasure", {"reason": "A right", "revisions": [9]})
    assert refused.status_code == 422
    desk.save(article, headline="Without")
    used = api("admin", "POST", f"{article}/erasure", {"reason": "A right", "revisions": [1]})
    assert used.get_json()["code"] == "in_use"
    desk.put_live(article, revision=2)
    assert api("admin", "POST", f"{article}/erasure", {"reason": "A right", "revisions": [1]}).status_code == 202
    assert api("admin 2", "POST", f"{article}/erasure/agreement").status_code == 200
    assert api.seen(article)["headline"] == "Without"
    history = api.client.get(api.seen(article)["url"].removeprefix("http://news.example") + "history/")
    assert history.status_code == 200
    assert history.text.count('class="version"') == 1
    assert "First published" not in history.text
    assert "same text" not in history.text
    assert api("editor", "POST", f"{article}/restoration", {"revision": 1, "base": 2}).get_json()["code"] == "erased"
    assert api("editor", "POST", f"{article}/rollback", {"publication": 1}).get_json()["code"] == "erased"


# --- Editions that the public history leaves out -----------------------------------------------------------


def with_three_editions(desk: Desk, clock: SetClock) -> str:
    article = desk.publish("Ferry returns", body_html="<p>It sails at nine.</p>")
    for words in ("It sails, says the liar Otto, at ten.", "It sails at eleven."):
        clock.advance(timedelta(minutes=1))
        desk.save(article, body_html=f"<p>{words}</p>")
        desk.put_live(article)
    return article


def test_a_hidden_edition_is_gone_from_the_public_history_with_what_it_changed(
    api: Caller, desk: Desk, clock: SetClock, client: FlaskClient
) -> None:
    article = with_three_editions(desk, clock)
    history = "/2026/03/26/ferry-returns/history/"
    assert "Otto" in client.get(history).text
    reason = {"reason": "A person's right"}
    assert api("editor", "POST", f"{article}/publications/2/hiding", reason).status_code == 204
    page = client.get(history).text
    assert "Otto" not in page
    assert page.count('class="version"') == 2
    line = client.get("/api/v1/audit?verb=hide_edition", headers={"Authorization": f"Bearer {desk.token('admin')}"})
    assert line.get_json()["data"][0]["after"] == {"publication": 2, "reason": "A person's right"}
    assert api("editor", "DELETE", f"{article}/publications/2/hiding").status_code == 204
    assert "Otto" in client.get(history).text


def test_what_readers_see_now_cannot_be_hidden_nor_anything_without_a_reason_or_the_right(
    api: Caller, desk: Desk, clock: SetClock
) -> None:
    article = with_three_editions(desk, clock)
    reason = {"reason": "A person's right"}
    live = api("editor", "POST", f"{article}/publications/3/hiding", reason)
    assert (live.status_code, live.get_json()["code"]) == (409, "on_show")
    assert api("editor", "POST", f"{article}/publications/9/hiding", reason).status_code == 404
    assert api("reporter", "POST", f"{article}/publications/2/hiding", reason).status_code == 403
    assert "reason" in api("editor", "POST", f"{article}/publications/2/hiding", {"reason": " "}).get_json()["errors"]
    assert api("editor", "DELETE", f"{article}/publications/2/hiding").status_code == 409
    assert api("editor", "POST", f"{article}/publications/2/hiding", reason).status_code == 204
    assert api("editor", "POST", f"{article}/publications/2/hiding", reason).status_code == 409
