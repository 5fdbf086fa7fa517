"""The front page: what editors put into its slots, and the newest stories everywhere else."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, g, request

from cms.domain import addresses, keys
from cms.domain.articles.story import PublicStory
from cms.domain.fronts.filling import fill_front
from cms.public.page import Term, page, section_tree
from cms.public.paging import only_page
from cms.public.redirecting import by_number, follow
from cms.web.current import now
from cms.web.database import db
from cms.web.telling import told


@dataclass(frozen=True)
class Rail:
    section: Term
    stories: list[PublicStory]


def front() -> Response:
    """The front page; or, for a short link of the system that the paper came from, the way to its story."""
    if by_number() and (moved := follow(current_app.extensions["redirect_hits"])[0]):
        return moved
    only_page()
    at, session = now(), db.session()
    filled = fill_front(session, section_tree(), at)
    stories = iter(told(filled.rows))
    lead = next(stories) if filled.lead else None
    secondary = [next(stories) for _ in filled.secondary]
    latest = [next(stories) for _ in filled.latest]
    rails = [
        Rail(Term(section.name, addresses.section(section.path)), [next(stories) for _ in rail])
        for section, rail in filled.rails
    ]
    newest = [*([lead] if lead else []), *secondary, *latest]
    shown = page(
        "front.html",
        path=addresses.front(),
        keyed={keys.FRONT},
        lead=lead,
        secondary=secondary,
        latest=latest,
        rails=rails,
        updated_at=max((story.modified_at for story in newest), default=None),
    )
    if {"p", "page_id"} & set(request.args):
        g.pop("page_keys")  # not kept: a made-up number must not put one page more into the cache
    return shown
