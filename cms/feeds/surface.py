"""The feeds as a way in: JSON Feed for the paper, and for any section, tag and author."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, abort, request
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as BaseResponse

from cms.domain import addresses, forwards
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import (
    how_many,
    in_sections,
    newest_first,
    signed_by,
    stories,
    tagged,
    visible,
)
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_path, subtree, tag_by_slug
from cms.feeds.json_feed import MEDIA_TYPE, json_feed
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.moved import elsewhere

PER_PAGE = 20

TOMBSTONES = timedelta(days=30)
"""How long a feed says that a story was taken down with a notice."""


@dataclass(frozen=True)
class Source:
    """What a feed is of: a title, the page it belongs to, and its publications."""

    title: str
    path: str
    publications: Select[Publication]


def install(app: Flask) -> None:
    feeds = Blueprint("feeds", __name__)
    feeds.add_url_rule(addresses.feed(addresses.front()), view_func=of_the_paper)
    feeds.add_url_rule(addresses.feed(addresses.section("<path:path>")), view_func=of_a_section)
    feeds.add_url_rule(addresses.feed(addresses.tag("<slug>")), view_func=of_a_tag)
    feeds.add_url_rule(addresses.feed(addresses.author("<slug>")), view_func=of_an_author)
    app.register_blueprint(feeds)


def of_the_paper() -> Response:
    return _answer(Source(newsroom().settings.site_name, addresses.front(), visible(now())))


def of_a_section(path: str) -> BaseResponse:
    section = section_by_path(db.session(), path)
    if section is None:
        return elsewhere(forwards.SECTION, path, addresses.section(path))
    publications = in_sections(visible(now()), subtree(db.session(), [section.id]))
    return _answer(Source(_titled(section.name), addresses.section(path), publications))


def of_a_tag(slug: str) -> BaseResponse:
    """404 for a tag that no visible story carries, as for one that never was."""
    tag = tag_by_slug(db.session(), slug)
    if tag is None:
        return elsewhere(forwards.TAG, slug, addresses.tag(slug))
    if tag.internal:
        abort(404)
    return _answer(Source(_titled(tag.name), addresses.tag(slug), tagged(visible(now()), tag.id)), empty=False)


def of_an_author(slug: str) -> BaseResponse:
    person = person_by_slug(db.session(), slug)
    if person is None:
        return elsewhere(forwards.PERSON, slug, addresses.author(slug))
    publications = signed_by(visible(now()), person.id)
    return _answer(Source(_titled(person.name), addresses.author(slug), publications), empty=False)


def _titled(name: str) -> str:
    return f"{name} – {newsroom().settings.site_name}"


def _answer(source: Source, *, empty: bool = True) -> Response:
    """One page of the feed; 404 beyond its end, and for an empty one where ``empty`` says so."""
    settings, session, instant = newsroom().settings, db.session(), now()
    asked = request.args.get("page", "1")
    total = how_many(session, source.publications)
    last = max(1, -(-total // PER_PAGE))
    if not re.fullmatch(r"[1-9][0-9]{0,5}", asked) or int(asked) > last or (not total and not empty):
        abort(404)
    number = int(asked)
    shown = newest_first(source.publications).offset((number - 1) * PER_PAGE).limit(PER_PAGE)
    path = addresses.feed(source.path)
    document = json_feed(
        title=source.title,
        origin=settings.origin,
        language=settings.site_language,
        home=source.path,
        feed=path,
        following=f"{path}?page={number + 1}" if number < last else None,
        stories=stories(session, shown, instant, settings.article_path, body=True),
        withdrawn=_taken_down() if source.path == addresses.front() else (),
    )
    return Response(json.dumps(document, ensure_ascii=False), mimetype=MEDIA_TYPE)


def _taken_down() -> list[tuple[str, datetime]]:
    """Stories that were taken down with a notice lately and are still down, newest first."""
    instant = now()
    standing = visible(instant).with_only_columns(Publication.article_id)
    rows = db.session().execute(
        select(Article.public_id, Publication.withdrawn_at)
        .join(Publication.article)
        .where(
            Publication.withdrawn_at > instant - TOMBSTONES,
            Publication.notice.is_not(None),
            Publication.article_id.not_in(standing),
        )
        .order_by(Publication.withdrawn_at.desc(), Article.id.desc())
        .limit(200)
    )
    return [(article, at) for article, at in rows if at is not None]
