"""Flask-SQLAlchemy as the request's reading session, on the newsroom's own engine.

``db.session`` is for looking only: it belongs to the request, sees one snapshot and is put away at its end.
Whoever changes something opens ``newsroom.sessions.write()`` for as short a time as it takes.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from cms.db import Base
from cms.newsroom import Newsroom


class ReadingDatabase(SQLAlchemy):
    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        newsroom: Newsroom = app.extensions["newsroom"]
        return newsroom.sessions.read_engine


db = ReadingDatabase(model_class=Base, session_options={"autoflush": False})
