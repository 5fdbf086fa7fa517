"""An export read into another newsroom is that newsroom: ids, histories, visits; and nothing is brought in twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cms.clock import SetClock
from cms.db import Base
from cms.domain.articles import desk as articles
from cms.domain.articles.model import Revision
from cms.domain.people.model import User
from cms.interfaces import Beat
from cms.moving.exporting import FORMAT, export
from cms.moving.kinds import KINDS, LEFT_OUT, Kind
from cms.moving.merging import merge
from cms.moving.parcel import Unusable, opened
from cms.moving.tally import Tally
from cms.newsroom import Newsroom
from cms.worker.counting import count_visits
from cms.worker.indexing import drain_search, ensure_index
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.lending import serve
from tests.parcels import changed
from tests.sizes import size

Make = Callable[..., Newsroom]
_numbers = count()


def bring(newsroom: Newsroom, path: Path, *, dry_run: bool = False) -> Tally:
    with opened(path, FORMAT) as parcel:
        return merge(newsroom, parcel, dry_run=dry_run)


@pytest.fixture
def another(make_newsroom: Make, blank_sqlite: Path, tmp_path: Path) -> Callable[[], Newsroom]:
    """An empty newsroom beside the first."""

    def make() -> Newsroom:
        data = tmp_path / f"var-{next(_numbers)}"
        data.mkdir()
        shutil.copyfile(blank_sqlite, data / "copydesk.sqlite3")
        return make_newsroom(DATA_DIR=str(data))

    return make


def some_work(desk: Desk) -> str:
    desk.section("Zones", "zones")
    desk.section("Business", "business")
    desk.section("Markets", "markets", "zones")
    desk.person("Edda Morrow", "edda-morrow")
    desk.token("editor", "A program")
    article = desk.publish("Port reopens", sections=["markets"], tags=["Harbour"], bylines=[{"person": "edda-morrow"}])
    desk.newsroom.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    desk.put_live(article, revision=desk.save(article, headline="Port reopens early"))
    desk.correct(article, "It was on Tuesday.")
    gone = desk.publish("Never mind")
    desk.withdraw(gone, "Taken down.")
    desk.put_live(desk.write("Tomorrow's"), live_from=desk.now + timedelta(days=1))
    ensure_index(desk.newsroom)
    desk.newsroom.views.append(Beat(desk.now, article, "a-view-of-mine", 1, 2))
    count_visits(desk.newsroom)
    return article


@BOTH_DATABASES
def test_the_round_trip_is_lossless_and_a_second_run_changes_nothing(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path
) -> None:
    some_work(desk)
    one, two, three = (tmp_path / f"{name}.copydesk" for name in ("one", "two", "three"))
    export(newsroom, one)
    export(newsroom, two)
    assert one.read_bytes() == two.read_bytes()

    other = another()
    dry = bring(other, one, dry_run=True).told()
    first = bring(other, one).told()
    assert dry == first
    assert (first["errors"], first["unsupported"]) == ([], [])
    export(other, three)
    assert three.read_bytes() == one.read_bytes()

    again = bring(other, one)
    assert all(c.created == c.changed == c.skipped == 0 < c.unchanged for c in again.counts.values())
    assert (again.unsupported, again.errors) == ([], [])


@BOTH_DATABASES
def test_what_is_brought_in_is_on_its_pages_and_found_with_its_own_dates(
    newsroom: Newsroom, another: Callable[[], Newsroom], tmp_path: Path, client: FlaskClient, clock: SetClock
) -> None:
    elsewhere = another()
    some_work(Desk(elsewhere))
    export(elsewhere, tmp_path / "one")
    ensure_index(newsroom)
    assert "Port reopens" not in client.get("/").text
    clock.advance(timedelta(hours=30))
    bring(newsroom, tmp_path / "one")

    assert "Port reopens early" in client.get("/").text
    page = client.get("/2026/03/26/port-reopens/")
    assert page.status_code == 200
    assert "It was on Tuesday." in page.text
    assert client.get("/2026/03/26/never-mind/").status_code == 410
    assert client.get("/2026/03/27/tomorrows/").status_code == 200
    while drain_search(newsroom):
        pass
    assert "/2026/03/26/port-reopens/" in client.get("/search?q=early").text
    assert Desk(newsroom).publish("Written here next")


def test_no_password_token_or_session_leaves_the_house(newsroom: Newsroom, desk: Desk, tmp_path: Path) -> None:
    some_work(desk)
    with newsroom.sessions.write() as session:
        user = session.scalars(select(User)).first()
        assert user is not None
        user.password, unique = "$argon2id$secret", user.fs_uniquifier
        session.commit()
    export(newsroom, tmp_path / "one")
    with opened(tmp_path / "one", FORMAT) as parcel:
        held = "".join(str(row) for name in parcel.names("") for row in parcel.lines(name))
    assert "argon2id" not in held
    assert unique not in held


def test_every_table_is_exported_or_left_out_on_purpose() -> None:
    assert {kind.name for kind in KINDS} | LEFT_OUT == set(Base.metadata.tables)
    assert not {kind.name for kind in KINDS} & LEFT_OUT


def test_a_story_that_was_worked_on_here_since_is_left_as_it_is(
    newsroom: Newsroom, desk: Desk, tmp_path: Path, clock: SetClock
) -> None:
    article = some_work(desk)
    export(newsroom, tmp_path / "old")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    export(newsroom, tmp_path / "before")
    tally = bring(newsroom, tmp_path / "old")
    export(newsroom, tmp_path / "after")

    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()
    assert tally.unsupported == [f"article {article} is left as it is here: it was worked on here since"]


def test_a_history_that_does_not_verify_is_listed_and_the_rest_goes_in(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path
) -> None:
    some_work(desk)
    bad = desk.publish("As it was written")
    with newsroom.sessions.write() as session:
        articles.revision(session, articles.find(session, bad)).headline = "As somebody would like it"
        session.commit()
    export(newsroom, tmp_path / "one")
    other = another()
    tally = bring(other, tmp_path / "one")

    assert [(error["row"], error["error"]) for error in tally.errors] == [
        ({"public_id": bad}, "revision 1 does not verify")
    ]
    with other.sessions.read() as session:
        headlines = set(session.scalars(select(Revision.headline)))
    assert "Port reopens early" in headlines
    assert "As somebody would like it" not in headlines


def test_a_section_of_the_same_name_is_taken_for_the_one_meant(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path
) -> None:
    some_work(desk)
    export(newsroom, tmp_path / "one")
    other = another()
    Desk(other).section("Our own zones", "zones")
    tally = bring(other, tmp_path / "one")

    assert tally.errors == []
    assert len(tally.unsupported) == 1
    assert tally.of("sections").told() == {"read": 3, "created": 2, "changed": 0, "unchanged": 0, "skipped": 1}
    page = serve(other).test_client().get("/section/zones/markets/", base_url="http://news.example")
    assert "Port reopens early" in page.text


Rows = list[Any]


def put(at: int, column: str, value: Any) -> Callable[[Rows], None]:
    return lambda rows: rows[at].update({column: value})


NONSENSE: list[tuple[str, Callable[[Rows], None], str]] = [
    ("tags.jsonl", lambda rows: rows.append(b"{"), "tags.jsonl, row 2 is no JSON"),
    ("tags.jsonl", lambda rows: rows.append(b"[" * 100_000), "tags.jsonl, row 2 is no JSON"),
    ("tags.jsonl", lambda rows: rows.append(b"NaN"), "tags.jsonl, row 2 is no JSON"),
    ("tags.jsonl", put(0, "name", "\ud800"), "tags.jsonl, row 1 is no JSON"),
    ("tags.jsonl", lambda rows: rows.insert(0, [1]), "tags.jsonl, row 1: it is no object"),
    ("tags.jsonl", lambda rows: rows[0].pop("slug"), "tags.jsonl, row 1: slug is missing"),
    ("tags.jsonl", put(0, "colour", "red"), "tags.jsonl, row 1: colour is no column"),
    ("tags.jsonl", put(0, "name", None), "tags.jsonl, row 1: name is missing"),
    ("tags.jsonl", put(0, "internal", 1), "tags.jsonl, row 1: internal takes true or false"),
    ("users.jsonl", put(0, "role", "owner"), "users.jsonl, row 1: role takes one of contributor"),
    ("users.jsonl", put(0, "created_at", "yesterday"), "users.jsonl, row 1: created_at takes a time"),
    ("users.jsonl", put(0, "created_at", "2026-01-01T00:00:00"), "users.jsonl, row 1: created_at takes a time"),
    ("articles.jsonl", put(1, "newest", "two"), "articles.jsonl, row 2: newest takes a whole number"),
    ("articles.jsonl", put(1, "newest", 10**30), "articles.jsonl, row 2: newest takes a whole number"),
    ("articles.jsonl", put(0, "address_date", "tomorrow"), "articles.jsonl, row 1: address_date takes a date"),
    ("revisions.jsonl", put(2, "article_id", {}), "revisions.jsonl, row 3: article_id takes what a row of articles is"),
    ("revisions.jsonl", put(1, "bylines", ["Ada"]), "revisions.jsonl, row 2: bylines holds something else"),
    ("publications.jsonl", put(0, "revision_id", "a"), "publications.jsonl, row 1: revision_id takes what a row of"),
]


@BOTH_DATABASES
def test_a_row_that_makes_no_sense_is_named_and_nothing_of_the_export_is_brought_in(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path
) -> None:
    elsewhere = another()
    some_work(Desk(elsewhere))
    export(elsewhere, tmp_path / "one")
    for entry, change, says in NONSENSE:
        for dry_run in (True, False):
            with pytest.raises(Unusable) as refused:
                bring(newsroom, changed(tmp_path / "one", entry, change), dry_run=dry_run)
            assert refused.value.message.startswith(says)
    with newsroom.sessions.read() as session:
        assert session.scalars(select(User.id)).all() == []


def test_texts_without_their_story_are_listed_and_the_rest_goes_in(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path
) -> None:
    some_work(desk)
    export(newsroom, tmp_path / "one")
    other = another()
    tally = bring(other, changed(tmp_path / "one", "articles.jsonl", lambda rows: rows.pop(0)))
    assert {error["error"] for error in tally.errors if error["kind"] == "articles"} == {
        "its texts are in the export, and the story itself is not"
    }
    assert tally.of("articles").created == 2


JUNK = st.sampled_from(
    [None, True, 0, -1, 7, 2**40, 1.5, "", "x", "\x00", "x" * 5_000, [], ["x"], [["x"]], ["x", 1], {}, {"x": 1}]
) | st.datetimes().map(lambda at: at.isoformat() + "+00:00")


@settings(max_examples=size(6, 500, "ROWS"), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_whatever_stands_in_an_export_is_taken_listed_or_refused(
    newsroom: Newsroom, desk: Desk, another: Callable[[], Newsroom], tmp_path: Path, kind: Kind, data: st.DataObject
) -> None:
    if not (tmp_path / "one").exists():
        some_work(desk)
        export(newsroom, tmp_path / "one")
    column, junk = data.draw(st.sampled_from(sorted(kind.columns))), data.draw(JUNK)
    path = changed(tmp_path / "one", kind.entry, lambda rows: [row.update({column: junk}) for row in rows[:1]])
    other = another()
    try:
        bring(other, path)
    except Unusable as refused:
        assert refused.message.startswith(f"{kind.entry}, row 1")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
ACTS = st.lists(
    st.tuples(st.sampled_from(["write", "publish", "save", "withdraw", "correct", "view"]), WORDS), max_size=12
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_newsroom_survives_the_round_trip(
    acts: list[tuple[str, str]], another: Callable[[], Newsroom], tmp_path: Path, clock: SetClock
) -> None:
    newsroom, other = another(), another()
    desk = Desk(newsroom)
    live: list[str] = []
    for act, words in acts:
        clock.advance(timedelta(seconds=7))
        told = words.strip() or "Untitled"
        _act(desk, live, act, told)
    one, two = tmp_path / "one", tmp_path / "two"
    export(newsroom, one)
    assert bring(other, one).errors == []
    export(other, two)
    assert one.read_bytes() == two.read_bytes()
    newsroom.sessions.dispose()
    other.sessions.dispose()


def _act(desk: Desk, live: list[str], act: str, words: str) -> Any:
    if act == "write":
        return desk.write(words, tags=[words], body_html=f"<p>{len(words)}</p>")
    if act == "publish" or not live:
        return live.append(desk.publish(words, tags=[words]))
    if act == "save":
        return desk.save(live[-1], headline=words)
    if act == "correct":
        return desk.correct(live[-1], words)
    if act == "view":
        desk.newsroom.views.append(Beat(desk.now, live[-1], f"view-{desk.now:%H%M%S}", len(words), 2))
        return count_visits(desk.newsroom)
    return desk.withdraw(live.pop())
