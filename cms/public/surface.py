"""The public website as a way in: its addresses, and what its templates may call on."""

from __future__ import annotations

from flask import Blueprint, Flask

from cms.domain import addresses
from cms.public import (
    body_pictures,
    front,
    installing,
    lists,
    oembed,
    pictures,
    previews,
    printing,
    records,
    refusals,
    reporting,
    searching,
    sharing,
    standing,
    stories,
    text_only,
)
from cms.public.page import card, on_every_page
from cms.web.assets import asset_url

_DATE_PARTS = {
    "yyyy": "<int(fixed_digits=4):yyyy>",
    "mm": "<int(fixed_digits=2):mm>",
    "dd": "<int(fixed_digits=2):dd>",
    "slug": "<slug>",
}


def install(app: Flask) -> None:
    """Serve the website from this application."""
    _equip_templates(app)
    app.register_blueprint(_routes(app.extensions["newsroom"].settings.article_path))
    refusals.install(app)


def _routes(article_path: str) -> Blueprint:
    site = Blueprint("public", __name__)
    story = article_path.format(**_DATE_PARTS)
    site.add_url_rule(addresses.front(), view_func=front.front)
    alone = story == addresses.standing("<slug>")
    site.add_url_rule(story, view_func=standing.standing_or_story if alone else stories.article)
    if not alone:
        site.add_url_rule(addresses.standing("<slug>"), view_func=standing.standing, strict_slashes=False)
    site.add_url_rule(addresses.history(story), view_func=stories.history)
    site.add_url_rule(addresses.text_only(addresses.front()), view_func=text_only.headlines)
    site.add_url_rule(addresses.text_only(story), view_func=stories.text_only)
    site.add_url_rule(addresses.report(story), view_func=reporting.report, methods=["GET", "POST"])
    site.add_url_rule(addresses.section("<path:path>"), view_func=lists.section)
    site.add_url_rule(addresses.tag("<slug>"), view_func=lists.tag)
    site.add_url_rule(addresses.author("<slug>"), view_func=lists.author)
    year, month, day = (
        "<int(fixed_digits=4, min=1):year>",
        "<int(fixed_digits=2, min=1):month>",
        "<int(fixed_digits=2, min=1):day>",
    )
    for parts in ("", f"{year}/", f"{year}/{month}/", f"{year}/{month}/{day}/"):
        site.add_url_rule(addresses.archives() + parts, view_func=lists.archive)
    site.add_url_rule(addresses.most_read(), view_func=records.most_read)
    site.add_url_rule(addresses.corrections(), view_func=records.corrections)
    site.add_url_rule(addresses.search(), view_func=searching.search)
    site.add_url_rule(addresses.share_card("<public_id>", "<int(max=1000000):revision>"), view_func=sharing.card)
    site.add_url_rule(addresses.oembed(), view_func=oembed.oembed)
    site.add_url_rule(addresses.manifest(), view_func=installing.manifest)
    site.add_url_rule(addresses.service_worker(), view_func=installing.service_worker)
    site.add_url_rule(addresses.offline(), view_func=installing.offline)
    site.add_url_rule(addresses.suggestions(), view_func=searching.suggestions)
    site.add_url_rule(addresses.preview("<secret>"), view_func=previews.preview)
    site.add_url_rule(addresses.preview_media("<secret>", "<key>", "<name>"), view_func=previews.picture)
    return site


def _equip_templates(app: Flask) -> None:
    settings = app.extensions["newsroom"].settings
    printer = printing.printer_for(settings)
    app.jinja_env.filters.update(
        full_time=printer.full_time,
        day=printer.day,
        stamp=printer.stamp,
        number=printer.number,
        visit_count=printer.visit_count,
        direction=printing.direction,
        rendition=pictures.rendition,
        rendition_size=pictures.rendition_size,
        srcset=pictures.srcset,
        dressed=body_pictures.dressed,
        pictureless=text_only.pictureless,
    )
    app.jinja_env.globals.update(
        asset=asset_url,
        on_every_page=on_every_page,
        card=card,
        by_role=printing.by_role,
        visit_words=printer.visit_words,
        suggestion_words=printer.suggestion_words,
        site_language=lambda: settings.site_language,
    )
