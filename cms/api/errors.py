"""The one shape of every answer below /api/ that is not a success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from cms.api.taking import API
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, StaleBase
from cms.interfaces import ImagesBusy
from cms.web.not_now import BUSY, NOT_NOW, RETRY_AFTER, Trouble, trouble

STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (StaleBase, 412),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)
CODES = {422: Invalid.code, 401: "unauthorized", 413: "too_large", 415: "unsupported_media_type"}
NOTHING_HERE = "There is nothing at this address."
CANNOT_BE_TAKEN = "Some of this can't be taken: "


def install(app: Flask) -> None:
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ImagesBusy, _busy)
    for kind in NOT_NOW:
        app.register_error_handler(kind, _not_now)
    app.register_error_handler(IntegrityError, _collided)
    # the website's own handlers are more particular than HTTPException's
    for status in (400, 404, 405, 413, 500, 501, 503):
        _before(app, status)
    app.after_request(_in_shape)


def told(status: int, code: str, message: str, errors: Any = None, **more: Any) -> Response:
    """``errors`` maps each field or parameter to a list of sentences."""
    answer = jsonify({"code": code, "status": status, "message": message, "errors": errors or {}, **more})
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refusal(refusal: Refusal) -> Response:
    status = next((number for kind, number in STATUS if isinstance(refusal, kind)), 409)
    errors = refusal.errors if isinstance(refusal, Invalid) else None
    answer = told(status, refusal.code, refusal.message, errors, **refusal.details)
    if refusal.code == "in_progress":
        answer.headers["Retry-After"] = "1"
    return answer


def _http(error: HTTPException) -> Response | HTTPException:
    if not request.path.startswith(API) or (error.response is not None and error.response.is_json):
        return error
    status = error.code or 500
    errors: dict[str, list[str]] = {}
    for said in getattr(error, "data", {}).get("messages", {}).values():
        _flatten(said if isinstance(said, Mapping) else {"body": said}, "", errors)
    if status == 404:
        error.description = NOTHING_HERE
    code = CODES.get(status, error.name.lower().replace(" ", "_"))
    message = CANNOT_BE_TAKEN + ", ".join(sorted(errors)) if errors else error.description or error.name
    answer = told(status, code, message, errors)
    if status == 405 and (allowed := getattr(error, "valid_methods", None)):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _flatten(said: Mapping[Any, Any], above: str, errors: dict[str, list[str]]) -> None:
    """marshmallow nests what is wrong as the body is nested; the API names it by its path, ``bylines.0.role``."""
    for name, each in said.items():
        path = "body" if name == "_schema" and not above else above if name == "_schema" else f"{above}{name}"
        path = path.removesuffix(".")
        if isinstance(each, Mapping):
            _flatten(each, f"{path}.", errors)
        else:
            errors.setdefault(path, []).extend([each] if isinstance(each, str) else map(str, each))


def _busy(_error: Exception) -> ResponseReturnValue:
    """Every place to work on a picture stayed taken."""
    return _unavailable(BUSY)


def _not_now(error: Exception) -> ResponseReturnValue:
    """The database's one writer stayed taken, its disk is full, or it does not answer."""
    return _unavailable(trouble(error))


def _unavailable(why: Trouble) -> ResponseReturnValue:
    if not request.path.startswith(API):
        return current_app.handle_http_exception(ServiceUnavailable(why.message))
    answer = told(503, why.code, why.message)
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _collided(error: IntegrityError) -> Response:
    """Somebody else took the same name at the same moment."""
    if not request.path.startswith(API):
        raise error
    return told(409, "conflict", "Somebody else changed this at the same moment; try again.")


def _in_shape(answer: Response) -> Response:
    """What neither a view nor a handler made (a redirect to fewer slashes, a bare abort) has the shape too."""
    if not request.path.startswith(API) or answer.status_code < 300 or answer.status_code == 304 or answer.is_json:
        return answer
    status = 404 if answer.status_code < 400 else answer.status_code
    return told(status, "not_found" if status == 404 else "refused", NOTHING_HERE)


def _before(app: Flask, status: int) -> None:
    """Give /api/ its own shape where the website has registered a page for this status."""
    pages = app.error_handler_spec[None][status]
    for kind, page in list(pages.items()):

        def answer(error: HTTPException, page: Any = page) -> Any:
            return _http(error) if request.path.startswith(API) else page(error)

        pages[kind] = answer
