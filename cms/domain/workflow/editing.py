"""Writing: begin an article, save a revision, and move the working copy through the desk.

A save names the revision it started from and is refused when that is no longer the newest; it never publishes,
unpublishes or changes the editorial state.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles import chain, desk
from cms.domain.articles.model import Article, Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.picture_use import note_pictures
from cms.domain.articles.slugs import slug_for
from cms.domain.errors import Forbidden, Invalid, StaleBase
from cms.domain.events import Event
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.filing import tags_named
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.workflow.permissions import may_file_in, require, require_right
from cms.domain.workflow.states import moved

EMPTY: dict[str, Any] = {
    "headline": "",
    "slug": "",
    "language": "en",
    "standfirst": "",
    "key_points": [],
    "body_html": "",
    "bylines": [],
    "sections": [],
    "tags": [],
    "lead_image": None,
    "seo": {},
}


def create(
    session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime, *, language: str
) -> tuple[Article, Event]:
    """Begin an article with its first revision. ``fields`` come from ``clean_fields``."""
    require_right(actor, "create")
    if not fields.get("headline"):
        raise Invalid({"headline": ["A story needs a headline."]})
    article = Article(created_at=now, created_by=actor.user_id, touched_at=now)
    session.add(article)
    session.flush()
    snapshot = {**EMPTY, "language": language, "slug": slug_for(fields["headline"])}
    revision = _append(session, actor, article, {**snapshot, **fields}, base=None, note="", now=now)
    assert revision is not None
    after = {"headline": revision.headline, "revision": 1}
    return article, Event("create", actor, f"article:{article.public_id}", after=after)


def save(
    session: Session,
    actor: Actor,
    article: Article,
    base: int,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    note: str = "",
) -> tuple[Revision, list[Event]]:
    """Append a revision made from ``base`` with these fields changed; nothing when nothing would change.

    Raises StaleBase when somebody else saved after ``base``, Invalid for a section, person or image that isn't.
    """
    require(session, actor, "edit", article)
    newest = desk.revision(session, article)
    if base != article.newest:
        raise StaleBase(
            base=base,
            newest=newest.number,
            saved_by=newest.author_name,
            saved_at=newest.created_at.isoformat(timespec="seconds"),
        )
    kept = {name: getattr(newest, name) for name in chain.CONTENT}
    kept.update(bylines=None, sections=None, tags=None)
    revision = _append(session, actor, article, {**kept, **fields}, base=base, note=note, now=now)
    if revision is None:
        return newest, []
    changed = sorted(n for n in chain.CONTENT if getattr(newest, n) != getattr(revision, n))
    article.touched_at = now
    event = Event(
        "save",
        actor,
        f"article:{article.public_id}",
        before={"revision": newest.number},
        after={"revision": revision.number, "changed": changed},
    )
    return revision, [event]


def transition(session: Session, actor: Actor, article: Article, verb: str, now: datetime) -> Event:
    """Carry out submit, approve, return or unspike. (Spiking also touches publications: see publishing.)"""
    require(session, actor, verb, article)
    before = article.state
    article.state = moved(article, verb).value
    article.touched_at = now
    if verb == "approve":
        article.approved = article.newest
    return Event(verb, actor, f"article:{article.public_id}", before={"state": before}, after={"state": article.state})


# --- The snapshot ------------------------------------------------------------------------------------------


def _append(
    session: Session,
    actor: Actor,
    article: Article,
    fields: Mapping[str, Any],
    *,
    base: int | None,
    note: str,
    now: datetime,
) -> Revision | None:
    """Write the next revision, or nothing when its content equals the newest one's.

    In ``fields``, bylines, sections and tags name people and sections by slug and tags by name; None keeps the
    newest revision's.
    """
    newest = desk.revision(session, article) if article.newest else None
    content, filed = _resolved(session, actor, article, fields, newest, now)
    if newest is not None and all(getattr(newest, name) == content[name] for name in chain.CONTENT):
        return None
    revision = Revision(
        article_id=article.id,
        number=article.newest + 1,
        base=base,
        note=note,
        created_at=now,
        created_by=actor.user_id,
        author_name=actor.name,
        salt=secrets.token_hex(16),
        previous=newest.hash if newest else None,
        **content,
    )
    revision.digest = chain.digest(revision.salt, content)
    revision.hash = chain.link(revision.previous, chain.meta_of(article.public_id, revision), revision.digest)
    session.add(revision)
    session.flush()
    article.newest = revision.number
    filed.write(session, revision.id)
    note_pictures(session, revision.id, content)
    session.flush()
    return revision


class _Filed:
    """The rows that a snapshot's bylines, sections and tags stand for."""

    def __init__(self, people: list[tuple[Person, str]], sections: list[Section], tags: list[Tag]) -> None:
        self.people, self.sections, self.tags = people, sections, tags

    def write(self, session: Session, revision_id: int) -> None:
        for position, section in enumerate(self.sections):
            session.add(RevisionSection(revision_id=revision_id, position=position, section_id=section.id))
        for position, tag in enumerate(self.tags):
            session.add(RevisionTag(revision_id=revision_id, position=position, tag_id=tag.id))
        for position, (person, role) in enumerate(self.people):
            session.add(RevisionByline(revision_id=revision_id, position=position, person_id=person.id, role=role))


