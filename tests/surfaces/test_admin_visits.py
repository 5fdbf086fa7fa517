"""The visits room: the numbers that readers make, by hour and day, story and section, and what didn't count."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.readers import GOOGLEBOT, Readers
from tests.staff import Staff

VISITS = "/admin/visits/"


def figures(page: str) -> list[int]:
    """Ever, today, 24 hours, 7 days, 30 days."""
    return [int(number) for number in re.findall(r"<dd>([\d,]+)</dd>", page.partition('class="figures"')[2])[:5]]


def bars(page: str) -> dict[str, int]:
    told = re.findall(r'<tr><th scope="row">([^<]+)</th><td class="number">(\d+)', page.partition("<figcaption>")[2])
    return {label: int(visits) for label, visits in told}


def test_visits_are_told_by_hour_and_day_story_and_section(
    staff: Callable[[str], Staff], newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    desk.section("Harbour")
    ferry, tram = desk.publish("Ferry", sections=["harbour"]), desk.publish("Tram")
    readers = Readers(newsroom)
    for number in range(1, 4):
        readers.read(ferry, number)
    readers.read(tram, 1)
    readers.read(tram, 2, agent=GOOGLEBOT)
    readers.roll_up()
    clock.advance(timedelta(days=2))
    readers.read(tram, 5)
    readers.roll_up()
    reporter = staff("reporter")
    day, month = reporter.get(VISITS), reporter.get(f"{VISITS}?span=30d")
    assert figures(day) == figures(month) == [5, 1, 1, 5, 5]
    assert {label: n for label, n in bars(day).items() if n and ":" in label} == {"15:00": 1}
    assert bars(month)["Thu 26 Mar"] == 4
    assert bars(month)["Sat 28 Mar"] == 1
    assert len(re.findall("<rect", day)) == 24
    assert len(re.findall("<rect", month)) == 30
    read = re.findall(r'data-item[^>]+>([^<]+)</a></th>\s*<td class="number" data-label="Visits">(\d+)', month)
    assert read == [("Ferry", "3"), ("Tram", "2")]
    assert re.search(r'Harbour</th><td class="number">3</td><td class="number">1<', month)
    assert "Programs, not readers" in month
    assert figures(reporter.get(f"{VISITS}{ferry}/?span=7d")) == [3, 0, 0, 3, 3]


def test_before_the_first_visit_the_room_says_so(staff: Callable[[str], Staff]) -> None:
    page = staff("editor").get(VISITS)
    assert figures(page) == [0, 0, 0, 0, 0]
    assert "Nothing was read" in page


@pytest.mark.parametrize("path", [f"{VISITS}?span=1y", f"{VISITS}nobody/"])
def test_what_is_not_there_is_not_found(staff: Callable[[str], Staff], path: str) -> None:
    assert staff("editor").client.get(path).status_code == 404


def test_a_contributor_is_told_who_may(staff: Callable[[str], Staff]) -> None:
    answer = staff("contributor").client.get(VISITS)
    assert answer.status_code == 403
    assert "It takes a reporter, an editor or an admin." in answer.get_data(as_text=True)
