"""Pages for when there is nothing to show. They echo nothing of the request.

A hidden story and one that never existed get the very same page, so nothing can be learnt by guessing.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

from cms.interfaces import FilesUnreachable
from cms.public import redirecting
from cms.public.page import bare_site, page
from cms.web.database import db

API = "/api/"
RETRY_AFTER = 5


def install(app: Flask) -> None:
    """Answer the whole application's errors with pages, save below /api/, which has a shape of its own."""
    app.extensions["redirect_hits"] = redirecting.Hits()
    for code in _ADVICE:
        app.register_error_handler(code, _refused)
    app.register_error_handler(404, _missing)
    app.register_error_handler(500, _broken)
    app.register_error_handler(503, _busy)
    app.register_error_handler(FilesUnreachable, _no_files)
    app.register_error_handler(DataError, _no_such_text)


_ADVICE: dict[int, tuple[str, str]] = {
    400: (
        lazy_gettext("That was not understood"),
        lazy_gettext("The request is damaged, or it is not this site that it was meant for."),
    ),
    405: (lazy_gettext("That cannot be done here"), lazy_gettext("This address can be read, and nothing else.")),
    413: (lazy_gettext("That is too much"), lazy_gettext("What was sent is larger than this address takes.")),
    501: (lazy_gettext("That is not on offer"), lazy_gettext("This address knows no such form.")),
}
"""What is said of a request that is wrong by itself: it asks the database for nothing, and says nothing of what is
at the address."""


def _refused(error: HTTPException) -> Response | HTTPException:
    if request.path.startswith(API):
        return error
    heading, advice = _ADVICE[error.code or 400]
    text = render_template("public/errors/refused.html", site=bare_site(), heading=heading, advice=advice)
    answer = make_response(text, error.code, {"Cache-Control": "no-store"})
    if allowed := getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def gone(notice: str, key: str) -> Response:
    """410: a withdrawn story's notice, and nothing else of the story."""
    return page("errors/410.html", keyed={key}, status=410, noindex=True, notice=notice)


def _missing(error: HTTPException) -> Response | HTTPException:
    if request.path.startswith(API):
        return error
    if "\0" in request.path:  # nor could PostgreSQL look for a redirect from there
        return _refused(BadRequest())
    led, gone_for_good = redirecting.follow(current_app.extensions["redirect_hits"])
    return led or page("errors/404.html", status=410 if gone_for_good else 404, noindex=True)


def _broken(error: HTTPException) -> Response | HTTPException:
    if request.path.startswith(API):
        return error
    return make_response(render_template("public/errors/500.html", site=bare_site()), 500)


def _busy(error: HTTPException) -> Response | HTTPException:
    if request.path.startswith(API):
        return error
    text = render_template("public/errors/503.html", site=bare_site(), retry_after=RETRY_AFTER)
    return make_response(text, 503, {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})


def _no_files(_error: FilesUnreachable) -> ResponseReturnValue:
    """Wherever it was met, /api/ included: each answers a 503 in its own shape."""
    unavailable = ServiceUnavailable("The store of files does not answer; try again in a few seconds.")
    return current_app.handle_http_exception(unavailable)


def _no_such_text(_error: DataError) -> ResponseReturnValue:
    """What PostgreSQL can't even look for, such as a zero byte in an address."""
    db.session().rollback()
    return current_app.handle_http_exception(BadRequest())
