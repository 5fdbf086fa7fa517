"""``/healthz``: this process is alive. ``/readyz``: it can serve, each engine named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cms.db import off_the_clock
from cms.interfaces import IndexUnusable
from cms.newsroom import Newsroom
from cms.web.current import newsroom

MOST_OFF = timedelta(milliseconds=200)


def install(app: Flask) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return _told({"status": "alive"}, 200)

    @app.get("/readyz")
    def readyz() -> Response:
        room = newsroom()
        engines = {
            "database": _database(room),
            "search": _search(room),
            "views": _answers(room.views.ping),
            "files": _answers(lambda: room.files.get("readiness")),
            "signal": _answers(room.signal.ping),
        }
        if room.settings.several_machines:
            engines["clock"] = _clock(room)
        # Without the others pages stay: search answers from the database, changes are looked up in it.
        ready = engines["database"] == "ok" and engines.get("clock", "ok") == "ok"
        return _told({"status": "ready" if ready else "not ready", "engines": engines}, 200 if ready else 503)


def _told(facts: dict[str, object], status: int) -> Response:
    response = jsonify(facts)
    response.status_code = status
    response.cache_control.no_store = True
    return response


def _database(room: Newsroom) -> str:
    try:
        with room.sessions.read() as session:
            session.execute(text("SELECT 1 FROM articles LIMIT 1"))
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


def _clock(room: Newsroom) -> str:
    """What is public is decided by the clock, and two machines of one site may not differ over it."""
    try:
        with room.sessions.read() as session:
            off = off_the_clock(session, room.clock.now)
    except SQLAlchemyError:
        return "ok"  # nobody can say; that the database doesn't answer is said already
    return "ok" if abs(off) <= MOST_OFF else f"{off.total_seconds():+.3f} s off the database's"


def _answers(ask: Callable[[], object]) -> str:
    try:
        ask()
    except OSError:
        return "does not answer"
    return "ok"


def _search(room: Newsroom) -> str:
    try:
        room.search.cursor()
    except IndexUnusable as unusable:
        return str(unusable)
    return "ok"
