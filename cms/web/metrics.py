"""``/metrics`` for Prometheus, for whoever holds CMS_METRICS_TOKEN; to everybody else there is nothing here.

All but the requests is read when asked for, from the tables: a scrape costs some queries, a reader's request nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, abort, g, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from cms.clock import stopwatch
from cms.domain.articles.queries import how_many, visible
from cms.domain.audit import newest_change
from cms.domain.outbox import OutboxRow
from cms.domain.views.model import VisitDrop, VisitTotal
from cms.heartbeat import beaten_at, noted_drift
from cms.interfaces import IndexUnusable
from cms.newsroom import Newsroom
from cms.web.tallies import BOUNDS, ROOMS, STATUSES, Tallies, summed

_BELOW = (("/admin", "admin"), ("/api/", "api"), ("/media/", "media"))


def install(app: Flask) -> None:
    newsroom: Newsroom = app.extensions["newsroom"]
    if not newsroom.settings.metrics_token:
        return
    folder = newsroom.settings.data_dir / "metrics"
    tallies = Tallies(folder)

    @app.before_request
    def begin() -> None:
        g.begun = stopwatch()

    @app.after_request
    def count(response: Response) -> Response:
        if "begun" in g:
            tallies.answered(_room(), response.status_code, stopwatch() - g.begun)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        given = request.headers.get("Authorization", "")
        wanted = f"Bearer {newsroom.settings.metrics_token}"
        if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            abort(404)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(newsroom, folder))
        return Response(
            generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"}
        )


def _room() -> str:
    if request.blueprint == "feeds":
        return "feeds"
    below = next((room for prefix, room in _BELOW if request.path.startswith(prefix)), None)
    return below or ("pages" if request.blueprint == "public" else "other")


class _Figures(Collector):
    def __init__(self, newsroom: Newsroom, folder: Path) -> None:
        self._newsroom, self._folder = newsroom, folder

    def collect(self) -> Iterator[Metric]:
        yield from self._requests()
        yield from self._newsroom_at_work()

    def _requests(self) -> Iterator[Metric]:
        """What reached the application; what the page cache answered did not."""
        sums = summed(self._folder)
        requests = CounterMetricFamily(
            "copydesk_requests", "Answers made, by room of the house and class of status", labels=("room", "status")
        )
        seconds = HistogramMetricFamily("copydesk_request_seconds", "How long they took", labels=("room",))
        for room in ROOMS:
            for status in STATUSES:
                requests.add_metric((room, status), sums[room, status])
            running, buckets = 0, []
            for bound in (*(str(bound) for bound in BOUNDS), "+Inf"):
                running += sums[room, bound]
                buckets.append((bound, running))
            seconds.add_metric((room,), buckets, sums[room, "microseconds"] / 1_000_000)
        yield requests
        yield seconds

    def _newsroom_at_work(self) -> Iterator[Metric]:
        now = self._newsroom.clock.now()
        with self._newsroom.sessions.read() as session:
            yield GaugeMetricFamily("copydesk_articles_visible", "Stories on show", how_many(session, visible(now)))
            yield GaugeMetricFamily("copydesk_change_seq", "Number of the newest change", newest_change(session))
            waiting = session.execute(
                select(OutboxRow.topic, func.count(), func.min(OutboxRow.due_at))
                .where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now)
                .group_by(OutboxRow.topic)
            ).all()
            visits = session.scalar(select(func.sum(VisitTotal.visits))) or 0
            drops = session.execute(
                select(VisitDrop.reason, func.sum(VisitDrop.views)).group_by(VisitDrop.reason)
            ).all()
        rows = GaugeMetricFamily("copydesk_outbox_waiting", "Errands due and not carried out", labels=("topic",))
        age = GaugeMetricFamily("copydesk_outbox_age_seconds", "How long the oldest is overdue", labels=("topic",))
        counts = {topic: (number, (now - due).total_seconds()) for topic, number, due in waiting}
        for topic in sorted({"search", "mail"} | counts.keys()):
            number, overdue = counts.get(topic, (0, 0.0))
            rows.add_metric((topic,), number)
            age.add_metric((topic,), overdue)
        yield rows
        yield age
        yield GaugeMetricFamily(
            "copydesk_search_drift",
            "Changes of stories that the index has not seen yet",
            counts.get("search", (0, 0))[0],
        )
        drifted = GaugeMetricFamily(
            "copydesk_search_drifted",
            "Stories that the worker's last examination found wrong in the index, and mended",
            labels=("kind",),
        )
        for kind, number in noted_drift(self._newsroom.settings.data_dir).items():
            drifted.add_metric((kind,), number)
        yield drifted
        yield GaugeMetricFamily("copydesk_search_index_usable", "1 while the index answers", int(self._index_answers()))
        # A correction of a count may lower it, so it is no counter.
        yield GaugeMetricFamily("copydesk_visits", "Visits counted, adjustments included", int(visits))
        dropped = CounterMetricFamily(
            "copydesk_views_dropped", "Views that did not count, by reason", labels=("reason",)
        )
        for reason, views in drops:
            dropped.add_metric((reason,), int(views))
        yield dropped
        if (beaten := beaten_at(self._newsroom.settings.data_dir)) is not None:
            yield GaugeMetricFamily(
                "copydesk_worker_heartbeat_age_seconds",
                "Since a worker of this machine last went round",
                max(0.0, (now - beaten).total_seconds()),
            )

    def _index_answers(self) -> bool:
        try:
            self._newsroom.search.cursor()
        except IndexUnusable:
            return False
        return True
