"""What stories are filed under, sections and tags alike: a list to start one in, and a page to change one on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from flask import Blueprint, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

Term = TypeVar("Term")


class Verbs(Protocol[Term]):
    """The domain's module of one kind: what can be done to it."""

    def start(
        self, session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime, /
    ) -> tuple[Term, Event]: ...
    def change(
        self, session: Session, actor: Actor, term: Term, fields: Mapping[str, Any], now: datetime, /
    ) -> list[Event]: ...
    def merge(self, session: Session, actor: Actor, term: Term, target: Term, now: datetime, /) -> Event: ...
    def remove(self, session: Session, actor: Actor, term: Term, /) -> Event: ...


@dataclass(frozen=True)
class Terms(Generic[Term]):
    """One kind of them: its verbs, how its forms are read, and the two pages that show it."""

    kind: str
    verbs: Verbs[Term]
    find: Callable[[Session, str], Term]
    typed: Callable[[], Mapping[str, Any]]
    target: Callable[[Session], Term | None]
    """The one that the form of a merge names, if there is such a one."""
    list_page: Callable[[Mapping[str, Any], Errors], str]
    own_page: Callable[[Term, Mapping[str, Any], Errors], str]
    started: str

    def routes(self, room: Blueprint) -> None:
        kind, here = self.kind, f"/{self.kind}s/<public_id>/"
        room.add_url_rule(f"/{kind}s/", f"{kind}s", self.listing)
        room.add_url_rule(f"/{kind}s/", f"start_{kind}", self.start, methods=["POST"])
        room.add_url_rule(here, kind, self.one)
        room.add_url_rule(here, f"change_{kind}", self.change, methods=["POST"])
        room.add_url_rule(f"{here}merge", f"merge_{kind}", self.merge, methods=["POST"])
        room.add_url_rule(f"{here}remove", f"remove_{kind}", self.remove, methods=["POST"])

    def listing(self) -> str:
        require_right(actor(), "manage_taxonomy")
        return self.list_page({}, {})

    def start(self) -> BaseResponse:
        typed = self.typed()
        with said_on(partial(self.list_page, typed), taken="slug"), changing() as (session, events):
            events.append(self.verbs.start(session, actor(), typed, now())[1])
        return done(self._list(), self.started)

    def one(self, public_id: str) -> str:
        require_right(actor(), "manage_taxonomy")
        return self._page(public_id, {}, {})

    def change(self, public_id: str) -> BaseResponse:
        typed = self.typed()
        with (
            said_on(lambda errors: self._page(public_id, typed, errors), taken="slug"),
            changing() as (session, events),
        ):
            events += self.verbs.change(session, actor(), self.find(session, public_id), typed, now())
        return done(url_for(f"admin.{self.kind}", public_id=public_id), "Saved.")

    def merge(self, public_id: str) -> BaseResponse:
        require_right(actor(), "manage_taxonomy")
        with said_on(partial(self._page, public_id, {}), taken="target"), changing() as (session, events):
            target = self.target(session)
            if target is None:
                raise Invalid({"target": [f"Name the {self.kind} that is to take over; there is none of this name."]})
            events.append(self.verbs.merge(session, actor(), self.find(session, public_id), target, now()))
        return done(self._list(), f"Merged. Old links lead to the {self.kind} that took over.")

    def remove(self, public_id: str) -> BaseResponse:
        with changing() as (session, events):
            events.append(self.verbs.remove(session, actor(), self.find(session, public_id)))
        return done(self._list(), "Removed.")

    def _list(self) -> str:
        return url_for(f"admin.{self.kind}s")

    def _page(self, public_id: str, typed: Mapping[str, Any], errors: Errors) -> str:
        return self.own_page(self.find(db.session(), public_id), typed, errors)
