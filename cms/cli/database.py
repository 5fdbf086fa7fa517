"""``cms db``: the schema."""

from __future__ import annotations

import click

from cms.cli.desk import out, require_schema, with_newsroom
from cms.moving import schema
from cms.newsroom import Newsroom


@click.group()
def db() -> None:
    """Bring the database's schema up to date, or take it back."""


@db.command()
@with_newsroom
def upgrade(newsroom: Newsroom) -> None:
    """Run the migrations that are missing."""
    schema.upgrade(newsroom.sessions.write_engine)
    out.print(f"The schema is at {schema.newest()}.")


@db.command()
@click.argument("revision")
@with_newsroom
def downgrade(newsroom: Newsroom, revision: str) -> None:
    """Take the schema back to REVISION (or `base`). What only later schemas can hold is lost."""
    schema.downgrade(newsroom.sessions.write_engine, revision)
    out.print(f"The schema is at {schema.current(newsroom.sessions.read_engine) or 'nothing'}.")


@db.command()
@with_newsroom
def check(newsroom: Newsroom) -> None:
    """Say whether the schema is this version's; exit 1 if not."""
    require_schema(newsroom)
    out.print(f"The schema is at {schema.newest()}, as this version needs it.")
