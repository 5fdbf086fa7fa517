"""What a request is read by: strict fields, a strict reader of JSON, and what is refused before any of them.

Nothing is guessed: a number is no text, ``"yes"`` is no truth value, a parameter given twice means neither.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NoReturn

from flask import Request, abort, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, missing
from webargs.flaskparser import FlaskParser

from cms.domain.articles.body import with_own_files
from cms.domain.errors import Invalid
from cms.domain.text import plain
from cms.web.current import newsroom

API = "/api/"
MOST_BYTES = 2_000_000
LARGEST = 2**31 - 1
_DEEPEST = 100


# --- Fields ------------------------------------------------------------------------------------------------

# Every refusal says what is taken, so marshmallow's own sentences, which say what is not, are put in our words.
fields.Field.default_error_messages |= {"required": "Must be given.", "null": "Takes a value; null is none."}
fields.List.default_error_messages |= {"invalid": "Takes a list."}
fields.Nested.default_error_messages |= {"type": "Takes an object."}
Schema.error_messages = {"type": "Takes an object.", "unknown": "Unknown field."}


class Text(fields.String):
    """Text and nothing else: a number is not quietly made into one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Takes text.")
        return value


class Body(Text):
    """A story's text; the site's own files may bear the whole addresses by which this API names them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return with_own_files(text, newsroom().settings.origin)


class Line(Text):
    """One line of plain text, of at most ``limit`` characters."""

    def __init__(self, limit: int, **how: Any) -> None:
        super().__init__(**how)
        self._limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return plain(text, self._limit)
        except ValueError as refused:
            raise ValidationError(str(refused)) from None


class Flag(fields.Field[bool]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Takes true or false.")
        return value


class Whole(fields.Field[int]):
    """A number from 1 on, as JSON writes it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            raise ValidationError("Takes a whole number from 1 on.")
        return value


class Limit(fields.Field[int]):
    """How many of a list at once, in digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= 100:
            raise ValidationError("Takes a whole number from 1 to 100.")
        return int(value)


class Instant(fields.Field[datetime]):
    """RFC 3339 with a zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        instant = instant_of(value) if isinstance(value, str) else None
        if instant is None:
            raise ValidationError("Takes an RFC 3339 time with a zone, such as 2026-03-26T15:26:00Z.")
        return instant


class Edge(fields.Field["datetime | date"]):
    """One end of a span of time: a date of the site's calendar, or an RFC 3339 time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime | date:
        # An offset's plus that was not escaped has become a space on the way.
        found = _date_of(value) or instant_of(re.sub(r" (\d\d:\d\d)$", r"+\1", value))
        if found is None:
            raise ValidationError("Takes a date, such as 2026-03-26, or an RFC 3339 time with a zone.")
        return found


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def instant_of(value: str) -> datetime | None:
    """The instant that this RFC 3339 text names, in UTC; None for what isn't one between 1900 and 2200."""
    if not _RFC3339.fullmatch(value):
        return None
    try:
        instant = datetime.fromisoformat(value.upper())
        return instant.astimezone(UTC) if 1900 <= instant.year <= 2200 else None
    except (ValueError, OverflowError):
        return None


def _date_of(value: str) -> date | None:
    try:
        day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None
    return day if day is not None and 1900 <= day.year <= 2200 else None


def since(edge: datetime | date | None, zone: tzinfo) -> datetime | None:
    """The first instant of a span that begins at this edge."""
    return edge if edge is None or isinstance(edge, datetime) else datetime.combine(edge, time(), zone)


def before(edge: datetime | date | None, zone: tzinfo) -> datetime | None:
    """The first instant after a span that ends with this edge: with the whole day, or the whole millisecond, as
    which our own answers print times."""
    if edge is None or isinstance(edge, datetime):
        return edge + timedelta(milliseconds=1) if edge else None
    return datetime.combine(edge + timedelta(days=1), time(), zone)


# --- The body ----------------------------------------------------------------------------------------------


