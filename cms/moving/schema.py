"""The database's schema: bring it up to date, take it back, say where it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations that are missing, in one transaction: a half-made schema is never left behind."""
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def downgrade(engine: Engine, to: str) -> None:
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)


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
