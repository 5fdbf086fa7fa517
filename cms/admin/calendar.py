"""The calendar: a week or a month of what went out, goes out and may not go out yet, in the site's zone."""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done
from cms.admin.articles import seen
from cms.admin.wall_clock import wall_time
from cms.domain.articles import desk
from cms.domain.articles.calendar import Entry, entries
from cms.domain.errors import Invalid
from cms.domain.views.days import day_start, site_day
from cms.domain.workflow.moving import move
from cms.domain.workflow.permissions import PERMISSIONS
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

MOST = 1000
KINDS = {"published": "Published", "scheduled": "Scheduled", "embargo": "Embargo ends"}


def routes(room: Blueprint) -> None:
    room.add_url_rule("/calendar/", "calendar", calendar)
    room.add_url_rule("/calendar/<public_id>/<number:n>", "move_publication", move_to, methods=["POST"])


@dataclass(frozen=True)
class Day:
    date: date
    outside: bool
    """Of the week before or after the month that is shown."""
    entries: list[Entry]


def calendar() -> str:
    today = site_day(now(), g.zone)
    by_week = request.args.get("view") == "week"
    at = _asked(today)
    first = at - timedelta(days=at.weekday()) if by_week else at.replace(day=1)
    last = first + timedelta(days=6) if by_week else first.replace(day=gregorian.monthrange(at.year, at.month)[1])
    start, end = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    since, before = day_start(start, g.zone), day_start(end + timedelta(days=1), g.zone)
    by_day: dict[date, list[Entry]] = {}
    for entry in entries(db.session(), seen(), since, before, now(), MOST):
        by_day.setdefault(site_day(entry.at, g.zone), []).append(entry)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    shown = [Day(day, not first <= day <= last, by_day.get(day, [])) for day in days]
    return render_template(
        "admin/calendar.html",
        weeks=[shown[number : number + 7] for number in range(0, len(shown), 7)],
        title=f"{first:%-d %B} to {last:%-d %B %Y}" if by_week else f"{first:%B %Y}",
        view="week" if by_week else "month",
        here=at,
        today=today,
        earlier=first - timedelta(days=1),
        later=last + timedelta(days=1),
        kinds=KINDS,
        may_move={"publish", "unschedule"} <= set(PERMISSIONS[actor().role]),
    )


def move_to(public_id: str, n: int) -> BaseResponse:
    at = wall_time("to")
    if at is None:
        raise Invalid({"to": ["Takes a date and a time."]})
    with changing() as (session, events):
        events += move(session, actor(), desk.find(session, public_id, lock=True), n, at, now(), zone=g.zone)
    day = site_day(at, g.zone)
    view = "week" if request.form.get("view") == "week" else None
    said = f"Moved: it goes live {at.astimezone(g.zone):%-d %B %Y, %H:%M %Z}."
    return done(url_for("admin.calendar", at=day.isoformat(), view=view), said)


def _asked(today: date) -> date:
    """The day that ``?at=`` names, within a century of today; else today."""
    try:
        at = date.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return today
    return at if abs(at.year - today.year) < 100 else today
