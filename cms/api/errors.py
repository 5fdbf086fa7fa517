"""The one shape of every answer below /api/ that is not a success."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, StaleBase

STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (StaleBase, 412),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)
API = "/api/"


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http)
    for status in (404, 500, 503):  # the website's own handlers are more particular than HTTPException's
        _before(app, status)


def told(status: int, code: str, message: str, errors: Any = None, **more: Any) -> Response:
    """``errors`` maps each field or parameter to a list of sentences."""
    answer = jsonify({"code": code, "status": status, "message": message, "errors": errors or {}, **more})
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refusal(refusal: Refusal) -> Response:
    status = next(number for kind, number in STATUS if isinstance(refusal, kind))
    errors = refusal.errors if isinstance(refusal, Invalid) else None
    return told(status, refusal.code, refusal.message, errors, **refusal.details)


def _http(error: HTTPException) -> Response | HTTPException:
    if not request.path.startswith(API):
        return error
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages", {})
    errors = {
        name: _sentences(said)
        for part in messages.values()
        for name, said in (part.items() if isinstance(part, dict) else [("body", part)])
    }
    answer = told(status, error.name.lower().replace(" ", "_"), error.description or error.name, errors)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _sentences(said: Any) -> list[str]:
    """marshmallow nests what is wrong inside a list or object; the API tells it flat."""
    if isinstance(said, str):
        return [said]
    if isinstance(said, list):
        return [sentence for each in said for sentence in _sentences(each)]
    return [f"{name}: {sentence}" for name, each in said.items() for sentence in _sentences(each)]


def _before(app: Flask, status: int) -> None:
    """Give /api/ its own shape where the website has registered a page for this status."""
    pages = app.error_handler_spec[None][status]
    for kind, page in list(pages.items()):

        def answer(error: HTTPException, page: Any = page) -> Any:
            return _http(error) if request.path.startswith(API) else page(error)

        pages[kind] = answer
