"""How a story looks when it is shared: the picture, title and description on another site's card.

The picture is the one chosen for sharing, else the lead image, else a drawn card with the headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Response, abort, make_response, redirect

from cms.domain import addresses, keys
from cms.domain.articles.model import Article
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory
from cms.interfaces import ImagesBusy
from cms.public.page import keep
from cms.public.pictures import rendition, rendition_size
from cms.web.current import newsroom, now
from cms.web.database import db

WIDTH, HEIGHT = 1200, 630
CARD = "16x9"


@dataclass(frozen=True)
class SharedPicture:
    """``url`` is absolute; without ``width`` the size isn't known."""

    url: str
    alt: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Social:
    """What a card on another site says."""

    title: str
    description: str
    picture: SharedPicture
    locale: str


def social(story: PublicStory) -> Social:
    seo = story.seo
    return Social(
        title=seo.get("social_title") or story.headline,
        description=seo.get("social_description") or story.standfirst,
        picture=shared_picture(story),
        locale=_locale(story.language),
    )


def shared_picture(story: PublicStory) -> SharedPicture:
    origin, chosen = newsroom().settings.origin, story.seo.get("social_image")
    if chosen:
        return SharedPicture(origin + chosen if chosen.startswith("/") else chosen, story.headline)
    if story.lead_image:
        width, height = rendition_size(story.lead_image, 1280, CARD)
        url = origin + rendition(story.lead_image, 1280, "jpg", CARD)
        return SharedPicture(url, story.lead_image.alt, width, height)
    return SharedPicture(origin + addresses.share_card(story.id, story.revision), story.headline, WIDTH, HEIGHT)


def card(public_id: str, revision: int) -> Response:
    """The drawn card of a visible story as it now stands; an earlier revision's address leads to it."""
    settings, at = newsroom().settings, now()
    shown = visible(at).where(Article.public_id == public_id)
    found = stories(db.session(), shown, at, settings.article_path)
    if not found:
        abort(404)
    [story] = found
    if story.revision != revision:
        return make_response(redirect(addresses.share_card(story.id, story.revision), 302))
    section = story.sections[0].name if story.sections else ""
    try:
        picture = newsroom().images.draw_card(story.headline, section, settings.site_name)
    except ImagesBusy:
        abort(503)
    keep({keys.article(story.id)}, story.live_until)
    return Response(picture, mimetype="image/png")


def _locale(language: str) -> str:
    """As Open Graph writes it: ``pt_BR``, ``en``."""
    found = re.fullmatch(r"([a-z]{2,3})-(?:[A-Za-z]{4}-)?([A-Za-z]{2})", language)
    return f"{found[1]}_{found[2].upper()}" if found else language.split("-")[0]
