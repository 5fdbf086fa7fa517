"""What readers tell the desk of an error in a story: a desk note on it, and word to those whom it concerns.

Anybody may, without a name, so all of it is bounded: how long a report is, how many are taken from one network, of one
story and in all, and how often staff are told of the same story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article
from cms.domain.articles.notes import DeskNote
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.people import guesses
from cms.domain.text import plain

SHORTEST, LONGEST, LONGEST_ADDRESS = 10, 1_500, 254
AGAIN = timedelta(days=1)
"""How long the same words about the same story are one report."""

QUIET = timedelta(hours=1)
"""How long staff aren't told of a story again; further reports wait beside it."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class Reader:
    """Whoever reports; nothing is known of them."""

    user_id: int | None = None
    name: str = "a reader"


@dataclass(frozen=True)
class Report:
    """What is wrong, in a reader's words, and where they can be answered (empty: nowhere)."""

    text: str
    address: str = ""


def clean_report(text: str, address: str) -> Report:
    """Raises Invalid, naming ``text`` or ``address``."""
    errors: dict[str, list[str]] = {}
    try:
        text = plain(text, LONGEST)
    except ValueError as refused:
        errors["text"] = [str(refused)]
    else:
        if len(text) < SHORTEST:
            errors["text"] = [f"Takes {SHORTEST} to {LONGEST:,} characters."]
    address = address.strip()
    if address and (len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address) or not address.isprintable()):
        errors["address"] = ["Takes an e-mail address, or nothing."]
    if errors:
        raise Invalid(errors)
    return Report(text, address)


def report_error(
    session: Session, article: Article, report: Report, network: str, now: datetime
) -> tuple[datetime | None, list[Event]]:
    """Leave a reader's report with the desk. ``network`` tells senders apart and is only counted.

    Gives the time to come back at where there have been too many of late; nothing is kept then.
    """
    buckets = [f"report:{network}", f"reported:{article.public_id}", "reports:"]
    if full_until := guesses.reserve(session, buckets, now):
        return full_until, []
    text = f"{report.text} (Answer to {report.address})" if report.address else report.text
    before = _of_late(session, article, now)
    if any(note.text == text for note in before):
        return None, []
    note = DeskNote(article_id=article.id, text=text, created_at=now, author_name="A reader")
    session.add(note)
    session.flush()
    if any(note.created_at > now - QUIET for note in before):
        return None, []
    after = {"note": note.public_id, "text": report.text}
    return None, [Event("report", Reader(), f"article:{article.public_id}", after=after)]


def _of_late(session: Session, article: Article, now: datetime) -> Sequence[DeskNote]:
    """Readers' reports of the last day."""
    wanted = select(DeskNote).where(
        DeskNote.article_id == article.id, DeskNote.created_by.is_(None), DeskNote.created_at > now - AGAIN
    )
    return session.scalars(wanted.order_by(DeskNote.id.desc()).limit(1_000)).all()
