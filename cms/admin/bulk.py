"""The list's bulk verbs: what was done, and what was refused and why, story by story."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, render_template, request

from cms.admin.acting import actor
from cms.domain.articles import desk
from cms.domain.errors import Invalid, NotFound, Refusal
from cms.domain.workflow import bulk as verbs
from cms.domain.workflow.permissions import may
from cms.web.changing import changing
from cms.web.current import newsroom, now

MOST = 50


@dataclass(frozen=True)
class Result:
    """``refused`` is the reason, None where it was done. Without a headline, nothing may be told of the story."""

    id: str
    headline: str
    refused: str | None = None


def routes(room: Blueprint) -> None:
    room.add_url_rule("/articles/bulk", "bulk", bulk, methods=["POST"])


def bulk() -> str:
    verb = request.form.get("verb", "")
    picked = list(dict.fromkeys(request.form.getlist("story")))
    if verb not in verbs.BULK:
        raise Invalid({"verb": ["Choose what is to be done."]})
    if not 0 < len(picked) <= MOST:
        raise Invalid({"story": [f"Mark 1 to {MOST} stories."]})
    results = [_one(verb, *each.partition(":")[::2]) for each in picked]
    return render_template(
        "admin/bulk.html",
        said=verbs.BULK[verb],
        carried_out=[result for result in results if result.refused is None],
        refused=[result for result in results if result.refused is not None],
        back=request.form.get("query", "")[:2000],
    )


def _one(verb: str, public_id: str, revision: str) -> Result:
    number = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0
    try:
        with changing() as (session, events):
            events += verbs.act(session, actor(), public_id, verb, number, now(), zone=g.zone)
    except NotFound as refusal:
        return Result(public_id, "", refusal.message)
    except Invalid as refusal:
        return Result(public_id, _headline(public_id), " ".join(s for each in refusal.errors.values() for s in each))
    except Refusal as refusal:
        return Result(public_id, _headline(public_id), refusal.message)
    return Result(public_id, _headline(public_id))


def _headline(public_id: str) -> str:
    with newsroom().sessions.read() as session:
        article = desk.find(session, public_id)
        return desk.revision(session, article).headline if may(session, actor(), "see", article) else ""
