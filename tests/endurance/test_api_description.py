"""The API's document: it is true of every answer, and the reader's view says all that it says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cms.app import create_app
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.surfaces.pages import pick, read, words
from tests.surfaces.programs import API

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLES = int(os.environ.get("API_EXAMPLES", "1"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_document_is_valid_and_each_operation_says_what_it_answers(client: FlaskClient) -> None:
    document = client.get(f"{API}/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            if method == "parameters":
                continue
            successes = [status for status in said["responses"] if status.startswith("2")]
            assert len(successes) == 1, (method, path)
            assert said["responses"]["default"]["$ref"].endswith("DEFAULT_ERROR")
            assert "security" in said and said["summary"], (method, path)
            if successes != ["204"]:
                assert "schema" in said["responses"][successes[0]]["content"]["application/json"], (method, path)


def test_every_address_of_the_api_is_in_the_document(app: Flask, client: FlaskClient) -> None:
    described = client.get(f"{API}/openapi.json").get_json()["paths"]
    served = {re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert {rule for rule in served if rule.startswith(API)} - {f"{API}/docs", f"{API}/openapi.json"} == set(described)


def test_the_readers_view_names_every_operation(client: FlaskClient) -> None:
    document = client.get(f"{API}/openapi.json").get_json()
    page = read(client, f"{API}/docs")
    shown = {words(each) for each in pick(page, ".operation h3")}
    assert shown == {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in document["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert not pick(page, "script")
    assert not pick(page, "[style]")


def test_the_guide_speaks_of_addresses_that_there_are(app: Flask) -> None:
    asked = re.findall(r"curl (.*?)\"?\$API(/[^\s\"'?]*)", GUIDE.read_text(encoding="utf-8").replace("\\\n", " "))
    assert len(asked) > 10
    adapter = app.url_map.bind("news.example")
    for options, path in asked:
        said = re.search(r"-X (\w+)", options)
        sends = re.search(r"(^|\s)(-d|-F|--json)\s", options)
        method = said[1] if said else "POST" if sends else "GET"
        adapter.match(API + re.sub(r"\$N\b", "1", path).replace("$", ""), method=method)


def test_answers_are_as_the_document_says_whatever_is_sent(make_newsroom: Callable[..., Newsroom]) -> None:
    """Requests of every operation, right ones and wrong ones, made up from the document alone."""
    newsroom = make_newsroom(SITE_URL="http://localhost")
    app, desk = create_app(newsroom), Desk(newsroom)
    desk.section("Harbour")
    desk.publish("A story", sections=["harbour"], tags=["Boats"])
    token = {"Authorization": f"Bearer {desk.token('admin')}"}
    bounds = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for found in schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app).get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @bounds
            @given(case=operation.as_strategy(generation_mode=mode))
            def holds(case: Any) -> None:
                case.call_and_validate(headers=token, checks=CHECKS)

            try:
                holds()
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE  # nothing wrong can be said where nothing is taken
