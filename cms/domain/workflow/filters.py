"""The desk's list by its filters, as an address or a kept view names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article
from cms.domain.people.queries import person_by_slug
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.queries import section_by_slug, subtree
from cms.domain.workflow.permissions import PERMISSIONS
from cms.domain.workflow.states import State, Visibility

SORTS = {"touched": "Changed last", "oldest": "Changed first", "published": "Published last"}
_TAKES: dict[str, Collection[str]] = {
    "state": frozenset(State),
    "visibility": frozenset(Visibility),
    "sort": SORTS,
    "whose": ("mine",),
}


@dataclass(frozen=True)
class Asked:
    """The filters as the address names them; one that makes no sense is as if it weren't there."""

    q: str = ""
    state: str = ""
    visibility: str = ""
    section: str = ""
    person: str = ""
    whose: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        args = {each.name: given.get(each.name, "").strip()[:200] for each in fields(cls)}
        return cls(**{name: value for name, value in args.items() if value in _TAKES.get(name, (value,))})

    @classmethod
    def of_query(cls, query: str) -> Asked:
        return cls.read(dict(parse_qsl(query)))

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def seen_by(actor: Actor) -> lists.Stories:
    """The stories that this person may see at all."""
    if PERMISSIONS[actor.role]["see"].own_only:
        return lists.own(lists.stories(), actor.user_id, actor.person_id)
    return lists.stories()


def narrowed(session: Session, wanted: lists.Stories, asked: Asked, actor: Actor, now: datetime) -> lists.Stories:
    if asked.whose:
        wanted = lists.own(wanted, actor.user_id, actor.person_id)
    if asked.state:
        wanted = wanted.where(Article.state == asked.state)
    if asked.visibility:
        wanted = lists.seen_as(wanted, asked.visibility, now)
    if asked.section and (section := section_by_slug(session, asked.section)):
        wanted = lists.filed_in(wanted, subtree(session, [section.id]))
    if asked.person and (person := person_by_slug(session, asked.person)):
        wanted = lists.signed_by(wanted, person.id)
    if asked.q:
        wanted = lists.saying(wanted, asked.q)
    return wanted
