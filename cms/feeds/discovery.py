"""How machines find their way about: robots.txt, OpenSearch and security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Response, g

from cms.domain import addresses, keys
from cms.domain.standing.pages import page_at
from cms.domain.workflow.reporting import security_contact
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.xml import root

LONGEST_SHORT_NAME = 16
SECURITY_DAYS = 180
"""How long security.txt says that it holds; RFC 9116 asks for less than a year."""


def robots() -> Response:
    """What is private is behind a sign-in or a secret address; this only saves robots the way."""
    origin = newsroom().settings.origin
    lines = ["User-agent: *", "Disallow: /admin", "Disallow: /api/", "Disallow: /preview/", ""]
    maps = (addresses.sitemap(), addresses.news_sitemap())
    return _kept("\n".join([*lines, *(f"Sitemap: {origin}{path}" for path in maps), ""]), "text/plain")


def opensearch() -> Response:
    settings = newsroom().settings
    document = root("OpenSearchDescription", {None: "http://a9.com/-/spec/opensearch/1.1/"})
    document.add("ShortName", settings.site_name[:LONGEST_SHORT_NAME].strip())
    document.add("LongName", settings.site_name[:48].strip())
    document.add("Description", settings.site_name)
    document.add("Language", settings.site_language)
    document.add("InputEncoding", "UTF-8")
    found = f"{settings.origin}{addresses.search()}?q={{searchTerms}}"
    document.add("Url", "", {"type": "text/html", "method": "get", "template": found})
    own = settings.origin + addresses.opensearch()
    document.add("Url", "", {"type": "application/opensearchdescription+xml", "rel": "self", "template": own})
    return _kept(document.document(), "application/opensearchdescription+xml")


def security() -> Response:
    """RFC 9116. Where the newsroom has named nobody it leads to the page on which the paper says how it is reached;
    nobody's sign-in name is given away."""
    settings, today = newsroom().settings, datetime.combine(now().astimezone(UTC).date(), time(), UTC)
    contact = security_contact(db.session())
    if not contact:
        reached = addresses.standing("contact") if page_at(db.session(), "contact") else addresses.front()
        contact = settings.origin + reached
    elif "@" in contact and not contact.startswith("https:"):
        contact = f"mailto:{contact}"
    told = {
        "Contact": contact,
        "Expires": (today + timedelta(days=SECURITY_DAYS)).isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": settings.site_language,
        "Canonical": settings.origin + addresses.security(),
    }
    text = "".join(f"{name}: {value}\n" for name, value in told.items())
    return _kept(text, "text/plain", today + timedelta(days=1))


def _kept(text: str | bytes, media_type: str, good_until: datetime | None = None) -> Response:
    g.page_keys = frozenset({keys.SITE})
    g.page_good_until = good_until
    return Response(text, content_type=f"{media_type}; charset=utf-8")
