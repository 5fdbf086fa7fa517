"""What a member of staff finds by a few words: stories in any state, notes on them, people and media.

Each kind is read once, in an order of its own, and no further than ``MOST``; what is shown of it is read by id after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, not_, or_, select, true
from sqlalchemy.orm import Session

from cms.domain.articles.listing import in_text
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.articles.notes import DeskNote
from cms.domain.articles.queries import on_show
from cms.domain.matching import holding, holds
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.people.staff import Actor
from cms.domain.workflow.filters import seen_by
from cms.domain.workflow.permissions import PERMISSIONS

KINDS = {"stories": "see", "notes": "see", "people": "create", "media": "upload"}
"""What is found, in the order in which it is shown, and the right that it takes: whoever starts stories signs them."""
MOST = 200


def kinds_for(actor: Actor) -> list[str]:
    return [kind for kind, right in KINDS.items() if right in PERMISSIONS[actor.role]]


def found(
    session: Session, actor: Actor, kind: str, asked: Sequence[str], in_print: Collection[str] | None, now: datetime
) -> Sequence[int]:
    """The ids of what holds all of these terms: ``MOST`` of them, and one more if there are more.

    ``in_print``: public ids of stories whose text on show is known to hold them, so that no archive is read through;
    None when nobody knows, and every text is read.
    """
    wanted: dict[str, Any] = {
        "stories": lambda: _stories(actor, asked, in_print, now),
        "notes": lambda: _notes(actor, asked),
        "people": lambda: _named(asked),
        "media": lambda: _pictured(asked),
    }
    return session.scalars(wanted[kind]().limit(MOST + 1)).all()


def _stories(actor: Actor, asked: Sequence[str], in_print: Collection[str] | None, now: datetime) -> Select[Any]:
    """Those with all of it in the headline first, then the one touched last."""
    seen = Revision.id.in_(on_show(now).with_only_columns(Publication.revision_id))
    unread = not_(seen) if in_print is not None else true()
    said = [or_(holds(term, Revision.headline, Revision.standfirst), and_(unread, in_text(term))) for term in asked]
    named = case((and_(*holding(asked, Revision.headline)), 0), else_=1)
    wanted = seen_by(actor).where(or_(and_(*said), Article.public_id.in_(in_print or ()))).with_only_columns(Article.id)
    return wanted.order_by(None).order_by(named, Article.touched_at.desc(), Article.id.desc())


def _notes(actor: Actor, asked: Sequence[str]) -> Select[Any]:
    wanted = seen_by(actor).join(DeskNote, DeskNote.article_id == Article.id).where(*holding(asked, DeskNote.text))
    return wanted.with_only_columns(DeskNote.id).order_by(None).order_by(DeskNote.id.desc())


def _named(asked: Sequence[str]) -> Select[Any]:
    return select(Person.id).where(*holding(asked, Person.name, Person.title)).order_by(Person.name, Person.id)


def _pictured(asked: Sequence[str]) -> Select[Any]:
    texts = (Media.alt, Media.caption, Media.credit, Media.rights)
    return select(Media.id).where(*holding(asked, *texts)).order_by(Media.id.desc())
