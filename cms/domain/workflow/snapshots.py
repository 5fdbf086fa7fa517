"""Writing the next revision of an article: the snapshot, its place in the chain, and the rows it is filed under."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles import chain, desk
from cms.domain.articles.model import Article, Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.picture_use import note_pictures
from cms.domain.errors import Forbidden, Invalid
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.filing import tags_named
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.workflow.permissions import may_file_in

SALT_BYTES = 16
FILED = ("bylines", "sections", "tags")


@dataclass(frozen=True)
class Text:
    """What a revision is to say. ``fields`` name people and sections by slug and tags by name, as surfaces do.

    Every field that is not given is ``source``'s; a filed one may come from another revision of the article.
    """

    fields: Mapping[str, Any]
    source: Revision | None = None
    filed_as: Mapping[str, Revision] | None = None
    carried: bool = False
    """It stands in its sections already, and whoever writes it moves it nowhere but where ``fields`` say."""

    def of(self, name: str) -> Any:
        return self.fields[name] if self.source is None or name in self.fields else getattr(self.source, name)

    def filed(self, name: str) -> Revision | None:
        """The revision that gives its bylines, sections or tags; None when they are among the fields."""
        if name in self.fields:
            return None
        return (self.filed_as or {}).get(name, self.source)


def append(
    session: Session,
    actor: Actor,
    article: Article,
    text: Text,
    now: datetime,
    *,
    base: int | None,
    note: str = "",
    unless_equal: Revision | None = None,
) -> Revision | None:
    """Write the next revision, or nothing when its content is that of ``unless_equal``.

    Raises Invalid for a section, person or image that isn't, Forbidden for filing it outside one's sections.
    """
    newest = desk.revision(session, article) if article.newest else None
    content, filed = _resolved(session, actor, text, newest, now)
    if unless_equal is not None and all(getattr(unless_equal, name) == content[name] for name in chain.CONTENT):
        return None
    revision = Revision(
        article_id=article.id,
        number=article.newest + 1,
        base=base,
        note=note,
        created_at=now,
        created_by=actor.user_id,
        author_name=actor.name,
        salt=secrets.token_hex(SALT_BYTES),
        previous=newest.hash if newest else None,
        **content,
    )
    revision.digest = chain.digest(revision.salt, content)
    revision.hash = chain.link(revision.previous, chain.meta_of(article.public_id, revision), revision.digest)
    session.add(revision)
    session.flush()
    article.newest = revision.number
    article.touched_at = now
    filed.write(session, revision.id)
    note_pictures(session, revision.id, content)
    session.flush()
    return revision


def not_there(session: Session, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which of these cleaned fields name a section, person or image that isn't, with what to say of each."""
    errors: dict[str, list[str]] = {}
    text = Text({"bylines": [], "sections": [], "lead_image": None, **fields})
    _people(session, text, errors)
    _sections(session, text, errors)
    _check_image(session, text.of("lead_image"), errors)
    return errors


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
    session: Session, actor: Actor, text: Text, newest: Revision | None, now: datetime
) -> tuple[dict[str, Any], _Filed]:
    """The snapshot's content by public ids, and the rows behind it. Raises Invalid for what isn't there."""
    errors: dict[str, list[str]] = {}
    people = _people(session, text, errors)
    sections = _sections(session, text, errors)
    _check_image(session, text.of("lead_image"), errors)
    if errors:
        raise Invalid(errors)
    moves = newest is None or sections != _sections(session, Text({}, newest), errors)
    stays = text.filed("sections") is newest or (text.carried and "sections" not in text.fields)
    if moves and not stays and not may_file_in(session, actor, [s.id for s in sections]):
        raise Forbidden("You can only file stories in your own sections", right="edit")
    kept_tags = text.filed("tags")
    tags = tags_named(session, text.of("tags"), now) if kept_tags is None else _kept_tags(session, kept_tags)
    content = {name: text.of(name) for name in chain.CONTENT if name not in FILED}
    content["bylines"] = [{"person": p.public_id, "name": p.name, "role": role} for p, role in people]
    content["sections"] = [section.public_id for section in sections]
    content["tags"] = [tag.public_id for tag in tags]
    signed = text.filed("bylines")
    if signed is not None:
        content["bylines"] = signed.bylines  # a person renamed since is no change of this text
    if newest is not None and not moves:
        content["sections"] = newest.sections  # nor is a section merged into another
    if newest is not None and tags == _kept_tags(session, newest):
        content["tags"] = newest.tags
    return content, _Filed(people, sections, tags)


def _people(session: Session, text: Text, errors: dict[str, list[str]]) -> list[tuple[Person, str]]:
    kept = text.filed("bylines")
    if kept is not None:
        rows = session.execute(
            select(Person, RevisionByline.role)
            .join(RevisionByline)
            .where(RevisionByline.revision_id == kept.id)
            .order_by(RevisionByline.position)
        )
        return [(person, role) for person, role in rows]
    bylines: list[dict[str, str]] = text.of("bylines")
    slugs = [byline["person"] for byline in bylines]
    if not slugs:
        return []
    by_slug = {p.slug: p for p in session.scalars(select(Person).where(Person.slug.in_(slugs)))}
    unknown = [slug for slug in dict.fromkeys(slugs) if slug not in by_slug]
    if unknown:
        errors["bylines"] = [f"There is no person {slug!r}." for slug in unknown]
        return []
    return [(by_slug[byline["person"]], byline["role"]) for byline in bylines]


def _sections(session: Session, text: Text, errors: dict[str, list[str]]) -> list[Section]:
    kept = text.filed("sections")
    if kept is not None:
        rows = (
            select(Section)
            .join(RevisionSection)
            .where(RevisionSection.revision_id == kept.id)
            .order_by(RevisionSection.position)
        )
        return list(session.scalars(rows))
    slugs: list[str] = text.of("sections")
    if not slugs:
        return []
    by_slug = {s.slug: s for s in session.scalars(select(Section).where(Section.slug.in_(slugs)))}
    unknown = [slug for slug in slugs if slug not in by_slug]
    if unknown:
        errors["sections"] = [f"There is no section {slug!r}." for slug in unknown]
        return []
    return [by_slug[slug] for slug in slugs]


def _kept_tags(session: Session, revision: Revision) -> list[Tag]:
    kept = select(Tag).join(RevisionTag).where(RevisionTag.revision_id == revision.id).order_by(RevisionTag.position)
    return list(session.scalars(kept))


def _check_image(session: Session, public_id: str | None, errors: dict[str, list[str]]) -> None:
    if not public_id:
        return
    wanted = select(Media.id).where(Media.public_id == public_id, Media.is_picture)
    if session.scalar(wanted) is None:
        errors["lead_image"] = [f"There is no image {public_id!r}."]
