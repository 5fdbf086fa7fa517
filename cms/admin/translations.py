"""Which story this one is a translation of: set and taken back."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.articles.queries import at_slug
from cms.domain.articles.translations import group
from cms.domain.errors import Invalid, NotFound
from cms.domain.workflow.permissions import require
from cms.domain.workflow.translating import link_translation, unlink_translation
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db


def routes(room: Blueprint) -> None:
    room.add_url_rule("/articles/<public_id>/translations", "translations", translations)
    room.add_url_rule("/articles/<public_id>/translations", "link_translation", link, methods=["POST"])


def translations(public_id: str) -> str:
    session = db.session()
    article = desk.find(session, public_id)
    require(session, actor(), "see", article)
    others = [each for each in group(session, public_id) if each.id != article.id]
    return render_template(
        "admin/translations.html",
        id=public_id,
        here=desk.revision(session, article),
        others=[(each.public_id, desk.revision(session, each)) for each in others],
    )


def link(public_id: str) -> BaseResponse:
    clear = "clear" in request.form
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        if clear:
            events += unlink_translation(session, actor(), article)
        else:
            other = _named(session, request.form.get("other", "").strip())
            events += link_translation(session, actor(), article, other)
    said = "This story stands for itself again." if clear else "Linked. Readers are offered both languages."
    return done(url_for("admin.translations", public_id=public_id), said)


def _named(session: Session, named: str) -> Article:
    """By the address of its page here or on the website, or by its id."""
    last = urlsplit(named).path.rstrip("/").rpartition("/")[2]
    found = at_slug(session, last, now())
    if found:
        return found[0].article
    try:
        return desk.find(session, last)
    except NotFound:
        raise Invalid({"other": ["There is no story at this address."]}) from None
