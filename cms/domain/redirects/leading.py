"""Leading a former address elsewhere: checked when it is written, so that following one is a single step.

A redirect is looked up only after everything else has missed; it never stands before a page that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, Who
from cms.domain.matching import holding, terms
from cms.domain.redirects.model import Redirect
from cms.domain.text import plain

OURS = ("/admin", "/api", "/media", "/static", "/preview")
"""Where no address of the paper's ever stood."""


def lookup(session: Session, path: str) -> Redirect | None:
    """What this address, with or without a last slash, leads to."""
    return session.scalar(select(Redirect).where(Redirect.former == _bare(path))) if len(path) <= 501 else None


def find(session: Session, public_id: str) -> Redirect:
    """Raises NotFound."""
    found = session.scalar(select(Redirect).where(Redirect.public_id == public_id))
    if found is None:
        raise NotFound("There is no such redirect")
    return found


def listed(session: Session, limit: int, words: str = "", below: int | None = None) -> Sequence[Redirect]:
    """The newest first; ``below`` is the ``id`` of the last one shown."""
    wanted = holding(terms(words), Redirect.former, Redirect.target, Redirect.note)
    query = select(Redirect).where(*wanted).order_by(Redirect.id.desc()).limit(limit)
    if below is not None:
        query = query.where(Redirect.id < below)
    return session.scalars(query).all()


def lead(
    session: Session, actor: Who, *, former: str, target: str, note: str, own_origin: str, now: datetime
) -> tuple[Redirect, Event]:
    """Let ``former`` lead to ``target``, or be gone for good where that is empty.

    Raises Invalid for an address that can't be taken; Conflict for one that leads somewhere already, and for a
    chain: a target that is itself a redirect, or a former address that others lead to.
    """
    former, to, note = _checked(former, target, note, own_origin)
    if (there := lookup(session, former)) is not None:
        raise Conflict(f"{former} leads to {there.target or 'nothing: it is gone'} already", code="taken")
    if to is not None and to.startswith("/") and (onward := lookup(session, urlsplit(to).path)) is not None:
        raise Conflict(f"{to} is itself led on to {onward.target or 'nothing'}; lead there at once", code="chain")
    behind = select(Redirect.former).where(Redirect.target.in_((former, f"{former}/")))
    if (first := session.scalar(behind.limit(1))) is not None:
        raise Conflict(f"{first} leads to this address; change that one first", code="chain")
    redirect = Redirect(former=former, target=to, note=note, created_at=now, created_by=actor.user_id)
    session.add(redirect)
    session.flush()
    after = {"former": former, "target": to, "note": note}
    return redirect, Event("lead", actor, _subject(redirect), after=after, keys=frozenset({keys.SITE}))


def forget(session: Session, actor: Who, redirect: Redirect) -> Event:
    """The former address is a plain 404 again."""
    before = {"former": redirect.former, "target": redirect.target, "hits": redirect.hits}
    subject = _subject(redirect)
    session.delete(redirect)
    session.flush()
    return Event("forget_redirect", actor, subject, before=before, keys=frozenset({keys.SITE}))


def count(session: Session, hits: Mapping[int, int], now: datetime) -> None:
    """Add what readers have followed."""
    for number, times in hits.items():
        session.execute(
            update(Redirect).where(Redirect.id == number).values(hits=Redirect.hits + times, last_hit_at=now)
        )


def _checked(former: str, target: str, note: str, own_origin: str) -> tuple[str, str | None, str]:
    errors: dict[str, list[str]] = {}
    checks: dict[str, Callable[[], str | None]] = {
        "former": lambda: _former(former, own_origin),
        "target": lambda: _target(target, own_origin),
        "note": lambda: plain(note, 500),
    }
    made: dict[str, str | None] = {}
    for name, check in checks.items():
        try:
            made[name] = check()
        except ValueError as refused:
            errors[name] = [str(refused)]
    to = made.get("target") or ""
    if to.startswith("/") and _bare(urlsplit(to).path) == made.get("former"):
        errors["target"] = ["This is the former address itself: it would lead in a circle."]
    if errors:
        raise Invalid(errors)
    return made["former"] or "", made["target"], made["note"] or ""


def _former(text: str, own_origin: str) -> str:
    path = plain(text, 500).removeprefix(own_origin)
    if not path.startswith("/") or path.startswith("//") or set(path) & set("?#\\ ") or not _bare(path):
        raise ValueError("Takes a path of this site, such as /2019/old-story.html, without ? and #.")
    if any(path == ours or path.startswith(f"{ours}/") for ours in OURS):
        raise ValueError(f"Takes no path below {', '.join(OURS)}.")
    return _bare(path)


def _target(text: str, own_origin: str) -> str | None:
    address = plain(text, 2000).removeprefix(own_origin)
    if not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    rooted = address.startswith("/") and not address.startswith(("//", "/\\"))
    absolute = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    if not (rooted or absolute) or set(address) & set(" \\"):
        raise ValueError("Takes a path of this site or a whole address that begins with https:// or http://.")
    return address


def _bare(path: str) -> str:
    return path.rstrip("/")


def _subject(redirect: Redirect) -> str:
    return f"redirect:{redirect.public_id}"
