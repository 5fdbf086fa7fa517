"""Runs the migrations on the connection that it is handed (see cms/moving/schema.py)."""

from alembic import context

import cms.app  # noqa: F401  imports every table, so that autogenerate sees them all
from cms.db import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
