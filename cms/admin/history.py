"""Every revision of a story: who saved it, when and why; what differs between any two; and back to one of them."""

from __future__ import annotations

from collections.abc import Iterable

from flask import g, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.admin.conflicts import FIELDS, as_markup
from cms.admin.in_place import Answer, in_place
from cms.admin.publishing import knowingly
from cms.admin.typed import as_typed, row_number
from cms.domain.articles import desk
from cms.domain.articles.comparing import body_difference
from cms.domain.articles.model import Article, Revision
from cms.domain.errors import Refusal
from cms.domain.events import Event
from cms.domain.workflow import editing, editions
from cms.domain.workflow.permissions import may, require
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
TOLD = {
    "hidden": "Hidden: the public history leaves that edition out.",
    "unhidden": "The public history shows that edition again.",
}


def history(public_id: str) -> str:
    """The list, and one comparison: the two revisions asked for, else what is live, or came before, with the newest."""
    return _page(desk.find(db.session(), public_id))


def restore(public_id: str, number: int) -> Answer:
    """Begin again from an old text: a new revision equal to it, which never goes live by itself."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return editing.restore(
            session, g.actor, article, number, request.form.get("base", type=row_number) or 0, now()
        )[1]

    return in_place(public_id, act, "restored", refused=_page)


def rollback(public_id: str, n: int) -> Answer:
    """Show readers again what publication ``n`` showed. The working copy stays."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [editions.rollback(session, g.actor, article, n, now(), zone=g.zone, knowingly=knowingly())[1]]

    return in_place(public_id, act, "rolled_back", refused=_page)


def hide(public_id: str, n: int) -> Answer:
    """Leave publication ``n`` out of what readers are told of the story's past."""
    reason = request.form.get("reason", "")

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [editions.hide(session, g.actor, article, n, reason, now())]

    return in_place(public_id, act, "hidden", after="admin.history", refused=_page)


def unhide(public_id: str, n: int) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [editions.unhide(session, g.actor, article, n, now())]

    return in_place(public_id, act, "unhidden", after="admin.history", refused=_page)


def _page(article: Article, refusal: Refusal | None = None) -> str:
    session = db.session()
    require(session, g.actor, "see", article)
    rows = desk.publications(session, article)
    live = desk.on_show(rows, now())
    shown: dict[int, list[str]] = {}
    for row in rows:
        if row.cancelled_at is None:
            how = "live" if row is live else "waiting" if row.live_from > now() else "was live"
            shown.setdefault(row.revision_id, []).append(how)
    older = request.args.get("older", type=row_number)
    listed = select(Revision).where(Revision.article_id == article.id).order_by(Revision.number.desc())
    if older is not None:
        listed = listed.where(Revision.number < older)
    revisions = session.scalars(listed.limit(PER_PAGE + 1)).all()
    before = live.revision.number if live and live.revision.number < article.newest else max(article.newest - 1, 1)
    left = desk.revision(session, article, request.args.get("from", type=row_number) or before)
    right = desk.revision(session, article, request.args.get("to", type=row_number) or article.newest)
    texts = [as_typed(session, left), as_typed(session, right)]
    differences = {
        label: body_difference(*(as_markup(session, name, text[name]) for text in texts))
        for name, label in FIELDS.items()
        if texts[0][name] != texts[1][name]
    }
    return render_template(
        "admin/history.html",
        article=article,
        revisions=revisions[:PER_PAGE],
        older=revisions[PER_PAGE - 1].number if len(revisions) > PER_PAGE else None,
        shown=shown,
        live=live,
        left=left,
        right=right,
        differences=differences,
        editions=[row for row in reversed(rows) if row.cancelled_at is None and row.live_from <= now()][:PER_PAGE],
        refusal=refusal,
        told=TOLD.get(request.args.get("told", "")),
        can_hide=may(session, g.actor, "withdraw", article),
        can_roll_back=live is not None and may(session, g.actor, "publish", article),
        can_edit=may(session, g.actor, "edit", article) and article.state != "spiked",
    )
