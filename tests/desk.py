"""Staff at work, for setting a test's scene in few words. What is promised is then asked at a surface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms import reactions
from cms.domain.articles import desk
from cms.domain.articles.fields import clean_fields
from cms.domain.articles.model import Article
from cms.domain.events import Event
from cms.domain.people.hiring import add_person, add_user
from cms.domain.people.model import User
from cms.domain.people.staff import SYSTEM, Actor, actor_for
from cms.domain.taxonomy.filing import start_section
from cms.domain.tokens.tokens import grant
from cms.domain.workflow import corrections, editing, embargoes, publishing
from cms.newsroom import Newsroom


class Desk:
    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.zone = newsroom.settings.site_timezone
        self._known: Actor | None = None

    @property
    def now(self) -> datetime:
        return self.newsroom.clock.now()

    def _commit(self, session: Session, *events: Any) -> None:
        reactions.commit(session, events, self.now, self.newsroom.signal)

    # --- People and places ---

    def section(self, name: str, slug: str | None = None, parent: str | None = None) -> str:
        with self.newsroom.sessions.write() as session:
            made, event = start_section(session, SYSTEM, name=name, slug=slug, parent=parent, now=self.now)
            slug = made.slug
            self._commit(session, event)
        return slug

    def person(self, name: str, slug: str | None = None, **more: str) -> str:
        with self.newsroom.sessions.write() as session:
            made, event = add_person(session, SYSTEM, name=name, slug=slug, now=self.now, **more)
            slug = made.slug
            self._commit(session, event)
        return slug

    def actor(self, role: str, name: str | None = None) -> Actor:
        """The member of staff of this role (and name), taken on when first asked for."""
        name = name or role.title()
        email = f"{name.lower().replace(' ', '.')}@news.example"
        with self.newsroom.sessions.write() as session:
            user = session.scalar(select(User).where(User.email == email))
            if user is None:
                user, event = add_user(
                    session, SYSTEM, email=email, name=name, role=role, password_hash=None, now=self.now
                )
                actor = actor_for(user)
                self._commit(session, event)
                return actor
            return actor_for(user)

    def token(self, role: str, name: str = "Test token") -> str:
        with self.newsroom.sessions.write() as session:
            secret, _token, events = grant(session, SYSTEM, name=name, role=role, expires_at=None, now=self.now)
            self._commit(session, *events)
        return secret

    # --- Stories ---

    def write(self, headline: str = "Ferry returns to the old quay", *, by: Actor | None = None, **fields: Any) -> str:
        """A draft; its public id."""
        with self.newsroom.sessions.write() as session:
            cleaned = clean_fields({"headline": headline, **fields})
            article, event = editing.create(session, by or self._editor(session), cleaned, self.now, language="en")
            public_id = article.public_id
            self._commit(session, event)
        return public_id

    def save(self, article: str, *, by: Actor | None = None, **fields: Any) -> int:
        """A new revision on top of the newest; its number."""
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            revision, events = editing.save(
                session, by or self._editor(session), row, row.newest, clean_fields(fields), self.now
            )
            number = revision.number
            self._commit(session, *events)
        return number

    def put_live(self, article: str, *, by: Actor | None = None, **when: Any) -> int:
        """Publish or schedule; the publication's number."""
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            publication, events = publishing.publish(
                session, by or self._editor(session), row, self.now, zone=self.zone, **when
            )
            n = publication.n
            self._commit(session, *events)
        return n

    def publish(self, headline: str = "Ferry returns to the old quay", **fields: Any) -> str:
        """Write and publish at once; the article's public id."""
        article = self.write(headline, **fields)
        self.put_live(article)
        return article

    def withdraw(self, article: str, notice: str | None = None) -> None:
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            event = publishing.withdraw(session, self._editor(session), row, self.now, zone=self.zone, notice=notice)
            self._commit(session, event)

    def cancel(self, article: str, n: int) -> None:
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            event = publishing.cancel(session, self._editor(session), row, n, self.now, zone=self.zone)
            self._commit(session, event)

    def correct(self, article: str, text: str, kind: str = "correction") -> None:
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            _note, event = corrections.correct(session, self._editor(session), row, kind, text, self.now)
            self._commit(session, event)

    def embargo(self, article: str, until: datetime | None, by: Actor | None = None) -> None:
        with self.newsroom.sessions.write() as session:
            row = desk.find(session, article)
            events = embargoes.set_embargo(session, by or self._editor(session), row, until, self.now, zone=self.zone)
            self._commit(session, *events)

    def act(self, article: str, verb: Callable[[Session, Article], Any]) -> Any:
        """Carry out any verb of the domain on an article, commit what it says it did, and give back its answer."""
        with self.newsroom.sessions.write() as session:
            answer = verb(session, desk.find(session, article, lock=True))
            self._commit(session, *events_of(answer))
        return answer

    def _editor(self, session: Session) -> Actor:
        if self._known is not None:
            return self._known
        user = session.scalar(select(User).where(User.email == "desk@news.example"))
        if user is None:
            user, _event = add_user(
                session,
                SYSTEM,
                email="desk@news.example",
                name="The Desk",
                role="editor",
                password_hash=None,
                now=self.now,
            )
            return actor_for(user)  # not known yet: the session may still be given up
        self._known = actor_for(user)
        return self._known


def events_of(answer: Any) -> Iterator[Event]:
    """The events in what a verb gives back: one, a list, or beside the row that it made."""
    if isinstance(answer, Event):
        yield answer
    elif isinstance(answer, (list, tuple)):
        for each in answer:
            yield from events_of(each)
    else:
        yield from getattr(answer, "events", ())
