"""What somebody has typed and not saved yet, kept so that a closed lid costs nothing.

One row a person and article, or a person and new story. It is never a revision, nobody else reads it, and a save
throws it away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from cms.domain.articles.model import Article, Autosave, UnsavedStory
from cms.domain.errors import Conflict, Invalid

MOST_NEW = 20
"""How many stories one person may have begun and never saved."""

_KEY = re.compile(r"[0-9a-z]{16}")


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


# --- Stories that were never saved --------------------------------------------------------------------------


def keep_new(session: Session, user_id: int, key: str, fields: Mapping[str, Any], now: datetime) -> None:
    """Keep a story before its first save. ``key`` tells the forms apart that one person has open."""
    if not _KEY.fullmatch(key):
        raise Invalid({"unsaved": ["This form has lost its name: copy what you typed and begin a new story."]})
    kept = new_one(session, user_id, key)
    if kept is None:
        if len(new_ones(session, user_id)) >= MOST_NEW:
            raise Conflict(f"You have {MOST_NEW} stories that were never saved: save or discard one of them")
        kept = UnsavedStory(user_id=user_id, key=key)
        session.add(kept)
    kept.fields, kept.saved_at = dict(fields), now


def new_one(session: Session, user_id: int, key: str) -> UnsavedStory | None:
    return session.scalar(select(UnsavedStory).where(UnsavedStory.user_id == user_id, UnsavedStory.key == key))


def new_ones(session: Session, user_id: int) -> Sequence[UnsavedStory]:
    """What this person has begun and never saved, newest first."""
    mine = select(UnsavedStory).where(UnsavedStory.user_id == user_id)
    return session.scalars(mine.order_by(UnsavedStory.saved_at.desc(), UnsavedStory.id.desc()).limit(MOST_NEW)).all()


def forget_new(session: Session, user_id: int, key: str) -> None:
    session.execute(delete(UnsavedStory).where(UnsavedStory.user_id == user_id, UnsavedStory.key == key))
