"""``GET /changes``: what a mirror of the paper must know, complete and in order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response

from cms.api import answers, paging, schemas, telling
from cms.api.acting import private
from cms.api.holders import asker
from cms.api.snapshots import instant
from cms.api.taking import Part
from cms.api.verbs import publication
from cms.domain import addresses
from cms.domain.articles.changes import Change, Place, changes
from cms.domain.workflow.permissions import PERMISSIONS
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Part("changes", "What went out, was corrected or was withdrawn, for mirrors of the paper.")


@blueprint.get("/changes")
@blueprint.arguments(schemas.Paged, location="query", as_kwargs=True)
@blueprint.response(200, answers.Changes)
def listing(limit: int = 20, after: str | None = None) -> Response:
    """Every publication, correction and withdrawal once, oldest first; a scheduled one when it begins. Ask again with
    the last entry's ``id`` as ``after`` and nothing is missed."""
    actor = asker()
    public = actor is None or PERMISSIONS[actor.role]["see"].own_only
    place = Place() if after is None else _place_of(after)
    found = changes(db.session(), place, now(), limit + 1, public=public)
    shown, following = paging.cut(found, limit, lambda change: _named(change.place))
    reached = _named(shown[-1].place) if shown else after
    answer = paging.page([_told(change, public=public) for change in shown], following, after=reached)
    return private(answer) if actor else answer


def _told(change: Change, *, public: bool) -> dict[str, Any]:
    # An address is made of the headline: of what was taken down the public is told its id and its notice alone.
    day = None if public and change.kind == "withdrawal" else change.article.address_date
    path = addresses.article(newsroom().settings.article_path, day, change.publication.slug) if day else None
    return {
        "id": _named(change.place),
        "kind": change.kind,
        "article": change.article.public_id,
        "at": instant(change.at),
        "url": newsroom().settings.origin + path if path else None,
        "publication": publication(change.publication) if change.kind == "publication" else None,
        "correction": telling.correction(change.correction) if change.correction else None,
        "notice": change.notice,
    }


_EPOCH = datetime.min.replace(tzinfo=Place().start.tzinfo)


def _named(place: Place) -> str:
    micros = (place.start - _EPOCH) // timedelta(microseconds=1)
    return paging.sealed(f"changes.{place.line}.{micros}.{place.publication}")


def _place_of(after: str) -> Place:
    parts = paging.opened(after).split(".")
    try:
        kind, line, micros, number = parts
        place = Place(int(line), _EPOCH + timedelta(microseconds=int(micros)), int(number))
    except (ValueError, OverflowError):
        raise paging.bad_place() from None
    if kind != "changes" or _named(place) != after or max(place.line, place.publication) > 2**31 - 1:
        raise paging.bad_place()
    return place
