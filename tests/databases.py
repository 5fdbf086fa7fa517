"""Marks for tests whose promise must hold on more than one database."""

from __future__ import annotations

import pytest

BOTH_DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Run each test on SQLite and on PostgreSQL: ``pytestmark = BOTH_DATABASES``."""

BOTH_INDEXES = pytest.mark.parametrize(
    "database", ["sqlite", "postgresql", "postgresql with its own search"], indirect=True
)
"""Also with the search index in PostgreSQL; otherwise it is Whoosh's."""

EITHER_INDEX = pytest.mark.parametrize("database", ["sqlite", "postgresql with its own search"], indirect=True)
"""Once with each search engine, where the database makes no difference."""
