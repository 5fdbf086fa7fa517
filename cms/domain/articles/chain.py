"""The hash chain over an article's revisions: what makes its history provable.

``digest = H(salt ‖ content)`` and ``hash = H(previous ‖ meta ‖ digest)``, with H = SHA-256 over canonical JSON of
public ids and printed names. Content and salt can be erased (a court order) and the chain still verifies, since
the digest stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision

CONTENT = (
    "headline",
    "slug",
    "language",
    "standfirst",
    "key_points",
    "body_html",
    "bylines",
    "sections",
    "tags",
    "lead_image",
    "seo",
)


BLANK: dict[str, Any] = {
    "headline": "",
    "slug": "",
    "standfirst": "",
    "key_points": [],
    "body_html": "",
    "bylines": [],
    "sections": [],
    "tags": [],
    "lead_image": None,
    "seo": {},
}
"""What an erased revision holds; its language says nothing and stays."""


NAMELESS = "(erased)"
"""What the desk reads where an erased text's headline stood."""


def digest(salt: str, content: Mapping[str, Any]) -> str:
    return _h(salt.encode() + _canonical({name: content[name] for name in CONTENT}))


def link(previous: str | None, meta: Mapping[str, Any], content_digest: str) -> str:
    return _h((previous or "").encode() + _canonical(meta) + content_digest.encode())


def meta_of(article_public_id: str, revision: Revision) -> dict[str, Any]:
    return {
        "article": article_public_id,
        "number": revision.number,
        "base": revision.base,
        "note": revision.note,
        "by": revision.author_name,
        "at": revision.created_at.isoformat(timespec="microseconds"),
    }


def first_bad_link(article_public_id: str, revisions: Iterable[Revision]) -> int | None:
    """The number of the first revision that does not verify, or None. ``revisions`` come oldest first."""
    previous: str | None = None
    for expected, revision in enumerate(revisions, start=1):
        if (
            revision.number != expected
            or revision.previous != previous
            or not _content_verifies(revision)
            or link(previous, meta_of(article_public_id, revision), revision.digest) != revision.hash
        ):
            return expected
        previous = revision.hash
    return None


def head(session: Session) -> str:
    """One digest over the newest hash of every story. Noted outside of the database, it shows later whether a history
    was cut short, which its own chain can't: take the histories of then, and it must come out the same."""
    newest = and_(Revision.article_id == Article.id, Revision.number == Article.newest)
    latest = session.execute(select(Article.public_id, Revision.hash).outerjoin(Revision, newest))
    whole = hashlib.sha256()
    for public_id, hash_ in sorted((public_id, hash_ or "") for public_id, hash_ in latest):
        whole.update(f"{public_id} {hash_}\n".encode())
    return whole.hexdigest()


def _content_verifies(revision: Revision) -> bool:
    """Of an erased revision only that nothing has been put in its place."""
    if revision.erased_at is not None:
        return not revision.salt and all(getattr(revision, name) == blank for name, blank in BLANK.items())
    content = {name: getattr(revision, name) for name in CONTENT}
    return digest(revision.salt, content) == revision.digest


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _h(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
