"""The site answers under its own name only, so that no address it prints can be somebody else's."""

from __future__ import annotations

from flask import Flask, abort, request

_ANY_HOST = ("/healthz", "/readyz")


def install(app: Flask) -> None:
    hosts = app.extensions["newsroom"].settings.hosts

    @app.before_request
    def refuse_other_hosts() -> None:
        if request.environ.get("HTTP_HOST") not in hosts and request.path not in _ANY_HOST:
            abort(400, "This is not a name of this site.")
