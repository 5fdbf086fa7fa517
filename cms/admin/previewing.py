"""Previews: a revision on the page that readers would get, in three widths; and links for people without a sign-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.typed import row_number
from cms.domain import addresses
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Revision
from cms.domain.workflow import previews
from cms.domain.workflow.permissions import may, require
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.headers import PUBLIC_POLICY

Proof = Callable[[Article, Revision], str]
"""Makes the page of a story that readers may not see yet."""

_MADE = "preview_made"
_PICTURE = re.compile(r"(?<=[\s\",])/media/(?=[0-9a-f]{40}/)")
DAYS = (1, 7, 30)


def preview(public_id: str) -> Response:
    """The proof in a frame of the width asked for, with what can be done from here."""
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "see", article)
    revision = desk.revision(session, article, request.args.get("revision", type=row_number))
    live = desk.on_show(desk.publications(session, article), now())
    page = render_template(
        "admin/preview.html",
        article=article,
        revision=revision,
        live=live,
        width=request.args.get("width") if request.args.get("width") in ("phone", "tablet") else "desktop",
        may_share=article.state != "spiked" and may(session, g.actor, "preview", article),
        links=previews.open_links(session, article, now()),
        days=DAYS,
        made=cookie.pop(_MADE, None),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{PUBLIC_POLICY}; frame-src 'self'"
    return answer


def proof_by(make: Proof) -> Callable[[str, int], Response]:
    """The view that shows a revision on the page that ``make`` makes."""

    def proof(public_id: str, number: int) -> Response:
        session = db.session()
        article = desk.find(session, public_id)
        require(session, g.actor, "see", article)
        page = make(article, desk.revision(session, article, number))
        answer = make_response(_PICTURE.sub("/admin/media/file/", page))
        answer.headers["Content-Security-Policy"] = PUBLIC_POLICY.replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        )
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
        return answer

    return proof


def share(public_id: str) -> BaseResponse:
    """A new link to the revision that is being looked at. Its secret is shown once, on the page that follows."""
    days = request.form.get("days", type=row_number)
    revision = request.form.get("revision", type=row_number)
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        until = now() + timedelta(days=days if days in DAYS else previews.LIFETIME.days)
        secret, _link, event = previews.share(session, g.actor, article, now(), revision=revision, expires_at=until)
        events.append(event)
    cookie[_MADE] = newsroom().settings.origin + addresses.preview(secret)
    return _back(public_id, revision)


def revoke(public_id: str, link: str) -> BaseResponse:
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        events.append(previews.revoke(session, g.actor, article, link, now()))
    return _back(public_id, request.form.get("revision", type=row_number))


def _back(public_id: str, revision: int | None) -> BaseResponse:
    return redirect(url_for("admin.preview", public_id=public_id, revision=revision), code=303)
