"""The tags: a list to search, and each one's name, address, introduction and whether readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain import addresses, forwards
from cms.domain.articles.carrying import visible_counts
from cms.domain.errors import Invalid
from cms.domain.matching import holding, terms
from cms.domain.taxonomy.filing import term_slug
from cms.domain.taxonomy.model import Tag
from cms.domain.taxonomy.queries import tag_by_slug
from cms.domain.workflow import tags as verbs
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 100
CHOICES = 500
FIELDS = ("name", "slug", "introduction")


def routes(room: Blueprint) -> None:
    room.add_url_rule("/tags/", "tags", listing)
    room.add_url_rule("/tags/", "start_tag", start, methods=["POST"])
    room.add_url_rule("/tags/<public_id>/", "tag", one)
    room.add_url_rule("/tags/<public_id>/", "change_tag", change, methods=["POST"])
    room.add_url_rule("/tags/<public_id>/merge", "merge_tag", merge, methods=["POST"])
    room.add_url_rule("/tags/<public_id>/remove", "remove_tag", remove, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_taxonomy")
    return _list({}, {})


def start() -> BaseResponse:
    typed = _typed()
    with said_on(lambda errors: _list(typed, errors), taken="slug"), changing() as (session, events):
        events.append(verbs.start(session, actor(), typed, now())[1])
    return done(url_for("admin.tags"), "Started.")


def one(public_id: str) -> str:
    require_right(actor(), "manage_taxonomy")
    return _page(verbs.find_tag(db.session(), public_id), None, {})


def change(public_id: str) -> BaseResponse:
    typed = _typed()

    def page(errors: Errors) -> str:
        return _page(verbs.find_tag(db.session(), public_id), typed, errors)

    with said_on(page, taken="slug"), changing() as (session, events):
        events += verbs.change(session, actor(), verbs.find_tag(session, public_id), typed, now())
    return done(url_for("admin.tag", public_id=public_id), "Saved.")


def merge(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        target = tag_by_slug(session, term_slug(request.form.get("target", "")))
        if target is None:
            raise Invalid({"target": ["There is no tag of that name; choose the one that is to take over."]})
        events.append(verbs.merge(session, actor(), verbs.find_tag(session, public_id), target, now()))
    return done(url_for("admin.tags"), "Merged. Old links lead to the tag that took over.")


def remove(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        events.append(verbs.remove(session, actor(), verbs.find_tag(session, public_id)))
    return done(url_for("admin.tags"), "Removed.")


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    return {**typed, "internal": "internal" in request.form}


def _list(typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    words, after = request.args.get("q", "")[:100], request.args.get("after", "")[:100]
    wanted = select(Tag).where(*holding(terms(words), Tag.name))
    if request.args.get("internal"):
        wanted = wanted.where(Tag.internal)
    if after:
        wanted = wanted.where(Tag.slug > after)
    found = session.scalars(wanted.order_by(Tag.slug).limit(PER_PAGE + 1)).all()
    return render_template(
        "admin/tags.html",
        tags=found[:PER_PAGE],
        more=found[PER_PAGE - 1].slug if len(found) > PER_PAGE else None,
        counts=visible_counts(session, forwards.TAG, [each.id for each in found], now()),
        asked={"q": words, "internal": request.args.get("internal", "")},
        typed=typed,
        errors=errors,
    )


def _page(tag: Tag, typed: Mapping[str, Any] | None, errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    now_is = {"name": tag.name, "slug": tag.slug, "introduction": tag.introduction, "internal": tag.internal}
    return render_template(
        "admin/tag.html",
        tag=tag,
        address=addresses.tag(tag.slug),
        others=session.scalars(select(Tag).where(Tag.id != tag.id).order_by(Tag.slug).limit(CHOICES)).all(),
        count=visible_counts(session, forwards.TAG, [tag.id], now()).get(tag.id, 0),
        typed={**now_is, **(typed or {})},
        errors=errors,
    )
