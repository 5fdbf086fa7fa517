"""The database's foundation: the declarative base, the UTC time type, and the two ways to open a session.

SQLite is one file with two doors. *Read* sessions can't write (``query_only``) and begin plainly, so they never
wait for anybody. *Write* sessions begin IMMEDIATE: a transaction that reads and then writes can't be refused
half way, because it held the writer's place from its first statement. PostgreSQL needs neither trick.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, gives them back in UTC, keeps microseconds on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True)
class Sessions:
    """The two doors to the truth."""

    read_engine: Engine
    write_engine: Engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; it sees one snapshot and is never committed."""
        with Session(self.read_engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session for changing; it holds the writer's place. Only ``reactions.commit`` commits it."""
        with Session(self.write_engine, expire_on_commit=False) as session:
            yield session

    def dispose(self) -> None:
        self.read_engine.dispose()
        self.write_engine.dispose()


def open_sessions(url: str) -> Sessions:
    """Open both doors to the database at ``url`` (absolute; see settings). Makes a SQLite file's folder."""
    if make_url(url).get_backend_name() == "sqlite":
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        return Sessions(_sqlite(url, writer=False), _sqlite(url, writer=True))
    read = _postgresql(url, 20, lock_timeout="10s", statement_timeout="60s")
    return Sessions(
        read.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        _postgresql(url, 10, lock_timeout="10s"),
    )


def _postgresql(url: str, connections: int, **patience: str) -> Engine:
    """An engine that waits for nothing without end: for a lock, for an answer, for a server that is gone. What the
    address itself says of these (``?options=-c lock_timeout=1s``, ``&connect_timeout=2``) holds instead."""
    said = make_url(url).query
    waits = {name: time for name, time in patience.items() if name not in said.get("options", "")}
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=connections,
        max_overflow=connections,
        connect_args={name: number for name, number in _GONE_AFTER.items() if name not in said},
        **_JSON,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        for name, time in waits.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, time))
        connection.commit()

    return engine


_GONE_AFTER = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""Seconds, and the last in milliseconds, as libpq counts them: a machine that fell silent is given up within half a
minute."""


_JSON: dict[str, Any] = {
    "json_serializer": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
}


def _sqlite(url: str, *, writer: bool) -> Engine:
    engine = create_engine(
        url,
        module=pysqlite3,  # the interpreter's own SQLite may carry the WAL-reset bug, fixed in 3.51.3
        poolclass=QueuePool,
        pool_size=20,
        max_overflow=40,
        pool_use_lifo=True,
        connect_args={"check_same_thread": False, "timeout": 10},
        **_JSON,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; see `begin`
        connection.create_function("regexp_replace", 4, _regexp_replace, deterministic=True)
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "synchronous=FULL",
            "cache_size=-16384",
            "mmap_size=268435456",
            "temp_store=MEMORY",
            *(() if writer else ("query_only=ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    if writer:
        _take_turns(engine)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if writer:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # it can't fail, so it needs none of SQLAlchemy's care, which takes longer than the statement
            connection.connection.driver_connection.execute("BEGIN")

    return engine


def _regexp_replace(text: str | None, pattern: str, by: str, _flags: str) -> str | None:
    """What PostgreSQL calls so, with its flag ``g``; patterns are such as both understand."""
    return None if text is None else re.sub(pattern, by, text)


def _take_turns(engine: Engine) -> None:
    """Let this process's writers begin in the order in which they asked.

    SQLite's own waiting is a draw: each looks again after a while of its own, and of thirty at once somebody looks at
    the wrong moment for ten seconds, and is told that the database is locked. Here one at a time draws.
    """
    turns = Turns()

    @event.listens_for(engine, "begin")
    def wait(connection: Any) -> None:
        connection.info["turn"] = turns.take(LONGEST_WAIT)

    def leave(info: dict[Any, Any]) -> None:
        if info.pop("turn", False):
            turns.leave()

    event.listen(engine, "commit", lambda connection: leave(connection.info))
    event.listen(engine, "rollback", lambda connection: leave(connection.info))
    event.listen(engine, "checkin", lambda _connection, record: leave(record.info))


LONGEST_WAIT = 30.0
"""Seconds that a writer waits for its turn. After them it draws with the others, and may be told what they are."""


class Turns:
    """One at a time, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; whether it came in time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._lock:
            if mine.is_set():  # it came at the last moment
                return True
            self._waiting.remove(mine)
            return False

    def leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def keep_statistics(engine: Engine) -> None:
    """Let SQLite look at its tables again where they have grown, so that it walks the index of an order instead of
    sorting all there is. PostgreSQL does so by itself. Connections opened from now on know of it.

    Averages only: while it has samples of the values, it plans every statement anew for each value that it is given,
    which takes several times as long as carrying it out. With a limit to what it looks at, it takes none.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={_ROWS_LOOKED_AT}")
            connection.exec_driver_sql("PRAGMA optimize=0x10002")
            if connection.scalar(text("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat4'")):
                connection.exec_driver_sql("DELETE FROM sqlite_stat4")


_ROWS_LOOKED_AT = 10_000
"""Of each index."""


def off_the_clock(session: Session, now: Callable[[], datetime]) -> timedelta:
    """How far ``now`` is before (negative) or after PostgreSQL's clock, as far as that is certain: what the question
    itself took may be on either side. Of SQLite, which has this machine's clock, nothing."""
    if session.get_bind().dialect.name != "postgresql":
        return timedelta()
    before = now()
    there: datetime = session.scalar(text("SELECT clock_timestamp()"))
    after = now()
    return before - there if before > there else min(after - there, timedelta())


def one_at_a_time(session: Session, what: str) -> None:
    """Until this transaction ends, nobody else does ``what``. SQLite's writers are alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


def new_public_id() -> str:
    """A permanent id for addresses and exports: 16 letters and digits, 80 random bits, no look-alikes."""
    number = int.from_bytes(secrets.token_bytes(10), "big")
    return "".join(_ID_LETTERS[(number >> shift) & 31] for shift in range(75, -1, -5))


_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
