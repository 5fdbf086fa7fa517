"""The newsroom and the instant of the request at hand."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import current_app, g

from cms.newsroom import Newsroom


def newsroom() -> Newsroom:
    return cast(Newsroom, current_app.extensions["newsroom"])


def now() -> datetime:
    """One instant for the whole request, so that everything on a page is true at the same time."""
    if "now" not in g:
        g.now = newsroom().clock.now()
    return cast(datetime, g.now)
