"""Preview links: one revision of a story, shown to somebody without a sign-in.

The link is the right: 192 random bits, of which only the digest is kept. It is bound to its revision, runs out, can
be revoked, and dies when a publication of the story begins: from then on the story's own address is the one to share.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, contains_eager, mapped_column, relationship, undefer

from cms.db import Base, UTCDateTime, new_public_id
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.errors import Invalid, NotFound
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import require
from cms.domain.workflow.states import State

LIFETIME = timedelta(days=7)
LONGEST = timedelta(days=90)
MOST = 200
"""The most links of one story that a list gives."""


class PreviewLink(Base):
    __tablename__ = "preview_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    begun: Mapped[int]
    """How many publications of the story had begun when the link was made. One more, and the link is dead."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    article: Mapped[Article] = relationship()
    revision: Mapped[Revision] = relationship()


def share(
    session: Session,
    actor: Actor,
    article: Article,
    now: datetime,
    *,
    revision: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[str, PreviewLink, Event]:
    """A new link to a revision (the newest if not given) for seven days or until ``expires_at``.

    The secret that ``addresses.preview`` takes is given back once and kept nowhere. Raises NotFound, Forbidden,
    Conflict (spiked) or Invalid.
    """
    require(session, actor, "preview", article)
    try:
        shown = desk.revision(session, article, revision)
    except NotFound as unknown:
        raise Invalid({"revision": [f"{unknown.message}."]}) from None
    until = expires_at or now + LIFETIME
    if not now < until <= now + LONGEST:
        raise Invalid({"expires_at": [f"Takes a time to come, at most {LONGEST.days} days ahead."]})
    secret = secrets.token_urlsafe(24)
    link = PreviewLink(
        digest=_digest(secret),
        article=article,
        revision=shown,
        begun=session.scalar(_begun(now).where(Publication.article_id == article.id)) or 0,
        created_at=now,
        created_by=actor.user_id,
        expires_at=until,
    )
    session.add(link)
    session.flush()
    after = {"link": link.public_id, "revision": shown.number, "expires_at": until.isoformat()}
    return secret, link, Event("share_preview", actor, f"article:{article.public_id}", after=after)


def revoke(session: Session, actor: Actor, article: Article, link_id: str, now: datetime) -> Event:
    """End a link of this story, by its public id. Raises NotFound; one that has ended already is ended again."""
    require(session, actor, "preview", article)
    link = session.scalar(
        select(PreviewLink).where(PreviewLink.public_id == link_id, PreviewLink.article_id == article.id)
    )
    if link is None:
        raise NotFound("There is no such preview link")
    link.revoked_at = link.revoked_at or now
    return Event("revoke_preview", actor, f"article:{article.public_id}", after={"link": link.public_id})


def open_links(session: Session, article: Article, now: datetime) -> Sequence[PreviewLink]:
    """The story's links that still open, newest first."""
    mine = _alive(now).where(PreviewLink.article_id == article.id)
    return session.scalars(mine.order_by(PreviewLink.id.desc()).limit(MOST)).all()


def opened(session: Session, secret: str, now: datetime) -> PreviewLink | None:
    """The link that this secret opens, with its article and its revision's whole text; None if it opens none."""
    return session.scalar(
        _alive(now)
        .where(PreviewLink.digest == _digest(secret))
        .options(contains_eager(PreviewLink.revision).options(undefer(Revision.body_html)))
    )


def _alive(now: datetime) -> Select[PreviewLink]:
    begun = _begun(now).where(Publication.article_id == PreviewLink.article_id).correlate(PreviewLink)
    return (
        select(PreviewLink)
        .join(PreviewLink.article)
        .join(PreviewLink.revision)
        .where(
            PreviewLink.revoked_at.is_(None),
            PreviewLink.expires_at > now,
            PreviewLink.begun == begun.scalar_subquery(),
            Article.state != State.SPIKED,
        )
        .options(contains_eager(PreviewLink.article), contains_eager(PreviewLink.revision))
    )


def _begun(now: datetime) -> Select[int]:
    return select(func.count(Publication.id)).where(Publication.cancelled_at.is_(None), Publication.live_from <= now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
