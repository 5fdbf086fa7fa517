"""Making the sizes of pictures that pages will ask for."""

from __future__ import annotations

import threading

from cms.domain import outbox
from cms.domain.media.queries import of_public_id
from cms.domain.media.renditions import AHEAD, rendition
from cms.interfaces import ImagesBusy, UnusableImage
from cms.newsroom import Newsroom
from cms.worker.attempts import settle, take


def develop_pictures(newsroom: Newsroom, stop: threading.Event | None = None) -> int:
    """Make the renditions that pages will ask for of every picture that waits; how many pictures there were.

    Nothing depends on it: what isn't there yet is made when a reader asks, and that reader waits.
    """
    pictures = 0
    while not (stop and stop.is_set()):
        row = take(newsroom, outbox.PICTURES)
        if row is None:
            break
        with newsroom.sessions.read() as session:
            media = of_public_id(session, row.subject)
        for name in AHEAD:
            if media is None:
                break
            if stop and stop.is_set():
                return pictures
            try:
                rendition(newsroom.files, newsroom.images, media, name)
            except ImagesBusy:
                continue  # one less; a reader who asks for it has it made
            except UnusableImage:
                break
        settle(newsroom, row.id)
        pictures += 1
    return pictures
