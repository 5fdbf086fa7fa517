"""The sections: their tree, and each one's name, address, place and introduction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain import addresses, forwards
from cms.domain.articles.carrying import visible_counts
from cms.domain.errors import Invalid
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections, section_by_slug
from cms.domain.workflow import sections as verbs
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

FIELDS = ("name", "slug", "parent", "introduction")


def routes(room: Blueprint) -> None:
    room.add_url_rule("/sections/", "sections", listing)
    room.add_url_rule("/sections/", "start_section", start, methods=["POST"])
    room.add_url_rule("/sections/<public_id>/", "section", one)
    room.add_url_rule("/sections/<public_id>/", "change_section", change, methods=["POST"])
    room.add_url_rule("/sections/<public_id>/<any(up, down):way>", "shift_section", shift, methods=["POST"])
    room.add_url_rule("/sections/<public_id>/merge", "merge_section", merge, methods=["POST"])
    room.add_url_rule("/sections/<public_id>/remove", "remove_section", remove, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_taxonomy")
    return _list({}, {})


def start() -> BaseResponse:
    typed = _typed()
    with said_on(lambda errors: _list(typed, errors), taken="slug"), changing() as (session, events):
        events.append(verbs.start(session, actor(), typed, now())[1])
    return done(url_for("admin.sections"), "Started. It is in the navigation and at its address.")


def one(public_id: str) -> str:
    require_right(actor(), "manage_taxonomy")
    return _page(verbs.find_section(db.session(), public_id), None, {})


def change(public_id: str) -> BaseResponse:
    typed = _typed()

    def page(errors: Errors) -> str:
        return _page(verbs.find_section(db.session(), public_id), typed, errors)

    with said_on(page, taken="slug"), changing() as (session, events):
        events += verbs.change(session, actor(), verbs.find_section(session, public_id), typed, now())
    return done(url_for("admin.section", public_id=public_id), "Saved.")


def shift(public_id: str, way: str) -> BaseResponse:
    step = -1 if way == "up" else 1
    with changing() as (session, events):
        events += verbs.shift(session, actor(), verbs.find_section(session, public_id), step, now())
    return done(url_for("admin.sections", _anchor=f"section-{public_id}"), "Moved.")


def merge(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        target = section_by_slug(session, request.form.get("target", ""))
        if target is None:
            raise Invalid({"target": ["Choose the section that is to take over."]})
        events.append(verbs.merge(session, actor(), verbs.find_section(session, public_id), target, now()))
    return done(url_for("admin.sections"), "Merged. Old links lead to the section that took over.")


def remove(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        events.append(verbs.remove(session, actor(), verbs.find_section(session, public_id)))
    return done(url_for("admin.sections"), "Removed.")


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in FIELDS if name in request.form}


def _list(typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    tree = all_sections(session)
    first = {each.parent_id: each.id for each in reversed(tree)}
    last = {each.parent_id: each.id for each in tree}
    return render_template(
        "admin/sections.html",
        sections=tree,
        ends={"up": set(first.values()), "down": set(last.values())},
        counts=visible_counts(session, forwards.SECTION, [each.id for each in tree], now()),
        typed=typed,
        errors=errors,
    )


def _page(section: Section, typed: Mapping[str, Any] | None, errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    tree = all_sections(session)
    inside = {each.id for each in tree if f"{each.path}/".startswith(f"{section.path}/")}
    parent = next((each.slug for each in tree if each.id == section.parent_id), "")
    now_is = {"name": section.name, "slug": section.slug, "parent": parent, "introduction": section.introduction}
    return render_template(
        "admin/section.html",
        section=section,
        address=addresses.section(section.path),
        others=[each for each in tree if each.id not in inside],
        count=visible_counts(session, forwards.SECTION, [section.id], now()).get(section.id, 0),
        typed={**now_is, **(typed or {})},
        errors=errors,
    )
