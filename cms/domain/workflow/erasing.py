"""Erasure: a court order, or a person's right. One admin asks, another agrees, and text and salt are gone.

The digest stays, so that the chain of revisions still verifies, and so does a tombstone that says who and why. The
search index, cached pages and images follow. The list of erasures is to be kept outside backups: after one is
restored, ``replay`` erases again what it brought back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.chain import BLANK
from cms.domain.articles.model import (
    Article,
    Autosave,
    Correction,
    Publication,
    Revision,
    RevisionByline,
    RevisionMedia,
    RevisionSection,
    RevisionTag,
)
from cms.domain.articles.touching import touched
from cms.domain.audit import AuditLine
from cms.domain.errors import Conflict, Forbidden, Invalid
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.workflow import spans
from cms.domain.workflow.holds import refuse_if_held
from cms.domain.workflow.model import Erasure
from cms.domain.workflow.permissions import require
from cms.domain.workflow.reasons import reason_given
from cms.domain.workflow.states import State

ERASED = "[erased]"
TEXTS = frozenset({"headline", "text", "notice"})
"""The fields of an audit line that repeat what an article said."""


def ask(
    session: Session,
    actor: Actor,
    article: Article,
    reason: str,
    now: datetime,
    *,
    revisions: Collection[int] | None = None,
) -> tuple[Erasure, Event]:
    """Ask that these revisions be erased (all of them if not given). Nothing is gone until a second person agrees.

    Of some only, the newest one and those that readers see or will see are refused: a text without what must go has
    to take their place first. Raises Conflict or Invalid.
    """
    require(session, actor, "erase", article)
    reason = reason_given(reason)
    refuse_if_held(session, article)
    if waiting(session, article) is not None:
        raise Conflict("An erasure of this story waits for a second person already", code="asked", verbs=["erase"])
    there = {row.number: row for row in _revisions(session, article) if row.erased_at is None}
    numbers = sorted(there if revisions is None else set(revisions))
    if not numbers or not set(numbers) <= set(there):
        gone = [f"There is no text of revision {n} to erase." for n in numbers if n not in there]
        raise Invalid({"revisions": gone or ["Nothing of this story is left to erase."]})
    if set(numbers) != set(there):
        _refuse_if_in_use(session, article, numbers, now)
    asked = Erasure(
        article=article.public_id,
        revisions=[{"number": n, "digest": there[n].digest} for n in numbers],
        reason=reason,
        asked_at=now,
        asked_by=actor.user_id,
        asked_by_name=actor.name,
    )
    session.add(asked)
    session.flush()
    after = {"reason": reason, "revisions": numbers}
    return asked, Event("ask_erasure", actor, f"article:{article.public_id}", after=after)


def agree(session: Session, actor: Actor, article: Article, now: datetime, *, zone: ZoneInfo) -> tuple[Erasure, Event]:
    """Agree to the erasure that somebody else asked for, and carry it out."""
    require(session, actor, "erase", article)
    refuse_if_held(session, article)
    asked = _waiting(session, article)
    if asked.asked_by is None or asked.asked_by == actor.user_id:
        raise Forbidden("It takes a second person: whoever asked for an erasure can't agree to it", right="erase")
    numbers = [each["number"] for each in asked.revisions]
    left = {row.number for row in _revisions(session, article) if row.erased_at is None}
    if left - set(numbers):
        _refuse_if_in_use(session, article, numbers, now)
    asked.erased_at, asked.agreed_by_name = now, actor.name
    return asked, _erase(session, actor, article, asked, now, zone)


def drop(session: Session, actor: Actor, article: Article) -> Event:
    """Take back, or turn down, an erasure that nobody has agreed to yet."""
    require(session, actor, "erase", article)
    asked = _waiting(session, article)
    session.delete(asked)
    session.flush()
    return Event("drop_erasure", actor, f"article:{article.public_id}", before={"reason": asked.reason})


def waiting(session: Session, article: Article) -> Erasure | None:
    """The erasure that waits for a second person."""
    return session.scalar(select(Erasure).where(Erasure.article == article.public_id, Erasure.erased_at.is_(None)))


# --- The list, and its replay ------------------------------------------------------------------------------


def records(session: Session) -> list[dict[str, Any]]:
    """Every erasure carried out, oldest first, as ``replay`` takes it. It holds no word of what was erased."""
    done = session.scalars(select(Erasure).where(Erasure.erased_at.is_not(None)).order_by(Erasure.id))
    return [
        {
            "id": row.public_id,
            "article": row.article,
            "revisions": row.revisions,
            "reason": row.reason,
            "asked_at": row.asked_at.isoformat(),
            "asked_by": row.asked_by_name,
            "erased_at": row.erased_at.isoformat() if row.erased_at else None,
            "agreed_by": row.agreed_by_name,
        }
        for row in done
    ]


def replay(session: Session, actor: Actor, record: Mapping[str, Any], now: datetime, *, zone: ZoneInfo) -> Event | None:
    """Erase again what a restored backup brought back; None when there is nothing of it.

    Only texts whose digest is the recorded one are erased: a number may have been given anew since.
    """
    article = session.scalar(select(Article).where(Article.public_id == record["article"]).with_for_update())
    if article is None:
        return None
    digests = {(each["number"], each["digest"]) for each in record["revisions"]}
    back = [
        row for row in _revisions(session, article) if row.erased_at is None and (row.number, row.digest) in digests
    ]
    if not back:
        return None
    known = session.scalar(select(Erasure).where(Erasure.public_id == record["id"]))
    if known is None:
        known = Erasure(public_id=record["id"], article=article.public_id, asked_by=None)
        session.add(known)
    known.revisions, known.reason = list(record["revisions"]), record["reason"]
    known.asked_at, known.asked_by_name = datetime.fromisoformat(record["asked_at"]), record["asked_by"]
    known.erased_at, known.agreed_by_name = datetime.fromisoformat(record["erased_at"]), record["agreed_by"]
    return _erase(session, actor, article, known, now, zone)


# --- Carrying it out ---------------------------------------------------------------------------------------


def _erase(session: Session, actor: Actor, article: Article, erasure: Erasure, now: datetime, zone: ZoneInfo) -> Event:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))  # else the words stay in the file's free pages
    numbers = {each["number"] for each in erasure.revisions}
    rows = _revisions(session, article)
    going = [row for row in rows if row.number in numbers and row.erased_at is None]
    whole = all(row.erased_at is not None or row in going for row in rows)
    ids = [row.id for row in going]
    standing = spans.standing(session, article)
    keys = touched(session, article.public_id, {*ids, *(row.revision_id for row in standing)})
    gone = _take_down(session, article, standing, ids, now, zone)
    for revision in going:
        for name, blank in BLANK.items():
            setattr(revision, name, blank)
        revision.salt, revision.words, revision.erased_at = "", 0, now
    session.flush()
    for filed in (RevisionSection, RevisionTag, RevisionByline, RevisionMedia):
        session.execute(delete(filed).where(filed.revision_id.in_(ids)))
    for row in desk.publications(session, article):
        if row.revision_id in ids:
            row.slug = ""  # an address is made of the headline; no address leads to an empty one
    session.execute(delete(Autosave).where(Autosave.article_id == article.id))
    if whole:
        article.state, article.approved = State.SPIKED.value, None
        session.execute(delete(Correction).where(Correction.article_id == article.id))
    _silence_log(session, article, TEXTS if whole else TEXTS - {"text"})
    article.touched_at = now
    session.flush()
    return Event(
        "erase",
        actor,
        f"article:{article.public_id}",
        after={"erasure": erasure.public_id, "revisions": sorted(numbers), "reason": erasure.reason},
        keys=keys,
        errands=search_errands(article.public_id, [gone], purge=True),
    )


def _take_down(
    session: Session,
    article: Article,
    standing: Sequence[Publication],
    ids: Sequence[int],
    now: datetime,
    zone: ZoneInfo,
) -> datetime:
    """End what shows an erased text now, and call off what would; the instant from which nothing shows one."""
    live = desk.on_show(standing, now)
    future = [row for row in spans.coming(standing, now) if row.revision_id in ids]
    spans.call_off(session, article, standing, future, now, zone)
    return spans.take_down(live, now) if live is not None and live.revision_id in ids else now


def _silence_log(session: Session, article: Article, names: Iterable[str]) -> None:
    """The log keeps who did what and when, and forgets what the article said."""
    for line in session.scalars(select(AuditLine).where(AuditLine.subject == f"article:{article.public_id}")):
        for side in ("before", "after"):
            said: dict[str, Any] = getattr(line, side)
            if any(said.get(name) for name in names):
                setattr(line, side, {k: ERASED if k in names and v else v for k, v in said.items()})


def _refuse_if_in_use(session: Session, article: Article, numbers: Collection[int], now: datetime) -> None:
    in_use = {article.newest} | {
        row.revision.number
        for row in spans.standing(session, article)
        if row.live_until is None or row.live_until > now
    }
    used = sorted(in_use & set(numbers))
    if used:
        raise Conflict(
            f"Revision {used[0]} is the newest, or is or will be on show: put a text without what must go in its "
            "place first, or erase the whole story",
            code="in_use",
            state=article.state,
            revisions=used,
            verbs=["edit", "fix", "unschedule"],
        )


def _revisions(session: Session, article: Article) -> Sequence[Revision]:
    return session.scalars(select(Revision).where(Revision.article_id == article.id).order_by(Revision.number)).all()


def _waiting(session: Session, article: Article) -> Erasure:
    asked = waiting(session, article)
    if asked is None:
        raise Conflict("Nobody has asked that this story be erased", code="not_asked", state=article.state)
    return asked
