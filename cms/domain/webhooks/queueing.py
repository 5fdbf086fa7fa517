"""From an act to the webhooks that are to be told of it. Called by ``reactions.commit`` for every event.

What begins or ends by the clock is put in when it is arranged, to be told at that time; if it was called off by then,
nobody is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import outbox
from cms.domain.articles.model import Article, Publication
from cms.domain.events import Event
from cms.domain.webhooks.model import Webhook

MOST_KEYS = 500
_OF = {
    "publish": "publication",
    "schedule": "publication",
    "reschedule": "publication",
    "fix": "publication",
    "rollback": "publication",
    "republish": "publication",
    "expire": "expiry",
    "correct": "correction",
    "amend_correction": "correction",
    "remove_correction": "correction",
    "withdraw": "withdrawal",
    "takedown": "takedown",
    "pull": "pull",
    "erase": "erasure",
}
"""Which kind each verb gives; a verb that isn't here gives ``pages``, if it touches any."""


def put(session: Session, event: Event, now: datetime) -> None:
    """Nobody is told of what is brought in with a past."""
    kind = _OF.get(event.verb)
    if event.at is not None or (kind is None and not event.keys):
        return
    hooks = session.scalars(select(Webhook).where(Webhook.active).order_by(Webhook.id)).all()
    if not hooks:
        return
    instants = {now}
    if kind is not None:
        public_id = event.subject.partition(":")[2]
        for what, due, payload in _tellings(session, kind, event, public_id, now):
            instants.add(due)
            _put_all(session, hooks, what, due, {**payload, "article": public_id, "keys": _keys(event)}, event, now)
    for due in sorted(instants) if event.keys else ():
        _put_all(session, hooks, "pages", due, {"at": due.isoformat(), "keys": _keys(event)}, event, now)


def _tellings(
    session: Session, kind: str, event: Event, public_id: str, now: datetime
) -> list[tuple[str, datetime, dict[str, Any]]]:
    """What is to be told when: of a publication its start, and its end if one is set."""
    after = event.after
    n = after.get("n") or after.get("withdrawn")
    row = _publication(session, public_id, n) if n else None
    said: dict[str, Any] = {"at": now.isoformat(), "n": n}
    if kind == "correction":
        said["correction"] = after.get("correction") or event.before.get("correction")
        said["kind"] = after.get("kind") or event.before.get("kind")
        said["act"] = {"correct": "filed", "amend_correction": "reworded"}.get(event.verb, "taken_back")
    if kind not in ("publication", "expiry") or row is None:
        return [(kind, now, said)] if kind != "expiry" else []
    tellings: list[tuple[str, datetime, dict[str, Any]]] = []
    if kind == "publication":
        start = max(row.live_from, now)
        told = {**said, "at": row.live_from.isoformat(), "revision": after.get("revision"), "minor": row.minor}
        tellings.append((kind, start, told))
    if row.live_until is not None and row.live_until >= now:
        ends = row.live_until.isoformat()
        tellings.append(("expiry", row.live_until, {"at": ends, "n": n, "live_until": ends}))
    return tellings


def _publication(session: Session, public_id: str, n: int) -> Publication | None:
    session.flush()
    return session.scalar(
        select(Publication)
        .join(Article, Article.id == Publication.article_id)
        .where(Article.public_id == public_id, Publication.n == n)
    )


def _put_all(
    session: Session,
    hooks: Sequence[Webhook],
    kind: str,
    due: datetime,
    payload: Mapping[str, Any],
    event: Event,
    now: datetime,
) -> None:
    lane = str(payload.get("article", ""))[:40] or None
    for hook in hooks:
        if hook.wants(kind):
            said = {"type": kind, "to": f"{hook.name} ({urlsplit(hook.url).hostname})", **payload}
            errand = outbox.Errand(outbox.HOOK, hook.public_id, due, said, lane)
            outbox.put(session, errand, now, event.pull)


def _keys(event: Event) -> list[str]:
    return sorted(event.keys)[:MOST_KEYS]
