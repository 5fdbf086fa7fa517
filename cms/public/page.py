"""Making a public page: what every one is given, and what the page cache must know of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Response, current_app, g, make_response, render_template
from markupsafe import Markup, escape
from sqlalchemy import select

from cms.domain import addresses, keys
from cms.domain.articles.story import PublicStory
from cms.domain.fronts.arranging import banner_at
from cms.domain.fronts.model import Banner
from cms.domain.standing.pages import all_pages
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections
from cms.public.printing import direction
from cms.web.current import newsroom, now, recollection
from cms.web.database import db
from cms.web.page_cache import Slot

FORMS = (
    ("JSON Feed", "json", "application/feed+json"),
    ("RSS", "rss", "application/rss+xml"),
    ("Atom", "atom", "application/atom+xml"),
)

Telling = Callable[[datetime], tuple[str, datetime]]
"""Says a sentence as it is at an instant, and until when; outside of any request."""

_PLACE = secrets.token_hex(16)
"""Stands in a template's output where a passing sentence goes; no text can hold it but by chance."""


@dataclass(frozen=True)
class Term:
    """A name with its address."""

    name: str
    path: str


@dataclass(frozen=True)
class Feed:
    title: str
    path: str
    form: str
    media_type: str


@dataclass(frozen=True)
class Site:
    """The paper, as every page names it. ``sections`` are those on top of the tree."""

    name: str
    origin: str
    language: str
    direction: str
    sections: tuple[Term, ...] = ()
    feeds: tuple[Feed, ...] = ()
    pages: tuple[Term, ...] = ()
    banner: Banner | None = None
    whole: bool = False
    """Whether the database was asked for the rest."""

    @cached_property
    def tops(self) -> frozenset[str]:
        """The addresses of its sections."""
        return frozenset(section.path for section in self.sections)


def page(
    template: str,
    *,
    path: str | None = None,
    keyed: Iterable[str] = (),
    good_until: datetime | None = None,
    passing: Telling | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A whole page. ``path`` is its canonical address; ``keyed`` are the cache keys it depends on beside the
    site's own, and ``good_until`` is when it changes by time alone. ``passing`` tells the one sentence that changes
    oftener; the template prints it once, by that name. All this is left in ``g`` for the cache."""
    paper = site()
    ends = [end for end in (good_until, paper.banner.until if paper.banner else None) if end]
    context.setdefault("canonical", paper.origin + path if path else None)
    text = render_template(f"public/{template}", site=paper, here=path, passing=_PLACE, **context)
    body, slot = _with_slot(text, passing) if passing else (text.encode(), None)
    keep(keyed, min(ends, default=None))
    g.page_slot = slot
    return make_response(body, status)


def _with_slot(text: str, passing: Telling) -> tuple[bytes, Slot]:
    """The page with its sentence in its place, and what the cache needs to put a later one there."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def tell(at: datetime) -> tuple[bytes, datetime]:
        said, until = passing(at)
        return escape(said).encode(), until

    def tell_later(at: datetime) -> tuple[bytes, datetime]:
        with app.app_context():
            return tell(at)

    told, until = tell(now())
    before, after = (part.encode() for part in text.split(_PLACE))
    return before + told + after, Slot(len(before), len(before) + len(told), until, tell_later)


def on_every_page(part: str, paper: Site, *of: Hashable, caller: Callable[[], Markup]) -> Markup:
    """A part of the frame, which a template calls once: the same wherever these values are, until the site changes.
    What stands within must look at nothing but ``of``, and at what all of this site's pages are given."""
    return recollection().recall((part, *of), {keys.SITE}, caller) if paper.whole else caller()


def card(story: PublicStory, kind: str = "", *, note: str = "", **how: Hashable) -> Markup:
    """A story as lists show it, by ``parts/cards.html``: told in the same way on many pages, it is written once until
    anything of the story changes; unless it bears a ``note`` beside, which passes."""

    def write() -> Markup:
        written: Markup = current_app.jinja_env.get_template(_CARDS).module.written(story, kind, note=note, **how)  # type: ignore[attr-defined]
        return written

    if note:
        return write()
    return recollection().recall(("card", story.id, kind, *how.items()), {keys.SITE, keys.article(story.id)}, write)


_CARDS = "public/parts/cards.html"


def keep(keyed: Iterable[str], good_until: datetime | None = None) -> None:
    """Tell the page cache what this answer depends on."""
    g.page_keys = frozenset({keys.SITE, *keyed})
    g.page_good_until = good_until


_ON_TOP = select(Section.name, Section.path).where(Section.parent_id.is_(None)).order_by(Section.position, Section.name)


def site() -> Site:
    """The paper with its navigation, its own pages and its banner."""
    paper = recollection().recall("site", {keys.SITE}, _site)
    if paper.banner and paper.banner.until <= now():
        return replace(paper, banner=None)
    return paper


def _site() -> Site:
    bare, session = bare_site(), db.session()
    return replace(
        bare,
        sections=tuple(Term(name, addresses.section(path)) for name, path in session.execute(_ON_TOP)),
        feeds=feeds(bare.name, addresses.front()),
        pages=tuple(Term(each.title, addresses.standing(each.slug)) for each in all_pages(session)),
        banner=banner_at(session, now()),
        whole=True,
    )


def section_tree() -> Sequence[Section]:
    """Every section after its parent; read by an earlier request perhaps, so nothing more of them can be loaded."""
    return recollection().recall("sections", {keys.SITE}, lambda: all_sections(db.session()))


def bare_site() -> Site:
    """The paper as the settings alone know it, for pages that must not need the database."""
    settings = newsroom().settings
    language = settings.site_language
    return Site(settings.site_name, settings.origin, language, direction(language))


def feeds(title: str, path: str) -> tuple[Feed, ...]:
    """The three feeds below a list's address, told apart by their titles."""
    return tuple(
        Feed(f"{title} – {name}", addresses.feed(path, form), name, media_type) for name, form, media_type in FORMS
    )
