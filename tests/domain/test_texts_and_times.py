"""What becomes of words: two people's in one text, those in an address, and those that stand for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cms.clock import SetClock
from cms.domain.articles import desk as rows
from cms.domain.articles.comparing import blocks, body_difference
from cms.domain.errors import Invalid
from cms.domain.workflow.merging import merge_lists, merged_body
from cms.domain.workflow.walltime import OddTime, instant
from cms.newsroom import Newsroom
from tests.desk import Desk

# --- Two changes to one text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "together"),
    [
        ("abcd", "abcd", "abcd"),
        ("abxcd", "abcdy", "abxcdy"),
        ("xabcd", "abd", "xabd"),
        ("axcd", "axcd", "axcd"),
        ("axcd", "aycd", None),
        ("axcd", "abyd", None),
        ("xbcd", "abcy", "xbcy"),
        ("xbcd", "abyd", "xbyd"),
    ],
    ids=lambda text: text or "conflict",
)
def test_changes_to_different_places_are_joined_and_to_touching_ones_never(
    mine: str, theirs: str, together: str | None
) -> None:
    assert merge_lists("abcd", mine, theirs) == (together and list(together))
    assert merge_lists("abcd", theirs, mine) == (together and list(together))


def test_words_that_stand_outside_of_any_paragraph_are_neither_lost_nor_unseen() -> None:
    base = "Ferry &lt;back&gt; <b>at</b> <i>noon</i><p>It sails.</p> and sails<p>Twice.</p><p>Again.</p>"
    assert "".join(blocks(base)) == base
    changed = base.replace("and sails", "and sinks")
    assert "sinks" in body_difference(base, changed)
    assert merged_body(base, changed, base.replace("Again", "Thrice")) == changed.replace("Again", "Thrice")
    assert merged_body(base, changed, base.replace("and sails", "and sings")) is None


# --- Addresses ---------------------------------------------------------------------------------------------


def slug(newsroom: Newsroom, story: str) -> str:
    with newsroom.sessions.read() as session:
        return max(rows.publications(session, rows.find(session, story)), key=lambda row: row.n).slug


def test_stories_of_one_day_that_want_one_slug_are_numbered_and_those_of_another_day_are_not(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    wish = "x" * 80
    first, second, third = (desk.publish(slug=wish) for _ in range(3))
    assert [slug(newsroom, each) for each in (first, second, third)] == [wish, "x" * 75 + "-2", "x" * 75 + "-3"]
    desk.save(third, standfirst="At noon.")
    clock.advance(timedelta(hours=1))
    desk.withdraw(second)
    desk.put_live(third)
    assert slug(newsroom, third) == "x" * 75 + "-3"
    clock.advance(timedelta(days=1))
    assert slug(newsroom, desk.publish(slug=wish)) == wish


def test_what_was_called_off_keeps_its_number_and_leaves_its_address(newsroom: Newsroom, desk: Desk) -> None:
    story = desk.write(slug="ferry")
    assert desk.put_live(story, live_from=desk.now + timedelta(hours=1)) == 1
    desk.cancel(story, 1)
    assert desk.put_live(desk.write(slug="ferry")) == 1
    assert desk.put_live(story) == 2
    assert slug(newsroom, story) == "ferry-2"


# --- Times on the wall -------------------------------------------------------------------------------------

NEW_YORK = ZoneInfo("America/New_York")


def test_a_time_on_the_wall_is_the_instant_at_which_the_zones_clocks_show_it() -> None:
    assert instant("2026-07-01T09:30", NEW_YORK, "at") == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
    assert instant("2026-01-01T09:30", NEW_YORK, "at", second=True) == datetime(2026, 1, 1, 14, 30, tzinfo=UTC)
    for odd in ("noon", "2026-07-01T09:30+02:00", "1899-12-31T23:59", "2201-01-01T00:00"):
        with pytest.raises(Invalid) as refused:
            instant(odd, NEW_YORK, "at")
        assert list(refused.value.errors) == ["at"]
    for edge in ("1900-01-01T12:00", "2200-12-31T12:00"):
        instant(edge, NEW_YORK, "at")


def test_a_time_that_spring_leaves_out_is_refused_with_the_nearest_two() -> None:
    with pytest.raises(OddTime) as refused:
        instant("2026-03-08T02:30", NEW_YORK, "at", second=True)
    assert [choice.strftime("%H:%M %z") for choice in refused.value.choices] == ["01:30 -0500", "03:30 -0400"]
    assert refused.value.errors == {
        "at": ["Clocks in America/New_York leave this time out on that day. Choose 01:30 or 03:30."]
    }
    assert not refused.value.twice


def test_a_time_that_autumn_brings_twice_is_asked_about() -> None:
    with pytest.raises(OddTime) as refused:
        instant("2026-11-01T01:30", NEW_YORK, "at")
    assert [choice.strftime("%H:%M %z") for choice in refused.value.choices] == ["01:30 -0400", "01:30 -0500"]
    assert "the first (-0400) or the second (-0500)" in refused.value.errors["at"][0]
    assert refused.value.twice
    first, second = (instant("2026-11-01T01:30", NEW_YORK, "at", second=each) for each in (False, True))
    assert (first, second) == tuple(datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
