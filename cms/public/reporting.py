"""A reader says that something in a story is wrong: a form of its own, which works without a script or a cookie."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime

from flask import Response, abort, g, request

from cms.domain import addresses, keys
from cms.domain.articles import desk
from cms.domain.articles.story import PublicStory
from cms.domain.errors import Invalid
from cms.domain.people.guesses import network_bucket
from cms.domain.workflow.reader_reports import LONGEST, LONGEST_ADDRESS, SHORTEST, clean_report, report_error
from cms.public.page import page
from cms.public.stories import beneath
from cms.web.changing import changing
from cms.web.client_address import client_address
from cms.web.current import newsroom, now

TRAP = "website"
"""A field that nobody sees, so that only a program fills it in."""


def report(slug: str, **dated: int) -> Response:
    found = beneath(slug, dated, addresses.report)
    if isinstance(found, Response):
        return found
    _publication, story = found
    if request.method == "POST":
        return _received(story)
    return _form(story)


def _received(story: PublicStory) -> Response:
    if request.headers.get("Origin", newsroom().settings.origin) not in newsroom().settings.origins:
        abort(400)
    typed = {name: request.form.get(name, "") for name in ("text", "address")}
    if request.form.get(TRAP):
        return _private(_form(story, sent=True))
    try:
        report = clean_report(typed["text"], typed["address"])
    except Invalid as refused:
        return _private(_form(story, typed=typed, wrong=set(refused.errors), status=422))
    with changing() as (session, events):
        article = desk.find(session, story.id, lock=True)
        full_until, told = report_error(session, article, report, _network(), now())
        events += told
    if full_until is None:
        return _private(_form(story, sent=True))
    answer = _private(_form(story, typed=typed, full_until=full_until, status=429))
    answer.headers["Retry-After"] = str(max(1, int((full_until - now()).total_seconds()) + 1))
    return answer


def _form(
    story: PublicStory,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: set[str] | None = None,
    full_until: datetime | None = None,
    sent: bool = False,
    status: int = 200,
) -> Response:
    return page(
        "report.html",
        path=addresses.report(story.path),
        keyed={keys.article(story.id)},
        good_until=story.live_until,
        status=status,
        noindex=True,
        story=story,
        typed=typed or {},
        wrong=wrong or set(),
        full_until=full_until,
        sent=sent,
        trap=TRAP,
        shortest=SHORTEST,
        longest=LONGEST,
        longest_address=LONGEST_ADDRESS,
    )


def _network() -> str:
    """Tells senders apart, and tells nobody who they are."""
    settings = newsroom().settings
    network = network_bucket(client_address(request.environ, settings.trusted_proxies))
    return hmac.digest(settings.secret_key.encode(), b"report " + network.encode(), "sha256").hex()[:40]


def _private(answer: Response) -> Response:
    """An answer to one reader, which nobody keeps."""
    g.pop("page_keys", None)
    answer.headers["Cache-Control"] = "no-store"
    return answer
