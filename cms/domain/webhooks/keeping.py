"""Keeping webhooks: start, change, stop, remove, try out, and look at what was delivered. For admins."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cms.domain import outbox
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event
from cms.domain.outbox import OutboxRow
from cms.domain.people.staff import Actor
from cms.domain.text import plain
from cms.domain.webhooks.messages import PREFIX
from cms.domain.webhooks.model import KINDS, Webhook

MOST = 50
"""Webhooks: each is told of each act by itself."""


def every(session: Session) -> Sequence[Webhook]:
    return session.scalars(select(Webhook).order_by(Webhook.id)).all()


def find(session: Session, public_id: str) -> Webhook:
    """Raises NotFound."""
    found = session.scalar(select(Webhook).where(Webhook.public_id == public_id))
    if found is None:
        raise NotFound("There is no such webhook")
    return found


def start(session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime) -> tuple[Webhook, Event]:
    """A new webhook; its secret is on the row, to be shown this once. ``fields``: url, and name and events."""
    checked = _checked({"url": "", **fields})
    if len(every(session)) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already; remove one first", code="too_many")
    hook = Webhook(
        **{"name": urlsplit(checked["url"]).hostname or "", "events": [], **checked},
        secret=PREFIX + base64.b64encode(secrets.token_bytes(32)).decode(),
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(hook)
    session.flush()
    return hook, Event("start_webhook", actor, _subject(hook), after=_told(hook))


def change(session: Session, actor: Actor, hook: Webhook, fields: Mapping[str, Any]) -> list[Event]:
    """Another name, address or choice of events; ``active`` False stops it, and what waits for it is dropped."""
    before = _told(hook)
    for name, value in _checked(fields).items():
        setattr(hook, name, value)
    if hook.active:
        hook.stopped_because = ""
    else:
        _drop_waiting(session, hook)
    session.flush()
    after = _told(hook)
    if before == after:
        return []
    return [Event("change_webhook", actor, _subject(hook), before=before, after=after)]


def remove(session: Session, actor: Actor, hook: Webhook) -> Event:
    """What waits for it is dropped; receipts of pulls stay."""
    _drop_waiting(session, hook)
    session.delete(hook)
    session.flush()
    return Event("remove_webhook", actor, _subject(hook), before=_told(hook))


def stop(session: Session, actor: Actor, hook: Webhook, why: str) -> list[Event]:
    """Stop it because its receiver says that it is gone."""
    events = change(session, actor, hook, {"active": False})
    hook.stopped_because = why[:300]
    return events


def try_out(session: Session, actor: Actor, hook: Webhook, now: datetime) -> tuple[OutboxRow, Event]:
    """Send it a message of type ``test``. Raises Conflict while it is stopped."""
    if not hook.active:
        raise Conflict("This webhook is stopped; start it first", code="stopped")
    errand = outbox.Errand(outbox.HOOK, hook.public_id, now, {"type": "test", "to": hook.name, "at": now.isoformat()})
    row = outbox.put(session, errand, now)
    session.flush()
    return row, Event("try_webhook", actor, _subject(hook))


def deliveries(session: Session, hook: Webhook, limit: int, below: int | None = None) -> Sequence[OutboxRow]:
    """What it was, is being or could not be told, the newest first; what was delivered is kept for a week."""
    rows = select(OutboxRow).where(OutboxRow.topic == outbox.HOOK, OutboxRow.subject == hook.public_id)
    if below is not None:
        rows = rows.where(OutboxRow.id < below)
    return session.scalars(rows.order_by(OutboxRow.id.desc()).limit(limit)).all()


def deliver_again(session: Session, actor: Actor, hook: Webhook, number: int, now: datetime) -> tuple[OutboxRow, Event]:
    """Try one that was given up anew. Raises NotFound, and Conflict for one that isn't given up."""
    row = session.get(OutboxRow, number)
    if row is None or row.topic != outbox.HOOK or row.subject != hook.public_id:
        raise NotFound("There is no such delivery")
    if outbox.revive(session, number, now) is None:
        raise Conflict("This was delivered, or is being tried again already", code="not_given_up")
    return row, Event("retry", actor, f"outbox:{number}", after={"topic": outbox.HOOK, "to": hook.name[:200]})


def state(row: OutboxRow) -> str:
    """delivered, called_off, given_up, or waiting (for its time, or to be tried again)."""
    if row.done_at is not None:
        return "called_off" if row.answer is None else "delivered"
    return "given_up" if row.attempts >= outbox.MOST_ATTEMPTS else "waiting"


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: plain(value, 200),
        "url": _url,
        "events": _events,
        "active": bool,
    }
    errors: dict[str, list[str]] = {}
    checked: dict[str, Any] = {}
    for name, check in checks.items():
        if fields.get(name) is None:
            continue
        try:
            checked[name] = check(fields[name])
        except ValueError as refused:
            errors[name] = [str(refused)]
    if errors:
        raise Invalid(errors)
    if not checked.get("name", "unsaid"):
        del checked["name"]
    return checked


def _url(text: str) -> str:
    address = plain(text, 2000)
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and not parts.fragment
        fine = fine and parts.port != 0 and address.isascii() and not set(address) & set(' \\"<>')
    except ValueError:
        fine = False
    if not fine:
        raise ValueError("Takes a whole address that begins with https:// or http://, without a name in it.")
    return address


def _events(wanted: Sequence[str]) -> list[str]:
    if any(kind not in KINDS for kind in wanted):
        raise ValueError(f"Takes {', '.join(KINDS)}.")
    return [kind for kind in KINDS if kind in wanted]


def _drop_waiting(session: Session, hook: Webhook) -> None:
    session.execute(
        delete(OutboxRow).where(
            OutboxRow.topic == outbox.HOOK,
            OutboxRow.subject == hook.public_id,
            OutboxRow.done_at.is_(None),
            OutboxRow.pull.is_(None),
        )
    )


def _told(hook: Webhook) -> dict[str, Any]:
    return {name: getattr(hook, name) for name in ("name", "url", "events", "active")}


def _subject(hook: Webhook) -> str:
    return f"webhook:{hook.public_id}"
