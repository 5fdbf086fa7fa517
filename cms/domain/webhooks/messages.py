"""What a webhook is told: ids, addresses and what happened; never a word of a story.

Signed as the Standard Webhooks specification (1.0.0) has it: HMAC-SHA256 over the message's id, the time of the attempt
and the body, so that nobody else can send one and an old one can't be sent again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import addresses, keys
from cms.domain.articles.model import Article, Publication
from cms.domain.outbox import OutboxRow
from cms.domain.taxonomy.model import Section

PREFIX = "whsec_"


@dataclass(frozen=True)
class Site:
    """Where the site stands: its origin and the pattern of its articles' addresses."""

    origin: str
    article_path: str


def message(session: Session, row: OutboxRow, site: Site) -> dict[str, Any] | None:
    """What to tell; None where it has been called off since it was arranged."""
    given: Mapping[str, Any] = row.payload or {}
    kind = given["type"]
    data: dict[str, Any] = {}
    if public_id := given.get("article"):
        article = session.scalar(select(Article).where(Article.public_id == public_id))
        if article is None or not _holds(session, article, given):
            return None
        data = {"article": public_id, "url": _address(session, article, site)}
        for name in ("n", "revision", "minor", "correction", "kind", "act"):
            if given.get(name) is not None:
                data[{"n": "publication"}.get(name, name)] = given[name]
    if "keys" in given:
        everything = keys.SITE in given["keys"]
        data["everything"] = everything
        data["changed"] = [] if everything else _pages(session, given["keys"], site)
    at = datetime.fromisoformat(given.get("at") or row.created_at.isoformat())
    return {"type": kind, "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "data": data}


def signed(secret: str, row: OutboxRow, told: Mapping[str, Any], now: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and its headers. The id is the same at each attempt, so that what arrives twice can be known for one."""
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    number, at = message_id(row), str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mark = hmac.new(key, f"{number}.{at}.".encode() + body, hashlib.sha256).digest()
    return body, {
        "Content-Type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(mark).decode(),
    }


def message_id(row: OutboxRow) -> str:
    return f"msg_{row.id}_{row.created_at:%Y%m%d%H%M%S%f}"


def _holds(session: Session, article: Article, given: Mapping[str, Any]) -> bool:
    """Whether what was arranged for a time came to be: it was not moved or called off since."""
    if given["type"] not in ("publication", "expiry") or not given.get("n"):
        return True
    row = session.scalar(select(Publication).where(Publication.article_id == article.id, Publication.n == given["n"]))
    if row is None or row.cancelled_at is not None:
        return False
    if given["type"] == "publication":
        return True  # one that is moved is called off, and another one put in
    follows = select(Publication.id).where(
        Publication.article_id == article.id,
        Publication.cancelled_at.is_(None),
        Publication.live_from == row.live_until,
    )
    ends = row.live_until == datetime.fromisoformat(given["live_until"])
    return ends and row.withdrawn_at is None and session.scalar(follows) is None


def _address(session: Session, article: Article, site: Site) -> str | None:
    """Where its newest begun or standing publication is; None before there is any."""
    slug = session.scalar(
        select(Publication.slug)
        .where(Publication.article_id == article.id, Publication.cancelled_at.is_(None))
        .order_by(Publication.live_from.desc())
        .limit(1)
    )
    if slug is None or article.address_date is None:
        return None
    return site.origin + addresses.article(site.article_path, article.address_date, slug)


def _pages(session: Session, touched: list[str], site: Site) -> list[str]:
    """The addresses that these cache keys stand for; what hangs below them (feeds, history) changes with them."""
    found: list[str] = []
    named = {kind: [key.partition(":")[2] for key in touched if key.startswith(f"{kind}:")] for kind in _KINDS}
    for article in session.scalars(select(Article).where(Article.public_id.in_(named["article"]))):
        address = _address(session, article, site)
        if address:
            found.append(address)
    paths = session.scalars(select(Section.path).where(Section.slug.in_(named["section"])))
    found += [site.origin + addresses.section(path) for path in paths]
    found += [site.origin + addresses.tag(slug) for slug in named["tag"]]
    found += [site.origin + addresses.author(slug) for slug in named["person"]]
    if keys.FRONT in touched:
        found.append(site.origin + addresses.front())
    return sorted(found)


_KINDS = ("article", "section", "tag", "person")
