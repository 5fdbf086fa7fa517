"""What the desk keeps about an article and no reader ever sees: notes, and who is in charge of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from cms.db import Base, UTCDateTime, new_public_id
from cms.domain.articles.model import Article, Revision
from cms.domain.people.model import User


class DeskNote(Base):
    """A note among staff. No outlet reads this table."""

    __tablename__ = "desk_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    text: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(String(200))


class Assignment(Base):
    """Who is in charge of an article, and when it is due."""

    __tablename__ = "assignments"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()


def notes_on(session: Session, article: Article, limit: int) -> Sequence[DeskNote]:
    """The newest notes on an article, the newest first."""
    wanted = select(DeskNote).where(DeskNote.article_id == article.id).order_by(DeskNote.id.desc())
    return session.scalars(wanted.limit(limit)).all()


def assignment_of(session: Session, article: Article) -> Assignment | None:
    return session.scalar(select(Assignment).where(Assignment.article_id == article.id))


def in_charge_of(session: Session, user_id: int, limit: int) -> list[tuple[Assignment, Article, str]]:
    """What somebody is in charge of and isn't spiked, the first due first: each with its article and headline."""
    rows = session.execute(
        select(Assignment, Article, Revision.headline)
        .join(Article, Article.id == Assignment.article_id)
        .join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        .where(Assignment.user_id == user_id, Article.state != "spiked")
        .order_by(Assignment.due_at.is_(None), Assignment.due_at, Assignment.article_id)
        .limit(limit)
    )
    return [(assignment, article, headline) for assignment, article, headline in rows]
