"""Taking in a picture or a recording: opened, checked and stored first, and only then recorded.

In that order for two reasons. The database's one writer is not kept waiting while a picture is decoded; and
an upload broken off at any point leaves at worst a file that nothing names (see sweeping.py), never a row
without its file.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cms.domain.errors import Invalid
from cms.domain.events import Event, Who
from cms.domain.media.model import Media
from cms.domain.media.recordings import sniff
from cms.domain.outbox import PICTURES, Errand
from cms.domain.text import plain
from cms.interfaces import FileStore, ImageFacts, ImageMill, UnusableImage

TEXTS = {"alt": 500, "caption": 1000, "credit": 200, "rights": 500}
"""The texts an upload may bring, with the most characters of each."""


@dataclass(frozen=True)
class Arrived:
    """A file that is in the store and waits to be recorded."""

    key: str
    size: int
    facts: ImageFacts
    texts: Mapping[str, str]


def original(key: str) -> str:
    """Where the store keeps the bytes as they came in; no reader ever gets those."""
    return f"originals/{key}"


def receive(store: FileStore, images: ImageMill, content: bytes, fields: Mapping[str, Any]) -> Arrived:
    """Open, check and store an upload; no database. What it is called and said to be is not even looked at.

    A text that isn't in ``fields`` is taken from the picture's own metadata. Raises Invalid, naming the field
    ``file`` or the text that can't be taken, and ImagesBusy.
    """
    texts = _texts(fields)
    if not content:
        raise Invalid({"file": ["There is nothing in this file."]})
    recorded = sniff(content)
    try:
        facts = ImageFacts(recorded, 0, 0) if recorded else images.read(content)
    except UnusableImage as unusable:
        raise Invalid({"file": [str(unusable)]}) from None
    key = secrets.token_hex(20)
    store.put(original(key), content)
    return Arrived(key, len(content), facts, {name: texts.get(name, getattr(facts, name)) for name in TEXTS})


def upload(session: Session, actor: Who, arrived: Arrived, now: datetime) -> tuple[Media, Event]:
    """Record a file that ``receive`` has stored. Whether the actor may upload is the caller's to ask."""
    media = Media(
        key=arrived.key,
        media_type=arrived.facts.media_type,
        width=arrived.facts.width,
        height=arrived.facts.height,
        size=arrived.size,
        **arrived.texts,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(media)
    session.flush()
    after = {"media_type": media.media_type, "width": media.width, "height": media.height, **arrived.texts}
    errands = (Errand(PICTURES, media.public_id, now),) if media.is_picture else ()
    return media, Event("upload", actor, f"media:{media.public_id}", after=after, errands=errands)


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for name, value in fields.items():
        if name not in TEXTS or not isinstance(value, str):
            errors[name] = [f"An image takes the texts {', '.join(TEXTS)}."]
            continue
        try:
            texts[name] = plain(value, TEXTS[name])
        except ValueError as refused:
            errors[name] = [str(refused)]
    if errors:
        raise Invalid(errors)
    return texts
