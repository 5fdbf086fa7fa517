"""What sections, tags and people are called: their plain fields, checked together, and slugs that nobody else has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cms.domain import forwards
from cms.domain.articles.slugs import check_slug
from cms.domain.errors import Conflict, Invalid
from cms.domain.text import plain

LIMITS = {"name": 100, "introduction": 2000, "title": 200, "bio": 4000, "email": 320}


def named(fields: Mapping[str, Any], **limits: int) -> dict[str, str]:
    """The plain fields as they may be stored. Raises Invalid, naming each that can't be taken."""
    cleaned: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for field, value in fields.items():
        try:
            cleaned[field] = check_slug(value) if field == "slug" else plain(value, {**LIMITS, **limits}[field])
        except ValueError as refused:
            errors[field] = [str(refused)]
    if "name" in cleaned and not cleaned["name"]:
        errors["name"] = ["Takes a name."]
    if errors:
        raise Invalid(errors)
    return cleaned


def refuse_forwarded(session: Session, kind: str, former: str, own: str | None = None) -> None:
    """An address that leads elsewhere since a rename or merge isn't free: kept links would change their meaning."""
    target = forwards.leads_to(session, kind, former)
    if target is not None and target != own:
        raise Conflict(f"Old links to “{former}” lead to another {kind}; choose another slug", code="slug_taken")


def differences(row: Any, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of these fields those that would change, before and after."""
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    return {name: getattr(row, name) for name in changed}, {name: fields[name] for name in changed}