def _resolved(
    session: Session,
    actor: Actor,
    article: Article,
    fields: Mapping[str, Any],
    newest: Revision | None,
    now: datetime,
) -> tuple[dict[str, Any], _Filed]:
    """The snapshot's content by public ids, and the rows behind it. Raises Invalid for what isn't there."""
    errors: dict[str, list[str]] = {}
    people = _people(session, fields["bylines"], newest, errors)
    sections = _sections(session, fields["sections"], newest, errors)
    _check_image(session, fields["lead_image"], errors)
    if errors:
        raise Invalid(errors)
    moves = newest is None or sections != _sections(session, None, newest, errors)
    if moves and not may_file_in(session, actor, [section.id for section in sections]):
        raise Forbidden("You can only file stories in your own sections", right="edit")
    tags = tags_named(session, fields["tags"], now) if fields["tags"] is not None else _kept_tags(session, newest)
    content = {name: fields[name] for name in chain.CONTENT}
    content["bylines"] = [{"person": p.public_id, "name": p.name, "role": role} for p, role in people]
    content["sections"] = [section.public_id for section in sections]
    content["tags"] = [tag.public_id for tag in tags]
    if fields["bylines"] is None and newest is not None:
        content["bylines"] = newest.bylines  # a person renamed since is no change of this text
    if newest is not None and not moves:
        content["sections"] = newest.sections  # nor is a section merged into another
    if newest is not None and tags == _kept_tags(session, newest):
        content["tags"] = newest.tags
    return content, _Filed(people, sections, tags)


def _people(
    session: Session,
    bylines: list[dict[str, str]] | None,
    newest: Revision | None,
    errors: dict[str, list[str]],
) -> list[tuple[Person, str]]:
    if bylines is None:
        assert newest is not None
        rows = session.execute(
            select(Person, RevisionByline.role)
            .join(RevisionByline)
            .where(RevisionByline.revision_id == newest.id)
            .order_by(RevisionByline.position)
        )
        return [(person, role) for person, role in rows]
    slugs = [byline["person"] for byline in bylines]
    by_slug = {p.slug: p for p in session.scalars(select(Person).where(Person.slug.in_(slugs)))}
    unknown = [slug for slug in dict.fromkeys(slugs) if slug not in by_slug]
    if unknown:
        errors["bylines"] = [f"There is no person {slug!r}." for slug in unknown]
        return []
    return [(by_slug[byline["person"]], byline["role"]) for byline in bylines]


def _sections(
    session: Session, slugs: list[str] | None, newest: Revision | None, errors: dict[str, list[str]]
) -> list[Section]:
    if slugs is None:
        assert newest is not None
        kept = (
            select(Section)
            .join(RevisionSection)
            .where(RevisionSection.revision_id == newest.id)
            .order_by(RevisionSection.position)
        )
        return list(session.scalars(kept))
    by_slug = {s.slug: s for s in session.scalars(select(Section).where(Section.slug.in_(slugs)))}
    unknown = [slug for slug in slugs if slug not in by_slug]
    if unknown:
        errors["sections"] = [f"There is no section {slug!r}." for slug in unknown]
        return []
    return [by_slug[slug] for slug in slugs]


def _kept_tags(session: Session, newest: Revision | None) -> list[Tag]:
    assert newest is not None
    kept = select(Tag).join(RevisionTag).where(RevisionTag.revision_id == newest.id).order_by(RevisionTag.position)
    return list(session.scalars(kept))


def _check_image(session: Session, public_id: str | None, errors: dict[str, list[str]]) -> None:
    if public_id and session.scalar(select(Media.id).where(Media.public_id == public_id)) is None:
        errors["lead_image"] = [f"There is no image {public_id!r}."]
