"""Marks for tests whose promise must hold on more than one database."""

from __future__ import annotations

import pytest

BOTH_DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Run each test on SQLite and on PostgreSQL: ``pytestmark = BOTH_DATABASES``."""
