"""Sections, tags and people: what stories are filed under, and whose names stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import Response, jsonify
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from cms.api import answers, naming, paging, schemas
from cms.api.acting import changing, private
from cms.api.holders import asker, staff
from cms.api.taking import Part
from cms.domain import addresses
from cms.domain.articles.in_print import people_in_print, tags_in_print
from cms.domain.errors import NotFound
from cms.domain.people.hiring import add_person
from cms.domain.people.model import Person
from cms.domain.taxonomy.filing import start_tag
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.taxonomy.queries import all_sections
from cms.domain.workflow import people as people_verbs
from cms.domain.workflow import sections as section_verbs
from cms.domain.workflow import tags as tag_verbs
from cms.domain.workflow.permissions import require_right
from cms.web.current import newsroom, now
from cms.web.database import db

sections = Part("sections", "The tree that stories are filed in.")
tags = Part("tags", "Words and names that stories share.")
people = Part("people", "Those whose names stand on stories.")

_Named = TypeVar("_Named", Section, Tag, Person)
_TERM = {"name": naming.name(100), "slug": naming.slug, "parent": naming.text(80)}
_PERSON = {
    "name": naming.name(200),
    "slug": naming.slug,
    "title": naming.text(200),
    "bio": naming.text(4000),
    "email": naming.email,
}


# --- Sections ----------------------------------------------------------------------------------------------


@sections.get("/sections")
@sections.arguments(schemas.Paged, location="query", as_kwargs=True)
@sections.response(200, answers.Sections)
def list_sections(limit: int = 20, after: str | None = None) -> Response:
    """The whole tree, each section after the one above it."""
    tree: Sequence[Section] = all_sections(db.session())
    slugs = [section.slug for section in tree]
    if after is not None and after not in slugs:
        raise paging.bad_place()
    start = slugs.index(after) + 1 if after is not None else 0
    shown, following = paging.cut(tree[start : start + limit + 1], limit, lambda section: section.slug)
    above = {section.id: section.slug for section in tree}
    return paging.page([_section(each, above.get(each.parent_id or 0)) for each in shown], following)


@sections.get("/sections/<slug>")
@sections.response(200, answers.Section)
def one_section(slug: str) -> Response:
    """One section."""
    found = db.session().scalar(select(Section).where(Section.slug == slug))
    if found is None:
        raise NotFound("There is no such section")
    return jsonify(_section(found, found.parent.slug if found.parent else None))


@sections.post("/sections")
@sections.arguments(schemas.NewSection)
@sections.response(201, answers.Section)
def add_section(fields: dict[str, Any]) -> Response:
    """A new section, below ``parent`` if one is named. A taken slug: 409."""
    actor, given = staff(), naming.checked(fields, _TERM)
    require_right(actor, "manage_taxonomy")
    with changing() as (session, events):
        made, event = section_verbs.start(session, actor, given, now())
        events.append(event)
        told = _section(made, given.get("parent") or None)
    return private(told, 201)


@sections.patch("/sections/<slug>")
@sections.arguments(schemas.SectionChange)
@sections.response(200, answers.Section)
def change_section(fields: dict[str, Any], slug: str) -> Response:
    """Another name, slug, parent or introduction. Old addresses lead to the new ones."""
    actor = staff()
    require_right(actor, "manage_taxonomy")
    with changing() as (session, events):
        found = _found(session, Section, slug)
        events += section_verbs.change(session, actor, found, fields, now())
        above = session.get(Section, found.parent_id) if found.parent_id else None
        told = _section(found, above.slug if above else None)
    return private(told)


def _section(section: Section, parent: str | None) -> dict[str, Any]:
    return {
        "id": section.public_id,
        "slug": section.slug,
        "name": section.name,
        "path": section.path,
        "parent": parent,
        "introduction": section.introduction,
        "url": newsroom().settings.origin + addresses.section(section.path),
    }


# --- Tags --------------------------------------------------------------------------------------------------


@tags.get("/tags")
@tags.arguments(schemas.Paged, location="query", as_kwargs=True)
@tags.response(200, answers.Tags)
def list_tags(limit: int = 20, after: str | None = None) -> Response:
    """By name: those of stories on show; with a token, all."""
    shown = select(Tag) if asker() else tags_in_print(now())
    rows, following = _by_name(shown, Tag, limit, after)
    return paging.page([_tag(each) for each in rows], following)


@tags.get("/tags/<slug>")
@tags.response(200, answers.Tag)
def one_tag(slug: str) -> Response:
    """One tag, by its slug."""
    shown = select(Tag) if asker() else tags_in_print(now())
    found = db.session().scalar(shown.where(Tag.slug == slug))
    if found is None:
        raise NotFound("There is no such tag")
    return jsonify(_tag(found))


@tags.post("/tags")
@tags.arguments(schemas.NewTag)
@tags.response(201, answers.Tag)
def add_tag(fields: dict[str, Any]) -> Response:
    """A new tag. A taken slug: 409."""
    actor, given = staff(), naming.checked(fields, _TERM)
    require_right(actor, "manage_taxonomy")
    with changing() as (session, events):
        made, event = start_tag(session, actor, name=given["name"], slug=given.get("slug"), now=now())
        events.append(event)
        told = _tag(made)
    return private(told, 201)


@tags.patch("/tags/<slug>")
@tags.arguments(schemas.TagChange)
@tags.response(200, answers.Tag)
def change_tag(fields: dict[str, Any], slug: str) -> Response:
    """Another name, slug or introduction. The old address leads to the new one."""
    actor = staff()
    require_right(actor, "manage_taxonomy")
    with changing() as (session, events):
        found = _found(session, Tag, slug)
        events += tag_verbs.change(session, actor, found, fields, now())
        told = _tag(found)
    return private(told)


def _tag(tag: Tag) -> dict[str, Any]:
    return {
        "id": tag.public_id,
        "slug": tag.slug,
        "name": tag.name,
        "introduction": tag.introduction,
        "url": newsroom().settings.origin + addresses.tag(tag.slug),
    }


# --- People ------------------------------------------------------------------------------------------------


@people.get("/people")
@people.arguments(schemas.Paged, location="query", as_kwargs=True)
@people.response(200, answers.People)
def list_people(limit: int = 20, after: str | None = None) -> Response:
    """By name: those whose names stand on stories on show; with a token, all."""
    shown = select(Person) if asker() else people_in_print(now())
    rows, following = _by_name(shown, Person, limit, after)
    return paging.page([_person(each) for each in rows], following)


@people.get("/people/<slug>")
@people.response(200, answers.Person)
def one_person(slug: str) -> Response:
    """One person, by their slug."""
    shown = select(Person) if asker() else people_in_print(now())
    found = db.session().scalar(shown.where(Person.slug == slug))
    if found is None:
        raise NotFound("There is no such person")
    return jsonify(_person(found))


@people.post("/people")
@people.arguments(schemas.NewPerson)
@people.response(201, answers.Person)
def add(fields: dict[str, Any]) -> Response:
    """A new person, who need not sign in. A taken slug: 409; without one, a free one is made of the name."""
    actor, given = staff(), naming.checked(fields, _PERSON)
    require_right(actor, "manage_people")
    with changing() as (session, events):
        made, event = add_person(session, actor, **{"slug": None, **given}, now=now())
        events.append(event)
        told = _person(made)
    return private(told, 201)


@people.patch("/people/<slug>")
@people.arguments(schemas.PersonChange)
@people.response(200, answers.Person)
def change_person(fields: dict[str, Any], slug: str) -> Response:
    """Another name, slug, title, biography or e-mail. The old address leads to the new one."""
    actor = staff()
    require_right(actor, "manage_people")
    with changing() as (session, events):
        found = _found(session, Person, slug)
        events += people_verbs.change(session, actor, found, fields, now())
        told = _person(found)
    return private(told)


def _person(person: Person) -> dict[str, Any]:
    told = {
        "id": person.public_id,
        "slug": person.slug,
        "name": person.name,
        "title": person.title,
        "bio": person.bio,
        "url": newsroom().settings.origin + addresses.author(person.slug),
    }
    return {**told, "email": person.email} if asker() else told


def _found(session: Session, model: type[_Named], slug: str) -> _Named:
    found = session.scalar(select(model).where(model.slug == slug))
    if found is None:
        raise NotFound(f"There is no such {model.__name__.lower()}")
    return found


def _by_name(
    shown: Select[Any], model: type[Tag] | type[Person], limit: int, after: str | None
) -> tuple[Sequence[Any], str | None]:
    """In order of name, below the one whose slug is ``after``: such as this list tells of, or it is refused."""
    if after is not None:
        last = db.session().scalar(shown.where(model.slug == after))
        if last is None:
            raise paging.bad_place()
        shown = shown.where(tuple_(model.name, model.id) > (last.name, last.id))
    rows = db.session().scalars(shown.order_by(model.name, model.id).limit(limit + 1)).all()
    return paging.cut(rows, limit, lambda row: row.slug)
