"""What must follow rows that were brought in: the pages that show them, and the index."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.model import Article, Correction, Publication, Revision
from cms.domain.articles.touching import touched
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import SYSTEM
from cms.moving.kinds import Kind

_EVERYWHERE = frozenset(
    {
        "people",
        "sections",
        "tags",
        "media",
        "article_translations",
        "related_articles",
        "fronts",
        "front_slots",
        "banners",
        "standing_pages",
        "redirects",
        "forwards",
        "preferences",
    }
)
"""What may stand on any page: where it changes, every page is made anew."""


def events(
    session: Session, kind: Kind, created: list[dict[str, Any]], changed: list[dict[str, Any]], now: datetime
) -> list[Event]:
    """One line of the log for these rows, and one for each publication, which is told to the site's readers too."""
    after = {"kind": kind.name, "created": len(created), "changed": len(changed)}
    shown = frozenset({keys.SITE, keys.FRONT}) if kind.name in _EVERYWHERE else frozenset()
    told = [Event("import", SYSTEM, "site:import", after=after, keys=shown)]
    if kind.name == "publications":
        told += _published(session, created, "publish", now)
        told += _published(session, changed, "import", now)
    if kind.name == "corrections":
        told += _corrected(session, [row["public_id"] for row in (*created, *changed)])
    return told


def _published(session: Session, rows: Iterable[dict[str, Any]], verb: str, now: datetime) -> Iterable[Event]:
    for row in rows:
        public_id = session.scalars(select(Article.public_id).where(Article.id == row["article_id"])).one()
        number = session.scalars(select(Revision.number).where(Revision.id == row["revision_id"])).one()
        scheduled = row["created_at"] < row["live_from"] or row["cancelled_at"] is not None
        instants = [now, *(at for at in (row["live_from"], row["live_until"]) if at is not None and at > now)]
        yield Event(
            "import" if scheduled else verb,  # what was scheduled is told of by its start
            SYSTEM,
            f"article:{public_id}",
            after={"n": row["n"], "revision": number, "minor": row["minor"]},
            keys=touched(session, public_id, [row["revision_id"]]),
            errands=search_errands(public_id, instants, purge=bool(row["notice"])),
            at=row["created_at"],
        )


def _corrected(session: Session, public_ids: list[str]) -> Iterable[Event]:
    rows = session.execute(
        select(Article.public_id, Publication.revision_id)
        .join(Correction, Correction.article_id == Article.id)
        .join(Publication, Publication.id == Correction.publication_id)
        .where(Correction.public_id.in_(public_ids))
    )
    for public_id, revision_id in rows.all():
        yield Event("import", SYSTEM, f"article:{public_id}", keys=touched(session, public_id, [revision_id]))
