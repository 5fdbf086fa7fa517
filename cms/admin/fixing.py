"""Fix live: mend what readers see at once, then see to the texts that could not take the fix by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.conflicts import FIELDS, merging_page, put_together
from cms.admin.in_place import Answer, status_of
from cms.admin.typed import as_typed, cleaned, row_number
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication
from cms.domain.errors import Conflict, Invalid, NotFound, Refusal, StaleBase
from cms.domain.events import Event
from cms.domain.workflow import fixing as verbs
from cms.domain.workflow import lineage, publishing
from cms.domain.workflow.fixing import Fixed
from cms.domain.workflow.permissions import may, require
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

TEXTS = ("headline", "standfirst", "body_html")


def form(public_id: str) -> str:
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "edit", article)
    live = _live(session, article)
    return _page(article, live, as_typed(session, desk.revision(session, article, live.revision.number)))


def fix(public_id: str) -> Answer:
    """Publish the mended text at once. What is to come and would undo it is kept or called off, as the form says."""
    typed = {name: request.form[name] for name in TEXTS if name in request.form}
    if "key_points" in request.form:
        typed["key_points"] = [line for line in request.form["key_points"].splitlines() if line.strip()]  # type: ignore[assignment]
    try:
        with changing() as (session, events):
            article = desk.find(session, public_id, lock=True)
            called_off, keep = _about_later(session, article)
            done = verbs.fix(
                session,
                g.actor,
                article,
                request.form.get("base", type=row_number) or 0,
                cleaned(typed),
                now(),
                zone=g.zone,
                note=request.form.get("note", "")[:500],
                minor=request.form.get("minor") == "1",
                keep=keep,
            )
            events += [*called_off, *done.events]
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(public_id, typed, refusal)
    return _told(public_id, done)


def rebase_form(public_id: str) -> str:
    """The fix and the working copy side by side, for whoever puts the one into the other."""
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "edit", article)
    fixed = _fixed(session, article)
    newest = desk.revision(session, article)
    before = as_typed(session, desk.revision(session, article, fixed.base)) if fixed.base else None
    return merging_page(article, before, fixed, as_typed(session, newest), newest.number, rebasing=True)


def rebase(public_id: str) -> Answer:
    """Save the working copy as one that carries the fix."""
    typed = put_together(public_id)
    base = request.form.get("base", type=row_number) or 0
    try:
        with changing() as (session, events):
            article = desk.find(session, public_id, lock=True)
            events.append(verbs.rebase(session, g.actor, article, base, cleaned(typed), now())[1])
    except StaleBase as stale:
        flash(f"{stale.message}. Here is what differs now.", "grave")
        return redirect(url_for("admin.rebase", public_id=public_id), code=303)
    return redirect(url_for("admin.edit", public_id=public_id, told="rebased"), code=303)


# --- Answers -----------------------------------------------------------------------------------------------


def _page(article: Article, live: Publication, typed: Mapping[str, Any], refusal: Refusal | None = None) -> str:
    session = db.session()
    rows = {row.n: row for row in desk.publications(session, article)}
    undoing = refusal.details.get("publications", []) if refusal else []
    return render_template(
        "admin/fix.html",
        article=article,
        live=live,
        typed=typed,
        refusal=refusal,
        errors=refusal.errors if isinstance(refusal, Invalid) else {},
        undoing=[(rows[each["n"]], [FIELDS[name] for name in each["conflicts"]]) for each in undoing],
        whole=may(session, g.actor, "publish", article),
        may_cancel=may(session, g.actor, "unschedule", article),
    )


def _refused(public_id: str, typed: Mapping[str, Any], refusal: Refusal) -> Answer:
    session = db.session()
    session.rollback()
    article = desk.find(session, public_id)
    require(session, g.actor, "edit", article)
    live = _live(session, article)
    shown = as_typed(session, desk.revision(session, article, live.revision.number))
    return _page(article, live, {**shown, **typed}, refusal), status_of(refusal)


def _told(public_id: str, done: Fixed) -> BaseResponse:
    flash(f"Fixed: readers see revision {done.revision} now.", "good")
    for each in done.rebased:
        flash(f"What is scheduled carries the fix too, as revision {each['revision']}.", "good")
    if done.kept:
        flash("What you kept will go out without the fix.", "grave")
    if done.conflicts:
        named = ", ".join(FIELDS[name].lower() for name in done.conflicts)
        flash(f"The working copy could not take it by itself ({named}). Put it in here.", "grave")
        return redirect(url_for("admin.rebase", public_id=public_id), code=303)
    if done.working_copy != done.revision:
        flash(f"The working copy carries it as revision {done.working_copy}.", "good")
    return redirect(url_for("admin.edit", public_id=public_id), code=303)


# --- What the form says ------------------------------------------------------------------------------------


def _about_later(session: Session, article: Article) -> tuple[list[Event], list[int]]:
    """For each publication to come that would undo the fix, what the form says: called off, or kept."""
    events, keep = [], []
    for name, said in request.form.items():
        n = name.removeprefix("later_")
        if n == name or not n.isascii() or not n.isdigit() or len(n) > 9:
            continue
        if said == "keep":
            keep.append(int(n))
        elif said == "cancel":
            events.append(publishing.cancel(session, g.actor, article, int(n), now(), zone=g.zone))
    return events, keep


def _live(session: Session, article: Article) -> Publication:
    live = desk.on_show(desk.publications(session, article), now())
    if live is None:
        raise Conflict("Only a live story can be fixed live; save it instead", code="not_live", verbs=["edit"])
    return live


def _fixed(session: Session, article: Article) -> Any:
    if article.fixed is None or lineage.has_fix(session, article, article.newest):
        raise Conflict("The working copy lacks no live fix", code="has_fix", state=article.state, verbs=["edit"])
    return desk.revision(session, article, article.fixed)
