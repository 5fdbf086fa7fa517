"""Side effects still to be carried out, written in the same transaction as the change that wants them.

The worker drains them at least once, in order; whoever carries one out must do no harm by doing it twice.
A ``search`` row that is due and not yet done is also the search's delta: until then the database answers for
that article (DESIGN §6, Search).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, String, and_, delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from cms.db import Base, UTCDateTime

SEARCH = "search"
MAIL = "mail"
HUB = "hub"
PICTURES = "pictures"
HOOK = "webhook"

MOST_ATTEMPTS = 8
"""A row that failed so often is a dead letter: nobody tries again until somebody says so."""

LEASE = timedelta(minutes=5)
"""How long whoever took a row has for it; then it is taken for lost with them and anybody may try."""


@dataclass(frozen=True)
class Errand:
    """Something to be done at or after ``due_at``; ``subject`` is an article's public id or an address."""

    topic: str
    subject: str
    due_at: datetime
    payload: dict[str, Any] | None = None
    lane: str | None = None
    """Errands of one lane, topic and subject are carried out one after the other, in the order of their times."""


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (Index(None, "topic", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(320), index=True)
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    pull: Mapped[str | None] = mapped_column(String(16), index=True)
    """The pull that this is a receipt of; such a row is never forgotten."""
    lane: Mapped[str | None] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(String(500))
    """What whoever was told of it said to that."""


def put(session: Session, errand: Errand, now: datetime, pull: str | None = None) -> OutboxRow:
    row = OutboxRow(
        topic=errand.topic,
        subject=errand.subject,
        payload=errand.payload,
        created_at=now,
        due_at=errand.due_at,
        lane=errand.lane,
        pull=pull,
    )
    session.add(row)
    return row


def due(session: Session, topic: str, now: datetime, limit: int | None) -> Sequence[OutboxRow]:
    """The rows of this topic to carry out now, oldest first; all of them without a limit."""
    waiting = (
        select(OutboxRow)
        .where(OutboxRow.topic == topic, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now)
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(limit)
    )
    return session.scalars(waiting).all()


def waiting_subjects(session: Session, topic: str, now: datetime) -> frozenset[str]:
    """The subjects of every row of this topic that is due and not yet done."""
    waiting = select(OutboxRow.subject).where(
        OutboxRow.topic == topic, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now
    )
    return frozenset(session.scalars(waiting))


def of_pull(session: Session, pull: str) -> Sequence[OutboxRow]:
    """What a pull had to tell, in order, done or not."""
    return session.scalars(select(OutboxRow).where(OutboxRow.pull == pull).order_by(OutboxRow.id)).all()


def take(session: Session, topic: str, now: datetime) -> OutboxRow | None:
    """Claim the next due row of this topic for one attempt, counted before it is made; commit before you make it.

    For what can't be carried out within a transaction. Two workers never hold one row at a time.
    """
    row = session.scalar(
        select(OutboxRow)
        .where(
            OutboxRow.topic == topic,
            OutboxRow.done_at.is_(None),
            OutboxRow.due_at <= now,
            OutboxRow.attempts < MOST_ATTEMPTS,
            or_(OutboxRow.lane.is_(None), OutboxRow.attempts > 0, ~_another_first(now)),
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is not None:
        row.attempts += 1
        row.due_at = now + LEASE
    return row


def _another_first(now: datetime) -> ColumnElement[bool]:
    """Whether another row of the lane is being tried, waits to be tried again, or was due before this one."""
    other = aliased(OutboxRow)
    earlier = tuple_(other.due_at, other.id) < tuple_(OutboxRow.due_at, OutboxRow.id)
    return exists().where(
        other.topic == OutboxRow.topic,
        other.subject == OutboxRow.subject,
        other.lane == OutboxRow.lane,
        other.id != OutboxRow.id,
        other.done_at.is_(None),
        other.attempts < MOST_ATTEMPTS,
        or_(other.attempts > 0, and_(other.due_at <= now, earlier)),
    )


def note_answer(session: Session, row_id: int, answer: str) -> None:
    """What whoever was told said to it."""
    session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(answer=answer[:500]))


def note_failure(session: Session, row_id: int, failure: str, now: datetime, *, for_good: bool) -> None:
    """Try again later, each time twice as long; or never, when it can't be done at all."""
    row = session.get(OutboxRow, row_id)
    if row is not None:
        row.failure = failure[:500]
        row.attempts = MOST_ATTEMPTS if for_good else row.attempts
        row.due_at = now if row.attempts >= MOST_ATTEMPTS else now + timedelta(minutes=2**row.attempts)


def dead_letters(session: Session, now: datetime, limit: int) -> Sequence[OutboxRow]:
    """What was given up, of whatever topic, the newest first."""
    given_up = select(OutboxRow).where(
        OutboxRow.attempts >= MOST_ATTEMPTS, OutboxRow.done_at.is_(None), OutboxRow.due_at <= now
    )
    return session.scalars(given_up.order_by(OutboxRow.id.desc()).limit(limit)).all()


def revive(session: Session, row_id: int, now: datetime) -> OutboxRow | None:
    """Let a dead letter be tried anew."""
    row = session.get(OutboxRow, row_id)
    if row is None or row.done_at is not None or row.attempts < MOST_ATTEMPTS:
        return None
    row.attempts, row.due_at = 0, now
    return row


def mark_done(session: Session, ids: Sequence[int], now: datetime, *, forget_before: datetime) -> None:
    """Note that these rows were carried out, and forget those that were done before ``forget_before``."""
    for at in range(0, len(ids), 500):
        session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids[at : at + 500])).values(done_at=now))
    session.execute(delete(OutboxRow).where(OutboxRow.done_at < forget_before, OutboxRow.pull.is_(None)))
