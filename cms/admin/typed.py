"""A story as the form holds it: by slugs and names, in the shape that ``clean_fields`` takes."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from cms.domain.articles.fields import SEO_FIELDS, clean_fields
from cms.domain.articles.model import Revision, RevisionByline, RevisionSection, RevisionTag
from cms.web.current import newsroom


def row_number(text: str) -> int:
    """A number that a row could have, as a ``type`` for a form's or an address's value. Raises ValueError otherwise."""
    found = int(text[:20])
    if not 0 <= found < 2**31:
        raise ValueError(text)
    return found


def typed_fields(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says. A part that the form hasn't got (picture, search fields) is left out, not emptied."""
    people = zip(form.getlist("person"), form.getlist("role"), strict=False)
    primary = form.get("primary", "")
    sections = [slug for slug in form.getlist("section") if slug != primary]
    typed: dict[str, Any] = {
        "headline": form.get("headline", ""),
        "standfirst": form.get("standfirst", ""),
        "key_points": [line for line in form.get("key_points", "").splitlines() if line.strip()],
        "body_html": form.get("body_html", ""),
        "bylines": [{"person": person, "role": role} for person, role in people if person],
        "sections": [primary, *sections] if primary else sections,
        "tags": [name.strip() for name in form.get("tags", "").split(",") if name.strip()],
        "slug": form.get("slug", "").strip(),
        "language": form.get("language", "").strip() or newsroom().settings.site_language,
    }
    if "lead_image" in form:
        typed["lead_image"] = form["lead_image"].strip() or None
    if "seo_title" in form:
        given = {name: form.get(f"seo_{name}", "").strip() for name in SEO_FIELDS}
        typed["seo"] = {name: value for name, value in given.items() if value}
    return typed


def cleaned(typed: dict[str, Any]) -> dict[str, Any]:
    """The same, checked. An empty slug means: the one it has, or the headline's. Raises Invalid."""
    return clean_fields({name: value for name, value in typed.items() if name != "slug" or value})


def as_typed(session: Session, revision: Revision) -> dict[str, Any]:
    """A revision in the same shape."""
    rows = session.query(RevisionByline).filter_by(revision_id=revision.id).order_by(RevisionByline.position)
    sections = session.query(RevisionSection).filter_by(revision_id=revision.id).order_by(RevisionSection.position)
    tags = session.query(RevisionTag).filter_by(revision_id=revision.id).order_by(RevisionTag.position)
    return {
        "headline": revision.headline,
        "standfirst": revision.standfirst,
        "key_points": list(revision.key_points),
        "body_html": revision.body_html,
        "bylines": [{"person": row.person.slug, "role": row.role} for row in rows],
        "sections": [row.section.slug for row in sections],
        "tags": [row.tag.name for row in tags],
        "slug": revision.slug,
        "language": revision.language,
        "lead_image": revision.lead_image,
        "seo": dict(revision.seo),
    }
