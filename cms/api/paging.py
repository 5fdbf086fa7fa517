"""Lists are ``{"data": […], "next": url or null}``, paged by what stands last on a page, never by counting.

``after`` is a place in the list's own order, so that nothing is told twice or left out while the list grows.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

from cms.api.taking import LARGEST
from cms.domain.errors import Invalid
from cms.web.current import newsroom

_T = TypeVar("_T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def page(data: Sequence[Any], last: str | None, **more: Any) -> Response:
    """A page; ``last`` is the place of its last entry when there is more to come."""
    following = None
    if last is not None:
        asked = {**request.args.to_dict(), "after": last}
        following = f"{newsroom().settings.origin}{request.path}?{urlencode(asked)}"
    return jsonify({"data": data, "next": following, **more})


def cut(rows: Sequence[_T], limit: int, place: Callable[[_T], str]) -> tuple[Sequence[_T], str | None]:
    """At most ``limit`` of the rows asked for (one more than that), and where they end if there are more."""
    shown = rows[:limit]
    return shown, place(shown[-1]) if len(rows) > limit else None


def bad_place() -> Invalid:
    return Invalid({"after": ["Takes what `next` named."]})


def number_of(after: str | None) -> int | None:
    """A place in a list that is in order of a number."""
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= 10 and int(after) <= LARGEST):
        raise bad_place()
    return int(after)


def place(kind: str, at: datetime, number: int) -> str:
    """A place in a list that is in order of an instant and then a number, opaque to whoever gets it."""
    return sealed(f"{kind}.{(at - _EPOCH) // _TICK}.{number}")


def place_of(kind: str, after: str) -> tuple[datetime, int]:
    """The place that was told. Raises Invalid for one of another list, or of none."""
    found, _, rest = opened(after).partition(".")
    micros, _, number = rest.partition(".")
    try:
        told = _EPOCH + int(micros) * _TICK, int(number)
    except (ValueError, OverflowError):
        raise bad_place() from None
    if found != kind or not 0 <= told[1] <= LARGEST or place(kind, *told) != after:
        raise bad_place()
    return told


def sealed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"==").decode("ascii")
    except (UnicodeError, binascii.Error, ValueError):
        raise bad_place() from None
