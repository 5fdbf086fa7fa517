"""Standing pages: the list, writing one, taking one away."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done, said_on
from cms.admin.typed import row_number
from cms.domain.errors import NotFound
from cms.domain.standing import pages as verbs
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

FIELDS = ("slug", "title", "body_html")


def routes(room: Blueprint) -> None:
    room.add_url_rule("/pages/", "pages", listing)
    room.add_url_rule("/pages/new", "new_page", new)
    room.add_url_rule("/pages/new", "create_page", save, methods=["POST"])
    room.add_url_rule("/pages/<slug>/", "page", edit)
    room.add_url_rule("/pages/<slug>/", "save_page", save, methods=["POST"])
    room.add_url_rule("/pages/<slug>/remove", "remove_page", remove, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_pages")
    return render_template("admin/pages.html", pages=verbs.all_pages(db.session()))


def new() -> str:
    require_right(actor(), "manage_pages")
    return _form(None, dict.fromkeys(FIELDS, ""), 0, {})


def edit(slug: str) -> str:
    require_right(actor(), "manage_pages")
    page = verbs.page_at(db.session(), slug)
    if page is None:
        raise NotFound("There is no such page")
    return _form(slug, {name: getattr(page, name) for name in FIELDS}, page.version, {})


def save(slug: str | None = None) -> BaseResponse:
    require_right(actor(), "manage_pages")
    typed = {name: request.form.get(name, "") for name in FIELDS}
    base = request.form.get("version", default=0, type=row_number)

    with said_on(lambda errors: _form(slug, typed, base, errors)), changing() as (session, events):
        page, events = verbs.write_page(session, actor(), typed, now(), slug=slug, base=base)
        saved_at = page.slug
        events += events
    return done(url_for("admin.page", slug=saved_at), "Saved. Readers see it now.")


def remove(slug: str) -> BaseResponse:
    require_right(actor(), "manage_pages")
    with changing() as (session, events):
        events.append(verbs.remove_page(session, actor(), slug))
    return done(url_for("admin.pages"), "The page is gone.")


def _form(slug: str | None, typed: Mapping[str, str], version: int, errors: Mapping[str, list[str]]) -> str:
    return render_template("admin/page.html", slug=slug, typed=typed, version=version, errors=errors)
