"""``/api/v1/docs``: the OpenAPI document, laid out for people. It can say nothing that the document doesn't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template

from cms.web.current import newsroom

blueprint = Blueprint("api_docs", __name__, url_prefix="/api/v1")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    anchor: str
    text: str
    open: bool
    parameters: list[Row]
    body: list[Row]
    answer: list[Row]
    answers: list[str]


@dataclass(frozen=True)
class Chapter:
    name: str
    text: str
    operations: list[Operation]


@blueprint.get("/docs")
def docs() -> Response:
    settings = newsroom().settings
    document = current_app.extensions["api_document"]
    page = render_template(
        "api/docs.html", site_name=settings.site_name, origin=settings.origin, chapters=_chapters(document)
    )
    return make_response(page)


def _chapters(document: Document) -> list[Chapter]:
    operations = list(_operations(document))
    return [
        Chapter(tag["name"], tag.get("description", ""), [each for name, each in operations if name == tag["name"]])
        for tag in document["tags"]
    ]


def _operations(document: Document) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            if method == "parameters":
                continue
            successes = [status for status in said["responses"] if status.startswith("2")]
            answer = next((_content(said["responses"][status]) for status in successes), {})
            yield (
                said["tags"][0],
                Operation(
                    method=method.upper(),
                    path=path.removeprefix("/api/v1"),
                    anchor=f"{method}{path.replace('/', '-').replace('{', '').replace('}', '')}",
                    text=" ".join(
                        part.replace("``", "") for part in (said.get("summary"), said.get("description")) if part
                    ),
                    open={} in said["security"],
                    parameters=[
                        _parameter(each) for each in (*methods.get("parameters", []), *said.get("parameters", []))
                    ],
                    body=_fields(document, _content(said.get("requestBody", {}))),
                    answer=_fields(document, answer),
                    answers=successes,
                ),
            )


def _parameter(said: Document) -> Row:
    where = {"path": "in the address", "query": "in the query", "header": "a header"}[said["in"]]
    kind = f"{_kind(said.get('schema', {}))}, {where}"
    return Row(said["name"], kind, said.get("required", False), said.get("description", ""))


def _content(said: Document) -> Document:
    for content in said.get("content", {}).values():
        schema: Document = content.get("schema", {})
        return schema
    return {}


def _fields(document: Document, schema: Document) -> list[Row]:
    """The fields of an object, those that must be there first."""
    whole = _resolved(document, schema)
    required = set(whole.get("required", []))
    rows = [
        Row(name, _kind(said), name in required, said.get("description", ""))
        for name, said in whole.get("properties", {}).items()
    ]
    return sorted(rows, key=lambda row: not row.required)


def _resolved(document: Document, schema: Document) -> Document:
    if "$ref" in schema:
        found: Document = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: Document) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = schema.get("type", "anything")
    said = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return {"date-time": said.replace("string", "time"), "date": said.replace("string", "date")}.get(
        schema.get("format", ""), said
    )
