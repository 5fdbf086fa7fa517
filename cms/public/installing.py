"""The paper on a reader's device: what an installed one is called and looks like, and what is shown without a network.

The service worker answers for nothing that the network can answer. It keeps one page, which says that there is no
connection, and the files that page is drawn with; so no story is ever read from a device after it was changed or
withdrawn.
"""

from __future__ import annotations

import json
from hashlib import sha256

from flask import Response, render_template
from flask_babel import gettext

from cms.domain import addresses
from cms.public.page import bare_site, keep, page
from cms.web.assets import asset_url

PAPER, PENCIL = "#fdfcf8", "#1b4a96"
_ICONS = (
    ("icon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-whole-512.png", "512x512", "image/png", "maskable"),
)
_DRAWN_WITH = ("site.css", "display.js")
"""The built files that the page without a network needs."""


def manifest() -> Response:
    site = bare_site()
    told = {
        "name": site.name,
        "short_name": site.name if len(site.name) <= 12 else site.name.split()[-1][:12],
        "lang": site.language,
        "dir": site.direction,
        "id": addresses.front(),
        "start_url": addresses.front(),
        "scope": addresses.front(),
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": asset_url(name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in _ICONS
        ],
        "shortcuts": [
            {"name": gettext("Most read"), "url": addresses.most_read()},
            {"name": gettext("Search"), "url": addresses.search()},
        ],
    }
    return _kept(json.dumps(told, ensure_ascii=False), "application/manifest+json")


def offline() -> Response:
    return page("offline.html", path=addresses.offline(), noindex=True)


def service_worker() -> Response:
    """Another text whenever what it keeps is another, which is how a browser knows to fetch that anew."""
    drawn_with = [asset_url(name) for name in _DRAWN_WITH]
    shown = render_template("public/offline.html", site=bare_site())
    text = render_template(
        "public/service_worker.js",
        version=sha256(shown.encode()).hexdigest()[:16],
        offline=addresses.offline(),
        drawn_with=drawn_with,
    )
    return _kept(text, "text/javascript")


def _kept(text: str, media_type: str) -> Response:
    keep(())
    return Response(text, content_type=f"{media_type}; charset=utf-8")
