"""One verb on one story, from a button on its page: save what is typed, act, and answer on the same page.

Whoever presses a button that stands in the writing form acts on the text that they see, never on another. What is
refused is said beside the button; the words themselves are saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.conflicts import conflict_page
from cms.admin.typed import as_typed, row_number, typed_fields
from cms.admin.writing import form_page, save_typed
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, StaleBase
from cms.domain.events import Event
from cms.web.changing import changing
from cms.web.database import db

Act = Callable[[Session, Article, int], Iterable[Event]]
"""Does the verb, given the number of the revision that the form now holds."""
Answer = BaseResponse | tuple[str, int]

STATUS: dict[type[Refusal], int] = {Forbidden: 403, Conflict: 409, Invalid: 422}


def in_place(
    public_id: str,
    act: Act,
    told: str,
    *,
    after: str = "admin.edit",
    refused: Callable[[Article, Refusal], str] | None = None,
) -> Answer:
    """Carry out ``act`` and go on to ``after``. ``refused`` makes the page that says no (the writing room's)."""
    number = request.form.get("revision", type=row_number) or 0
    if "headline" in request.form:
        typed = typed_fields(request.form)
        try:
            number, _changed = save_typed(public_id, typed)
        except StaleBase as stale:
            return conflict_page(public_id, typed, stale), 409
        except Invalid as invalid:
            return form_page(desk.find(db.session(), public_id), typed, invalid.errors), 422
    try:
        with changing() as (session, events):
            events += act(session, desk.find(session, public_id, lock=True), number)
    except NotFound:
        raise
    except Refusal as refusal:
        db.session().rollback()  # a snapshot from after the save
        page = (refused or _writing_room)(desk.find(db.session(), public_id), refusal)
        return page, status_of(refusal)
    return redirect(url_for(after, public_id=public_id, told=told), code=303)


def status_of(refusal: Refusal) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 409)


def _writing_room(article: Article, refusal: Refusal) -> str:
    session = db.session()
    typed = as_typed(session, desk.revision(session, article))
    return form_page(article, typed, refusal.errors if isinstance(refusal, Invalid) else {}, refusal=refusal)
