"""The library as the writing room needs it: look through it, and add to it, without leaving the text."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request, url_for
from sqlalchemy import select

from cms.admin.typed import row_number
from cms.domain import addresses
from cms.domain.errors import Invalid
from cms.domain.matching import holding, terms
from cms.domain.media.model import Media
from cms.domain.media.recordings import FILES, kind_at
from cms.domain.media.renditions import WIDTHS
from cms.domain.media.uploading import receive, upload
from cms.domain.workflow.permissions import require_right
from cms.interfaces import FilesUnreachable, ImagesBusy
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db

PER_PAGE = 24
IN_TEXT = 960  # pixels: the width in which a picture stands in a body


def library() -> Response:
    """The newest pictures (``kind=recording``: audio and video), or those whose words have ``q`` in them; ``before``
    goes on where a page ended."""
    words, before = request.args.get("q", "")[:200].strip(), request.args.get("before", type=row_number)
    kind = ~Media.is_picture if request.args.get("kind") == "recording" else Media.is_picture
    said = holding(terms(words), Media.alt, Media.caption, Media.credit)
    wanted = select(Media).where(kind, *said).order_by(Media.id.desc()).limit(PER_PAGE + 1)
    if before:
        wanted = wanted.where(Media.id < before)
    found = list(db.session().scalars(wanted))
    older = found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
    return jsonify(data=[_told(media) for media in found[:PER_PAGE]], before=older)


def add() -> Response | tuple[Response, int]:
    """Take in one picture or recording with its words; JSON either way."""
    require_right(g.actor, "upload")
    room = newsroom()
    try:
        texts = {name: request.form.get(name, "") for name in ("alt", "caption", "credit")}
        if not texts["alt"].strip():
            raise Invalid({"alt": ["Say what it shows, for those who don't see or hear it."]})
        file = request.files.get("file")
        given = {name: text for name, text in texts.items() if text.strip()}
        arrived = receive(room.files, room.images, file.read() if file else b"", given)
        with changing() as (session, events):
            media, event = upload(session, g.actor, arrived, now())
            events.append(event)
            told = _told(media)
    except Invalid as invalid:
        said = " ".join(sentence for sentences in invalid.errors.values() for sentence in sentences)
        return jsonify(message=said, errors=invalid.errors), 422
    except ImagesBusy:
        return jsonify(message="The desk is busy with other pictures. Try again in a moment."), 503
    except FilesUnreachable:
        return jsonify(message="The store of files does not answer. Try again in a moment."), 503
    return jsonify(told), 201


def _told(media: Media) -> dict[str, Any]:
    name = FILES.get(media.media_type)
    if name:
        src = addresses.media(media.key, name)
        told = {"id": media.public_id, "src": src, "kind": kind_at(src), "thumb": None}
        return told | {"alt": media.alt, "caption": media.caption, "credit": media.credit}
    width = next((fit for fit in reversed(WIDTHS) if fit <= min(IN_TEXT, media.width)), WIDTHS[0])
    shown = min(width, media.width)
    return {
        "id": media.public_id,
        "src": addresses.media(media.key, f"w{width}.webp"),
        "thumb": url_for("admin.media_file", key=media.key, name="w320.webp"),
        "alt": media.alt,
        "caption": media.caption,
        "credit": media.credit,
        "width": shown,
        "height": max(1, round(shown * media.height / media.width)),
    }
