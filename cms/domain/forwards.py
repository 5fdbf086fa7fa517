"""Where the former addresses of sections, tags and people lead, and which term a merged one became.

A link that somebody kept must go on working after a rename, a move or a merge. A section's address is its path, a
tag's and a person's their slug; the id of a merged term stays in old snapshots and is looked up here as well.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, UTCDateTime

SECTION, TAG, PERSON = "section", "tag", "person"
_ID = {SECTION: "section_id", TAG: "tag_id"}


class Forward(Base):
    """``former`` (a path, a slug or a merged term's public id) now means the term with public id ``target``."""

    __tablename__ = "forwards"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    former: Mapped[str] = mapped_column(String(500), primary_key=True)
    target: Mapped[str] = mapped_column(String(16), index=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)


def leads_to(session: Session, kind: str, former: str) -> str | None:
    """The public id of the term that this former address means now."""
    return session.scalar(select(Forward.target).where(Forward.kind == kind, Forward.former == former))


def lead(session: Session, kind: str, former: str, target: str, now: datetime) -> None:
    """From now on ``former`` leads to ``target``, wherever it led before."""
    session.merge(Forward(kind=kind, former=former, target=target, since=now))
    session.flush()


def release(session: Session, kind: str, former: str) -> None:
    """``former`` is somebody's present address again."""
    session.execute(delete(Forward).where(Forward.kind == kind, Forward.former == former))


def become(session: Session, kind: str, merged: str, target: str, now: datetime) -> None:
    """The term ``merged`` is ``target`` from now on: all that led to the one leads to the other, its id too."""
    session.execute(
        update(Forward).where(Forward.kind.in_((kind, _ID[kind])), Forward.target == merged).values(target=target)
    )
    lead(session, _ID[kind], merged, target, now)


def present_id(session: Session, kind: str, public_id: str) -> str:
    """The id under which a term that an old snapshot names is known now."""
    return leads_to(session, _ID[kind], public_id) or public_id
