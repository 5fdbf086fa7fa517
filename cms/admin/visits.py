"""The visits room: how often the paper, its sections and each story were read, as a chart and as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, g, render_template, request

from cms.admin.acting import actor
from cms.domain.articles import desk
from cms.domain.views import reading, windows
from cms.domain.views.days import site_day
from cms.domain.workflow.permissions import require, require_right
from cms.web.current import now
from cms.web.database import db

SPANS = {
    "24h": (windows.DAY, "the last 24 hours"),
    "7d": (windows.WEEK, "the last 7 days"),
    "30d": (windows.MONTH, "the last 30 days"),
}
MOST = 50
WIDTH, HEIGHT = 720, 160  # of the chart, in its own units
REASONS = {
    "bot": "Programs, not readers",
    "origin": "Sent from another site's page",
    "staff": "Staff who are signed in",
    "prefetch": "Fetched ahead, not read",
    "preview": "Previews",
    "unknown": "Stories that are not on show",
    "malformed": "Not a view at all",
    "over_cap": "Too many from one network",
    "recent": "The same reader within 30 minutes",
    "repeat": "The same view sent twice",
}


def routes(room: Blueprint) -> None:
    room.add_url_rule("/visits/", "visits", visits)
    room.add_url_rule("/visits/<public_id>/", "article_visits", of_article)


@dataclass(frozen=True)
class Bar:
    """One hour or day: when, how it is called, how many; and where its bar stands in the chart."""

    at: datetime | date
    label: str
    visits: int
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


def visits() -> str:
    require_right(actor(), "see_visits")
    session, at = db.session(), now()
    span, (window, said) = _span()
    figures, recent = windows.site_totals(session, at, g.zone)
    read = reading.most_visited(session, window, at, MOST)
    numbers = [each.number for each in read]
    today = site_day(at, g.zone)
    return render_template(
        "admin/visits.html",
        span=span,
        spans=SPANS,
        said=said,
        figures=figures,
        recent=recent,
        bars=_bars(span, None),
        size=(WIDTH, HEIGHT),
        read=read,
        ever=windows.figures(session, numbers, at, g.zone),
        late=windows.recent(session, numbers, at),
        sections=reading.by_section(session, window, at),
        drops=windows.drops(session, site_day(at - window, g.zone), today),
        reasons=REASONS,
    )


def of_article(public_id: str) -> str:
    require_right(actor(), "see_visits")
    session, at = db.session(), now()
    article = desk.find(session, public_id)
    require(session, actor(), "see", article)
    span, (_window, said) = _span()
    return render_template(
        "admin/article_visits.html",
        article=article,
        headline=desk.revision(session, article).headline,
        span=span,
        spans=SPANS,
        said=said,
        figures=windows.figures(session, [article.id], at, g.zone)[article.id],
        recent=windows.recent(session, [article.id], at)[article.id],
        bars=_bars(span, [article.id]),
        size=(WIDTH, HEIGHT),
    )


def _span() -> tuple[str, tuple[timedelta, str]]:
    span = request.args.get("span", "24h")
    if span not in SPANS:
        abort(404)
    return span, SPANS[span]


def _bars(span: str, article_ids: list[int] | None) -> list[Bar]:
    session, at = db.session(), now()
    if span == "24h":
        hours = windows.by_hour(session, at, g.zone, article_ids)
        return _drawn([Bar(hour, f"{hour.astimezone(g.zone):%H:%M}", count) for hour, count in hours])
    today = site_day(at, g.zone)
    days = windows.by_day(session, today - SPANS[span][0] + timedelta(days=1), today, article_ids)
    return _drawn([Bar(each.day, f"{each.day:%a %-d %b}", each.visits) for each in days])


def _drawn(bars: list[Bar]) -> list[Bar]:
    """The bars side by side, the highest as high as the chart."""
    highest = max((bar.visits for bar in bars), default=0) or 1
    slot = WIDTH / len(bars)
    return [
        Bar(
            bar.at,
            bar.label,
            bar.visits,
            x=round(place * slot + slot * 0.1, 1),
            y=round(HEIGHT - HEIGHT * bar.visits / highest, 1),
            width=round(slot * 0.8, 1),
            height=round(HEIGHT * bar.visits / highest, 1),
        )
        for place, bar in enumerate(bars)
    ]