class StrictReader(FlaskParser):
    """Reads JSON once, and refuses what is not JSON: 400; what does not say that it is: 415."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": None, "query": None}

    def load_json(self, req: Request, schema: Any) -> Any:
        return sent() if req.get_data(cache=True) else missing

    def handle_error(self, error: ValidationError, req: Request, schema: Any, **how: Any) -> NoReturn:
        """What has the right form may still say what can't be taken: one answer names both."""
        further = getattr(schema, "further_errors", None)
        if further is not None and isinstance(error.messages, dict) and isinstance(error.valid_data, Mapping):
            for said in error.messages.values():
                if isinstance(said, dict):
                    sound = {name: value for name, value in error.valid_data.items() if name not in said}
                    said.update(further(sound))
        super().handle_error(error, req, schema, **how)


def sent() -> Any:
    """The request's body as JSON."""
    if "sent" not in g:
        g.sent = _read_json(request)
    return g.sent


def _read_json(req: Request) -> Any:
    raw = req.get_data(cache=True)
    if req.content_length is None and len(raw) >= MOST_BYTES:
        abort(413, f"This takes at most {MOST_BYTES // 1_000_000} MB.")  # sent in chunks, and cut off there
    if req.mimetype and req.mimetype != "application/json" and not req.mimetype.endswith("+json"):
        abort(415, "Send JSON, with Content-Type: application/json.")
    try:
        said = json.loads(raw.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        abort(400, "This is not JSON in UTF-8.")
    if _deeper_than(said, _DEEPEST):
        abort(400, f"This JSON is nested more than {_DEEPEST} deep.")
    return said


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ on which of two fields of one name holds, so neither does."""
    said = dict(pairs)
    if len(said) < len(pairs):
        twice = {name for name, number in Counter(name for name, _ in pairs).items() if number > 1}
        raise Invalid({name: ["Takes one value, not several."] for name in twice})
    return said


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _deeper_than(said: Any, levels: int) -> bool:
    layer = [said]
    for _ in range(levels):
        layer = [below for each in layer for below in _inside(each)]
        if not layer:
            return False
    return True


def _inside(said: Any) -> list[Any]:
    if isinstance(said, dict):
        return list(said.values())
    return said if isinstance(said, list) else []


class Part(Blueprint):
    """One part of the API: what its document calls a tag."""

    ARGUMENTS_PARSER = StrictReader()

    def __init__(self, name: str, description: str, *, below: str = "") -> None:
        super().__init__(f"api_{name}", name, url_prefix=f"/api/v1{below}", description=description)


# --- Before any of it --------------------------------------------------------------------------------------


def check_request() -> None:
    """Refuse what no operation takes: too many bytes, NUL in an address, parameters unknown or given twice."""
    upload = request.endpoint == "api_media.upload"
    most = newsroom().settings.upload_mb * 1_000_000 + 100_000 if upload else MOST_BYTES
    request.max_content_length = most
    if request.content_length is not None and request.content_length > most:
        abort(413, f"This takes at most {most // 1_000_000} MB.")
    if "\0" in request.path:
        abort(404)
    if request.endpoint is not None:
        _check_parameters()


def _check_parameters() -> None:
    schemas = _parameters(current_app.view_functions[request.endpoint or ""])
    known = {field.data_key or name for schema in schemas for name, field in schema.fields.items()}
    errors: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if name not in known:
            errors[name] = ["Unknown parameter."]
        elif len(values) > 1:
            errors[name] = ["Takes one value, not several."]
        elif "\0" in values[0]:
            errors[name] = ["Takes text without control characters."]
    if not errors:
        return
    for schema in schemas:  # one answer names all that is wrong
        errors = {**schema.validate(request.args.to_dict()), **errors}
    raise Invalid(errors)


def _parameters(view: Any) -> list[Schema]:
    described: Mapping[str, Any] = getattr(view, "_apidoc", {}).get("arguments", {})
    schemas = [each["schema"] for each in described.get("parameters", []) if each.get("in") == "query"]
    return [schema() if isinstance(schema, type) else schema for schema in schemas]
