"""Telling those outside: staff by mail, hubs of feeds that have something new, webhooks of what happened."""

from __future__ import annotations

import logging

from sqlalchemy import select

from cms import reactions
from cms.domain import outbox
from cms.domain.notices.telling import letter
from cms.domain.outbox import OutboxRow
from cms.domain.people.staff import SYSTEM
from cms.domain.webhooks import keeping, messages
from cms.domain.webhooks.model import Webhook
from cms.interfaces import Answered, Mail, MailRefused, OutboundRefused
from cms.newsroom import Newsroom
from cms.worker.attempts import settle, take

log = logging.getLogger("copydesk.worker")


def send_mail(newsroom: Newsroom) -> bool:
    """Make one attempt at the next mail; whether there was one."""
    row = take(newsroom, outbox.MAIL)
    if row is None:
        return False
    subject, text = letter(row.payload or {}, newsroom.settings.origin, newsroom.settings.site_name)
    failure: OSError | None = None
    mail = Mail(row.subject, subject, text, row.created_at, id=f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}")
    try:
        newsroom.mailer.send(mail)
    except OSError as unsent:
        failure = unsent
        log.warning("mail %s was not sent: %s", row.id, unsent)
    settle(newsroom, row.id, failure, for_good=isinstance(failure, MailRefused))
    return True


def tell_hub(newsroom: Newsroom) -> bool:
    """Make one attempt at telling a hub that feeds have changed (WebSub); whether there was one to tell."""
    row = take(newsroom, outbox.HUB)
    if row is None:
        return False
    feeds = [("hub.url", newsroom.settings.origin + path) for path in (row.payload or {}).get("feeds", [])]
    failure: OSError | None = None
    try:
        newsroom.outbound.post_form(row.subject, [("hub.mode", "publish"), *feeds])
    except OSError as untold:
        failure = untold
        log.warning("hub %s was not told: %s", row.subject, untold)
    settle(newsroom, row.id, failure, for_good=isinstance(failure, OutboundRefused))
    return True


def call_hook(newsroom: Newsroom) -> bool:
    """Make one attempt at telling a webhook; whether there was one to tell.

    Of one story and one webhook, the next is told only once the one before was taken or given up.
    """
    row = take(newsroom, outbox.HOOK)
    if row is None:
        return False
    site = messages.Site(newsroom.settings.origin, newsroom.settings.article_path)
    with newsroom.sessions.read() as session:
        hook = session.scalar(select(Webhook).where(Webhook.public_id == row.subject, Webhook.active))
        told = messages.message(session, row, site) if hook else None
    if hook is None or told is None:
        settle(newsroom, row.id)  # nobody is there any more, or it was called off
        return True
    body, headers = messages.signed(hook.secret, row, told, newsroom.clock.now())
    try:
        answered = newsroom.outbound.post(hook.url, body, headers)
    except OSError as untold:
        log.warning("webhook %s was not told: %s", hook.name, untold)
        settle(newsroom, row.id, untold, for_good=isinstance(untold, OutboundRefused))
        return True
    _note(newsroom, hook, row, answered)
    return True


def _note(newsroom: Newsroom, hook: Webhook, row: OutboxRow, answered: Answered) -> None:
    said = f"{answered.status} {answered.text}".strip()
    if 200 <= answered.status < 300:
        settle(newsroom, row.id, answer=said)
        return
    log.warning("webhook %s answered %s", hook.name, answered.status)
    gone = answered.status == 410
    settle(newsroom, row.id, OSError(f"It answered {said}"), for_good=gone, answer=said)
    if gone:
        now = newsroom.clock.now()
        with newsroom.sessions.write() as session:
            why = "Its receiver answered 410: it is gone for good"
            events = keeping.stop(session, SYSTEM, keeping.find(session, hook.public_id), why)
            reactions.commit(session, events, now, newsroom.signal)
