"""Load the sample newsroom by the product's own verbs, as if its staff had written it over the last months."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms import reactions
from cms.domain import addresses
from cms.domain.articles.fields import clean_fields
from cms.domain.articles.markup import escaped
from cms.domain.articles.model import Article, Revision
from cms.domain.events import Event
from cms.domain.media.model import Media
from cms.domain.media.recordings import FILES
from cms.domain.media.uploading import Arrived, receive, upload
from cms.domain.people.hiring import add_person
from cms.domain.people.model import Person
from cms.domain.people.staff import SYSTEM
from cms.domain.standing.pages import all_pages, write_page
from cms.domain.taxonomy.filing import start_section
from cms.domain.taxonomy.model import Section
from cms.domain.views.adjusting import adjust
from cms.domain.views.bringing import bring
from cms.domain.workflow import corrections, editing, embargoes, publishing
from cms.domain.workflow.translating import link_translation
from cms.moving.sample.audience import spread
from cms.moving.sample.markup import pictures_in, sounds_in
from cms.moving.sample.pictures import draw
from cms.moving.sample.reading import SampleArticle, SampleNewsroom, SamplePicture, SampleText, read_newsroom
from cms.moving.sample.sounds import SOUNDS
from cms.newsroom import Newsroom

WIDTH = "w960"
NETWORKS = 50
PAPER = "{paper}"
"""Stands in the standing pages for the name that the paper has on this site."""


def load_sample(newsroom: Newsroom, tell: Callable[[int], None] = lambda _more: None) -> int:
    """Load every story that isn't there yet, in one transaction; how many there were.

    A story is known by its slug, so loading twice adds nothing. ``tell`` hears of each picture drawn.
    """
    sample = read_newsroom()
    now = newsroom.clock.now()
    with newsroom.sessions.read() as session:
        missing = _missing(session, sample)
    if not missing:
        return 0
    arrived = _draw(newsroom, _pictures_of(sample, missing), tell)
    heard = _record(newsroom, missing)
    with newsroom.sessions.write() as session:
        missing = _missing(session, sample)
        loader = _Loader(session, newsroom, now)
        loader.people_and_sections(sample)
        loader.pages(sample)
        loader.media(arrived | heard)
        for article in sorted(missing, key=lambda article: -(article.hours_ago or 0)):
            loader.story(article)
        loader.translations(missing)
        reactions.commit(session, loader.events, now, newsroom.signal)
    return len(missing)


def _missing(session: Session, sample: SampleNewsroom) -> list[SampleArticle]:
    known = set(session.scalars(select(Revision.slug).where(Revision.number == 1)))
    return [article for article in sample.articles if article.slug not in known]


def _pictures_of(sample: SampleNewsroom, articles: list[SampleArticle]) -> list[SamplePicture]:
    """Those that these stories show, at their head or in their text."""
    shown = {name for article in articles for name in pictures_in(article.text.body_html)}
    shown |= {article.picture.name for article in articles if article.picture}
    return [picture for picture in sample.pictures() if picture.name in shown]


def _draw(newsroom: Newsroom, pictures: list[SamplePicture], tell: Callable[[int], None]) -> dict[str, Arrived]:
    """Draw and store the pictures, on every core, before anything is opened for writing.

    In processes that begin empty: a copy of one with threads can stop for good at a lock that a thread held.
    """
    stored = {}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for picture, content in zip(pictures, pool.map(draw, [p.name for p in pictures]), strict=True):
            fields = {"alt": picture.alt, "caption": picture.caption, "credit": picture.credit}
            stored[picture.name] = receive(newsroom.files, newsroom.images, content, fields)
            tell(1)
    return stored


def _record(newsroom: Newsroom, articles: list[SampleArticle]) -> dict[str, Arrived]:
    named = {name: title for article in articles for name, title in sounds_in(article.text.body_html).items()}
    return {
        name: receive(
            newsroom.files, newsroom.images, SOUNDS[name](), {"alt": title, "credit": "Sound: Nell Hargreave"}
        )
        for name, title in named.items()
    }


class _Loader:
    """One load: what has been made so far, and everything that happened, each act at its own time."""

    def __init__(self, session: Session, newsroom: Newsroom, now: datetime) -> None:
        self._session = session
        self._now = now
        self._zone = newsroom.settings.site_timezone
        self._language = newsroom.settings.site_language
        self._paper = newsroom.settings.site_name
        self._media: dict[str, Media] = {}
        self.events: list[Event] = []

    def people_and_sections(self, sample: SampleNewsroom) -> None:
        people = set(self._session.scalars(select(Person.slug)))
        for person in sample.people:
            if person.slug not in people:
                _made, event = add_person(
                    self._session,
                    SYSTEM,
                    name=person.name,
                    slug=person.slug,
                    title=person.title,
                    bio=person.bio,
                    email=person.email or "",
                    kind=person.kind,
                    now=self._now,
                )
                self._note(event)
        sections = set(self._session.scalars(select(Section.slug)))
        for section in sample.sections:
            if section.slug not in sections:
                _started, event = start_section(
                    self._session, SYSTEM, name=section.name, slug=section.slug, parent=section.parent, now=self._now
                )
                self._note(event)

    def pages(self, sample: SampleNewsroom) -> None:
        there = {page.slug for page in all_pages(self._session)}
        for page in sample.pages:
            if page.slug not in there:
                title = page.title.replace(PAPER, self._paper)
                body = page.body_html.replace(PAPER, escaped(self._paper))
                fields = {"slug": page.slug, "title": title, "body_html": body}
                _written, events = write_page(self._session, SYSTEM, fields, self._now)
                self._note_all(events, self._now)

    def media(self, arrived: dict[str, Arrived]) -> None:
        for name, stored in arrived.items():
            self._media[name], event = upload(self._session, SYSTEM, stored, self._now)
            self._note(event)

    def story(self, sample: SampleArticle) -> None:
        """Write it, and let happen to it in order what the sample says happened."""
        live_from = self._now - timedelta(hours=sample.hours_ago) if sample.hours_ago else None
        written = (live_from or self._now) - timedelta(hours=2)
        article, event = editing.create(
            self._session, SYSTEM, clean_fields(self._fields(sample)), written, language=self._language
        )
        self._note(event, written)
        if sample.state in ("in_review", "ready", "scheduled"):
            self._note(editing.transition(self._session, SYSTEM, article, "submit", written), written)
        if sample.state == "ready":
            self._note(editing.transition(self._session, SYSTEM, article, "approve", written), written)
        if sample.hours_ahead:
            self._publish(article, self._now, live_from=self._now + timedelta(hours=sample.hours_ahead))
        if live_from:
            self._publish(article, live_from)
            for when, act in sorted(self._later(sample, article, live_from), key=lambda entry: entry[0]):
                act(when)
            self._visits(sample, article, live_from)
        if sample.embargo_hours_ahead:
            until = self._now + timedelta(hours=sample.embargo_hours_ahead)
            self._note_all(
                embargoes.set_embargo(self._session, SYSTEM, article, until, self._now, zone=self._zone), self._now
            )

    def translations(self, samples: list[SampleArticle]) -> None:
        for sample in samples:
            if sample.translation_of:
                article, other = (self._by_slug(slug) for slug in (sample.slug, sample.translation_of))
                self._note_all(link_translation(self._session, SYSTEM, article, other), self._now)

    def _by_slug(self, slug: str) -> Article:
        return self._session.scalars(select(Article).join(Revision).where(Revision.slug == slug).limit(1)).one()

    def _visits(self, sample: SampleArticle, article: Article, published: datetime) -> None:
        """Those of the last month with their times, so that every window has its share; the rest as a sum."""
        visits = spread(sample.views, sample.views_today, published, self._now, self._zone)
        self._note(bring(self._session, article, visits, networks=NETWORKS, actor=SYSTEM, zone=self._zone))
        rest = sample.views - sum(visits.values())
        if rest:
            reason = "Brought in with the sample newsroom"
            self._note(adjust(self._session, article, rest, reason=reason, actor=SYSTEM, now=self._now))

    def _later(
        self, sample: SampleArticle, article: Article, live_from: datetime
    ) -> list[tuple[datetime, Callable[[datetime], None]]]:
        acts: list[tuple[datetime, Callable[[datetime], None]]] = []
        for revision in sample.revisions:

            def update(when: datetime, revision: Any = revision) -> None:
                fields = clean_fields(self._text(revision.text))
                _revision, events = editing.save(
                    self._session, SYSTEM, article, article.newest, fields, when, note=revision.note
                )
                self._note_all(events, when)
                self._publish(article, when, revision=article.newest)

            acts.append((live_from + timedelta(hours=revision.hours_after), update))
        for correction in sample.corrections:

            def correct(when: datetime, correction: Any = correction) -> None:
                _note, event = corrections.correct(
                    self._session, SYSTEM, article, correction.kind, correction.text, when
                )
                self._note(event, when)

            acts.append((live_from + timedelta(hours=correction.hours_after), correct))
        if sample.withdrawn_hours_after is not None:

            def withdraw(when: datetime) -> None:
                event = publishing.withdraw(self._session, SYSTEM, article, when, zone=self._zone, notice=sample.notice)
                self._note(event, when)

            acts.append((live_from + timedelta(hours=sample.withdrawn_hours_after), withdraw))
        return acts

    def _publish(self, article: Article, when: datetime, **how: Any) -> None:
        _row, events = publishing.publish(self._session, SYSTEM, article, when, zone=self._zone, **how)
        self._note_all(events, when)

    def _fields(self, sample: SampleArticle) -> dict[str, Any]:
        return {
            **self._text(sample.text),
            "slug": sample.slug,
            "language": sample.language,
            "bylines": [{"person": byline.person, "role": byline.role} for byline in sample.bylines],
            "sections": list(sample.sections),
            "tags": list(sample.tags),
            "lead_image": self._media[sample.picture.name].public_id if sample.picture else None,
        }

    def _text(self, text: SampleText) -> dict[str, Any]:
        return {
            "headline": text.headline,
            "standfirst": text.standfirst,
            "key_points": list(text.key_points),
            "body_html": re.sub(r"(?:picture|sound):([a-z0-9-]+)", self._address, text.body_html),
        }

    def _address(self, name: re.Match[str]) -> str:
        media = self._media[name[1]]
        return addresses.media(media.key, FILES.get(media.media_type, f"{WIDTH}.webp"))

    def _note(self, event: Event, at: datetime | None = None) -> None:
        self.events.append(replace(event, at=at))

    def _note_all(self, events: list[Event], at: datetime) -> None:
        for event in events:
            self._note(event, at)
