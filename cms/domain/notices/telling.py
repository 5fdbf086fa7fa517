"""Telling staff, by what each has chosen: a row for the admin, an errand for the post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cms.domain import outbox
from cms.domain.notices.model import KINDS, Notice, NoticeChoice
from cms.domain.outbox import Errand

SAID: Mapping[str, str] = {
    "submit": "submitted for review",
    "return": "returned to draft",
    "approve": "approved",
    "correct": "corrected",
    "withdraw": "withdrawn",
    "assign": "put in your charge",
    "note": "given a note",
    "report": "reported to be wrong",
    "match": "brought into a view of yours",
}


@dataclass(frozen=True)
class News:
    """What happened: a kind, an article (public id) with its headline, who did it and what they said."""

    kind: str
    article: str
    headline: str
    by: str
    remark: str = ""


@dataclass(frozen=True)
class Choice:
    in_admin: bool = True
    by_mail: bool = True


def tell(session: Session, readers: Mapping[int, str], news: News, now: datetime) -> None:
    """Tell each of these users (id → e-mail address) where they want to be told."""
    chosen = {
        choice.user_id: Choice(choice.in_admin, choice.by_mail)
        for choice in session.scalars(
            select(NoticeChoice).where(NoticeChoice.user_id.in_(readers), NoticeChoice.kind == news.kind)
        )
    }
    for user_id, address in readers.items():
        where = chosen.get(user_id, Choice())
        if where.in_admin:
            session.add(
                Notice(
                    user_id=user_id,
                    kind=news.kind,
                    article=news.article,
                    headline=news.headline,
                    by=news.by,
                    remark=news.remark,
                    at=now,
                )
            )
        if where.by_mail:
            outbox.put(session, Errand(outbox.MAIL, address, now, _payload(news)), now)


def letter(payload: Mapping[str, Any], origin: str, paper: str) -> tuple[str, str]:
    """The subject and text of a notice's e-mail."""
    happened = f"{payload['headline']} was {SAID[payload['kind']]} by {payload['by']}."
    parts = [happened, payload["remark"], f"{origin}/admin/articles/{payload['article']}/"]
    parts.append(f"You get this as staff of {paper}. Choose what you are told: {origin}/admin/notices/")
    subject = f"{SAID[payload['kind']].capitalize()}: {payload['headline']}"
    return subject, "\n\n".join(part for part in parts if part) + "\n"


def inbox(session: Session, user_id: int, *, before: int | None, limit: int) -> Sequence[Notice]:
    """Somebody's notices, newest first; ``before`` is the ``id`` of the last one already shown."""
    wanted = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()).limit(limit)
    return session.scalars(wanted if before is None else wanted.where(Notice.id < before)).all()


def unread(session: Session, user_id: int) -> int:
    of_user = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return session.scalar(of_user) or 0


def mark_read(session: Session, user_id: int, up_to: int, now: datetime) -> None:
    """Everything up to this notice has been read."""
    session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.id <= up_to, Notice.read_at.is_(None))
        .values(read_at=now)
    )


def choices(session: Session, user_id: int) -> dict[str, Choice]:
    """Where somebody wants each kind of notice."""
    rows = session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == user_id))
    chosen = {row.kind: Choice(row.in_admin, row.by_mail) for row in rows}
    return {kind: chosen.get(kind, Choice()) for kind in KINDS}


def choose(session: Session, user_id: int, chosen: Mapping[str, Choice]) -> None:
    for kind, where in chosen.items():
        if kind in KINDS:
            session.merge(NoticeChoice(user_id=user_id, kind=kind, in_admin=where.in_admin, by_mail=where.by_mail))


def _payload(news: News) -> dict[str, Any]:
    return {
        "kind": news.kind,
        "article": news.article,
        "headline": news.headline,
        "by": news.by,
        "remark": news.remark,
    }
