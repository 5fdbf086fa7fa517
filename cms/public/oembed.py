"""oEmbed 1.0 (https://oembed.com): how another site may show a link to one of our stories."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, current_app, jsonify, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from cms.domain import addresses, keys
from cms.domain.articles.story import PublicStory
from cms.domain.media.renditions import WIDTHS
from cms.public.page import keep
from cms.public.pictures import rendition_size
from cms.public.stories import standing_story
from cms.web.current import newsroom
from cms.web.xml import root

WIDTH, HEIGHT = 600, 200
"""In pixels: as large as the card is without ``maxwidth`` and ``maxheight``."""


def oembed() -> Response:
    """A card of the story at ``url``; 404 for whatever is not the address of a story that readers can see."""
    form = request.args.get("format", "json")
    if form not in ("json", "xml"):
        abort(501)
    widest, highest = _limit("maxwidth"), _limit("maxheight")
    story = _story_at(request.args.get("url", ""))
    if story is None:
        abort(404)
    keep({keys.article(story.id)}, story.live_until)
    card = _card(story, widest, highest)
    return _as_xml(card) if form == "xml" else jsonify(card)


def _story_at(url: str) -> PublicStory | None:
    """The story whose present or former address this is."""
    settings = newsroom().settings
    parts = urlsplit(url) if url.isprintable() and "[" not in url else urlsplit("")
    if f"{parts.scheme}://{parts.netloc}" not in settings.origins:
        return None
    try:
        endpoint, given = current_app.url_map.bind(parts.netloc, url_scheme=parts.scheme).match(parts.path, "GET")
    except (HTTPException, RequestRedirect):
        return None
    return standing_story(**given) if endpoint == "public.article" else None


def _card(story: PublicStory, widest: int | None, highest: int | None) -> dict[str, Any]:
    settings = newsroom().settings
    url = settings.origin + story.path
    said = f"<p>{escape(story.standfirst)}</p>" if story.standfirst else ""
    card: dict[str, Any] = {
        "type": "rich",
        "version": "1.0",
        "title": story.headline,
        "provider_name": settings.site_name,
        "provider_url": settings.origin + addresses.front(),
        "html": f'<blockquote><p><a href="{escape(url)}">{escape(story.headline)}</a></p>{said}</blockquote>',
        "width": min(WIDTH, widest or WIDTH),
        "height": min(HEIGHT, highest or HEIGHT),
    }
    if story.bylines:
        card["author_name"] = ", ".join(dict.fromkeys(person.name for person in story.bylines))
        card["author_url"] = settings.origin + story.bylines[0].path
    return card | _thumbnail(story, widest or WIDTH, highest)


def _thumbnail(story: PublicStory, widest: int, highest: int | None) -> dict[str, Any]:
    """The largest rendition within the bounds, or nothing of it at all."""
    if story.lead_image is None:
        return {}
    for allowed in reversed(WIDTHS):
        width, height = rendition_size(story.lead_image, allowed)
        if width <= widest and (highest is None or height <= highest):
            path = addresses.media(story.lead_image.key, f"w{allowed}.jpg")
            return {
                "thumbnail_url": newsroom().settings.origin + path,
                "thumbnail_width": width,
                "thumbnail_height": height,
            }
    return {}


def _limit(name: str) -> int | None:
    said = request.args.get(name, "")
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or not 0 < len(said) < 6 or not int(said):
        abort(400)
    return int(said)


def _as_xml(card: dict[str, Any]) -> Response:
    document = root("oembed", {})
    for name, value in card.items():
        document.add(name, str(value))
    return Response(document.document(), content_type="text/xml; charset=utf-8")
