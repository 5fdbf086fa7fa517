"""How the API changes anything: one writing session, one commit, and an answer read afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Response, abort, jsonify, request
from sqlalchemy.orm import Session

from cms.api import telling
from cms.api.errors import told
from cms.api.once import mark_carried_out
from cms.api.taking import sent
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict, StaleBase
from cms.domain.events import Event
from cms.domain.workflow import spans
from cms.domain.workflow.states import WRONG_STATE, State, possible
from cms.web.changing import changing as web_changing
from cms.web.current import newsroom, now


@contextmanager
def changing() -> Iterator[tuple[Session, list[Event]]]:
    """The same as every request's, with the note that this one was carried out in the same commit."""
    with web_changing() as (session, events):
        yield session, events
        mark_carried_out(session)


@contextmanager
def changing_article(public_id: str) -> Iterator[tuple[Session, Article, list[Event]]]:
    """The same for one article, if it still stands as the request's If-Match says (where it says anything)."""
    with changing() as (session, events):
        article = desk.find(session, public_id, lock=True)
        seen = request.headers.get("If-Match", "").strip()
        stands = telling.etag(article, desk.publications(session, article)) if seen else ""
        if seen and not _names(seen, stands):
            abort(_stale(session, article, stands))
        state = State(article.state)
        try:
            yield session, article, events
        except Conflict as refused:
            now_is = {"state": state, "verbs": _possible(session, article, state)}
            refused.details = refused.details | now_is if refused.code == WRONG_STATE else now_is | refused.details
            raise


def _possible(session: Session, article: Article, state: State) -> list[str]:
    """What can be done instead, whoever asks."""
    live = desk.on_show(spans.standing(session, article), now()) is not None
    return [*possible(state, live=live), *(["withdraw"] if live else [])]


def _names(header: str, etag: str) -> bool:
    """Whether a list of entity tags has this one. Weak ones never match, nor does ``*``: it names nothing."""
    return any(not weak and opaque == etag for weak, opaque in _TAG.findall(header))


_TAG = re.compile(r'(W/)?"([^"]*)"')


def _stale(session: Session, article: Article, stands: str) -> Response:
    """412, with both texts."""
    newest = desk.revision(session, article)
    refusal = StaleBase(
        base=None,
        newest=newest.number,
        saved_by=newest.author_name,
        saved_at=newest.created_at.isoformat(timespec="seconds"),
    )
    current = telling.staff_article(session, newsroom(), article, now())
    yours = sent() if request.get_data(cache=True) else {}
    answer = told(
        412, refusal.code, "This is not the newest any more; both texts are here.", yours=yours, current=current
    )
    answer.set_etag(stands)
    return answer


def article(public_id: str, status: int) -> Response:
    """The article as its desk sees it now, read in a snapshot of its own."""
    with newsroom().sessions.read() as session:
        found = desk.find(session, public_id)
        answer = private(telling.staff_article(session, newsroom(), found, now()), status)
        answer.set_etag(telling.etag(found, desk.publications(session, found)))
    if status == 201:
        answer.headers["Location"] = f"{newsroom().settings.origin}{request.path}/{public_id}"
    return answer


def private(said: Mapping[str, Any] | Response, status: int = 200) -> Response:
    """An answer to a token alone, kept by nobody."""
    answer = said if isinstance(said, Response) else jsonify(said)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def nothing() -> Response:
    """204."""
    return Response(status=204)
