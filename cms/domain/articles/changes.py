"""Every publication, correction and withdrawal, once and in order: for machines that must not miss one.

Two streams are read side by side. What was done at once is in the audit log, whose lines are numbered in the order
of their commits, so nothing can come in behind a reader. What was scheduled begins by the clock alone: those rows
are read in the order of their start. A place is how far a reader has come in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from cms.domain.articles.model import Article, Correction, Publication
from cms.domain.articles.queries import visible
from cms.domain.audit import AuditLine

KINDS = {
    "publish": "publication",
    "correct": "correction",
    "withdraw": "withdrawal",
    "takedown": "withdrawal",
    "pull": "withdrawal",
}
_UNTOLD = ("withdraw", "pull")
"""What the public is never told of."""
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """How far a reader has come: the last line of the log, and the last start of a scheduled publication."""

    line: int = 0
    start: datetime = _LONG_AGO
    publication: int = 0


@dataclass(frozen=True)
class Change:
    """``publication`` is the row it is about: what began, was corrected or was withdrawn."""

    kind: str
    at: datetime
    place: Place
    article: Article
    publication: Publication
    correction: Correction | None = None
    notice: str | None = None


def changes(session: Session, place: Place, now: datetime, limit: int, *, public: bool) -> list[Change]:
    """The next ``limit`` after this place, oldest first.

    ``public``: of articles on show now, and takedowns that told a reason. A plain withdrawal leaves no public trace.
    """
    lines = session.execute(_lines(place, now, public).limit(limit)).all()
    begun = session.scalars(_begun(place, now, public).limit(limit)).all()
    rows = _publications(session, lines)
    notes = _corrections(session, [line for line, _ in lines])
    at_once = [made for line, article in lines if (made := _told(line, article, rows, notes)) is not None]
    by_clock = [Change("publication", row.live_from, place, row.article, row) for row in begun]
    return _merged(place, at_once, by_clock)[:limit]


def _lines(place: Place, now: datetime, public: bool) -> Select[Any]:
    wanted: Any = (
        select(AuditLine, Article)
        .join(Article, Article.public_id == func.substr(AuditLine.subject, len("article:") + 1))
        .where(AuditLine.id > place.line, AuditLine.verb.in_(KINDS), AuditLine.subject.startswith("article:"))
        .order_by(AuditLine.id)
    )
    if not public:
        return wanted
    shown = Article.id.in_(visible(now).with_only_columns(Publication.article_id))
    return wanted.where(AuditLine.verb.not_in(_UNTOLD), or_(shown, AuditLine.verb == "takedown"))


def _begun(place: Place, now: datetime, public: bool) -> Select[Publication]:
    wanted = (
        select(Publication)
        .where(
            Publication.cancelled_at.is_(None),
            Publication.created_at < Publication.live_from,
            Publication.live_from <= now,
            tuple_(Publication.live_from, Publication.id) > (place.start, place.publication),
        )
        .order_by(Publication.live_from, Publication.id)
        .options(joinedload(Publication.article), joinedload(Publication.revision))
    )
    if public:
        wanted = wanted.where(Publication.article_id.in_(visible(now).with_only_columns(Publication.article_id)))
    return wanted


def _merged(place: Place, at_once: Iterable[Change], by_clock: Iterable[Change]) -> list[Change]:
    """Both streams by their instants, each change with the place that a reader has come to with it."""
    merged = []
    waiting, starting = list(at_once), list(by_clock)
    while waiting or starting:
        if waiting and (not starting or waiting[0].at <= starting[0].at):
            made = waiting.pop(0)
            place = replace(place, line=made.place.line)
        else:
            made = starting.pop(0)
            place = replace(place, start=made.publication.live_from, publication=made.publication.id)
        merged.append(replace(made, place=place))
    return merged


def _told(
    line: AuditLine,
    article: Article,
    rows: dict[tuple[int, int], Publication],
    notes: dict[str, Correction],
) -> Change | None:
    row = rows.get((article.id, _number(line)))
    if row is None:
        return None
    note = notes.get(line.after.get("correction", ""))
    return Change(KINDS[line.verb], line.at, Place(line=line.id), article, row, note, line.after.get("notice"))


def _number(line: AuditLine) -> int:
    """The publication that a line is about; 0 for a pull of what was not on show."""
    return line.after.get("n") or line.after.get("withdrawn") or 0


def _publications(session: Session, lines: Sequence[Any]) -> dict[tuple[int, int], Publication]:
    named = [(article.id, _number(line)) for line, article in lines]
    found = select(Publication).where(tuple_(Publication.article_id, Publication.n).in_(named))
    return {(row.article_id, row.n): row for row in session.scalars(found.options(joinedload(Publication.revision)))}


def _corrections(session: Session, lines: Sequence[AuditLine]) -> dict[str, Correction]:
    named = [line.after["correction"] for line in lines if "correction" in line.after]
    return {note.public_id: note for note in session.scalars(select(Correction).where(Correction.public_id.in_(named)))}
