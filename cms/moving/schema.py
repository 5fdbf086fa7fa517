"""The database's schema: bring it up to date, take it back, say where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations that are missing, in one transaction: a half-made schema is never left behind."""
    with _altering(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def downgrade(engine: Engine, to: str) -> None:
    with _altering(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)


@contextmanager
def _altering(engine: Engine) -> Iterator[Connection]:
    """One transaction. To alter a table SQLite makes it anew, which it can't while rows of others point to it: so
    there it looks at what points where at the end, and not on the way."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if lost is not None:
                    raise RuntimeError(f"a migration left a row of {lost[0]} that points to nothing in {lost[2]}")
        finally:
            if not connection.invalidated:
                driver.execute("PRAGMA foreign_keys=ON")


def set_to(connection: Connection, revision: str) -> None:
    """Within the connection's transaction, bring an empty database to this revision, or one with rows up to it."""
    config = _config()
    config.attributes["connection"] = connection
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and revision not in _at_or_after(at):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether this code has a migration of that name."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def _at_or_after(revision: str) -> set[str]:
    steps = ScriptDirectory.from_config(_config()).iterate_revisions("head", revision)
    return {revision, *(step.revision for step in steps)}


@cache  # it is found by running every migration's file
def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(engine: Engine) -> str | None:
    """The revision that the database has; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    return current(engine) == newest()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
