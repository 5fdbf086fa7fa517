"""Images and recordings: taken in, listed and told of, for staff. Readers get them at their own addresses."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request

from cms.api import answers, paging, schemas
from cms.api.acting import changing, private
from cms.api.holders import staff
from cms.api.snapshots import image, instant
from cms.api.taking import Part
from cms.domain.errors import Invalid, NotFound
from cms.domain.media import queries
from cms.domain.media.model import Media
from cms.domain.media.uploading import receive
from cms.domain.media.uploading import upload as record
from cms.domain.workflow.permissions import require_right
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("media", "Images and recordings.")

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        **{name: {"type": "string"} for name in schemas.NewMedia().fields},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


@blueprint.get("/media")
@blueprint.arguments(schemas.Paged, location="query", as_kwargs=True)
@blueprint.response(200, answers.MediaList)
def listing(limit: int = 20, after: str | None = None) -> Response:
    """The images and recordings uploaded last, newest first."""
    staff()
    before = _place(after) if after is not None else None
    rows, following = paging.cut(queries.newest(db.session(), limit + 1, before), limit, lambda row: row.public_id)
    return private(paging.page([_media(each) for each in rows], following))


@blueprint.get("/media/<public_id>")
@blueprint.response(200, answers.Media)
def one(public_id: str) -> Response:
    """One image or recording."""
    staff()
    return private(_media(queries.find(db.session(), public_id)))


@blueprint.post("/media")
@blueprint.doc(**_FORM)
@blueprint.response(201, answers.Media)
def upload() -> Response:
    """Take in one image (JPEG, PNG, WebP, GIF, AVIF) or recording (MP3, M4A, WAV, MP4; its width and height are 0).
    What is not said of an image is read from its own metadata."""
    actor, room = staff(), newsroom()
    require_right(actor, "upload")
    content, fields = _form(room.settings.upload_mb * 1_000_000)
    arrived = receive(room.files, room.images, content, fields)
    with changing() as (session, events):
        media, event = record(session, actor, arrived, now())
        events.append(event)
        told = _media(media)
    return private(told, 201)


def _form(most: int) -> tuple[bytes, dict[str, str]]:
    """The file and the texts of a multipart form, each given once."""
    if request.mimetype != "multipart/form-data":
        abort(415, "Send a form: Content-Type: multipart/form-data with a file named file.")
    errors = {name: ["Unknown field."] for name in request.files if name != "file"}
    if "file" not in request.files:
        errors["file"] = ["Send an image or a recording as file."]
    for form in (request.files, request.form):
        errors |= {name: ["Takes one value, not several."] for name, given in form.lists() if len(given) > 1}
    if errors:
        raise Invalid(errors)
    content = request.files["file"].read()
    if len(content) > most:
        abort(413, f"A file is at most {most // 1_000_000} MB.")
    return content, request.form.to_dict()


def _place(after: str) -> int:
    try:
        return queries.find(db.session(), after).id
    except NotFound:
        raise paging.bad_place() from None


def _media(media: Media) -> dict[str, Any]:
    return {
        **(image(newsroom().settings.origin, media) or {}),
        "media_type": media.media_type,
        "size": media.size,
        "rights": media.rights,
        "created_at": instant(media.created_at),
    }
