"""The calendar in the admin: the right story on the right day of the site, and a new time by form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.staff import Staff

CALENDAR = "/admin/calendar/"
LATE = datetime(2026, 3, 29, 3, 30, tzinfo=UTC)
"""The 28th, half past eleven at night, where the paper is made."""


def day(page: str, date: str) -> str:
    return page.partition(f'<time datetime="{date}">')[2].partition("</td>")[0]


def test_each_story_stands_on_the_sites_day_with_its_own_headline(staff: Callable[[str], Staff], desk: Desk) -> None:
    desk.publish("Gone out")
    later = desk.write("Late tonight")
    desk.put_live(later, live_from=LATE)
    desk.save(later, headline="Rewritten since")
    held = desk.write("Held back")
    desk.embargo(held, datetime(2026, 4, 2, 12, 0, tzinfo=UTC))
    for view in ("month", "week"):
        page = staff("editor" if view == "month" else "admin").get(f"{CALENDAR}?view={view}&at=2026-03-26")
        assert "Gone out" in day(page, "2026-03-26")
        assert "Late tonight" in day(page, "2026-03-28")
        assert "23:30" in day(page, "2026-03-28")
        assert "Rewritten since" not in page
        assert ("Held back" in day(page, "2026-04-02")) == (view == "month")


def test_a_scheduled_story_is_moved_by_form_and_goes_out_then(
    staff: Callable[[str], Staff], desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    story = desk.write("Tomorrow")
    n = desk.put_live(story, live_from=LATE)
    editor = staff("editor")
    form = re.search(rf"{CALENDAR}{story}/{n}", editor.get(CALENDAR))
    assert form
    assert editor.post(form[0], CALENDAR, to="2026-03-27T07:00").status_code == 303
    assert "Tomorrow" not in day(editor.get(CALENDAR), "2026-03-28")
    clock.set(datetime(2026, 3, 27, 11, 0, tzinfo=UTC))
    assert client.get("/2026/03/27/tomorrow/").status_code == 200


@pytest.mark.parametrize(("to", "status"), [("2026-03-26T09:00", 409), ("", 422), ("soon", 422)])
def test_a_move_that_is_refused_leaves_the_story_where_it_was(
    staff: Callable[[str], Staff], desk: Desk, to: str, status: int
) -> None:
    story = desk.write("Tomorrow")
    n = desk.put_live(story, live_from=LATE)
    editor = staff("editor")
    assert editor.post(f"{CALENDAR}{story}/{n}", CALENDAR, to=to).status_code == status
    assert "Tomorrow" in day(editor.get(CALENDAR), "2026-03-28")


def test_a_story_is_not_moved_to_before_its_embargos_end(staff: Callable[[str], Staff], desk: Desk) -> None:
    story = desk.write("Held")
    desk.embargo(story, datetime(2026, 3, 28, 12, 0, tzinfo=UTC))
    n = desk.put_live(story, live_from=LATE)
    editor = staff("editor")
    assert editor.post(f"{CALENDAR}{story}/{n}", CALENDAR, to="2026-03-27T12:00").status_code == 409
    assert "Held" in day(editor.get(CALENDAR), "2026-03-28")


def test_who_may_not_publish_cannot_move_and_a_contributor_sees_only_their_own(
    staff: Callable[[str], Staff], desk: Desk
) -> None:
    story = desk.write("Tomorrow")
    n = desk.put_live(story, live_from=LATE)
    assert "Tomorrow" not in staff("contributor").get(CALENDAR)
    reporter = staff("reporter")
    assert "Tomorrow" in reporter.get(CALENDAR)
    assert reporter.post(f"{CALENDAR}{story}/{n}", CALENDAR, to="2026-03-27T12:00").status_code == 403


@pytest.mark.parametrize("query", ["?at=nonsense", "?at=0001-01-01", "?at=9999-12-31&view=week", "?view=year"])
def test_any_span_that_is_asked_for_is_answered(staff: Callable[[str], Staff], query: str) -> None:
    assert "March 2026" in staff("editor").get(CALENDAR + query)
