"""Answering with a recording: whole, or the range of it that a player asks for."""

from __future__ import annotations

from flask import Response, request
from werkzeug.http import is_resource_modified

from cms.domain.media import playing
from cms.domain.media.model import Media
from cms.domain.media.recordings import FILES
from cms.web.current import newsroom


def recording(media: Media, name: str, *, kept: str) -> Response | None:
    """200, 206 or 416; None when ``name`` isn't this recording's, or its file is lost. ``kept`` says by whom and how
    long the answer may be kept. Several ranges at once are answered with the whole, as the standard allows."""
    store = newsroom().files
    if FILES.get(media.media_type) != name or (length := playing.length(store, media)) is None:
        return None
    tag = media.key
    start, end, status = 0, length, 200
    wanted = request.range if request.if_range.etag in (None, tag) and not request.if_range.date else None
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        found = wanted.range_for_length(length)
        if found is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{length}", "Accept-Ranges": "bytes"})
        (start, end), status = found, 206
    if not is_resource_modified(request.environ, tag, last_modified=media.created_at):
        status = 304
    body = playing.read(store, media, start, end) if status != 304 and request.method == "GET" and end > start else ()
    answer = Response(body, status, mimetype=media.media_type)
    answer.set_etag(tag)
    answer.last_modified = media.created_at
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = kept
    answer.headers["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    if status != 304:
        answer.headers["Content-Length"] = str(end - start)
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    return answer
