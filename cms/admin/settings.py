"""The settings room: what this site runs with, and where each value came from. They are changed where they stand, but
for the few that the newsroom chooses while the site runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import actor, done, said_on
from cms.domain.articles.calendar import set_elsewhere
from cms.domain.workflow.permissions import require_right
from cms.domain.workflow.reporting import security_contact, set_security_contact
from cms.settings import Found, WrongSetting, look_up
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db

PER_PAGE = 50

GROUPS = (
    ("The paper", ("SITE_", "ARTICLE_PATH")),
    ("Where things are kept", ("DATA_DIR", "DATABASE_URL", "SEARCH_URL", "VIEWS_URL", "FILES_URL", "SIGNAL_URL")),
    ("Serving", ("HOST", "PORT", "WORKERS", "TRUSTED_PROXIES", "PAGE_CACHE_MB", "VIEWS_SYNC_MS", "UPLOAD_MB")),
    ("Everything else", ("",)),
)
"""Headings, with the beginnings of the names that stand below each; a setting stands below the first that fits."""


def routes(room: Blueprint) -> None:
    room.add_url_rule("/settings/", "settings", settings)
    room.add_url_rule("/settings/security", "set_security_contact", choose_contact, methods=["POST"])


def settings() -> str:
    require_right(actor(), "manage_settings")
    return _page({})


def choose_contact() -> BaseResponse:
    typed = request.form.get("contact", "")
    with said_on(_page), changing() as (session, events):
        events += set_security_contact(session, actor(), typed)
    return done(url_for("admin.settings"), "Saved. security.txt names it from now on.")


def _page(errors: Mapping[str, list[str]]) -> str:
    try:
        found = look_up()
    except WrongSetting:  # the environment was changed under the running site
        found = look_up({name: value for name, value in os.environ.items() if not name.startswith("CMS_")})
    running = newsroom().settings
    return render_template(
        "admin/settings.html",
        groups=_grouped(found),
        running=running,
        elsewhere=set_elsewhere(db.session(), running.site_timezone.key, now(), PER_PAGE),
        contact=request.form.get("contact", security_contact(db.session())),
        errors=errors,
    )


def _grouped(found: Sequence[Found]) -> list[tuple[str, list[Found]]]:
    grouped: dict[str, list[Found]] = {heading: [] for heading, _ in GROUPS}
    for each in found:
        name = each.setting.name.removeprefix("CMS_")
        heading = next(heading for heading, starts in GROUPS if name.startswith(starts))
        grouped[heading].append(each)
    return list(grouped.items())
