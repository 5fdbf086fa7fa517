"""Visits: of some articles, for whoever shows them; and for staff, over time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from flask import Response, jsonify

from cms.api import answers, schemas
from cms.api.acting import private
from cms.api.holders import staff
from cms.api.taking import Part
from cms.domain.articles import desk
from cms.domain.articles.queries import visible_among
from cms.domain.errors import Invalid
from cms.domain.views.days import site_day
from cms.domain.views.windows import by_day, drops, figures
from cms.domain.workflow.permissions import require, require_right
from cms.web.current import newsroom, now
from cms.web.database import db

MOST_IDS = 50
LONGEST = timedelta(days=366)

blueprint = Part("views", "Visits: counted, told with articles, and for staff day by day.")


@blueprint.get("/views")
@blueprint.arguments(schemas.Ids, location="query", as_kwargs=True)
@blueprint.response(200, answers.Counts)
def counts(ids: str) -> Response:
    """The visits of up to 50 visible articles; unknown and hidden ones are left out."""
    asked = list(dict.fromkeys(each for each in ids.split(",") if each))
    if len(asked) > MOST_IDS:
        raise Invalid({"ids": [f"Takes at most {MOST_IDS} ids."]})
    session, at = db.session(), now()
    named = visible_among(session, asked, at)
    counted = figures(session, named, at, newsroom().settings.site_timezone)
    told = {
        public_id: {"total": counted[number].total, "today": counted[number].today}
        for number, public_id in named.items()
    }
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/stats")
@blueprint.arguments(schemas.Stats, location="query", as_kwargs=True)
@blueprint.response(200, answers.Stats)
def stats(
    since: datetime | date | None = None, until: datetime | date | None = None, article: str | None = None
) -> Response:
    """Visits day by day, of the last 30 days or from one day to another, of all stories or of one."""
    actor, session, zone = staff(), db.session(), newsroom().settings.site_timezone
    require_right(actor, "see_visits")
    last = _day(until, zone) or site_day(now(), zone)
    first = _day(since, zone) or last - timedelta(days=29)
    if not timedelta() <= last - first <= LONGEST:
        raise Invalid({"from": [f"Takes a day before that of `to`, at most {LONGEST.days} days."]})
    ids = None
    if article is not None:
        found = desk.find(session, article)
        require(session, actor, "see", found)
        ids = [found.id]
    days = by_day(session, first, last, ids)
    told = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "visits": sum(each.visits for each in days),
        "days": [{"day": each.day.isoformat(), "visits": each.visits, "readers": each.uniques} for each in days],
        "not_counted": drops(session, first, last) if ids is None else {},
    }
    return private(told)


def _day(edge: datetime | date | None, zone: tzinfo) -> date | None:
    return site_day(edge, zone) if isinstance(edge, datetime) else edge
