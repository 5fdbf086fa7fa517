"""The sections: their tree, and each one's name, address, place and introduction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done
from cms.admin.terms import Terms
from cms.domain import addresses, forwards
from cms.domain.articles.carrying import visible_counts
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections, section_by_slug
from cms.domain.workflow import sections as verbs
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

FIELDS = ("name", "slug", "parent", "introduction")


def routes(room: Blueprint) -> None:
    _TERMS.routes(room)
    room.add_url_rule("/sections/<public_id>/<any(up, down):way>", "shift_section", shift, methods=["POST"])


def shift(public_id: str, way: str) -> BaseResponse:
    step = -1 if way == "up" else 1
    with changing() as (session, events):
        events += verbs.shift(session, actor(), verbs.find_section(session, public_id), step, now())
    return done(url_for("admin.sections", _anchor=f"section-{public_id}"), "Moved.")


def _target(session: Session) -> Section | None:
    return section_by_slug(session, request.form.get("target", ""))


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in FIELDS if name in request.form}


def _list(typed: Mapping[str, Any], errors: Errors) -> str:
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


def _page(section: Section, typed: Mapping[str, Any], errors: Errors) -> str:
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
        typed={**now_is, **typed},
        errors=errors,
    )


_TERMS = Terms(
    kind="section",
    verbs=verbs,
    find=verbs.find_section,
    typed=_typed,
    target=_target,
    list_page=_list,
    own_page=_page,
    started="Started. It is in the navigation and at its address.",
)
