"""What somebody has typed and not saved yet, kept so that a closed lid costs nothing.

One row a person and article. It is never a revision, nobody else reads it, and a save throws it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from cms.domain.articles.model import Article, Autosave


def keep(session: Session, article: Article, user_id: int, base: int, fields: Mapping[str, Any], now: datetime) -> None:
    """Keep the form as it stands, in place of what was kept before."""
    kept = kept_for(session, article, user_id)
    if kept is None:
        kept = Autosave(article_id=article.id, user_id=user_id)
        session.add(kept)
    kept.base, kept.fields, kept.saved_at = base, dict(fields), now


def kept_for(session: Session, article: Article, user_id: int) -> Autosave | None:
    return session.scalar(select(Autosave).where(Autosave.article_id == article.id, Autosave.user_id == user_id))


def forget(session: Session, article: Article, user_id: int) -> None:
    session.execute(delete(Autosave).where(Autosave.article_id == article.id, Autosave.user_id == user_id))


def at_work(session: Session, article_ids: Sequence[int] | None, since: datetime) -> Sequence[Autosave]:
    """The rows kept since then, newest first: who is writing. ``article_ids`` None: on anything."""
    recent = (
        select(Autosave)
        .where(Autosave.saved_at > since)
        .options(joinedload(Autosave.user))
        .order_by(Autosave.saved_at.desc())
        .limit(50)
    )
    if article_ids is not None:
        recent = recent.where(Autosave.article_id.in_(article_ids))
    return session.scalars(recent).all()
