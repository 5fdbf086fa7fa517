"""Applications, lent to one test after the other: to build one takes longer than most tests do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cms.app import create_app, in_front_of
from cms.newsroom import Newsroom
from cms.public.redirecting import Hits
from cms.web.database import db


class Reader(FlaskClient):
    """Comes to the site under its own name; any other is refused."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", self.application.extensions["newsroom"].settings.origin)
        return super().open(*args, **kwargs)


def serve(newsroom: Newsroom) -> Flask:
    """An application on this newsroom, lent for the test. To build one takes longer than most tests do, so those whose
    settings are alike use it one after the other. What watches over its own figures is built anew."""
    if newsroom.settings.metrics_token:
        return create_app(newsroom)
    alike = repr(replace(newsroom.settings, **_ELSEWHERE))
    free = _FREE.setdefault(alike, [])
    app = free.pop() if free else create_app(newsroom)
    _LENT.append((alike, app))
    app.extensions |= {"newsroom": newsroom, "redirect_hits": Hits()}
    db._app_engines[app] = {None: newsroom.sessions.read_engine}
    app.wsgi_app = in_front_of(Flask.wsgi_app.__get__(app), newsroom)  # type: ignore[method-assign]
    app.config["PROPAGATE_EXCEPTIONS"] = None
    app.test_client_class = Reader
    app.testing = True
    return app


def take_back() -> None:
    while _LENT:
        alike, app = _LENT.pop()
        _FREE[alike].append(app)


_FREE: dict[str, list[Flask]] = {}
_LENT: list[tuple[str, Flask]] = []
_MACHINES = ("database_url", "search_url", "views_url", "files_url", "signal_url", "mail_url")
_ELSEWHERE: dict[str, Any] = {"data_dir": Path(), **dict.fromkeys(_MACHINES, "")}
"""Settings of the newsroom's machines, which an application has from its newsroom."""
