"""The site answers under its own name only, so that no address it prints can be somebody else's."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, abort, redirect, request
from werkzeug import Response

_ANY_HOST = ("/healthz", "/readyz")


def install(app: Flask) -> None:
    hosts = app.extensions["newsroom"].settings.hosts

    @app.before_request
    def refuse_other_hosts() -> None:
        if request.environ.get("HTTP_HOST") not in hosts and request.path not in _ANY_HOST:
            abort(400, "This is not a name of this site.")

    @app.before_request
    def lead_to_one_address() -> Response | None:
        """``//`` would be the front page too, under as many addresses as there are numbers of slashes, for
        ``request.path`` has lost all but one of them."""
        return redirect(quote(request.path), 308) if request.environ["PATH_INFO"].startswith("//") else None
