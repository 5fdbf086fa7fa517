"""Programs that use the API: with a token of one role, and what a refusal must look like to them."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

API = "/api/v1"
ORIGIN = "http://news.example"


class Program:
    """A client of the API with a token of one role; without one, the public."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path.removeprefix(ORIGIN) if path.startswith(ORIGIN) else API + path
        return self._client.open(address, method=method, json=body, headers={**self._headers, **named})

    def pages(self, path: str) -> list[list[dict[str, Any]]]:
        """Every page of a list, as ``next`` leads to them."""
        pages, following = [], path
        while following:
            answer = self("GET", following)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            pages.append(answer.get_json()["data"])
            following = answer.get_json()["next"]
        return pages

    def all(self, path: str, field: str = "id") -> list[Any]:
        return [each[field] for page in self.pages(path) for each in page]


def told(answer: TestResponse, status: int) -> dict[str, Any]:
    """A refusal of this status, in the one shape."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == status
    assert body.keys() >= {"code", "status", "message", "errors"}
    assert isinstance(body["code"], str)
    assert all(isinstance(said, list) for said in body["errors"].values())
    return body
