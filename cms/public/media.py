"""Images and recordings, as readers get them: those that a visible story shows, and nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from cms.domain.articles.picture_use import visible_media
from cms.domain.media.renditions import media_type, rendition
from cms.domain.standing.pages import picture_on_a_page
from cms.interfaces import ImagesBusy, UnusableImage
from cms.web.current import newsroom, now
from cms.web.ranges import recording

KEPT = "public, max-age=300"

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<key>/<name>")
def picture(key: str, name: str) -> Response:
    """200 with the rendition, or a recording's range, or the one 404 for everything that isn't there or isn't shown.

    The bytes never change but the right to see them does, so caches may keep them five minutes and no more.
    """
    room = newsroom()
    with room.sessions.read() as session:
        media = visible_media(session, key, now()) or picture_on_a_page(session, key, now())
    if media is None:
        abort(404)
    if not media.is_picture:
        return recording(media, name, kept=KEPT) or abort(404)
    try:
        content = rendition(room.files, room.images, media, name)
    except ImagesBusy:
        abort(Response("Try again soon.\n", 503, {"Retry-After": "5"}, mimetype="text/plain"))
    except UnusableImage:
        content = None
    if content is None:
        abort(404)
    answer = Response(content, mimetype=media_type(name))
    answer.last_modified = media.created_at
    answer.headers["Cache-Control"] = KEPT
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
