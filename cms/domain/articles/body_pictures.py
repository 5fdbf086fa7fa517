"""The pictures within a text, as they stand at one instant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.story import StoryImage
from cms.domain.media.model import Media

_KEY = re.compile(r'src="/media/([0-9a-f]{40})/')
_FILE = re.compile(r'(?:src|href)="/media/([0-9a-f]{40})/')
_FIGURE = re.compile(
    r'<figure[^>]*><img [^>]*src="/media/([0-9a-f]{40})/[^>]*>(?:<figcaption>.*?</figcaption>)?</figure>'
)
_RECORDING = re.compile(
    r'<figure[^>]* class="(?:audio|video)"[^>]*><a href="/media/([0-9a-f]{40})/[^>]*>.*?</a>'
    r"(?:<figcaption>.*?</figcaption>)?</figure>"
)
_EMPTY_GALLERY = re.compile(r'<figure class="gallery">\s*(?:<figcaption>.*?</figcaption>)?</figure>')
_ALONE = re.compile(r'<img [^>]*src="/media/([0-9a-f]{40})/[^>]*>')


def without_ended(session: Session, bodies: Mapping[int, str], now: datetime) -> dict[int, str]:
    """These bodies without the pictures and recordings whose rights have ended, captions and all: no page shows a
    broken one."""
    keys = {key for body in bodies.values() if "/media/" in body for key in _FILE.findall(body)}
    if not keys:
        return dict(bodies)
    over = select(Media.key).where(Media.key.in_(keys), Media.usable_until <= now)
    ended = frozenset(session.scalars(over))
    return {number: _without(body, ended) for number, body in bodies.items()}


def pictures_of(session: Session, body: str) -> dict[str, StoryImage]:
    """The pictures that a body shows, by key."""
    keys = set(_KEY.findall(body))
    if not keys:
        return {}
    rows = session.scalars(select(Media).where(Media.key.in_(keys)))
    return {
        row.key: StoryImage(row.public_id, row.key, row.alt, row.caption, row.credit, row.width, row.height)
        for row in rows
    }


def _without(body: str, ended: frozenset[str]) -> str:
    if not ended:
        return body
    for shape in (_FIGURE, _RECORDING, _ALONE):
        body = shape.sub(lambda found: "" if found[1] in ended else found[0], body)
    return _EMPTY_GALLERY.sub("", body)
