"""What is looked over before a story goes out: the site's rules, and what they find in the story at hand."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.domain.articles import desk
from cms.domain.articles.body import BodyRefused, clean
from cms.domain.articles.model import Article
from cms.domain.workflow import checks as verbs
from cms.domain.workflow.checks import LEVELS, SAID, Draft, Finding, findings
from cms.domain.workflow.permissions import require, require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db


def routes(room: Blueprint) -> None:
    room.add_url_rule("/checks/", "checks", rules)
    room.add_url_rule("/checks/", "set_checks", choose, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/checks", "check", check, methods=["POST"])
    room.context_processor(lambda: {"findings_on": _saved})


def rules() -> str:
    require_right(actor(), "manage_settings")
    return render_template("admin/checks.html", rules=verbs.rules(db.session()), said=SAID, levels=LEVELS)


def choose() -> BaseResponse:
    levels = {check: request.form[check] for check in SAID if check in request.form}
    with changing() as (session, events):
        events += verbs.set_rules(session, actor(), levels)
    return done(url_for("admin.checks"), "Saved. It holds for every story that goes out from now on.")


def check(public_id: str) -> str:
    """What is found in the form as it stands, saved or not: a part of a page, for the script that asks as you type."""
    article = desk.find(db.session(), public_id)
    require(db.session(), actor(), "see", article)
    form = request.form
    draft = Draft(
        headline=form.get("headline", "").strip(),
        standfirst=form.get("standfirst", ""),
        body_html=_cleaned(form.get("body_html", "")),
        lead_image=form.get("lead_image", desk.revision(db.session(), article).lead_image),
        signed=any(form.getlist("person")),
    )
    return render_template("admin/parts/findings.html", findings=findings(db.session(), article, draft, now()))


def _cleaned(body: str) -> str:
    """As it would be saved; nothing of one that can't be, which the save itself will say."""
    try:
        return clean(body)
    except BodyRefused:
        return ""


def _saved(article: Article) -> list[Finding]:
    """What would be found if the newest saved text went out now."""
    return findings(db.session(), article, verbs.draft_of(desk.revision(db.session(), article)), now())
