"""Runs the migrations on the connection that it is handed (see cms/moving/schema.py)."""

from alembic import context

import cms.app  # noqa: F401  imports every table, so that autogenerate sees them all
from cms.db import Base, UTCDateTime


def render(kind: str, item: object, _context: object) -> str | bool:
    """Write our own types as what the database sees, so that no migration depends on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
