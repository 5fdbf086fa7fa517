"""The people: whose names are printed, with their pages, pictures and sign-ins, and the house's own byline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain import addresses, forwards
from cms.domain.articles.carrying import visible_counts
from cms.domain.matching import holding, terms
from cms.domain.media.queries import newest_pictures
from cms.domain.people.model import KINDS, Person, User
from cms.domain.workflow import people as verbs
from cms.domain.workflow.permissions import PERMISSIONS, require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 100
PICTURES = 50
FIELDS = ("name", "slug", "title", "bio", "email", "kind", "picture")


def routes(room: Blueprint) -> None:
    room.add_url_rule("/people/", "people", listing)
    room.add_url_rule("/people/", "start_person", start, methods=["POST"])
    room.add_url_rule("/people/house", "house_byline", house, methods=["POST"])
    room.add_url_rule("/people/<public_id>/", "person", one)
    room.add_url_rule("/people/<public_id>/", "change_person", change, methods=["POST"])
    room.add_url_rule("/people/<public_id>/sign-in", "link_sign_in", link, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_people")
    return _list({}, {})


def start() -> BaseResponse:
    typed = _typed()

    with said_on(lambda errors: _list(typed, errors), taken="slug"), changing() as (session, events):
        person, event = verbs.start(session, actor(), typed, now())
        public_id = person.public_id
        events.append(event)
    return done(url_for("admin.person", public_id=public_id), "Added. The name can stand on stories now.")


def one(public_id: str) -> str:
    require_right(actor(), "manage_people")
    return _page(verbs.find_person(db.session(), public_id), None, {})


def change(public_id: str) -> BaseResponse:
    typed = _typed()

    def page(errors: Errors) -> str:
        return _page(verbs.find_person(db.session(), public_id), typed, errors)

    with said_on(page, taken="slug"), changing() as (session, events):
        events += verbs.change(session, actor(), verbs.find_person(session, public_id), typed, now())
    return done(url_for("admin.person", public_id=public_id), "Saved.")


def link(public_id: str) -> BaseResponse:
    email = request.form.get("sign_in", "")[:320]

    def page(errors: Errors) -> str:
        return _page(verbs.find_person(db.session(), public_id), None, errors)

    with said_on(page), changing() as (session, events):
        events += verbs.link_sign_in(session, actor(), verbs.find_person(session, public_id), email)
    return done(url_for("admin.person", public_id=public_id), "Saved.")


def house() -> BaseResponse:
    """Set or clear the name that stories carry which nobody signed."""
    chosen = request.form.get("person", "")

    with changing() as (session, events):
        person = verbs.find_person(session, chosen) if chosen else None
        events += verbs.set_house(session, actor(), person, now())
    return done(url_for("admin.people"), "Saved. Unsigned stories show it already.")


def _typed() -> dict[str, str]:
    return {name: request.form[name].strip() for name in FIELDS if name in request.form}


def _list(typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    words, after = request.args.get("q", "")[:100], request.args.get("after", "")[:100]
    kind = request.args.get("kind", "")
    wanted = select(Person).where(*holding(terms(words), Person.name))
    if kind in KINDS:
        wanted = wanted.where(Person.kind == kind)
    if after:
        wanted = wanted.where(Person.slug > after)
    found = session.scalars(wanted.order_by(Person.slug).limit(PER_PAGE + 1)).all()
    return render_template(
        "admin/people.html",
        people=found[:PER_PAGE],
        more=found[PER_PAGE - 1].slug if len(found) > PER_PAGE else None,
        counts=visible_counts(session, forwards.PERSON, [each.id for each in found], now()),
        house=session.scalar(select(Person).where(Person.house)),
        houses=session.scalars(select(Person).where(Person.kind != "person").order_by(Person.name)).all(),
        asked={"q": words, "kind": kind},
        kinds=KINDS,
        typed=typed,
        errors=errors,
    )


def _page(person: Person, typed: Mapping[str, Any] | None, errors: Mapping[str, list[str]]) -> str:
    session = db.session()
    now_is = {name: getattr(person, name) or "" for name in FIELDS}
    return render_template(
        "admin/person.html",
        person=person,
        address=addresses.author(person.slug),
        count=visible_counts(session, forwards.PERSON, [person.id], now()).get(person.id, 0),
        kinds=KINDS,
        pictures=newest_pictures(session, PICTURES),
        sign_in=session.scalar(select(User.email).where(User.person_id == person.id)) or "",
        may_link="manage_users" in PERMISSIONS[actor().role],
        typed={**now_is, **(typed or {})},
        errors=errors,
    )
