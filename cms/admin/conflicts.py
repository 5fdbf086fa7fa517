"""When somebody else saved first: both texts side by side, and a form to put one together from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from cms.admin.typed import as_typed, row_number, typed_fields
from cms.domain.articles import desk
from cms.domain.articles.beside import Row, side_by_side
from cms.domain.articles.body import BodyRefused, clean
from cms.domain.articles.model import Article, Revision
from cms.domain.errors import Invalid, NotFound, StaleBase
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section
from cms.domain.workflow.merging import merged_body
from cms.domain.workflow.permissions import require
from cms.web.database import db

FIELDS = {
    "headline": "Headline",
    "standfirst": "Standfirst",
    "key_points": "Key points",
    "body_html": "Text",
    "bylines": "Bylines",
    "sections": "Sections",
    "tags": "Tags",
    "lead_image": "Lead picture",
    "seo": "Search and social",
    "slug": "Slug",
    "language": "Language",
}


@dataclass(frozen=True)
class Clash:
    """A field that differs. ``take``: what is proposed, or nothing. ``by``: whose change it is, theirs, mine, both."""

    name: str
    label: str
    rows: list[Row]
    take: str
    by: str


def conflict_page(public_id: str, mine: Mapping[str, Any], stale: StaleBase) -> str:
    session = db.session()
    session.rollback()  # a snapshot from after the other save
    article = desk.find(session, public_id)
    newest = desk.revision(session, article)
    theirs = as_typed(session, newest)
    mine = {**theirs, **_tidied(mine)}
    if not mine["slug"]:
        mine["slug"] = theirs["slug"]
    return merging_page(article, _before(session, article, stale), newest, mine, newest.number)


def merging_page(
    article: Article,
    before: Mapping[str, Any] | None,
    other: Revision,
    mine: Mapping[str, Any],
    base: int,
    *,
    rebasing: bool = False,
) -> str:
    """Two texts side by side, to be put together. ``base`` is the revision that what comes of it is saved upon."""
    session = db.session()
    theirs = as_typed(session, other)
    both = merged_body(before["body_html"], mine["body_html"], theirs["body_html"]) if before else None
    clashes = [
        _clash(session, name, before, theirs[name], mine[name], mergeable=both is not None, asking=rebasing)
        for name in FIELDS
        if theirs[name] != mine[name]
    ]
    return render_template(
        "admin/conflict.html",
        article=article,
        other=other,
        base=base,
        rebasing=rebasing,
        mine=mine,
        body=both if both is not None else mine["body_html"],
        merged=both is not None,
        clashes=clashes,
        text_clashes=any(clash.name == "body_html" for clash in clashes),
        note=request.form.get("note", "")[:500],
    )


def put_together(public_id: str) -> dict[str, Any]:
    """What the conflict's form asks to be saved: of each field theirs, mine, or what stands in the form."""
    form = request.form
    mine = typed_fields(form)
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "see", article)
    unsaid = [name for name in form.getlist("asked") if name in FIELDS and not form.get(f"take_{name}")]
    if unsaid:
        raise Invalid({name: [f"{FIELDS[name]}: say which of the two to keep."] for name in unsaid})
    number = form.get("theirs", type=row_number) or form.get("base", type=row_number)
    theirs = as_typed(session, desk.revision(session, article, number))
    chosen = {name: theirs[name] if form.get(f"take_{name}") == "theirs" else value for name, value in mine.items()}
    if form.get("take_body_html") == "mine":
        chosen["body_html"] = form.get("mine_body_html", "")
    return chosen


# --- What differs ------------------------------------------------------------------------------------------


def _clash(
    session: Session,
    name: str,
    before: Mapping[str, Any] | None,
    theirs: Any,
    mine: Any,
    *,
    mergeable: bool,
    asking: bool,
) -> Clash:
    """``asking``: where both changed a place, which of the two to keep is asked and not proposed."""
    label, was = FIELDS[name], before[name] if before else None
    by = "both" if before is None else "mine" if was == theirs else "theirs" if was == mine else "both"
    take = "theirs" if by == "theirs" else "" if by == "both" and asking else "mine"
    if name == "body_html":
        take = "text" if mergeable and by == "both" else take
        return Clash(name, label, side_by_side(theirs, mine), take, by)
    rows = side_by_side(as_markup(session, name, theirs), as_markup(session, name, mine))
    return Clash(name, label, rows, take, by)


def as_markup(session: Session, name: str, value: Any) -> str:
    """A field's value as paragraphs that people can read and compare."""
    if name == "body_html":
        return str(value)
    return "".join(f"<p>{escape(line)}</p>" for line in _lines(session, name, value) if line)


def _lines(session: Session, name: str, value: Any) -> list[str]:
    if name == "bylines":
        names = {person.slug: person.name for person in session.query(Person)}
        return [f"{names.get(each['person'], each['person'])}, {each['role']}" for each in value]
    if name == "sections":
        titles = {section.slug: section.name for section in session.query(Section)}
        return [titles.get(slug, slug) for slug in value]
    if name == "lead_image":
        media = session.query(Media).filter_by(public_id=value).one_or_none() if value else None
        return [media.alt or media.caption or media.public_id] if media else [value or "None"]
    if name == "seo":
        return [f"{key.replace('_', ' ')}: {entry}" for key, entry in sorted(value.items())]
    return [str(line) for line in value] if isinstance(value, list) else [str(value)]


def _before(session: Session, article: Article, stale: StaleBase) -> dict[str, Any] | None:
    """The revision that both started from, if the form named one that there is."""
    base = stale.details.get("base")
    try:
        return as_typed(session, desk.revision(session, article, base)) if base else None
    except NotFound:
        return None


def _tidied(mine: Mapping[str, Any]) -> dict[str, Any]:
    """Mine as it would be stored, so that only what people would call a difference is one."""
    try:
        return {**mine, "body_html": clean(mine["body_html"])}
    except BodyRefused:
        return dict(mine)
