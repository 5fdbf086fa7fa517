"""What the API gives of an article: to the public a PublicStory, to staff their newest revision beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import addresses
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import stories, visible
from cms.domain.articles.story import PublicStory, StoryImage
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.views.windows import figures
from cms.newsroom import Newsroom

RENDITION = "w1280.jpg"


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def etag(article: Article, rows: Sequence[Publication]) -> str:
    """Strong, over revision, state and publications; never over visits."""
    parts = [article.public_id, article.newest, article.state, article.embargo_until]
    for row in rows:
        parts += [row.n, row.revision_id, row.live_from, row.live_until, row.cancelled_at, row.minor]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def live_story(session: Session, newsroom: Newsroom, public_id: str, now: datetime) -> PublicStory | None:
    shown = visible(now).where(Article.public_id == public_id)
    return next(iter(stories(session, shown, now, newsroom.settings.article_path, body=True)), None)


def public_article(session: Session, newsroom: Newsroom, story: PublicStory, now: datetime) -> dict[str, Any]:
    """An article as readers may see it."""
    origin = newsroom.settings.origin
    article = desk.find(session, story.id)
    return {
        "id": story.id,
        "url": origin + story.path,
        "slug": story.slug,
        "visibility": "live",
        "revision": story.revision,
        "headline": story.headline,
        "standfirst": story.standfirst,
        "key_points": list(story.key_points),
        "body_html": story.body_html,
        "bylines": [
            {"person": each.slug, "name": each.name, "role": each.role, "url": origin + each.path}
            for each in story.bylines
        ],
        "sections": [each.slug for each in story.sections],
        "tags": [each.name for each in story.tags],
        "lead_image": _image(origin, story.lead_image),
        "published_at": instant(story.published_at),
        "modified_at": instant(story.modified_at),
        "live_until": instant(story.live_until),
        "corrections": _corrections(story),
        "views": _views(session, newsroom, article, now),
        "language": story.language,
        "seo": dict(story.seo),
    }


def staff_article(session: Session, newsroom: Newsroom, article: Article, now: datetime) -> dict[str, Any]:
    """An article as its desk sees it: the newest revision, and what readers see of it."""
    origin, rows = newsroom.settings.origin, desk.publications(session, article)
    newest, live = desk.revision(session, article), desk.on_show(rows, now)
    story = live_story(session, newsroom, article.public_id, now)
    begun = any(row.cancelled_at is None and row.live_from <= now for row in rows)
    coming = min((row for row in rows if row.cancelled_at is None and row.live_from > now), default=None, key=_start)
    shown = live or coming
    image = session.scalar(select(Media).where(Media.public_id == newest.lead_image)) if newest.lead_image else None
    return {
        "id": article.public_id,
        "url": origin + story.path if story else _former(newsroom, article, rows) if begun else None,
        "slug": newest.slug,
        "state": article.state,
        "visibility": desk.visibility(rows, newest.id, now),
        "revision": newest.number,
        "headline": newest.headline,
        "standfirst": newest.standfirst,
        "key_points": list(newest.key_points),
        "body_html": newest.body_html,
        "bylines": _bylines(session, origin, newest),
        "sections": _slugs(session, newest),
        "tags": _tags(session, newest),
        "lead_image": _image(origin, image),
        "published_at": instant(article.first_live_from) if begun else None,
        "modified_at": instant(story.modified_at) if story else instant(article.first_live_from) if begun else None,
        "embargo_until": instant(article.embargo_until),
        "live_from": instant(shown.live_from) if shown else None,
        "live_until": instant(shown.live_until) if shown else None,
        "corrections": _corrections(story) if story else [],
        "views": _views(session, newsroom, article, now),
        "language": newest.language,
        "seo": dict(newest.seo),
    }


def _former(newsroom: Newsroom, article: Article, rows: Sequence[Publication]) -> str:
    """The address of a story that was on show and isn't now; republishing restores it."""
    assert article.address_date is not None
    slug = max((row for row in rows if row.cancelled_at is None), key=_start).slug
    return newsroom.settings.origin + addresses.article(newsroom.settings.article_path, article.address_date, slug)


def _start(row: Publication) -> datetime:
    return row.live_from


def _views(session: Session, newsroom: Newsroom, article: Article, now: datetime) -> dict[str, int]:
    counted = figures(session, [article.id], now, newsroom.settings.site_timezone).get(article.id)
    return {"total": counted.total, "today": counted.today} if counted else {"total": 0, "today": 0}


def _corrections(story: PublicStory) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "kind": each.kind, "text": each.text, "published_at": instant(each.published_at)}
        for each in story.corrections
    ]


def _image(origin: str, image: Media | StoryImage | None) -> dict[str, Any] | None:
    if image is None:
        return None
    return {
        "id": image.public_id if isinstance(image, Media) else image.id,
        "url": origin + addresses.media(image.key, RENDITION),
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
    }


def _bylines(session: Session, origin: str, revision: Revision) -> list[dict[str, str]]:
    rows = session.execute(
        select(Person.slug, Person.name, RevisionByline.role)
        .join(RevisionByline, RevisionByline.person_id == Person.id)
        .where(RevisionByline.revision_id == revision.id)
        .order_by(RevisionByline.position)
    )
    return [
        {"person": slug, "name": name, "role": role, "url": origin + addresses.author(slug)}
        for slug, name, role in rows
    ]


def _slugs(session: Session, revision: Revision) -> list[str]:
    filed = select(Section.slug).join(RevisionSection).where(RevisionSection.revision_id == revision.id)
    return list(session.scalars(filed.order_by(RevisionSection.position)))


def _tags(session: Session, revision: Revision) -> list[str]:
    named = select(Tag.name).join(RevisionTag).where(RevisionTag.revision_id == revision.id)
    return list(session.scalars(named.order_by(RevisionTag.position)))
