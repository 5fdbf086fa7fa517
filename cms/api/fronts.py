"""The front page and the sections' fronts: what stands in their slots, and for editors what was put there."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.api import answers, schemas
from cms.api.acting import changing
from cms.api.errors import told as refused
from cms.api.holders import asker, staff
from cms.api.taking import Part
from cms.api.telling import instant
from cms.domain.articles.model import Article
from cms.domain.articles.reading import Listed, of_publications, present
from cms.domain.articles.story import PublicStory
from cms.domain.errors import Conflict, NotFound
from cms.domain.fronts import arranging
from cms.domain.fronts.filling import chosen_for, fill_front
from cms.domain.fronts.model import Front
from cms.domain.fronts.slots import LEAD, RAIL, SECONDARY, chosen, key_of, places, rail_of, size_of
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections, section_by_slug
from cms.domain.workflow.permissions import require_front
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("front", "What stands in the slots of the front page and of the sections' fronts.")


class OneFront(schemas.Strict):
    section = schemas.Text()


class NewBanner(schemas.Strict):
    text = schemas.Text(required=True)
    link = schemas.Text(allow_none=True)
    until = schemas.Instant(required=True)


class NewFront(schemas.Strict):
    """Slots hold article ids, null for the newest; what isn't named stays as it is."""

    lead = fields.List(schemas.Text(allow_none=True))
    secondary = fields.List(schemas.Text(allow_none=True))
    rails = fields.Dict(keys=schemas.Text(), values=fields.List(schemas.Text(allow_none=True)))
    banner = fields.Nested(NewBanner, allow_none=True)


@blueprint.get("/front")
@blueprint.arguments(OneFront, location="query", as_kwargs=True)
@blueprint.response(200, answers.Front)
def front(section: str | None = None) -> Response:
    """The stories in the slots now; with a token also ``chosen``, what editors put there."""
    return _told(db.session(), _section(db.session(), section), staff_too=asker() is not None)


@blueprint.put("/front")
@blueprint.arguments(OneFront, location="query", as_kwargs=True)
@blueprint.arguments(NewFront)
@blueprint.response(200, answers.Front)
def arrange(asked: dict[str, Any], section: str | None = None) -> Response:
    """Arrange; with an If-Match that is no longer true, 412 and nothing is changed."""
    actor = staff()
    try:
        with changing() as (session, events):
            found = _section(session, section)
            require_front(session, actor, found.id if found else None)
            events += arranging.arrange(session, actor, found, _wanted(session, found, asked), now(), base=_base())
            if "banner" in asked:
                require_front(session, actor, None)
                given = asked["banner"] or {"text": "", "until": None}
                events += arranging.set_banner(
                    session, actor, text=given["text"], link=given.get("link") or "", until=given["until"], now=now()
                )
    except Conflict as stale:
        return refused(412, stale.code, stale.message, **stale.details)
    with newsroom().sessions.read() as session:
        return _told(session, _section(session, section), staff_too=True)


def _base() -> int | None:
    """The version that If-Match names; -1, which never was, for whatever names none, and None without the header."""
    named = request.headers.get("If-Match", "").strip()
    if not named:
        return None
    version = _VERSION.fullmatch(named)
    return int(version[1]) if version else -1


_VERSION = re.compile(r'"front-(\d{1,9})"', re.ASCII)


def _section(session: Session, slug: str | None) -> Section | None:
    if slug is None:
        return None
    section = section_by_slug(session, slug)
    if section is None:
        raise NotFound("There is no such section")
    return section


def _wanted(session: Session, section: Section | None, asked: dict[str, Any]) -> dict[str, list[str | None]]:
    """Rails come by their sections' slugs; one that isn't is left for ``arrange`` to name."""
    rails = {each.slug: rail_of(each) for each in all_sections(session)}
    wanted = {place: asked[place] for place in (LEAD, SECONDARY) if place in asked}
    return wanted | {rails.get(slug, f"{RAIL}:{slug}"): row for slug, row in asked.get("rails", {}).items()}


def _told(session: Session, section: Section | None, *, staff_too: bool) -> Response:
    sections = all_sections(session)
    row = session.get(Front, key_of(section))
    told: dict[str, Any] = {
        "section": section.slug if section else None,
        "version": row.version if row else 0,
        **(_section_shown(session, section) if section else _shown(session, sections)),
    }
    banner = arranging.banner_at(session, now())
    told["banner"] = {"text": banner.text, "link": banner.link, "until": instant(banner.until)} if banner else None
    if staff_too:
        told["chosen"] = _chosen(session, section, sections)
    answer = jsonify(told)
    if staff_too:  # of the arrangement, for If-Match; the public's is of all that is told, which changes by itself
        answer.set_etag(f"front-{told['version']}")
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _shown(session: Session, sections: Any) -> dict[str, Any]:
    filled = fill_front(session, sections, now())
    told = _by_publication(session, filled.rows)
    return {
        LEAD: [told[row.id] for row in filled.top[:1] if filled.lead],
        SECONDARY: [told[row.id] for row in filled.secondary],
        "latest": [told[row.id] for row in filled.latest],
        "rails": {section.slug: [told[row.id] for row in rail] for section, rail in filled.rails},
    }


def _section_shown(session: Session, section: Section) -> dict[str, Any]:
    placed = chosen_for(session, section, now())
    told = _by_publication(session, list(placed.values()))
    return {
        place: [told[placed[place, n].id] if (place, n) in placed else None for n in range(size_of(place))]
        for place in (LEAD, SECONDARY)
    }


def _by_publication(session: Session, rows: list[Listed]) -> dict[int, dict[str, Any]]:
    shown = of_publications(session, [row.id for row in rows], now())
    stories = present(session, shown, now(), newsroom().settings.article_path)
    return {row.id: _line(story) for row, story in zip(shown, stories, strict=True)}


def _line(story: PublicStory) -> dict[str, Any]:
    return {
        "id": story.id,
        "url": newsroom().settings.origin + story.path,
        "headline": story.headline,
        "standfirst": story.standfirst,
        "sections": [each.slug for each in story.sections],
        "published_at": instant(story.published_at),
        "modified_at": instant(story.modified_at),
    }


def _chosen(session: Session, section: Section | None, sections: Any) -> dict[str, Any]:
    picked = chosen(session, key_of(section))
    rows = session.execute(select(Article.id, Article.public_id).where(Article.id.in_(picked.values())))
    ids = {article_id: public_id for article_id, public_id in rows}  # noqa: C416
    slugs = {rail_of(each): each.slug for each in sections}
    told: dict[str, Any] = {"rails": {}}
    for place in places(key_of(section), sections):
        row = [ids.get(picked.get((place, n), -1)) for n in range(size_of(place))]
        if place in slugs:
            told["rails"][slugs[place]] = row
        else:
            told[place] = row
    return told
