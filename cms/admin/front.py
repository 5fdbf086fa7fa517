"""The fronts room: which story stands where on the front page and on each section's front, and the banner.

Every slot is a select, so that it works by keyboard and without a script; a script adds dragging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.admin.typed import row_number
from cms.admin.wall_clock import wall_time
from cms.domain.articles import listing
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import Listed
from cms.domain.errors import Invalid, NotFound
from cms.domain.fronts import arranging
from cms.domain.fronts.filling import chosen_for, fill_front
from cms.domain.fronts.model import Front
from cms.domain.fronts.slots import LEAD, SECONDARY, chosen, key_of, places, rail_of, size_of
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections, section_by_slug
from cms.domain.workflow.permissions import require_front
from cms.domain.workflow.states import State
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

OFFERED = 40


@dataclass(frozen=True)
class Slot:
    """``name`` is the form field; ``article`` who was chosen, ``shown`` the headline that stands there now."""

    name: str
    label: str
    article: str
    shown: str


@dataclass(frozen=True)
class Place:
    name: str
    slots: list[Slot] = field(default_factory=list)


def routes(room: Blueprint) -> None:
    room.add_url_rule("/front/", "front", front)
    room.add_url_rule("/front/", "arrange_front", arrange, methods=["POST"])
    room.add_url_rule("/front/banner", "set_banner", banner, methods=["POST"])


def front() -> str:
    session = db.session()
    section = _section(session)
    require_front(session, actor(), section.id if section else None)
    sections = all_sections(session)
    picked = chosen(session, key_of(section))
    wanted = listing.stories().where(Article.state != State.SPIKED)
    words = request.args.get("q", "")[:200]
    offered = listing.lines(session, listing.saying(wanted, words) if words else _public(wanted), now(), OFFERED)
    headlines = _chosen_headlines(session, list(picked.values()))
    options = {line.id: line.headline for line in offered}
    options |= dict(headlines.values())
    row = session.get(Front, key_of(section))
    return render_template(
        "admin/front.html",
        section=section,
        sections=sections,
        places=_places(session, section, sections, {slot: headlines[one][0] for slot, one in picked.items()}),
        options=options,
        words=words,
        version=row.version if row else 0,
        arranged=row,
        banner=arranging.banner_at(session, now()),
    )


def arrange() -> BaseResponse:
    base = request.form.get("version", type=row_number)
    if base is None:
        raise Invalid({"version": ["Name the arrangement that you saw."]})

    with changing() as (session, events):
        section = _section(session)
        require_front(session, actor(), section.id if section else None)
        wanted: dict[str, list[str | None]] = {
            place: [request.form.get(f"{place}.{n}") or None for n in range(size_of(place))]
            for place in places(key_of(section), all_sections(session))
        }
        events += arranging.arrange(session, actor(), section, wanted, now(), base=base)
    return done(url_for("admin.front", section=request.args.get("section") or None), "Arranged. Readers see it now.")


def banner() -> BaseResponse:
    clear = "clear" in request.form
    until = None if clear else _until()

    with changing() as (session, events):
        require_front(session, actor(), None)
        events += arranging.set_banner(
            session,
            actor(),
            text="" if clear else request.form.get("text", ""),
            link=request.form.get("link", "").strip(),
            until=until,
            now=now(),
        )
    return done(url_for("admin.front"), "The banner is gone." if clear else "The banner stands above every page.")


def _until() -> datetime:
    until = wall_time("until")
    if until is None:
        raise Invalid({"until": ["Takes a time to come, at which the banner goes away by itself."]})
    return until


def _section(session: Session) -> Section | None:
    slug = request.args.get("section", "")
    if not slug:
        return None
    section = section_by_slug(session, slug)
    if section is None:
        raise NotFound("There is no such section")
    return section


def _public(wanted: listing.Stories) -> listing.Stories:
    """What an editor may want to place: stories on show, the newest first."""
    on_show = visible(now()).with_only_columns(Publication.article_id)
    return listing.ordered(wanted.where(Article.id.in_(on_show)), "published")


def _chosen_headlines(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(listing.stories().where(Article.id.in_(ids)))
    return {article.id: (article.public_id, revision.headline) for article, revision in rows}


def _places(
    session: Session, section: Section | None, sections: Sequence[Section], picked: dict[tuple[str, int], str]
) -> list[Place]:
    """Every place with its slots, and the headline that stands in each at this moment."""
    standing = _standing(session, section, sections)
    names = {LEAD: "Lead", SECONDARY: "Beside the lead"}
    names |= {rail_of(each): f"{each.name} rail" for each in sections}
    return [
        Place(
            names[place],
            [
                Slot(
                    f"{place}.{n}",
                    names[place] if size_of(place) == 1 else f"{names[place]}, {n + 1}",
                    picked.get((place, n), ""),
                    standing.get((place, n), ""),
                )
                for n in range(size_of(place))
            ],
        )
        for place in places(key_of(section), sections)
    ]


def _standing(session: Session, section: Section | None, sections: Sequence[Section]) -> dict[tuple[str, int], str]:
    if section is not None:
        return {slot: row.headline for slot, row in chosen_for(session, section, now()).items()}
    filled = fill_front(session, sections, now())
    rows: dict[str, list[Listed]] = {LEAD: [filled.lead] if filled.lead else [], SECONDARY: filled.secondary}
    rows |= {rail_of(each): rail for each, rail in filled.rails}
    return {(place, n): row.headline for place, rail in rows.items() for n, row in enumerate(rail)}
