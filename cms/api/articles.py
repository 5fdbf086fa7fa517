"""Articles: read by anybody, written by whoever holds a token, through the same verbs as the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, abort, jsonify, request
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy.orm import Session

from cms import reactions
from cms.api import schemas, telling
from cms.api.errors import told
from cms.api.holders import asker, refuse_wrong_tokens, staff
from cms.domain.articles import desk
from cms.domain.articles.fields import clean_fields
from cms.domain.articles.model import Article
from cms.domain.articles.queries import in_sections, newest_first, signed_by, stories, tagged, visible
from cms.domain.errors import Invalid, NotFound, StaleBase
from cms.domain.events import Event
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_slug, subtree, tag_by_slug
from cms.domain.text import plain
from cms.domain.workflow import corrections, editing, embargoes, publishing
from cms.domain.workflow.permissions import require
from cms.web.current import newsroom, now
from cms.web.database import db

blueprint = Blueprint("articles", __name__, url_prefix="/api/v1/articles", description="Stories")

blueprint.before_request(refuse_wrong_tokens)

Verb = Callable[[Session, Article], Iterable[Event]]


@blueprint.get("")
@blueprint.arguments(schemas.ListOfArticles, location="query", as_kwargs=True, unknown=RAISE)
def listing(
    section: str | None = None,
    tag: str | None = None,
    author: str | None = None,
    limit: str = "20",
    after: str | None = None,
) -> Response:
    """What the public may see, newest first, paged by keyset."""
    session, at = db.session(), now()
    shown = visible(at)
    if section is not None:
        found = section_by_slug(session, section)
        shown = in_sections(shown, subtree(session, [found.id]) if found else [])
    if tag is not None:
        named = tag_by_slug(session, tag)
        shown = tagged(shown, named.id if named and not named.internal else -1)
    if author is not None:
        person = person_by_slug(session, author)
        shown = signed_by(shown, person.id if person else -1)
    if after is not None:
        shown = _below(session, shown, after)
    page = stories(session, newest_first(shown).limit(int(limit) + 1), at, newsroom().settings.article_path, body=True)
    more = len(page) > int(limit)
    page = page[: int(limit)]
    asked = {**request.args.to_dict(), "after": page[-1].id} if more else {}
    following = f"{newsroom().settings.origin}{request.path}?{urlencode(asked)}" if more else None
    data = [telling.public_article(session, newsroom(), story, at) for story in page]
    return jsonify({"data": data, "next": following})


def _below(session: Session, shown: Any, after: str) -> Any:
    """Those further down than the story named by ``after``."""
    from_here = session.query(Article).filter_by(public_id=after).one_or_none()
    if from_here is None or from_here.first_live_from is None:
        raise Invalid({"after": ["Takes what `next` named."]})
    start, number = from_here.first_live_from, from_here.id
    earlier = Article.first_live_from < start
    return shown.where(earlier | ((Article.first_live_from == start) & (Article.id < number)))


@blueprint.post("")
@blueprint.arguments(schemas.NewArticle)
def create(fields: dict[str, Any]) -> Response:
    """Begin a draft."""
    actor, embargo = staff(), fields.pop("embargo_until", None)
    cleaned = clean_fields(fields)
    with newsroom().sessions.write() as session:
        article, event = editing.create(session, actor, cleaned, now(), language=newsroom().settings.site_language)
        events = [event]
        if embargo is not None:
            events += embargoes.set_embargo(session, actor, article, embargo, now(), zone=_zone())
        public_id = article.public_id
        reactions.commit(session, events, now(), newsroom().signal)
    return _article(public_id, 201)


@blueprint.get("/<public_id>")
@blueprint.arguments(schemas.OneArticle, location="query", as_kwargs=True, unknown=RAISE)
def one(public_id: str, view: str = "newest") -> Response:
    """With a token the newest revision (``?view=live``: what readers see); without one, what readers see."""
    actor, session = asker(), db.session()
    if actor is not None and view == "newest":
        require(session, actor, "see", desk.find(session, public_id))
        return _article(public_id, 200)
    if actor is not None:
        require(session, actor, "see", desk.find(session, public_id))
    story = telling.live_story(session, newsroom(), public_id, now())
    if story is None:
        raise NotFound("There is no such story")
    return jsonify(telling.public_article(session, newsroom(), story, now()))


@blueprint.patch("/<public_id>")
@blueprint.arguments(schemas.ArticleChange)
def change(fields: dict[str, Any], public_id: str) -> Response:
    """Save on top of the revision that If-Match names: 428 without one, 412 with both texts when it is stale."""
    actor = staff()
    require(db.session(), actor, "see", desk.find(db.session(), public_id))
    named = request.headers.get("If-Match")
    if named is None:
        abort(428, "Name what you saw: send its ETag as If-Match.")
    given = dict(fields)
    embargoed, embargo = "embargo_until" in fields, fields.pop("embargo_until", None)
    cleaned = clean_fields(fields)
    with newsroom().sessions.write() as session:
        article = desk.find(session, public_id, lock=True)
        if named != f'"{telling.etag(article, desk.publications(session, article))}"':
            return _stale(session, article, given)
        _revision, events = editing.save(session, actor, article, article.newest, cleaned, now())
        if embargoed:
            events += embargoes.set_embargo(session, actor, article, embargo, now(), zone=_zone())
        reactions.commit(session, events, now(), newsroom().signal)
    return _article(public_id, 200)


def _stale(session: Session, article: Article, yours: Mapping[str, Any]) -> Response:
    newest = desk.revision(session, article)
    refusal = StaleBase(
        base=None,
        newest=newest.number,
        saved_by=newest.author_name,
        saved_at=newest.created_at.isoformat(timespec="seconds"),
    )
    current = telling.staff_article(session, newsroom(), article, now())
    sent = {**yours}
    if sent.get("embargo_until") is not None:
        sent["embargo_until"] = telling.instant(sent["embargo_until"])
    return told(412, refusal.code, "This is not the newest any more; both texts are here.", yours=sent, current=current)


@blueprint.delete("/<public_id>")
def spike(public_id: str) -> Response:
    """Spike. A live story is refused: withdraw it first."""
    actor = staff()
    _carry_out(public_id, lambda s, article: [publishing.spike(s, actor, article, now(), zone=_zone())])
    return Response(status=204)


@blueprint.post("/<public_id>/<any(submit, approve, return, spike, unspike):verb>")
def move(public_id: str, verb: str) -> Response:
    actor = staff()

    def act(session: Session, article: Article) -> Iterable[Event]:
        if verb == "spike":
            return [publishing.spike(session, actor, article, now(), zone=_zone())]
        return [editing.transition(session, actor, article, verb, now())]

    _carry_out(public_id, act)
    return _article(public_id, 200)


@blueprint.post("/<public_id>/publications")
@blueprint.arguments(schemas.NewPublication)
def publish(asked: dict[str, Any], public_id: str) -> Response:
    """Publish now, or at ``live_from``."""
    actor = staff()
    made: dict[str, Any] = {}

    def act(session: Session, article: Article) -> Iterable[Event]:
        row, events = publishing.publish(session, actor, article, now(), zone=_zone(), **asked)
        made.update(
            n=row.n,
            revision=row.revision.number,
            live_from=telling.instant(row.live_from),
            live_until=telling.instant(row.live_until),
            minor=row.minor,
        )
        return events

    _carry_out(public_id, act)
    answer = jsonify(made)
    answer.status_code = 201
    return answer


@blueprint.delete("/<public_id>/publications/<int:n>")
def unschedule(public_id: str, n: int) -> Response:
    """Call off a publication that has not begun."""
    actor = staff()
    _carry_out(public_id, lambda s, article: [publishing.cancel(s, actor, article, n, now(), zone=_zone())])
    return Response(status=204)


@blueprint.post("/<public_id>/withdrawal")
@blueprint.arguments(schemas.NewWithdrawal, required=False)
def withdraw(asked: dict[str, Any], public_id: str) -> Response:
    """Take a live story down; with a notice, its address tells it."""
    actor = staff()
    try:
        notice = plain(asked.get("notice") or "", 1000) or None
    except ValueError as refused:
        raise Invalid({"notice": [str(refused)]}) from None
    _carry_out(
        public_id, lambda s, article: [publishing.withdraw(s, actor, article, now(), zone=_zone(), notice=notice)]
    )
    return _article(public_id, 200)


@blueprint.post("/<public_id>/corrections")
@blueprint.arguments(schemas.NewCorrection)
def correct(asked: dict[str, Any], public_id: str) -> Response:
    """File a correction on a live story; it is public when this answers."""
    actor = staff()
    made: dict[str, Any] = {}

    def act(session: Session, article: Article) -> Iterable[Event]:
        note, event = corrections.correct(session, actor, article, asked["kind"], asked["text"], now())
        made.update(id=note.public_id, kind=note.kind, text=note.text, published_at=telling.instant(note.published_at))
        return [event]

    _carry_out(public_id, act)
    answer = jsonify(made)
    answer.status_code = 201
    return answer


def _carry_out(public_id: str, verb: Verb) -> None:
    with newsroom().sessions.write() as session:
        events = verb(session, desk.find(session, public_id, lock=True))
        reactions.commit(session, events, now(), newsroom().signal)


def _article(public_id: str, status: int) -> Response:
    """The article as it now stands, read in a snapshot of its own."""
    with newsroom().sessions.read() as session:
        article = desk.find(session, public_id)
        answer = jsonify(telling.staff_article(session, newsroom(), article, now()))
        answer.set_etag(telling.etag(article, desk.publications(session, article)))
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _zone() -> ZoneInfo:
    return newsroom().settings.site_timezone
