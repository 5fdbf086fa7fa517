"""Starting sections and tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slugify import slugify
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cms.domain import forwards, keys
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event, Who
from cms.domain.taxonomy.model import Section, Tag


def start_section(
    session: Session, actor: Who, *, name: str, slug: str | None, parent: str | None, now: datetime
) -> tuple[Section, Event]:
    """A new section, below ``parent`` (a slug) if one is given. Raises Conflict for a taken slug."""
    above: Section | None = None
    if parent:
        above = session.scalar(select(Section).where(Section.slug == parent))
        if above is None:
            raise Invalid({"parent": [f"There is no section {parent!r}."]})
    slug = slug or term_slug(name)
    if session.scalar(select(Section.id).where(Section.slug == slug)) is not None:
        raise Conflict(f"There is a section {slug!r} already", code="slug_taken")
    path = f"{above.path}/{slug}" if above else slug
    _refuse_forwarded(session, forwards.SECTION, path)
    last = session.scalar(select(func.max(Section.position))) or 0
    section = Section(
        slug=slug,
        name=name,
        parent=above,
        path=path,
        position=last + 1,
        created_at=now,
    )
    session.add(section)
    session.flush()
    after = {"slug": slug, "name": name, "path": section.path}
    return section, Event(
        "start_section", actor, f"section:{section.public_id}", after=after, keys=frozenset({keys.SITE})
    )


def start_tag(session: Session, actor: Who, *, name: str, slug: str | None, now: datetime) -> tuple[Tag, Event]:
    """A new tag. Raises Conflict for a taken slug."""
    slug = slug or term_slug(name)
    if session.scalar(select(Tag.id).where(Tag.slug == slug)) is not None:
        raise Conflict(f"There is a tag {slug!r} already", code="slug_taken")
    _refuse_forwarded(session, forwards.TAG, slug)
    tag = Tag(slug=slug, name=name, created_at=now)
    session.add(tag)
    session.flush()
    return tag, Event("start_tag", actor, f"tag:{tag.public_id}", after={"slug": slug, "name": name})


def tags_named(session: Session, names: Sequence[str], now: datetime) -> list[Tag]:
    """The tags of these names in this order, each once; a name that is new becomes a tag.

    Names that differ only in what a slug forgets (case, accents, punctuation) are one tag; the name of a tag that
    was merged into another means that other.
    """
    if not names:
        return []
    slugs = {name: term_slug(name) for name in names}
    known = {tag.slug: tag for tag in session.scalars(select(Tag).where(Tag.slug.in_(slugs.values())))}
    known |= forwarded(session, [slug for slug in slugs.values() if slug not in known])
    for name, slug in slugs.items():
        if slug not in known:
            known[slug] = Tag(slug=slug, name=name, created_at=now)
            session.add(known[slug])
    session.flush()
    return list(dict.fromkeys(known[slug] for slug in slugs.values()))


def forwarded(session: Session, slugs: Sequence[str]) -> dict[str, Tag]:
    """The tags that these former slugs mean now."""
    if not slugs:
        return {}
    rows = session.execute(
        select(forwards.Forward.former, Tag)
        .join(Tag, Tag.public_id == forwards.Forward.target)
        .where(forwards.Forward.kind == forwards.TAG, forwards.Forward.former.in_(slugs))
    )
    return {former: tag for former, tag in rows}  # noqa: C416


def _refuse_forwarded(session: Session, kind: str, former: str) -> None:
    """An address that leads elsewhere since a rename or merge isn't free: kept links would change their meaning."""
    if forwards.leads_to(session, kind, former) is not None:
        raise Conflict(f"Old links to “{former}” lead to another {kind}; choose another slug", code="slug_taken")


def term_slug(name: str) -> str:
    """A section's or tag's slug: transliterated, and for a name of signs alone its code points.

    C and C++ and C# must not become one tag, so a few signs are spelled out.
    """
    spelled = name.replace("+", " plus ").replace("#", " sharp ").replace("&", " and ")
    slug = slugify(spelled, max_length=80, word_boundary=True)
    return slug or "-".join(f"{ord(sign):x}" for sign in name[:10])
