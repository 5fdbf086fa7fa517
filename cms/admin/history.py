"""Every revision of a story: who saved it, when and why; what differs between any two; and back to one of them."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.admin.conflicts import FIELDS, as_markup
from cms.admin.typed import as_typed
from cms.domain.articles import desk
from cms.domain.articles.comparing import body_difference
from cms.domain.articles.model import Revision
from cms.domain.errors import Conflict
from cms.domain.workflow import editing
from cms.domain.workflow.permissions import may, require
from cms.web.current import newsroom, now
from cms.web.database import db

PER_PAGE = 50


def history(public_id: str) -> str:
    """The list, and one comparison: the two revisions that were asked for, else what is live with the newest."""
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "see", article)
    rows = desk.publications(session, article)
    live = desk.on_show(rows, now())
    shown: dict[int, list[str]] = {}
    for row in rows:
        if row.cancelled_at is None:
            how = "live" if row is live else "waiting" if row.live_from > now() else "was live"
            shown.setdefault(row.revision_id, []).append(how)
    older = request.args.get("older", type=int)
    listed = select(Revision).where(Revision.article_id == article.id).order_by(Revision.number.desc())
    if older is not None and older < 2**31:
        listed = listed.where(Revision.number < older)
    revisions = session.scalars(listed.limit(PER_PAGE + 1)).all()
    before = live.revision.number if live else max(article.newest - 1, 1)
    left = desk.revision(session, article, request.args.get("from", type=int) or before)
    right = desk.revision(session, article, request.args.get("to", type=int) or article.newest)
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
        can_edit=may(session, g.actor, "edit", article) and article.state != "spiked",
    )


def restore(public_id: str, number: int) -> BaseResponse:
    """Begin again from an old text: a new revision equal to it, which never goes live by itself."""
    with newsroom().sessions.write() as session:
        article = desk.find(session, public_id, lock=True)
        require(session, g.actor, "edit", article)
        base = request.form.get("base", type=int)
        old = desk.revision(session, article, number)
        fields = as_typed(session, old)
        if base != article.newest:
            raise Conflict("Somebody has saved this story since you opened its history. Look again before you restore.")
        revision, events = editing.save(
            session, g.actor, article, base, fields, now(), note=f"Restored from revision {number}"
        )
        told = revision.number
        reactions.commit(session, events, now(), newsroom().signal)
    return redirect(
        url_for("admin.edit", public_id=public_id, told="restored" if events else "unchanged", revision=told), code=303
    )
