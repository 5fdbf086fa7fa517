"""The library of pictures and recordings: look through it, add to it, say what each shows and until when it may be
shown."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.admin.typed import row_number
from cms.admin.wall_clock import wall_time
from cms.domain.articles import listing as lists
from cms.domain.articles import picture_use
from cms.domain.errors import Invalid
from cms.domain.media.model import Media
from cms.domain.media.queries import find
from cms.domain.media.recordings import FILES
from cms.domain.media.renditions import forget, media_type, rendition
from cms.domain.media.uploading import TEXTS, original, receive, upload
from cms.domain.workflow import picturing as verbs
from cms.domain.workflow.permissions import require_right
from cms.interfaces import FilesUnreachable, ImagesBusy, UnusableImage
from cms.web.changing import changing
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.ranges import recording

PER_PAGE = 48
AT_ONCE = 20


def routes(room: Blueprint) -> None:
    room.add_url_rule("/media/", "media", library)
    room.add_url_rule("/media/", "upload_media", add, methods=["POST"])
    room.add_url_rule("/media/<public_id>/", "picture_room", one)
    room.add_url_rule("/media/<public_id>/", "describe_media", describe, methods=["POST"])
    room.add_url_rule("/media/<public_id>/remove", "remove_media", remove, methods=["POST"])
    room.add_url_rule("/media/file/<key>/<name>", "media_file", file)


def library() -> str:
    require_right(actor(), "upload")
    return _library([])


@dataclass(frozen=True)
class Taken:
    """One file of an upload: the picture's public id, or the reason why it isn't one."""

    name: str
    id: str | None
    trouble: str = ""


def add() -> BaseResponse | tuple[str | Response, int]:
    """Take in one or several files, each for itself. A script that asks for JSON gets it."""
    require_right(actor(), "upload")
    files = [each for each in request.files.getlist("file") if each.filename]
    if not 0 < len(files) <= AT_ONCE:
        raise Invalid({"file": [f"Takes 1 to {AT_ONCE} files at once."]})
    taken = [_take_in(each) for each in files]
    troubled = [each for each in taken if each.id is None]
    if request.accept_mimetypes.best == "application/json":
        told = [{"name": each.name, "id": each.id, "trouble": each.trouble} for each in taken]
        return jsonify(data=told), 422 if troubled else 201
    if troubled:
        db.session().rollback()  # a snapshot from after the others were taken in
        return _library(troubled), 422
    if len(taken) == 1 and taken[0].id:
        address = url_for("admin.picture_room", public_id=taken[0].id)
        return done(address, "Taken in. Say now what it shows, whose it is and until when it may be shown.")
    return done(url_for("admin.media"), f"{len(taken)} files taken in.")


def one(public_id: str) -> str:
    require_right(actor(), "upload")
    return _page(public_id, {})


def describe(public_id: str) -> BaseResponse:
    form = request.form
    with said_on(lambda errors: _page(public_id, errors)):
        fields = verbs.checked({name: form[name] for name in verbs.FIELDS if name in form and name != "usable_until"})
        if "usable_until" in form:
            fields["usable_until"] = wall_time("usable_until")
        with changing() as (session, events):
            events += verbs.describe(session, actor(), find(session, public_id), fields, now())
    return done(url_for("admin.picture_room", public_id=public_id), "Saved.")


def remove(public_id: str) -> BaseResponse:
    store = newsroom().files
    key = find(db.session(), public_id).key
    with changing() as (session, events):
        events.append(verbs.remove(session, actor(), find(session, public_id)))
    with suppress(FilesUnreachable):  # after the row: broken off here, the sweeper clears the rest
        forget(store, key)
        store.delete(original(key))
    return done(url_for("admin.media"), "Taken out of the library.")


def file(key: str, name: str) -> Response:
    """A rendition for staff, whether or not readers may see it."""
    room = newsroom()
    media = db.session().scalar(select(Media).where(Media.key == key))
    if media and not media.is_picture:
        return recording(media, name, kept="private, max-age=3600") or abort(404)
    try:
        content = rendition(room.files, room.images, media, name) if media else None
    except (ImagesBusy, UnusableImage):
        content = None
    if content is None:
        abort(404)
    answer = Response(content, mimetype=media_type(name))
    answer.headers["Cache-Control"] = "private, max-age=3600"  # its bytes never change
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _take_in(sent: FileStorage) -> Taken:
    room, name, public_id = newsroom(), (sent.filename or "")[:200], ""
    try:
        arrived = receive(room.files, room.images, sent.read(), {})
    except Invalid as invalid:
        return Taken(name, None, " ".join(sentence for said in invalid.errors.values() for sentence in said))
    except ImagesBusy:
        return Taken(name, None, "The desk is busy with other pictures. Try again in a moment.")
    except FilesUnreachable:
        return Taken(name, None, "The store of files does not answer. Try again in a moment.")

    with changing() as (session, events):
        media, event = upload(session, actor(), arrived, now())
        public_id = media.public_id
        events.append(event)
    return Taken(name, public_id)


def _library(troubled: list[Taken]) -> str:
    words, unused = request.args.get("q", "")[:200], bool(request.args.get("unused"))
    before = request.args.get("before", type=row_number)
    found = picture_use.library(
        db.session(),
        PER_PAGE + 1,
        words=words,
        unused=unused,
        before=before or None,
    )
    return render_template(
        "admin/media.html",
        pictures=found[:PER_PAGE],
        older=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        words=words,
        unused=unused,
        troubled=troubled,
        largest=newsroom().settings.upload_mb,
        at_once=AT_ONCE,
    )


def _page(public_id: str, errors: Errors) -> str:
    session, at = db.session(), now()
    media = find(session, public_id)
    return render_template(
        "admin/picture.html",
        media=media,
        typed=request.form,
        recorded=FILES.get(media.media_type),
        limits=TEXTS,
        errors=errors,
        uses=lists.lines(session, lists.picturing(lists.stories(), media.id), at, PER_PAGE),
        on_show=picture_use.shown_in(session, media.id, at),
        may_change=verbs.may_change(actor(), media),
        used=picture_use.is_used(session, media.id),
    )
