"""Writing a story: the form, its saves, and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.conflicts import conflict_page, put_together
from cms.admin.typed import as_typed, cleaned, row_number, typed_fields
from cms.db import new_public_id
from cms.domain import addresses
from cms.domain.articles import autosaving, desk
from cms.domain.articles.fields import BYLINE_ROLES
from cms.domain.articles.model import Article, Autosave, UnsavedStory
from cms.domain.errors import Invalid, Refusal, StaleBase
from cms.domain.media.model import Media
from cms.domain.media.queries import newest_pictures
from cms.domain.people.queries import all_people
from cms.domain.taxonomy.queries import all_sections
from cms.domain.workflow import editing
from cms.domain.workflow.permissions import PERMISSIONS, may, require, require_right
from cms.domain.workflow.states import State, possible
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db

MOVES = ("submit", "approve", "return", "spike", "unspike")
SPARE_BYLINES = 2
PICTURES = 50  # how many the list without a script offers
MINUTE = timedelta(minutes=1)
AT_WORK = 10 * MINUTE
"""How long after their last key somebody still counts as editing."""

_VERBS = ("edit", "publish", "publish_minor", "withdraw", "unschedule", "preview", "embargo", "lift_embargo", "correct")


def new() -> str:
    require_right(g.actor, "create")
    empty = {**editing.EMPTY, "language": newsroom().settings.site_language, "slug": ""}
    kept = autosaving.new_one(db.session(), g.actor.user_id, request.args.get("restore", ""))
    return form_page(None, {**empty, **(kept.fields if kept else {})}, restored=kept)


def create() -> BaseResponse | tuple[str, int]:
    typed = typed_fields(request.form)
    try:
        fields = cleaned(typed)
        with changing() as (session, events):
            article, event = editing.create(session, g.actor, fields, now(), language=newsroom().settings.site_language)
            public_id = article.public_id
            autosaving.forget_new(session, g.actor.user_id, request.form.get("unsaved", ""))
            events.append(event)
    except Invalid as invalid:
        return form_page(None, typed, invalid.errors), 422
    return redirect(url_for("admin.edit", public_id=public_id, told="created"), code=303)


def edit(public_id: str) -> str:
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "see", article)
    typed = as_typed(session, desk.revision(session, article))
    kept = autosaving.kept_for(session, article, g.actor.user_id) if g.actor.user_id else None
    if kept is not None and request.args.get("restore"):
        return form_page(article, {**typed, **kept.fields}, base=kept.base, restored=kept)
    return form_page(article, typed, kept=kept)


def save(public_id: str) -> BaseResponse | tuple[str, int]:
    """Save on top of the revision that the form was opened with; nothing typed is lost whatever happens."""
    typed = put_together(public_id) if request.form.get("merging") else typed_fields(request.form)
    try:
        number, changed = save_typed(public_id, typed)
    except Invalid as invalid:
        return form_page(desk.find(db.session(), public_id), typed, invalid.errors), 422
    except StaleBase as stale:
        return conflict_page(public_id, typed, stale), 409
    told = "merged" if request.form.get("merging") else "saved" if changed else "unchanged"
    return redirect(url_for("admin.edit", public_id=public_id, told=told, revision=number), code=303)


def save_typed(public_id: str, typed: dict[str, Any]) -> tuple[int, bool]:
    """Save the posted form; the newest revision's number, and whether it is a new one."""
    fields = cleaned(typed)
    base = request.form.get("base", type=row_number) or 0
    note = request.form.get("note", "")[:500]
    if request.form.get("merging") and not note:
        note = f"Merged with revision {base}"
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        revision, saved = editing.save(session, g.actor, article, base, fields, now(), note=note)
        events += saved
        number = revision.number
        if g.actor.user_id is not None:
            autosaving.forget(session, article, g.actor.user_id)
    return number, bool(events)


# --- The form ----------------------------------------------------------------------------------------------


def form_page(
    article: Article | None,
    typed: Mapping[str, Any],
    errors: Mapping[str, list[str]] | None = None,
    *,
    base: int | None = None,
    refusal: Refusal | None = None,
    kept: Autosave | None = None,
    restored: Autosave | UnsavedStory | None = None,
) -> str:
    """The writing room. ``refusal`` is what the last verb was answered, and is shown beside its form."""
    session, at = db.session(), now()
    rows = desk.publications(session, article) if article else []
    newest = desk.revision(session, article) if article else None
    live = desk.on_show(rows, at)
    waiting = [row for row in rows if row.cancelled_at is None and row.live_from > at]
    return render_template(
        "admin/write.html",
        article=article,
        newest=newest,
        base=base or (newest.number if newest else None),
        typed={"lead_image": None, "seo": {}, **typed},
        errors=errors or {},
        refusal=refusal,
        visibility=desk.visibility(rows, newest.id, at) if newest else None,
        live=live,
        address=_address(article, live.slug) if article and live else None,
        waiting=waiting,
        begun=any(row.cancelled_at is None and row.live_from <= at for row in rows),
        can={verb: article is not None and may(session, g.actor, verb, article) for verb in _VERBS},
        may_upload="upload" in PERMISSIONS[g.actor.role],
        moves=_moves(session, article),
        people=all_people(session),
        roles=BYLINE_ROLES,
        sections=all_sections(session),
        pictures=_pictures(session, typed.get("lead_image")),
        spare=range(SPARE_BYLINES),
        kept=kept,
        restored=restored,
        unsaved=_key(restored) if article is None else None,
        never_saved=autosaving.new_ones(session, g.actor.user_id) if article is None and not restored else [],
        others=others_at_work(session, article) if article else [],
        told=request.args.get("told"),
    )


def _key(restored: Autosave | UnsavedStory | None) -> str:
    """What a form without a story is kept under: what it was kept under before, if it was."""
    return restored.key if isinstance(restored, UnsavedStory) else request.form.get("unsaved") or new_public_id()


def others_at_work(session: Session, article: Article) -> list[dict[str, str]]:
    """Who else has typed into this story a moment ago: their name and, in words, how long since."""
    at = now()
    rows = autosaving.at_work(session, [article.id], at - AT_WORK)
    return [
        {"name": row.user.name, "said": f"{minutes} min ago" if (minutes := (at - row.saved_at) // MINUTE) else "now"}
        for row in rows
        if row.user_id != g.actor.user_id
    ]


def _pictures(session: Session, chosen: str | None) -> list[Media]:
    """The newest pictures, with the chosen one among them however old it is."""
    found = list(newest_pictures(session, PICTURES))
    if chosen and all(media.public_id != chosen for media in found):
        found += session.query(Media).filter_by(public_id=chosen).all()
    return found


def _moves(session: Session, article: Article | None) -> list[str]:
    """The verbs that the state allows and this person may use."""
    if article is None:
        return []
    return [verb for verb in possible(State(article.state)) if verb in MOVES and may(session, g.actor, verb, article)]


def _address(article: Article, slug: str) -> str:
    assert article.address_date is not None
    return addresses.article(newsroom().settings.article_path, article.address_date, slug)
