"""The tags: a list to search, and each one's name, address, introduction and whether readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.admin.acting import Errors
from cms.admin.terms import Terms
from cms.domain import addresses, forwards
from cms.domain.articles.carrying import visible_counts
from cms.domain.matching import holding, terms
from cms.domain.taxonomy.filing import term_slug
from cms.domain.taxonomy.model import Tag
from cms.domain.taxonomy.queries import tag_by_slug
from cms.domain.workflow import tags as verbs
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 100
CHOICES = 500
FIELDS = ("name", "slug", "introduction")


def routes(room: Blueprint) -> None:
    _TERMS.routes(room)


def _target(session: Session) -> Tag | None:
    return tag_by_slug(session, term_slug(request.form.get("target", "")))


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    return {**typed, "internal": "internal" in request.form}


def _list(typed: Mapping[str, Any], errors: Errors) -> str:
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


def _page(tag: Tag, typed: Mapping[str, Any], errors: Errors) -> str:
    session = db.session()
    now_is = {"name": tag.name, "slug": tag.slug, "introduction": tag.introduction, "internal": tag.internal}
    return render_template(
        "admin/tag.html",
        tag=tag,
        address=addresses.tag(tag.slug),
        others=session.scalars(select(Tag).where(Tag.id != tag.id).order_by(Tag.slug).limit(CHOICES)).all(),
        count=visible_counts(session, forwards.TAG, [tag.id], now()).get(tag.id, 0),
        typed={**now_is, **typed},
        errors=errors,
    )


_TERMS = Terms(
    kind="tag",
    verbs=verbs,
    find=verbs.find_tag,
    typed=_typed,
    target=_target,
    list_page=_list,
    own_page=_page,
    started="Started.",
)
