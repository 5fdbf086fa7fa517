"""A backup brings everything back: on either database, from one to the other, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import inspect, select

from cms import reactions
from cms.clock import SetClock
from cms.db import Base
from cms.domain.articles import desk as articles
from cms.domain.errors import Conflict
from cms.domain.views.model import VisitTotal
from cms.domain.workflow import erasing
from cms.interfaces import Beat
from cms.moving import schema
from cms.moving.backing_up import back_up
from cms.moving.parcel import LONGEST_LINE, Unusable
from cms.moving.restoring import restore
from cms.moving.rows import packed_row
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.parcels import changed, sealed

Make = Callable[..., Newsroom]


def everything(newsroom: Newsroom, but: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    told = {}
    with newsroom.sessions.read() as session:
        for table in Base.metadata.sorted_tables:
            columns = {column.name: column for column in table.columns}
            rows = session.execute(select(table).order_by(*table.primary_key)).mappings()
            told[table.name] = [packed_row(columns, row) for row in rows]
    return {name: rows for name, rows in told.items() if name not in but}


FOLLOWS = ("audit_lines", "changes", "outbox", "visit_segments")
"""What a restore itself adds to."""


def some_work(desk: Desk) -> str:
    desk.section("Business", "business")
    desk.section("Markets", "markets", "business")
    desk.person("Edda Morrow", "edda-morrow")
    article = desk.publish("Port reopens", sections=["markets"], tags=["Harbour"], bylines=[{"person": "edda-morrow"}])
    desk.put_live(article, revision=desk.save(article, headline="Port reopens early"))
    desk.write("Not yet", body_html="<p>Für später.</p>")
    desk.newsroom.files.put("originals/abc", b"\x00picture")
    desk.newsroom.files.put("renditions/abc/w320.webp", b"derived")
    return article


@BOTH_DATABASES
def test_from_one_database_to_the_other_and_back_nothing_is_lost(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, postgres_url: str, tmp_path: Path
) -> None:
    some_work(desk)
    back_up(newsroom, tmp_path / "one.zip")
    on_postgres = newsroom.sessions.read_engine.dialect.name == "postgresql"
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"), **({} if on_postgres else {"DATABASE_URL": postgres_url}))
    restore(other, tmp_path / "one.zip")

    assert everything(other, FOLLOWS) == everything(newsroom, FOLLOWS)
    assert other.files.get("originals/abc") == b"\x00picture"
    assert list(other.files.keys("")) == ["originals/abc"]  # what can be made anew is left out
    after = Desk(other).publish("Written after the restore")  # numbers go on where they stood
    assert Desk(other).save(after, headline="And saved") == 2


def test_a_view_that_waited_is_counted_once_after_a_restore(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, tmp_path: Path, clock: SetClock
) -> None:
    article = desk.publish()
    clock.advance(timedelta(minutes=1))
    newsroom.views.append(Beat(clock.now(), article, "a-view-of-mine", 1, 2))
    newsroom.views.append(Beat(clock.now(), article, "a-view-of-mine", 1, 2))
    back_up(newsroom, tmp_path / "one.zip")
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"))

    assert restore(other, tmp_path / "one.zip").visits == 1
    with other.sessions.read() as session:
        assert session.scalars(select(VisitTotal.visits)).all() == [1]


def test_what_was_erased_since_the_backup_is_erased_again(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, tmp_path: Path
) -> None:
    article = some_work(desk)
    back_up(newsroom, tmp_path / "one.zip")
    asking, agreeing = desk.actor("admin", "Ada"), desk.actor("admin", "Bo")
    with newsroom.sessions.write() as session:
        row = articles.find(session, article)
        _asked, event = erasing.ask(session, asking, row, "A court order", desk.now)
        _done, erased = erasing.agree(session, agreeing, row, desk.now, zone=desk.zone)
        reactions.commit(session, [event, erased], desk.now, newsroom.signal)
    with newsroom.sessions.read() as session:
        records = erasing.records(session)
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"))

    assert restore(other, tmp_path / "one.zip", records).erased == 1
    with other.sessions.read() as session:
        assert articles.revision(session, articles.find(session, article)).headline == ""


def test_a_damaged_backup_is_refused_and_nothing_is_written(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, tmp_path: Path
) -> None:
    some_work(desk)
    whole = tmp_path / "one.zip"
    back_up(newsroom, whole)
    content = whole.read_bytes()
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"))
    changed = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(0, len(content), 997)]
    for damaged in (*changed, content[:-1], content[: len(content) // 2], content + b"\n", b"", b"PK"):
        (tmp_path / "damaged.zip").write_bytes(damaged)
        with pytest.raises(Unusable):
            restore(other, tmp_path / "damaged.zip")
    assert inspect(other.sessions.read_engine).get_table_names() == []
    assert list(other.files.keys("")) == []


def test_a_file_made_to_fill_the_memory_or_to_leave_the_folder_is_refused(make_newsroom: Make, tmp_path: Path) -> None:
    other, path = make_newsroom(DATA_DIR=str(tmp_path / "b")), tmp_path / "hostile.zip"
    facts = {"format": "copydesk-backup", "version": 1, "schema": schema.newest(), "made_at": "2026-01-01T00:00:00"}
    long = b'"' + b"a" * LONGEST_LINE + b'"'
    entries: list[tuple[dict[str, bytes], Any]] = [
        ({"tables/tags.jsonl": long}, {"tables/tags.jsonl": {"size": len(long), "rows": 1}}),
        ({"tables/tags.jsonl": long}, {"tables/tags.jsonl": {"size": 10, "rows": 1}}),
        ({}, {"tables/tags.jsonl": {"size": 10, "rows": 1}}),
        ({"files/originals/a": b"a" * 9_999}, {"files/originals/a": {"size": 9_999}}),
        ({"files/../../etc/passwd": b"a"}, {"files/../../etc/passwd": {"size": 1}}),
        ({}, []),
    ]
    for held, said in entries:
        sealed(path, held, {**facts, "entries": said})
        with pytest.raises(Unusable):
            restore(other, path)
    sealed(path, {}, b"[1]")
    with pytest.raises(Unusable):
        restore(other, path)
    assert inspect(other.sessions.read_engine).get_table_names() == []


def test_a_backup_with_rows_that_make_no_sense_is_refused_by_entry_and_row(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, tmp_path: Path
) -> None:
    article = some_work(desk)
    newsroom.views.append(Beat(desk.now, article, "a-view", 1, 2))
    back_up(newsroom, tmp_path / "one.zip")
    with ZipFile(tmp_path / "one.zip") as archive:
        visits = next(name for name in archive.namelist() if name.startswith("views/"))
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"))
    nonsense: list[tuple[str, Callable[[list[Any]], None], str]] = [
        ("tables/tags.jsonl", lambda rows: rows.append([]), "tables/tags.jsonl, row 2: it is no object"),
        ("tables/tags.jsonl", lambda rows: rows[0].update(name=5), "tables/tags.jsonl, row 1: name takes a text"),
        ("tables/tags.jsonl", lambda rows: rows.append(rows[0]), "tables/tags.jsonl holds what the database refuses"),
        ("tables/sections.jsonl", lambda rows: rows[1].update(parent_id=99), "tables/sections.jsonl holds what"),
        (visits, lambda rows: rows[0].update(at="once"), f"{visits} holds what is no visit"),
        (visits, lambda rows: rows.append(5), f"{visits} holds what is no visit"),
    ]
    for entry, change, says in nonsense:
        with pytest.raises(Unusable) as refused:
            restore(other, changed(tmp_path / "one.zip", entry, change))
        assert refused.value.message.startswith(says)
    assert inspect(other.sessions.read_engine).get_table_names() == []


def test_a_changed_history_is_refused_and_nothing_is_written(
    newsroom: Newsroom, desk: Desk, make_newsroom: Make, tmp_path: Path
) -> None:
    some_work(desk)
    with newsroom.sessions.write() as session:
        article = articles.find(session, desk.write("As it was written"))
        articles.revision(session, article).headline = "As somebody would like it"
        session.commit()
    back_up(newsroom, tmp_path / "one.zip")
    other = make_newsroom(DATA_DIR=str(tmp_path / "b"))
    with pytest.raises(Unusable, match="revision 1 does not verify"):
        restore(other, tmp_path / "one.zip")
    assert inspect(other.sessions.read_engine).get_table_names() == []
    assert list(other.files.keys("")) == []


@BOTH_DATABASES
def test_a_newsroom_is_never_restored_over(newsroom: Newsroom, desk: Desk, tmp_path: Path) -> None:
    some_work(desk)
    back_up(newsroom, tmp_path / "one.zip")
    before = everything(newsroom)
    with pytest.raises(Conflict):
        restore(newsroom, tmp_path / "one.zip")
    assert everything(newsroom) == before


def test_no_secret_salt_is_in_a_backup(newsroom: Newsroom, desk: Desk, tmp_path: Path) -> None:
    some_work(desk)
    (newsroom.settings.data_dir / "salts").mkdir(exist_ok=True)
    (newsroom.settings.data_dir / "salts" / "2026-03-26").write_bytes(b"a salt that nobody may bring back")
    back_up(newsroom, tmp_path / "one.zip")
    with ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        held = b"".join(archive.read(name) for name in names)
    assert not [name for name in names if "salt" in name or "key" in name]
    assert b"a salt that nobody" not in held
    assert newsroom.settings.secret_key.encode() not in held
