"""The site answers under its own name only, so that no address it prints can be somebody else's."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

_ANY_HOST = ("/healthz", "/readyz")


def install(app: Flask) -> None:
    settings = app.extensions["newsroom"].settings
    hosts, origin = settings.hosts, settings.origin

    @app.before_request
    def refuse_other_hosts() -> None:
        if request.environ.get("HTTP_HOST") not in hosts and request.path not in _ANY_HOST:
            abort(400, "This is not a name of this site.")

    @app.before_request
    def lead_to_one_address() -> BaseResponse | None:
        """``//`` would be the front page too, under as many addresses as there are numbers of slashes, for
        ``request.path`` has lost all but one of them."""
        return redirect(quote(request.path), 308) if request.environ["PATH_INFO"].startswith("//") else None

    @app.after_request
    def stay_under_tls(response: Response) -> Response:
        """A redirect to the missing slash is made of how the request came, and a proxy brings it in the clear."""
        plainly = origin.replace("https:", "http:", 1)
        if plainly != origin and response.headers.get("Location", "").startswith(f"{plainly}/"):
            response.headers["Location"] = origin + response.headers["Location"].removeprefix(plainly)
        return response
