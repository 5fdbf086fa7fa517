"""Rules that meet only where several acts have come before: each told here in a few of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cms.clock import SetClock
from cms.domain.articles import desk as rows
from cms.domain.errors import Conflict, Forbidden, Invalid
from cms.domain.people.staff import Actor
from cms.domain.workflow import editing, editions, erasing, fixing, pulling
from cms.newsroom import Newsroom
from tests.desk import Desk

HOUR = timedelta(hours=1)


@pytest.fixture
def story(desk: Desk) -> str:
    return desk.write("Ferry returns")


def publications(newsroom: Newsroom, story: str) -> list[tuple[int, bool, str | None]]:
    """Each publication's revision, whether it stands, and its notice."""
    with newsroom.sessions.read() as session:
        found = rows.publications(session, rows.find(session, story))
        return [(row.revision.number, row.cancelled_at is None, row.notice) for row in found]


# --- Embargo -----------------------------------------------------------------------------------------------


def test_an_editor_sets_an_embargo_and_pushes_it_back_and_an_admin_alone_eases_it(desk: Desk, story: str) -> None:
    editor, admin = desk.actor("editor"), desk.actor("admin")
    for until in (desk.now + HOUR, desk.now + 2 * HOUR):
        desk.embargo(story, until, editor)
    for until in (desk.now + HOUR, None):
        with pytest.raises(Forbidden) as refused:
            desk.embargo(story, until, editor)
        assert refused.value.details == {"right": "lift_embargo"}
        desk.embargo(story, until, admin)


def test_an_embargo_that_has_passed_is_anybodys_to_tidy_away(desk: Desk, story: str, clock: SetClock) -> None:
    desk.embargo(story, desk.now + HOUR)
    clock.advance(HOUR)
    desk.embargo(story, None, desk.actor("editor"))


