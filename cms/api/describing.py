"""The OpenAPI document: what the operations say of themselves, with how to sign in and which headers count."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from flask import Flask
from flask_smorest import Api

from cms.api.taking import Edge, Flag, Instant, Limit, Line, Whole

ABOUT = """\
What readers see is open to all. With a token (`Authorization: Bearer TOKEN`) a program sees and does what the token's
role may. Lists are `{"data": [...], "next": url or null}`; every answer that is not a success has one shape."""

OPTIONS: dict[str, Any] = {"info": {"description": ABOUT}}

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A request sent again under the same key within 24 hours is carried out once.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag of the article as it was read. Without it: 428; when it is stale: 412.",
}
_OPEN = {"articles", "front", "search", "views", "changes", "sections", "tags", "people"}
_VISIT: dict[str, Any] = {
    "tags": ["views"],
    "summary": "Count a view of a page: the article, and a random id of 8 to 64 letters, digits, - and _.",
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"article": {"type": "string"}, "view": {"type": "string"}},
                }
            }
        }
    },
    "responses": {
        "204": {"description": "Stored, or of no account"},
        "default": {"$ref": "#/components/responses/DEFAULT_ERROR"},
    },
}
_FOR_STAFF = ("revisions", "preview-links")


def prepare(api: Api) -> None:
    """Say what our own fields are, before anything is described by them."""
    for field, kind, form in (
        (Flag, "boolean", None),
        (Whole, "integer", None),
        (Limit, "integer", None),
        (Line, "string", None),
        (Instant, "string", "date-time"),
        (Edge, "string", None),
    ):
        api.register_field(field, kind, form)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})


def finish(app: Flask, api: Api) -> None:
    """Add what holds for whole kinds of operations."""
    api.spec._paths["/api/v1/views"]["post"] = deepcopy(_VISIT)
    for path, operations in api.spec._paths.items():
        for method, operation in operations.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            parts = path.removeprefix("/api/v1/").split("/")
            public = method == "get" and parts[0] in _OPEN and not set(parts) & set(_FOR_STAFF)
            operation["tags"] = [each.removeprefix("api_") for each in operation.get("tags", [])]
            public = public or parts[0] == "views"
            operation["security"] = [{}, {"token": []}] if public else [{"token": []}]
            if method == "post" and parts[0] != "views":
                operation.setdefault("parameters", []).append(_KEY)
            if method == "patch" and parts[0] == "articles":
                operation.setdefault("parameters", []).append(_IF_MATCH)
    for tag in api.spec._tags:
        tag["name"] = tag["name"].removeprefix("api_")
    app.extensions["api_document"] = json.loads(json.dumps(api.spec.to_dict()))
