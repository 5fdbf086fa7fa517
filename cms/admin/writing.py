"""Writing a story: the form, its saves, and what happens when somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.domain import addresses
from cms.domain.articles import desk
from cms.domain.articles.fields import BYLINE_ROLES, clean_fields
from cms.domain.articles.model import Article, Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.errors import Invalid, StaleBase
from cms.domain.people.queries import all_people
from cms.domain.taxonomy.queries import all_sections
from cms.domain.workflow import editing
from cms.domain.workflow.permissions import may, require, require_right
from cms.domain.workflow.states import State, possible
from cms.web.current import newsroom, now
from cms.web.database import db

SPARE_BYLINES = 2
MOVES = ("submit", "approve", "return", "spike", "unspike")


def new() -> str:
    require_right(g.actor, "create")
    empty = {**editing.EMPTY, "language": newsroom().settings.site_language, "slug": ""}
    return _form(None, empty, {})


def create() -> BaseResponse | tuple[str, int]:
    typed = typed_fields(request.form)
    try:
        fields = clean_fields({name: value for name, value in typed.items() if name != "slug" or value})
        with newsroom().sessions.write() as session:
            article, event = editing.create(session, g.actor, fields, now(), language=newsroom().settings.site_language)
            public_id = article.public_id
            reactions.commit(session, [event], now(), newsroom().signal)
    except Invalid as invalid:
        return _form(None, typed, invalid.errors), 422
    return redirect(url_for("admin.edit", public_id=public_id, told="created"), code=303)


def edit(public_id: str) -> str:
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "see", article)
    return _form(article, as_typed(session, desk.revision(session, article)), {})


def save(public_id: str) -> BaseResponse | tuple[str, int]:
    """Save on top of the revision that the form was opened with; nothing typed is lost whatever happens."""
    typed = typed_fields(request.form)
    base = request.form.get("base", type=int) or 0
    try:
        fields = clean_fields({name: value for name, value in typed.items() if name != "slug" or value})
        with newsroom().sessions.write() as session:
            article = desk.find(session, public_id, lock=True)
            note = request.form.get("note", "")[:500]
            revision, events = editing.save(session, g.actor, article, base, fields, now(), note=note)
            number = revision.number
            reactions.commit(session, events, now(), newsroom().signal)
    except Invalid as invalid:
        return _form(desk.find(db.session(), public_id), typed, invalid.errors), 422
    except StaleBase as stale:
        return _both(public_id, typed, stale), 409
    told = "saved" if events else "unchanged"
    return redirect(url_for("admin.edit", public_id=public_id, told=told, revision=number), code=303)


def preview(public_id: str) -> str:
    """The newest text as a plain page, for reading through; the public page's frame comes with publishing."""
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "preview", article)
    revision = desk.revision(session, article)
    return render_template("admin/preview.html", article=article, revision=revision, typed=as_typed(session, revision))


# --- The form ----------------------------------------------------------------------------------------------


def typed_fields(form: MultiDict[str, str]) -> dict[str, Any]:
    """What the form says, in the shape that ``clean_fields`` takes."""
    people = zip(form.getlist("person"), form.getlist("role"), strict=False)
    primary = form.get("primary", "")
    sections = [slug for slug in form.getlist("section") if slug != primary]
    return {
        "headline": form.get("headline", ""),
        "standfirst": form.get("standfirst", ""),
        "key_points": [line for line in form.get("key_points", "").splitlines() if line.strip()],
        "body_html": form.get("body_html", ""),
        "bylines": [{"person": person, "role": role} for person, role in people if person],
        "sections": [primary, *sections] if primary else sections,
        "tags": [name.strip() for name in form.get("tags", "").split(",") if name.strip()],
        "slug": form.get("slug", "").strip(),
        "language": form.get("language", "").strip() or newsroom().settings.site_language,
    }


def as_typed(session: Session, revision: Revision) -> dict[str, Any]:
    """A revision in the same shape, by slugs and names."""
    rows = session.query(RevisionByline).filter_by(revision_id=revision.id).order_by(RevisionByline.position)
    sections = session.query(RevisionSection).filter_by(revision_id=revision.id).order_by(RevisionSection.position)
    tags = session.query(RevisionTag).filter_by(revision_id=revision.id).order_by(RevisionTag.position)
    return {
        "headline": revision.headline,
        "standfirst": revision.standfirst,
        "key_points": list(revision.key_points),
        "body_html": revision.body_html,
        "bylines": [{"person": row.person.slug, "role": row.role} for row in rows],
        "sections": [row.section.slug for row in sections],
        "tags": [row.tag.name for row in tags],
        "slug": revision.slug,
        "language": revision.language,
    }


def _form(article: Article | None, typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    session, at = db.session(), now()
    rows = desk.publications(session, article) if article else []
    newest = desk.revision(session, article) if article else None
    live = desk.on_show(rows, at)
    return render_template(
        "admin/write.html",
        article=article,
        newest=newest,
        typed=typed,
        errors=errors,
        visibility=desk.visibility(rows, newest.id, at) if newest else None,
        live=live,
        address=_address(article, live.slug) if article and live else None,
        waiting=[row for row in rows if row.cancelled_at is None and row.live_from > at],
        can={verb: article is not None and may(session, g.actor, verb, article) for verb in _VERBS},
        moves=_moves(session, article),
        people=all_people(session),
        roles=BYLINE_ROLES,
        sections=all_sections(session),
        spare=range(SPARE_BYLINES),
        told=request.args.get("told"),
    )


def _moves(session: Session, article: Article | None) -> list[str]:
    """The verbs that the state allows and this person may use."""
    if article is None:
        return []
    return [verb for verb in possible(State(article.state)) if verb in MOVES and may(session, g.actor, verb, article)]


def _both(public_id: str, typed: Mapping[str, Any], stale: StaleBase) -> str:
    session = db.session()
    session.rollback()  # a snapshot from after the other save
    article = desk.find(session, public_id)
    newest = desk.revision(session, article)
    return render_template(
        "admin/conflict.html",
        article=article,
        newest=newest,
        theirs=as_typed(session, newest),
        mine=typed,
        refusal=stale,
    )


def _address(article: Article, slug: str) -> str:
    assert article.address_date is not None
    return addresses.article(newsroom().settings.article_path, article.address_date, slug)


_VERBS = ("edit", "publish", "withdraw", "unschedule", "preview")
