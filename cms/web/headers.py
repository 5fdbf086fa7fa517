"""Headers on every answer: what a browser may do with it, and whether it has it already."""

from __future__ import annotations

from flask import Flask, Response, g, request

from cms.domain.articles.queries import FOREVER
from cms.web.page_cache import FACTS, Facts

PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


def install(app: Flask) -> None:
    always = {**ALWAYS, "Content-Security-Policy": PUBLIC_POLICY}
    if app.extensions["newsroom"].settings.origin.startswith("https:"):
        always["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"

    @app.after_request
    def finish(response: Response) -> Response:
        there = {name.lower() for name, _value in response.headers}
        response.headers.extend([(name, value) for name, value in always.items() if name.lower() not in there])
        return _conditional(response)


def _conditional(response: Response) -> Response:
    """A strong ETag on every whole answer to a GET that may be kept, and 304 for whoever has it. A page that
    says what it depends on gets both from the page cache, which is told here."""
    if "page_keys" in g and response.status_code in (200, 404, 410) and not response.headers.get("Set-Cookie"):
        request.environ[FACTS] = Facts(g.page_keys, g.get("page_good_until") or FOREVER, g.get("page_slot"))
        response.headers.setdefault("Cache-Control", "no-cache")
        return response
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    if response.is_streamed or response.cache_control.no_store or response.direct_passthrough:
        return response
    if not response.headers.get("ETag"):
        response.add_etag()
    response.headers.setdefault("Cache-Control", "no-cache")
    response.make_conditional(request)
    return response
