"""The names behind the subjects of the audit log, and where each can be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision
from cms.domain.media.model import Media
from cms.domain.people.model import Person, User
from cms.domain.redirects.model import Redirect
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.tokens.model import Token


@dataclass(frozen=True)
class Named:
    name: str
    address: str | None


_KINDS: dict[str, tuple[Any, Any, str | None]] = {
    "media": (Media.public_id, Media.alt, "admin.picture_room"),
    "section": (Section.public_id, Section.name, "admin.section"),
    "tag": (Tag.public_id, Tag.name, "admin.tag"),
    "person": (Person.public_id, Person.name, "admin.person"),
    "user": (User.public_id, User.name, "admin.user"),
    "token": (Token.public_id, Token.name, None),
    "redirect": (Redirect.public_id, Redirect.former, None),
    "article": (Article.public_id, Revision.headline, "admin.edit"),
}
"""Each kind's id and name, and the page of one."""


def names(session: Session, subjects: Iterable[str]) -> dict[str, Named]:
    """Each subject's name and address; one query a kind. What is gone has none."""
    ids: dict[str, set[str]] = defaultdict(set)
    for subject in subjects:
        kind, _, public_id = subject.partition(":")
        ids[kind].add(public_id)
    found: dict[str, Named] = {}
    for kind, (public_id, name, endpoint) in _KINDS.items():
        if not ids[kind]:
            continue
        query = select(public_id, name).where(public_id.in_(ids[kind]))
        if kind == "article":
            query = query.join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        there = endpoint if endpoint in current_app.view_functions else None
        for its_id, its_name in session.execute(query):
            address = url_for(there, public_id=its_id) if there else None
            found[f"{kind}:{its_id}"] = Named(its_name or its_id, address)
    return found
