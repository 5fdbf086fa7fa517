"""The API as a way in."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_smorest import Api

from cms.api import (
    answers,
    articles,
    changes,
    compressing,
    describing,
    docs,
    errors,
    filing,
    fronts,
    media,
    once,
    redirects,
    remedies,
    removals,
    revisions,
    searching,
    staffing,
    translations,
    verbs,
    views,
    webhooks,
)
from cms.api.holders import asker, staff
from cms.api.taking import API, check_request

PARTS = (
    articles.blueprint,
    remedies.blueprint,
    changes.blueprint,
    searching.blueprint,
    filing.sections,
    filing.tags,
    filing.people,
    media.blueprint,
    fronts.blueprint,
    translations.blueprint,
    redirects.blueprint,
    views.blueprint,
    staffing.users,
    staffing.keys,
    webhooks.blueprint,
    staffing.log,
)
_ADDED = (verbs, revisions, removals)  # these add their operations to a part of others as they are imported


class _Api(Api):
    ERROR_SCHEMA = answers.Error

    def _register_error_handlers(self) -> None:
        """Ours are in errors.py: the website's answers must stay pages."""


def install(app: Flask) -> None:
    app.config.update(
        API_TITLE="Copydesk",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.before_request(_let_in)
    once.install(app)
    api = _Api(app, spec_kwargs=describing.OPTIONS)
    describing.prepare(api)
    for part in PARTS:
        api.register_blueprint(part)
    describing.finish(app, api)
    app.register_blueprint(docs.blueprint)
    errors.install(app)
    compressing.install(app)


def _let_in() -> Response | None:
    """Whoever sends a token is told when it is no good, even where none is needed; whoever changes something needs
    one."""
    if not request.path.startswith(API):
        return None
    check_request()
    if request.endpoint is None:
        return None
    asker()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        staff()
        return once.begin()
    return None