def test_an_embargo_calls_off_what_would_begin_before_it_and_nothing_else(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    for hours in (1, 2, 3):
        desk.put_live(story, live_from=desk.now + hours * HOUR)
    desk.embargo(story, desk.now + 2 * HOUR)
    assert [stands for _revision, stands, _notice in publications(newsroom, story)] == [False, True, True]


# --- Taking down -------------------------------------------------------------------------------------------


def test_pulling_what_was_withdrawn_keeps_its_time_and_its_notice(
    newsroom: Newsroom, desk: Desk, story: str, clock: SetClock
) -> None:
    desk.put_live(story)
    clock.advance(HOUR)
    desk.withdraw(story, notice="It was wrong.")
    then = clock.now()
    clock.advance(HOUR)
    pull(desk, story)
    assert publications(newsroom, story) == [(1, True, "It was wrong.")]
    with newsroom.sessions.read() as session:
        [row] = rows.publications(session, rows.find(session, story))
        assert (row.withdrawn_at, row.live_until) == (then, then)


def test_what_was_withdrawn_is_not_brought_back_by_moving_its_end(desk: Desk, story: str, newsroom: Newsroom) -> None:
    """At the very instant of its withdrawal, too: what began just now ends a microsecond later."""
    editor = desk.actor("editor")
    desk.put_live(story)
    desk.withdraw(story)
    with pytest.raises(Conflict) as refused:
        desk.act(story, lambda s, row: editions.expire(s, editor, row, 1, None, desk.now, zone=desk.zone))
    assert refused.value.code == "over"


def test_a_third_publication_within_one_instant_is_refused(desk: Desk, story: str) -> None:
    desk.put_live(story)
    desk.save(story, headline="Ferry stays")
    desk.put_live(story)
    with pytest.raises(Conflict) as refused:
        fix(desk, story, 1, headline="Ferry sinks")
    assert refused.value.code == "taken"


def pull(desk: Desk, story: str) -> None:
    editor = desk.actor("editor")
    desk.act(story, lambda s, row: pulling.pull(s, editor, row, "A letter", desk.now, zone=desk.zone))


# --- Fix live ----------------------------------------------------------------------------------------------


def test_what_was_approved_is_still_approved_with_a_fix_in_it(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, headline="Ferry stays")
    move(desk, story, "return", "submit", "approve")
    fix(desk, story, 1, standfirst="At noon.")
    with newsroom.sessions.read() as session:
        row = rows.find(session, story)
        newest = rows.revision(session, row)
        assert (row.state, row.approved, row.newest) == ("ready", 4, 4)
        assert (newest.headline, newest.standfirst, newest.base) == ("Ferry stays", "At noon.", 3)


def test_a_fix_is_carried_once_into_a_text_that_is_scheduled_twice(
    desk: Desk, story: str, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.put_live(story)
    desk.save(story, headline="Ferry stays")
    for hours in (2, 4):
        desk.put_live(story, revision=2, live_from=desk.now + hours * HOUR, live_until=desk.now + (hours + 1) * HOUR)
    clock.advance(HOUR)
    fix(desk, story, 1, standfirst="At noon.")
    assert [each[:2] for each in publications(newsroom, story)] == [
        (1, True), (3, True), (2, False), (4, True), (2, False), (4, True)
    ]  # fmt: skip


def test_a_limited_editor_mends_a_live_story_whose_working_copy_somebody_filed_elsewhere(
    desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    desk.section("News", "news")
    desk.section("Sport", "sport")
    editor = desk.actor("editor")
    lea = Actor(editor.user_id, editor.name, "editor", sections=frozenset({1}))
    story = desk.write("Ferry returns", by=editor, sections=["news"])
    desk.put_live(story)
    clock.advance(HOUR)
    desk.save(story, by=desk.actor("admin"), sections=["sport"])
    fixes = {"standfirst": "At noon."}
    desk.act(story, lambda s, row: fixing.fix(s, lea, row, 1, fixes, desk.now, zone=desk.zone))
    desk.act(story, lambda s, row: editing.restore(s, lea, row, 1, row.newest, desk.now))
    with pytest.raises(Forbidden):
        desk.save(story, by=lea, sections=["sport"])
    with pytest.raises(Forbidden):
        desk.act(story, lambda s, row: editing.restore(s, lea, row, 2, row.newest, desk.now))


def fix(desk: Desk, story: str, base: int, **fields: str) -> None:
    editor = desk.actor("editor")
    desk.act(story, lambda s, row: fixing.fix(s, editor, row, base, fields, desk.now, zone=desk.zone))


def move(desk: Desk, story: str, *verbs: str) -> None:
    editor = desk.actor("editor")
    for verb in verbs:
        desk.act(story, lambda s, row, verb=verb: editing.transition(s, editor, row, verb, desk.now))


# --- Erasure -----------------------------------------------------------------------------------------------


def test_over_an_erased_text_nothing_is_saved_without_a_headline(desk: Desk, story: str) -> None:
    """Else a story without one could go out, at an address without a last part."""
    first, second = desk.actor("admin", "Ada"), desk.actor("admin", "Ben")
    desk.act(story, lambda s, row: erasing.ask(s, first, row, "A court order", desk.now))
    desk.act(story, lambda s, row: erasing.agree(s, second, row, desk.now, zone=desk.zone))
    move(desk, story, "unspike")
    with pytest.raises(Invalid) as refused:
        desk.save(story, standfirst="At noon.")
    assert list(refused.value.errors) == ["headline"]
    desk.save(story, headline="Ferry stays")
    desk.put_live(story)


def test_the_dates_that_a_publication_may_have(desk: Desk, story: str, clock: SetClock) -> None:
    """Only a first publication is dated back; an end comes after its start, and is to come."""

    def refused(**when: datetime) -> list[str]:
        with pytest.raises(Invalid) as refusal:
            desk.put_live(story, **when)
        return list(refusal.value.errors)

    assert refused(live_until=desk.now) == ["live_until"]
    assert refused(live_from=desk.now + HOUR, live_until=desk.now + HOUR) == ["live_until"]
    assert refused(live_from=desk.now - 2 * HOUR, live_until=desk.now - HOUR) == ["live_until"]
    desk.put_live(story, live_from=desk.now - HOUR)
    assert refused(live_from=desk.now - 2 * HOUR) == ["live_from"]
    desk.put_live(story, live_from=desk.now)
    clock.advance(HOUR)
    with pytest.raises(Conflict) as begun:
        desk.cancel(story, 2)
    assert begun.value.code == "begun"


def test_a_publication_ends_where_the_next_begins_or_at_its_own_end_whichever_comes_first(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    desk.put_live(story, live_from=desk.now + 4 * HOUR)
    desk.put_live(story, live_from=desk.now + HOUR, live_until=desk.now + 2 * HOUR)
    desk.put_live(story, live_from=desk.now + 3 * HOUR, live_until=desk.now + 5 * HOUR)
    with newsroom.sessions.read() as session:
        spans = [
            (row.live_from - desk.now, row.live_until and row.live_until - desk.now)
            for row in rows.publications(session, rows.find(session, story))
        ]
    assert sorted(spans) == [(HOUR, 2 * HOUR), (3 * HOUR, 4 * HOUR), (4 * HOUR, None)]


def test_what_was_scheduled_keeps_the_time_on_the_wall_that_its_editor_meant(
    newsroom: Newsroom, desk: Desk, story: str
) -> None:
    desk.put_live(story)
    desk.put_live(story, live_from=desk.now + HOUR)
    with newsroom.sessions.read() as session:
        now, scheduled = rows.publications(session, rows.find(session, story))
    assert (now.wall_time, now.zone) == (None, None)
    assert (scheduled.wall_time, scheduled.zone) == ("2026-03-26T16:26:05.250000-04:00", "America/New_York")
