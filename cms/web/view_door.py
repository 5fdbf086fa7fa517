"""``POST /api/v1/views``, answered before Flask.

A page is read far more often than anything else happens, and each reading sends a view: so this stands in front of
the application and uses none of it. The answer is 204 whatever was sent (who counts is nobody's business), or 503
when the view cannot be stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy.exc import SQLAlchemyError

from cms.clock import Clock
from cms.domain import keys
from cms.domain.views.visits import Knock, VisitDoor
from cms.interfaces import ViewsUnstorable
from cms.settings import Settings
from cms.web.client_address import client_address
from cms.web.page_cache_changes import Changes
from cms.web.staff_marker import marks_staff

PATH = "/api/v1/views"

_LONGEST_BODY = 4096
_NO_STORE = ("Cache-Control", "no-store")
_UNSTORABLE = json.dumps(
    {
        "code": "unavailable",
        "status": 503,
        "message": "The view could not be stored. Try again in a moment.",
        "errors": {},
    }
).encode()

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ViewDoor:
    """WSGI middleware. Stands behind whatever limits slow bodies: it reads one."""

    def __init__(self, app: Application, door: VisitDoor, clock: Clock, settings: Settings, changes: Changes) -> None:
        self._app = app
        self._door = door
        self._changes = changes
        changes.tell(self._forget)
        self._clock = clock
        self._proxies = settings.trusted_proxies
        self._secret_key = settings.secret_key

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start_response)
        now = self._clock.now()
        try:
            cookies = environ.get("HTTP_COOKIE", "")
            token = environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
            staff = token or marks_staff(cookies, self._secret_key, now)
            self._changes.catch_up(now)
            self._door.accept(knock(environ, client_address(environ, self._proxies), staff=staff), now)
        except (ViewsUnstorable, SQLAlchemyError):
            start_response(
                "503 Service Unavailable",
                [
                    _NO_STORE,
                    ("Retry-After", "5"),
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(len(_UNSTORABLE))),
                ],
            )
            return [_UNSTORABLE]
        start_response("204 No Content", [_NO_STORE])
        return []

    def _forget(self, changed: frozenset[str] | None) -> None:
        if changed is None:
            self._door.forget_all()
        else:
            self._door.forget(keys.articles(changed))


def knock(environ: dict[str, Any], address: str, *, staff: bool) -> Knock:
    """What the request says of the view: in its query string, or else in its body. Nonsense is left empty."""
    query = environ.get("QUERY_STRING", "")
    said: dict[str, Any] = {name: values[0] for name, values in parse_qs(query).items()} if query else {}
    if "article" not in said or "view" not in said:
        said = {**_body(environ), **said}
    article, view = said.get("article"), said.get("view")
    purposes = [environ[name] for name in _PURPOSES if name in environ]
    return Knock(
        article=article if isinstance(article, str) else "",
        view=view if isinstance(view, str) else "",
        origin=environ.get("HTTP_ORIGIN", ""),
        agent=environ.get("HTTP_USER_AGENT", ""),
        address=address,
        purpose=" ".join(purposes) if purposes else "",
        staff=staff,
        preview=bool(said.get("preview")),
    )


_PURPOSES = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in the body, under whatever content type; empty if it is none or too long."""
    try:
        sent = environ["wsgi.input"].read(min(_length(environ), _LONGEST_BODY + 1))
        said = json.loads(sent) if len(sent) <= _LONGEST_BODY else None
    except (ValueError, OSError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _length(environ: dict[str, Any]) -> int:
    """How long the body says it is; reading further than that would wait for the next request."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return _LONGEST_BODY + 1
    told = environ.get("CONTENT_LENGTH", "")
    return int(told) if told.isascii() and told.isdigit() else 0
