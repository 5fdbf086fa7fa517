"""The schema: migrations lead to what the models say, back to nothing, and keep rows that code must not write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, inspect, select, text
from sqlalchemy.exc import IntegrityError

from cms.clock import SetClock
from cms.db import Base, keep_statistics, open_sessions
from cms.domain.articles import chain
from cms.domain.articles import desk as desk_rows
from cms.domain.articles.model import Correction, Publication, RevisionByline
from cms.moving import schema
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.services import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        sessions = open_sessions(f"sqlite:///{tmp_path}/empty.sqlite3")
        yield sessions.write_engine
        sessions.dispose()
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with postgres.database() as url:
        sessions = open_sessions(url)
        yield sessions.write_engine
        sessions.dispose()


def test_migrations_lead_to_what_the_models_say_and_back_to_nothing(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    schema.downgrade(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    schema.upgrade(empty)
    assert schema.is_current(empty)


@BOTH_DATABASES
def test_a_newsroom_with_rows_goes_back_to_the_first_schema_and_up_again(newsroom: Newsroom, desk: Desk) -> None:
    desk.section("Business", "business")
    desk.person("Ana Ruiz")
    hung, _key = hang(newsroom, picture(), alt="A ferry")
    story = desk.publish(sections=["business"], tags=["Ferries"], bylines=[{"person": "ana-ruiz"}], lead_image=hung)
    desk.correct(story, "It sails at nine.")
    engine = newsroom.sessions.write_engine
    newsroom.sessions.dispose()
    schema.downgrade(engine, "0001")
    schema.upgrade(engine)
    newsroom.sessions.dispose()
    with newsroom.sessions.read() as session:
        row = desk_rows.find(session, story)
        revision = desk_rows.revision(session, row)
        assert chain.first_bad_link(story, [revision]) is None
        assert session.scalars(select(RevisionByline.person_id)).all() == [1]
        assert [each.slug for each in desk_rows.publications(session, row)] == ["ferry-returns-to-the-old-quay"]
        assert session.scalars(select(Correction.text)).all() == ["It sails at nine."]
    desk.save(story, headline="Ferry stays")


@pytest.mark.parametrize("after", (0, 20, 45))
def test_an_upgrade_that_is_broken_off_leaves_the_schema_as_it_was_and_is_run_again(empty: Engine, after: int) -> None:
    schema.upgrade(empty, "0150")
    before = sorted(inspect(empty).get_table_names())
    left = [after]

    def break_off(*_statement: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError

    event.listen(empty, "before_cursor_execute", break_off)
    with pytest.raises(InterruptedError):
        schema.upgrade(empty)
    event.remove(empty, "before_cursor_execute", break_off)
    assert (schema.current(empty), sorted(inspect(empty).get_table_names())) == ("0150", before)
    schema.upgrade(empty)
    assert schema.is_current(empty)


# --- Rows of one article never overlap ---------------------------------------------------------------------


SPANS = {
    "the same": (0, 60),
    "inside": (10, 20),
    "around": (-10, 90),
    "into its start": (-10, 1),
    "out of its end": (59, 90),
    "without an end": (30, None),
}


@BOTH_DATABASES
@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_the_database_itself_refuses_a_publication_that_overlaps(
    newsroom: Newsroom, desk: Desk, clock: SetClock, span: tuple[int, int | None]
) -> None:
    scheduled = written(newsroom, desk, clock)
    with pytest.raises(IntegrityError, match="overlap"):
        write_past_the_domain(newsroom, scheduled, clock.now(), *span)


@BOTH_DATABASES
def test_the_database_itself_refuses_to_move_a_publication_into_another(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    scheduled = written(newsroom, desk, clock)
    write_past_the_domain(newsroom, scheduled, clock.now(), 60, 120)
    write_past_the_domain(newsroom, scheduled, clock.now(), 30, 40, cancelled_at=clock.now())
    for change in ({"live_from": clock.now() + timedelta(minutes=59)}, {"cancelled_at": None}):
        with newsroom.sessions.write() as session:
            row = session.scalars(select(Publication).order_by(Publication.n.desc()))
            moving = next(each for each in row if bool(each.cancelled_at) == ("cancelled_at" in change))
            for name, value in change.items():
                setattr(moving, name, value)
            with pytest.raises(IntegrityError, match="overlap"):
                session.flush()


@BOTH_DATABASES
def test_spans_that_touch_a_cancelled_one_or_another_articles_are_no_overlap(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    scheduled = written(newsroom, desk, clock)
    write_past_the_domain(newsroom, scheduled, clock.now(), -60, 0)
    write_past_the_domain(newsroom, scheduled, clock.now(), 60, None)
    write_past_the_domain(newsroom, scheduled, clock.now(), 10, 20, cancelled_at=clock.now())
    written(newsroom, desk, clock)


def written(newsroom: Newsroom, desk: Desk, clock: SetClock) -> str:
    """An article scheduled for the sixty minutes from now."""
    article = desk.write()
    desk.put_live(article, live_from=clock.now(), live_until=clock.now() + timedelta(minutes=60))
    return article


def write_past_the_domain(
    newsroom: Newsroom, article: str, now: datetime, start: int, end: int | None, **more: Any
) -> None:
    """Add a publication from minute ``start`` to minute ``end``, as a hasty repair script would."""
    with newsroom.sessions.write() as session:
        like = session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert like is not None
        session.add(
            Publication(
                article_id=like.article_id,
                n=like.n + 1,
                revision_id=like.revision_id,
                slug=like.slug,
                live_from=now + timedelta(minutes=start),
                live_until=now + timedelta(minutes=end) if end is not None else None,
                created_at=now,
                **more,
            )
        )
        session.flush()
        session.commit()


def test_sqlite_knows_the_sizes_of_its_tables_and_plans_no_statement_anew_for_its_values(tmp_path: Path) -> None:
    """Nor does it once a database had samples of them, from before or from somebody's own ANALYZE."""
    engine = open_sessions(f"sqlite:///{tmp_path}/paper.sqlite3").write_engine
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE stories (day)")
        connection.exec_driver_sql("CREATE INDEX days ON stories (day)")
        connection.exec_driver_sql("INSERT INTO stories SELECT value FROM json_each('[1, 2, 3, 4, 5, 6, 7]')")
        connection.exec_driver_sql("ANALYZE")
        assert connection.scalar(text("SELECT count(*) FROM sqlite_stat4")) > 0
    keep_statistics(engine)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT stat FROM sqlite_stat1")) == "7 1"
        assert connection.scalar(text("SELECT count(*) FROM sqlite_stat4")) == 0
    engine.dispose()
