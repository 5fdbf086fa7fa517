"""Telling those outside: staff by mail, hubs of feeds that have something new."""

from __future__ import annotations

import logging

from cms.domain import outbox
from cms.domain.notices.telling import letter
from cms.interfaces import Mail, MailRefused, OutboundRefused
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
