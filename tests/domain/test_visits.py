"""Visits: who counts, counted exactly once, whatever dies; and what the figures say."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from cms.clock import SetClock
from cms.db import Base
from cms.domain.views import model, rollup, windows
from cms.domain.views.model import CountedReader, RolledUpSegment, VisitBucket, VisitDay, VisitTotal
from cms.domain.views.salts import Salts
from cms.domain.views.showing import Showing
from cms.engines.views.spool import Spool
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.readers import FIREFOX, GOOGLEBOT, Readers

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom]) -> Newsroom:
    return with_visits(make_newsroom())


def with_visits(newsroom: Newsroom) -> Newsroom:
    tables = [t for name, t in Base.metadata.tables.items() if name.startswith("visit_")]
    assert model.VisitTotal.__table__ in tables
    Base.metadata.create_all(newsroom.sessions.write_engine, tables=tables)
    return newsroom


@pytest.fixture
def readers(newsroom: Newsroom) -> Readers:
    return Readers(newsroom)


@pytest.fixture
def story(desk: Desk) -> str:
    return desk.publish("Ferry returns")


# --- Who counts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "accepted"),
        ({"view": "12345678"}, "accepted"),
        ({"view": "A-z_0" * 12}, "accepted"),
        ({"address": "2001:db8::7"}, "accepted"),
        ({"address": ""}, "accepted"),
        ({"view": "1234567"}, "malformed"),
        ({"view": "x" * 65}, "malformed"),
        ({"view": "view 1234"}, "malformed"),
        ({"view": "view-1234\n"}, "malformed"),
        ({"article": ""}, "malformed"),
        ({"article": "x' OR 1=1 --"}, "malformed"),
        ({"article": "0000000000000000"}, "unknown"),
        ({"origin": ""}, "origin"),
        ({"origin": "null"}, "origin"),
        ({"origin": "https://news.example"}, "origin"),
        ({"origin": "http://news.example.evil.example"}, "origin"),
        ({"purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "Preview"}, "prefetch"),
        ({"staff": True}, "staff"),
        ({"preview": True}, "preview"),
        ({"agent": ""}, "bot"),
        ({"agent": "   "}, "bot"),
        ({"agent": GOOGLEBOT}, "bot"),
        ({"agent": "curl/8.5.0"}, "bot"),
        ({"agent": "python-requests/2.32"}, "bot"),
    ],
)
def test_the_door_decides_on_each_view(readers: Readers, story: str, said: dict[str, object], reason: str) -> None:
    decision = readers.read(story, **said)
    assert (decision.reason, decision.counted) == (reason, reason == "accepted")
    assert readers.roll_up() == decision.counted
    assert readers.figures(story) == (int(decision.counted), int(decision.counted))
    assert readers.dropped() == ({} if decision.counted else {reason: 1})


def test_two_hundred_readers_who_reload_twice_are_two_hundred_visits(
    readers: Readers, story: str, clock: SetClock
) -> None:
    for reload in range(3):
        for reader in range(200):
            readers.read(story, reader)
        clock.advance(4 * MINUTE)
        if reload == 1:
            readers.roll_up()
    readers.roll_up()
    assert readers.figures(story) == (200, 200)
    assert readers.dropped() == {"recent": 400}


def test_fifty_bots_are_no_visit(readers: Readers, story: str) -> None:
    for n in range(50):
        readers.read(story, n, agent=GOOGLEBOT)
    readers.roll_up()
    assert readers.figures(story) == (0, 0)
    assert readers.dropped() == {"bot": 50}


def test_readers_of_one_network_are_told_apart_by_their_agents(readers: Readers, story: str) -> None:
    for host in range(1, 4):
        for agent in (FIREFOX, FIREFOX.replace("140", "141")):
            readers.read(story, address=f"192.0.2.{host}", agent=agent)
            readers.read(story, address=f"2001:db8:0:a{host:02x}::1", agent=agent)
    readers.roll_up()
    assert readers.figures(story) == (4, 4)


def test_a_network_adds_no_more_than_its_share_however_many_agents_it_has(
    newsroom: Newsroom, readers: Readers, story: str, clock: SetClock
) -> None:
    other = [readers.read(story, n) for n in range(2)]
    for n in range(2 * rollup.NETWORK_SHARE):
        readers.read(story, address="192.0.2.9", agent=f"{FIREFOX} {n}")
    readers.roll_up()
    assert readers.figures(story)[0] == rollup.NETWORK_SHARE + len(other)
    assert readers.dropped() == {"over_cap": rollup.NETWORK_SHARE}
    clock.advance(30 * MINUTE)
    readers.read(story, address="192.0.2.9", agent=f"{FIREFOX} again")
    assert readers.roll_up() == 1


def test_a_flood_from_one_network_is_stopped_at_the_door_and_no_other(readers: Readers, story: str) -> None:
    reasons = [readers.read("0000000000000000", address="192.0.2.9").reason for _ in range(6001)]
    assert reasons[-2:] == ["unknown", "over_cap"]
    assert readers.read(story).counted


def test_drafts_withdrawn_and_unknown_stories_leave_no_row(
    newsroom: Newsroom, readers: Readers, desk: Desk, story: str, clock: SetClock
) -> None:
    draft = desk.write("Not yet")
    assert readers.read(story).counted
    clock.advance(MINUTE)
    desk.withdraw(story)
    readers.door.forget([story])
    for article in (draft, story, "0000000000000000"):
        assert readers.read(article, reader=2).reason == "unknown"
    readers.roll_up()
    assert readers.figures(story) == (1, 1)
    with newsroom.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(VisitTotal)) == 1


def test_a_view_that_came_past_the_door_for_a_draft_leaves_no_row(
    newsroom: Newsroom, readers: Readers, desk: Desk
) -> None:
    draft = desk.write("Not yet")
    readers.door.showing._known[draft] = (True, newsroom.clock.now(), newsroom.clock.now() + HOUR)
    assert readers.read(draft).counted
    assert readers.roll_up() == 0
    assert readers.figures(draft) == (0, 0)


def test_a_scheduled_story_counts_from_its_second_and_no_longer_than_it_shows(
    readers: Readers, desk: Desk, clock: SetClock
) -> None:
    story = desk.write("Tomorrow's news")
    start = clock.now() + HOUR
    desk.put_live(story, live_from=start, live_until=start + HOUR)
    seen = []
    for at in (start - timedelta(seconds=1), start, start + HOUR - timedelta(seconds=1), start + HOUR):
        clock.set(at)
        seen.append(readers.read(story).reason)
    assert seen == ["unknown", "accepted", "accepted", "unknown"]


def test_unknown_ids_do_not_fill_the_memory() -> None:
    showing = Showing(lambda article, now: None, places=10)
    for n in range(1000):
        showing(str(n), datetime.now(UTC))
    assert len(showing._known) == 10


def test_what_was_asked_before_a_change_is_not_remembered_after_it() -> None:
    """A door that asks while the story is withdrawn must not go on counting it."""
    now = datetime(2026, 3, 26, tzinfo=UTC)
    answers = [now + HOUR, None]

    def ask(article: str, at: datetime) -> datetime | None:
        answer = answers.pop(0)
        showing.forget(["story"])
        return answer

    showing = Showing(ask)
    assert showing("story", now)
    assert not showing("story", now)


# --- Exactly once ------------------------------------------------------------------------------------------


def test_a_retried_beacon_is_one_visit_whenever_and_wherever_it_comes(
    make_newsroom: Callable[..., Newsroom], story: str, clock: SetClock
) -> None:
    for step in (0 * MINUTE, timedelta(seconds=2), 40 * MINUTE, 23 * HOUR):
        clock.advance(step)
        readers = Readers(make_newsroom())  # another process each time
        readers.read(story, view="the-same-view")
        readers.roll_up()
    assert readers.figures(story)[0] == 1
    assert readers.dropped() == {"repeat": 3}
    clock.advance(HOUR)
    readers.read(story, view="the-same-view")
    assert readers.roll_up() == 1


def test_thirty_minutes_run_from_the_last_counted_visit(readers: Readers, story: str, clock: SetClock) -> None:
    start = clock.now()
    counted = []
    for minutes in (0, 20, 29.9, 30, 45, 59.9, 60, 61):
        clock.set(start + minutes * MINUTE)
        readers.read(story)
        counted.append(readers.roll_up())
    assert counted == [1, 0, 0, 1, 0, 0, 1, 0]


def test_thirty_minutes_hold_within_one_batch_too(readers: Readers, story: str, clock: SetClock) -> None:
    start = clock.now()
    for minutes in (0, 20, 40, 60):
        clock.set(start + minutes * MINUTE)
        readers.read(story)
    assert readers.roll_up() == 2


def test_views_are_taken_in_order_of_time_however_their_segments_come(
    newsroom: Newsroom, make_newsroom: Callable[..., Newsroom], readers: Readers, story: str, clock: SetClock
) -> None:
    other, start = Readers(make_newsroom()), clock.now()
    for minutes, at in ((0, readers), (50, readers), (31, other), (62, other)):
        clock.set(start + minutes * MINUTE)
        at.read(story)
    other.newsroom.views.close()
    assert readers.roll_up() == 3  # at 0, 31 and 62


def test_a_view_that_comes_late_is_not_counted_beside_its_visit(
    make_newsroom: Callable[..., Newsroom], readers: Readers, story: str, clock: SetClock
) -> None:
    late, start = Readers(make_newsroom()), clock.now()
    late.read(story)
    clock.set(start + 10 * MINUTE)
    readers.read(story)
    [newest] = rollup.gather(readers.newsroom.views).segments[-1:]
    assert newest.beats
    readers.roll_up()
    late.newsroom.views.close()
    readers.roll_up()
    assert readers.figures(story)[0] == 1


def test_one_reader_of_two_stories_is_a_visit_to_each(readers: Readers, desk: Desk, story: str) -> None:
    other = desk.publish("Another")
    readers.read(story)
    readers.read(other)
    assert readers.roll_up() == 2


class Killed(Exception):
    pass


def test_a_roll_up_killed_at_any_statement_loses_and_doubles_nothing(
    newsroom: Newsroom, readers: Readers, story: str
) -> None:
    """It dies before its first statement, its second, and so on, until one round gets through."""
    left = 0

    def die(*_: object) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1

    for statements in range(100):
        readers.read(story, reader=statements)
        readers.read(story, reader=statements)
        readers.read("0000000000000000", reader=statements)
        left = statements
        event.listen(newsroom.sessions.write_engine, "before_cursor_execute", die)
        try:
            readers.roll_up()
            break
        except Killed:
            pass
        finally:
            event.remove(newsroom.sessions.write_engine, "before_cursor_execute", die)
        assert readers.figures(story)[0] == statements
        readers.roll_up()
        assert readers.figures(story)[0] == statements + 1
    assert statements > 10
    assert readers.figures(story)[0] == statements + 1
    assert readers.dropped() == {"recent": statements + 1, "unknown": statements + 1}
    assert newsroom.views.sealed() == []


@pytest.mark.parametrize("dies_at", ["read", "commit", "discard"])
def test_a_roll_up_killed_around_its_commit_loses_and_doubles_nothing(
    newsroom: Newsroom, readers: Readers, story: str, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    def die(*_: object) -> None:
        raise Killed

    readers.read(story)
    with monkeypatch.context() as patch:
        if dies_at == "commit":
            event.listen(Session, "before_commit", die)
        else:
            patch.setattr(newsroom.views, dies_at, die)
        with pytest.raises(Killed):
            readers.roll_up()
        if dies_at == "commit":
            event.remove(Session, "before_commit", die)
    assert readers.figures(story)[0] == (dies_at == "discard")
    readers.roll_up()
    readers.roll_up()
    assert readers.figures(story)[0] == 1
    assert newsroom.views.sealed() == []


def test_workers_at_the_same_time_count_each_view_once(
    make_newsroom: Callable[..., Newsroom], readers: Readers, story: str
) -> None:
    workers = [Readers(make_newsroom()) for _ in range(3)]
    start = threading.Barrier(len(workers))

    def work(worker: Readers) -> None:
        start.wait()
        for _ in range(20):
            worker.roll_up()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for reader in range(400):
        readers.read(story, reader)
        if reader % 20 == 0:
            readers.newsroom.views.sealed()
    for thread in threads:
        thread.join()
    readers.roll_up()
    assert readers.figures(story)[0] == 400


def test_a_counted_segment_that_cannot_be_deleted_is_never_counted_again(
    newsroom: Newsroom, readers: Readers, story: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers.read(story)
    with monkeypatch.context() as patch:
        patch.setattr(newsroom.views, "discard", lambda segments: None)
        for _ in range(4):
            readers.roll_up()
            clock.advance(27 * HOUR)
    assert readers.figures(story)[0] == 1
    readers.roll_up()
    clock.advance(2 * HOUR)
    readers.read(story)
    readers.roll_up()
    with newsroom.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(RolledUpSegment)) == 1


def test_a_large_backlog_is_counted_in_parts(newsroom: Newsroom, readers: Readers, story: str) -> None:
    for reader in range(30):
        readers.read(story, reader)
        if reader % 10 == 9:
            newsroom.views.sealed()
    parts = []
    while (batch := rollup.gather(newsroom.views, at_most=10)).segments:
        with newsroom.sessions.write() as session:
            parts.append((rollup.count(session, batch, newsroom.clock.now(), NEW_YORK), batch.more))
            session.commit()
        rollup.discard(newsroom.views, batch)
    assert parts == [(10, True), (10, True), (10, False)]


# --- Days --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Pacific/Chatham", date(2026, 9, 27), 23),
        ("Pacific/Chatham", date(2026, 4, 5), 25),
        ("Asia/Kathmandu", date(2026, 3, 8), 24),
        ("Asia/Kathmandu", date(2026, 11, 1), 24),
        ("Pacific/Chatham", date(2026, 1, 1), 24),
    ],
)
def test_a_day_has_its_own_length_from_midnight_to_midnight(
    make_newsroom: Callable[..., Newsroom], clock: SetClock, zone: str, day: date, hours: int
) -> None:
    """One reader a quarter of an hour, the day before, that day and the day after."""
    clock.set(datetime.combine(day, time(), UTC) - timedelta(days=3))
    newsroom = with_visits(make_newsroom(SITE_TIMEZONE=zone))
    story, readers = Desk(newsroom).publish("Ferry returns"), Readers(newsroom)
    midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    first, last = midnight - 24 * HOUR, midnight + (hours + 24) * HOUR
    expected = {}
    for n in range(int((last - first) / (15 * MINUTE))):
        clock.set(first + n * 15 * MINUTE)
        readers.read(story, reader=n)
    clock.set(last)
    readers.roll_up()
    for told, visits in ((midnight - MINUTE, 96), (midnight, hours * 4), (midnight + hours * HOUR, 96), (last, 0)):
        expected[told] = (96 + hours * 4 + 96, visits)
        assert readers.figures(story, at=told) == expected[told]
    with newsroom.sessions.read() as session:
        days = windows.by_day(session, day - timedelta(days=1), day + timedelta(days=2))
        assert [d.visits for d in days] == [96, hours * 4, 96, 0]
        assert [d.uniques for d in days] == [96, hours * 4, 96, 0]
        assert windows.out_of_step(session) == []
        buckets = session.scalars(select(VisitBucket.starts_at)).all()
    assert all(at.minute % 15 == 0 and at.second == 0 for at in buckets)
    assert len(buckets) == 96 + hours * 4 + 96


def test_a_reload_over_midnight_is_the_same_visit_and_no_longer(
    newsroom: Newsroom, readers: Readers, story: str, clock: SetClock
) -> None:
    midnight = datetime(2026, 3, 28, 4, tzinfo=UTC)  # in New York
    counted = []
    for minutes in (-10, 10, 19.9, 20, 40):
        clock.set(midnight + minutes * MINUTE)
        readers.read(story)
        counted.append(readers.roll_up())
    assert counted == [1, 0, 0, 1, 0]
    with newsroom.sessions.read() as session:
        assert [d.uniques for d in windows.by_day(session, date(2026, 3, 27), date(2026, 3, 28))] == [1, 1]


def test_a_reader_who_comes_back_is_one_unique_a_day(
    newsroom: Newsroom, readers: Readers, story: str, clock: SetClock
) -> None:
    clock.set(datetime(2026, 3, 27, 4, tzinfo=UTC))
    for _ in range(8):
        readers.read(story)
        readers.roll_up()
        clock.advance(6 * HOUR)
    with newsroom.sessions.read() as session:
        days = session.execute(select(VisitDay.visits, VisitDay.uniques, VisitDay.networks)).all()
    assert [tuple(row) for row in days] == [(4, 1, 1), (4, 1, 1)]


def test_the_last_day_week_and_month_slide(newsroom: Newsroom, readers: Readers, story: str, clock: SetClock) -> None:
    end = clock.now() + timedelta(days=40)
    for reader, ago in enumerate((timedelta(days=31), timedelta(days=29), timedelta(days=6), 23 * HOUR, MINUTE)):
        clock.set(end - ago)
        readers.read(story, reader)
    clock.set(end)
    readers.roll_up()
    with newsroom.sessions.read() as session:
        [recent] = windows.recent(session, [1], end).values()
    assert (recent.day, recent.week, recent.month) == (2, 3, 4)


def test_figures_cost_one_query_for_one_story_or_for_fifty(newsroom: Newsroom, clock: SetClock) -> None:
    asked = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with newsroom.sessions.read() as session:
        for number in (1, 50):
            figures = windows.figures(session, range(1, number + 1), clock.now(), NEW_YORK)
            assert [(f.total, f.today) for f in figures.values()] == [(0, 0)] * number
    assert len([statement for statement in asked if statement != "BEGIN"]) == 2


# --- What is kept ------------------------------------------------------------------------------------------


def test_processes_agree_on_the_days_salt_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    now = datetime(2026, 3, 26, 12, tzinfo=UTC)
    start, found = threading.Barrier(8), []

    def ask() -> None:
        salts = Salts(tmp_path / "salts", NEW_YORK)
        start.wait()
        found.append(salts.at(now).today)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    [path] = (tmp_path / "salts").iterdir()
    assert path.name == "2026-03-26"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("by", ["the next view", "the worker"])
def test_yesterdays_salt_is_destroyed_half_an_hour_after_its_day(tmp_path: Path, by: str) -> None:
    salts = Salts(tmp_path, NEW_YORK)
    midnight = datetime(2026, 3, 28, 4, tzinfo=UTC)
    yesterday = salts.at(midnight - MINUTE).today
    after = salts.at(midnight)
    assert after.yesterday == yesterday != after.today
    assert salts.at(midnight + 30 * MINUTE - timedelta(microseconds=1)).yesterday == yesterday
    if by == "the worker":
        Salts(tmp_path, NEW_YORK).destroy_old(midnight + 30 * MINUTE)
    else:
        assert salts.at(midnight + 30 * MINUTE).yesterday is None
    assert [path.name for path in tmp_path.iterdir()] == ["2026-03-28"]


def test_nothing_kept_names_a_reader(newsroom: Newsroom, readers: Readers, story: str) -> None:
    readers.read(story, address="203.0.113.77", agent=f"{FIREFOX} Telltale/9")
    newsroom.views.sealed()
    spool = newsroom.settings.data_dir / "views"
    kept = b"".join(path.read_bytes() for path in spool.iterdir())
    assert story.encode() in kept
    readers.roll_up()
    kept += b"".join(p.read_bytes() for p in newsroom.settings.data_dir.rglob("*") if p.is_file())
    for telltale in (b"203.0.113", b"Telltale", bytes([203, 0, 113])):
        assert telltale not in kept


def test_what_dedupe_remembers_is_gone_after_a_day_or_so(
    newsroom: Newsroom, readers: Readers, story: str, clock: SetClock
) -> None:
    readers.read(story, reader=1)
    readers.roll_up()
    clock.advance(27 * HOUR)
    readers.read(story, reader=2)
    readers.roll_up()
    with newsroom.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(CountedReader)) == 1


def test_visits_wait_for_the_worker_through_a_restart(
    make_newsroom: Callable[..., Newsroom], readers: Readers, story: str
) -> None:
    readers.read(story)
    store = readers.newsroom.views
    assert isinstance(store, Spool)
    store.close()
    assert Readers(make_newsroom()).roll_up() == 1
