"""The newsroom and the instant of the request at hand, and what may be remembered for it."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request

from cms.newsroom import Newsroom
from cms.web.memory import Recollection
from cms.web.page_cache import RECOLLECTION


def newsroom() -> Newsroom:
    return cast(Newsroom, current_app.extensions["newsroom"])


def now() -> datetime:
    """One instant for the whole request, so that everything on a page is true at the same time."""
    if "now" not in g:
        g.now = newsroom().clock.now()
    return cast(datetime, g.now)


def zone() -> ZoneInfo:
    """The site's."""
    return newsroom().settings.site_timezone


def recollection() -> Recollection:
    """What the process remembers, for a page that the page cache asked for; nothing for anybody else."""
    return cast(Recollection, request.environ.get(RECOLLECTION) or Recollection())
