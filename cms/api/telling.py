"""What the API gives of articles: to the public what readers see, to staff the newest revision beside it.

Each function takes many and asks the same number of queries for one and for a hundred.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import json
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.api.snapshots import image, instant, snapshots
from cms.domain import addresses
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Correction, Publication, Revision
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory, StoryCorrection
from cms.domain.views.windows import Figures, figures
from cms.newsroom import Newsroom

PUBLIC_STATE = "ready"
"""Publishing a text implies its approval. What the desk does with the working copy since is not the public's."""


def etag(article: Article, rows: Sequence[Publication]) -> str:
    """Strong, over revision, state and publications; never over visits."""
    parts = [article.public_id, article.newest, article.state, article.embargo_until]
    for row in rows:
        parts += [row.n, row.revision_id, row.live_from, row.live_until, row.cancelled_at, row.minor]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def public_etag(told: dict[str, Any]) -> str:
    """Strong, over all that readers are told but the visits."""
    said = {name: value for name, value in told.items() if name != "views"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def live_story(session: Session, newsroom: Newsroom, public_id: str, now: datetime) -> PublicStory | None:
    shown = visible(now).where(Article.public_id == public_id)
    return next(iter(stories(session, shown, now, newsroom.settings.article_path, body=True)), None)


# --- To the public -----------------------------------------------------------------------------------------


def public_articles(
    session: Session, newsroom: Newsroom, shown: Sequence[PublicStory], now: datetime
) -> list[dict[str, Any]]:
    """Stories as readers may see them, in their order."""
    numbered = select(Article.public_id, Article.id).where(Article.public_id.in_([story.id for story in shown]))
    numbers = {public_id: number for public_id, number in session.execute(numbered)}  # noqa: C416
    rows = desk.publications_of(session, list(numbers.values()))
    visits = figures(session, list(numbers.values()), now, newsroom.settings.site_timezone)
    return [
        _public(newsroom.settings.origin, story, rows[numbers[story.id]], visits[numbers[story.id]], now)
        for story in shown
    ]


def _public(
    origin: str, story: PublicStory, rows: Sequence[Publication], visits: Figures, now: datetime
) -> dict[str, Any]:
    live = desk.on_show(rows, now)
    return {
        "id": story.id,
        "url": origin + story.path,
        "slug": story.slug,
        "state": PUBLIC_STATE,
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
        "lead_image": image(origin, story.lead_image),
        "published_at": instant(story.published_at),
        "modified_at": instant(story.modified_at),
        "embargo_until": None,
        "live_from": instant(live.live_from) if live else None,
        "live_until": instant(_shown_until(rows, live)),
        "corrections": [correction(each) for each in story.corrections],
        "views": {"total": visits.total, "today": visits.today},
        "language": story.language,
        "seo": dict(story.seo),
    }


def _shown_until(rows: Sequence[Publication], live: Publication | None) -> datetime | None:
    """When the story leaves the site. A planned change of its text is no end, and nothing to tell the public."""
    end = live.live_until if live else None
    for row in rows:
        if row.cancelled_at is None and end is not None and row.live_from == end:
            end = row.live_until
    return end


def correction(note: StoryCorrection | Correction) -> dict[str, Any]:
    return {
        "id": note.public_id if isinstance(note, Correction) else note.id,
        "kind": note.kind,
        "text": note.text,
        "published_at": instant(note.published_at),
    }


# --- To staff ----------------------------------------------------------------------------------------------


def staff_article(session: Session, newsroom: Newsroom, article: Article, now: datetime) -> dict[str, Any]:
    return staff_articles(session, newsroom, [(article, desk.revision(session, article))], now)[0]


def staff_articles(
    session: Session, newsroom: Newsroom, pairs: Sequence[tuple[Article, Revision]], now: datetime
) -> list[dict[str, Any]]:
    """Articles as their desk sees them: the newest revision (its text loaded), and what readers see of it."""
    ids = [article.id for article, _ in pairs]
    rows = desk.publications_of(session, ids)
    notes = _corrections(session, ids)
    visits = figures(session, ids, now, newsroom.settings.site_timezone)
    texts = snapshots(session, newsroom.settings.origin, [newest for _, newest in pairs])
    return [
        {
            "id": article.public_id,
            "state": article.state,
            "visibility": desk.visibility(rows[article.id], newest.id, now),
            "revision": newest.number,
            **texts[newest.id],
            **_times(newsroom, article, rows[article.id], notes[article.id], now),
            "embargo_until": instant(article.embargo_until),
            "corrections": [correction(note) for note in notes[article.id]],
            "views": {"total": visits[article.id].total, "today": visits[article.id].today},
        }
        for article, newest in pairs
    ]


def _times(
    newsroom: Newsroom, article: Article, rows: Sequence[Publication], notes: Sequence[Correction], now: datetime
) -> dict[str, Any]:
    """Where and when: the address is told once the story has begun, and kept when it is withdrawn."""
    standing = [row for row in rows if row.cancelled_at is None]
    begun = [row for row in standing if row.live_from <= now]
    coming = next((row for row in standing if row.live_from > now), None)
    shown = desk.on_show(standing, now) or coming
    first = article.first_live_from
    major = [row.live_from for row in begun if not row.minor or row.live_from == first]
    moved = max([*major, *(note.published_at for note in notes)], default=None)
    return {
        "url": _address(newsroom, article, begun[-1]) if begun else None,
        "published_at": instant(first) if begun else None,
        "modified_at": instant(moved) if begun else None,
        "live_from": instant(shown.live_from) if shown else None,
        "live_until": instant(shown.live_until) if shown else None,
    }


def _address(newsroom: Newsroom, article: Article, row: Publication) -> str:
    assert article.address_date is not None
    return newsroom.settings.origin + addresses.article(newsroom.settings.article_path, article.address_date, row.slug)


def _corrections(session: Session, article_ids: Iterable[int]) -> dict[int, list[Correction]]:
    notes: dict[int, list[Correction]] = defaultdict(list)
    filed = select(Correction).where(Correction.article_id.in_(article_ids))
    for note in session.scalars(filed.order_by(Correction.published_at, Correction.id)):
        notes[note.article_id].append(note)
    return notes
