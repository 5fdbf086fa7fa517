"""Writing stories that are new, many in a few statements: the rows that creating and publishing each would write.

What the verbs would check of each is known here: the actor is the system, the stories have no other revision or
publication, and their fields are clean.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from cms.db import new_public_id, one_at_a_time
from cms.domain import addresses, keys
from cms.domain.articles import chain
from cms.domain.articles.model import (
    Article,
    Publication,
    Revision,
    RevisionByline,
    RevisionMedia,
    RevisionSection,
    RevisionTag,
)
from cms.domain.articles.picture_use import media_in
from cms.domain.articles.slugs import slug_for
from cms.domain.events import Event, search_errands
from cms.domain.media.model import Media
from cms.domain.origins import ARTICLE, Origin
from cms.domain.people.model import Person
from cms.domain.people.staff import SYSTEM
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.views.model import VisitAdjustment, VisitTotal
from cms.domain.workflow.editing import EMPTY
from cms.moving.arriving.filing import Filing
from cms.moving.arriving.former import lead_here
from cms.moving.arriving.story import Story
from cms.settings import Settings


@dataclass(frozen=True)
class Ready:
    """A story whose fields are clean, and the digest of what it was brought from."""

    story: Story
    digest: str


@dataclass
class _Filed:
    """Whose it is and where it stands."""

    people: list[tuple[Person, str]]
    sections: list[Section]
    tags: list[Tag]


def filed(story: Story, filing: Filing) -> _Filed:
    """Each once, in the story's order."""
    people = dict.fromkeys((filing.person(byline.person), byline.role) for byline in story.bylines)
    sections = dict.fromkeys(filing.section(name) for name in story.sections)
    return _Filed(list(people), list(sections), list(dict.fromkeys(filing.tag(name) for name in story.tags)))


def create(
    session: Session,
    settings: Settings,
    source: str,
    ready: Sequence[Ready],
    filing: Filing,
    now: datetime,
    notes: list[str],
) -> list[Event]:
    """Write them all; what happened, and in ``notes`` what a former address already led to."""
    if not ready:
        return []
    batch = _Batch(session, settings, source, ready, filing, now)
    batch.articles()
    batch.revisions()
    batch.rows_beside()
    batch.publications()
    batch.visits()
    batch.origins()
    former = {path: batch.path(place) for place, each in enumerate(ready) for path in each.story.former}
    lead_here(session, {path: to for path, to in former.items() if to}, f"Brought in from {source}", now, notes)
    return [batch.event(place) for place in range(len(ready))]


class _Batch:
    def __init__(
        self,
        session: Session,
        settings: Settings,
        source: str,
        ready: Sequence[Ready],
        filing: Filing,
        now: datetime,
    ) -> None:
        self._session, self._settings, self._source, self._now = session, settings, source, now
        self._ready = ready
        self._stories = [each.story for each in ready]
        self._filed = [filed(story, filing) for story in self._stories]
        self._public_ids = [new_public_id() for _ in ready]
        self._content = [self._snapshot(story, of) for story, of in zip(self._stories, self._filed, strict=True)]
        self._slugs = [content["slug"] for content in self._content]
        self._ids: list[int] = []
        self._revision_ids: list[int] = []

    def articles(self) -> None:
        rows = [
            {
                "public_id": public_id,
                "state": "ready" if story.live_from else story.state,
                "newest": 1,
                "approved": 1 if story.live_from or story.state == "ready" else None,
                "embargo_until": story.embargo_until,
                "first_live_from": story.live_from,
                "address_date": self._day(story),
                "created_at": self._began(story),
                "touched_at": self._worked_on(story),
            }
            for public_id, story in zip(self._public_ids, self._stories, strict=True)
        ]
        self._session.execute(insert(Article), rows)
        wanted = select(Article.public_id, Article.id).where(Article.public_id.in_(self._public_ids))
        found = {public_id: number for public_id, number in self._session.execute(wanted)}  # noqa: C416
        self._ids = [found[public_id] for public_id in self._public_ids]

    def revisions(self) -> None:
        rows = []
        for place, story in enumerate(self._stories):
            revision = Revision(
                article_id=self._ids[place],
                number=1,
                base=None,
                note=f"Brought in from {self._source}"[:500],
                created_at=self._worked_on(story),
                author_name=SYSTEM.name,
                salt=secrets.token_hex(16),
            )
            digest = chain.digest(revision.salt, self._content[place])
            meta = chain.meta_of(self._public_ids[place], revision)
            rows.append(
                {
                    **{name: getattr(revision, name) for name in _REVISION},
                    **self._content[place],
                    "digest": digest,
                    "hash": chain.link(None, meta, digest),
                }
            )
        self._session.execute(insert(Revision), rows)
        wanted = select(Revision.article_id, Revision.id).where(Revision.article_id.in_(self._ids))
        found = {article: number for article, number in self._session.execute(wanted)}  # noqa: C416
        self._revision_ids = [found[article] for article in self._ids]

    def rows_beside(self) -> None:
        """What lists join: bylines, sections, tags, images."""
        bylines, sections, tags = [], [], []
        for number, of in zip(self._revision_ids, self._filed, strict=True):
            for at, (person, role) in enumerate(of.people):
                bylines.append({"revision_id": number, "position": at, "person_id": person.id, "role": role})
            for at, section in enumerate(of.sections):
                sections.append({"revision_id": number, "position": at, "section_id": section.id})
            for at, tag in enumerate(of.tags):
                tags.append({"revision_id": number, "position": at, "tag_id": tag.id})
        self._put(RevisionByline, bylines)
        self._put(RevisionSection, sections)
        self._put(RevisionTag, tags)
        self._put(RevisionMedia, self._pictures())

    def publications(self) -> None:
        """One from the story's own date; where it was changed since, another from then."""
        one_at_a_time(self._session, "addresses")
        self._free_slugs()
        rows = []
        for place, story in enumerate(self._stories):
            starts = self._starts(story)
            for n, start in enumerate(starts, start=1):
                last = n == len(starts)
                zone = self._settings.site_timezone
                to_come = start > self._now
                rows.append(
                    {
                        "article_id": self._ids[place],
                        "n": n,
                        "revision_id": self._revision_ids[place],
                        "slug": self._slugs[place],
                        "live_from": start,
                        "live_until": story.live_until if last else starts[n],
                        "expires_at": story.live_until if last else None,
                        "wall_time": start.astimezone(zone).isoformat() if to_come else None,
                        "zone": zone.key if to_come else None,
                        "minor": False,
                        "created_at": self._now,
                    }
                )
        self._put(Publication, rows)

    def visits(self) -> None:
        seen = [(number, story.views) for number, story in zip(self._ids, self._stories, strict=True) if story.views]
        self._put(VisitTotal, [{"article_id": number, "visits": views} for number, views in seen])
        reason = f"Brought in from {self._source}"[:500]
        made: dict[str, Any] = {"reason": reason, "made_at": self._now, "made_by": SYSTEM.name}
        self._put(VisitAdjustment, [{"article_id": number, "visits": views, **made} for number, views in seen])

    def origins(self) -> None:
        rows = [
            {
                "source": self._source,
                "kind": ARTICLE,
                "key": each.story.key,
                "target": public_id,
                "digest": each.digest,
                "revision": 1,
                "at": self._now,
            }
            for each, public_id in zip(self._ready, self._public_ids, strict=True)
        ]
        self._put(Origin, rows)

    def path(self, place: int) -> str:
        """Its address; none while nothing of it is or is to be public."""
        day = self._day(self._stories[place])
        return addresses.article(self._settings.article_path, day, self._slugs[place]) if day else ""

    def event(self, place: int) -> Event:
        story, public_id = self._stories[place], self._public_ids[place]
        starts = self._starts(story)
        verb = "import" if not starts else "publish" if starts[-1] <= self._now else "schedule"
        after: dict[str, Any] = {"source": self._source, "revision": 1}
        if starts:
            after |= {"n": len(starts), "minor": False}
        return Event(
            verb,
            SYSTEM,
            f"article:{public_id}",
            after=after,
            keys=self._keys(place) if starts else frozenset(),
            errands=search_errands(public_id, [max(starts[-1], self._now), story.live_until] if starts else []),
            at=self._now,
        )

    # --- Parts ---

    def _snapshot(self, story: Story, of: _Filed) -> dict[str, Any]:
        headline = story.fields["headline"]
        content = {**EMPTY, "language": self._settings.site_language, **story.fields, "lead_image": story.lead_image}
        content["slug"] = content["slug"] or slug_for(headline, content["language"])
        content["bylines"] = [
            {"person": person.public_id, "name": person.name, "role": role} for person, role in of.people
        ]
        content["sections"] = [section.public_id for section in of.sections]
        content["tags"] = [tag.public_id for tag in of.tags]
        return content

    def _day(self, story: Story) -> date | None:
        return story.live_from.astimezone(self._settings.site_timezone).date() if story.live_from else None

    def _began(self, story: Story) -> datetime:
        return min(story.live_from or story.written_at or self._now, self._now)

    def _worked_on(self, story: Story) -> datetime:
        """Not now: a year's archive must not lie before today's work on the desk's lists."""
        return min(story.modified_at or story.written_at or self._began(story), self._now)

    def _starts(self, story: Story) -> list[datetime]:
        if story.live_from is None:
            return []
        changed = story.modified_at
        last = min(self._now, story.live_until or self._now)
        if changed is None or not story.live_from < changed < last:
            return [story.live_from]
        return [story.live_from, changed]

    def _pictures(self) -> list[dict[str, int]]:
        shown = [media_in(content) for content in self._content]
        named = {content["lead_image"] for content in self._content if content["lead_image"]}
        numbers: dict[str, int] = {}
        for column, wanted in ((Media.key, set().union(*shown)), (Media.public_id, named)):
            if wanted:
                found = self._session.execute(select(column, Media.id).where(column.in_(wanted)))
                numbers |= {name: number for name, number in found}  # noqa: C416
        rows = []
        for place, content in enumerate(self._content):
            of = {numbers[name] for name in (*shown[place], content["lead_image"]) if name in numbers}
            rows += [{"revision_id": self._revision_ids[place], "media_id": number} for number in sorted(of)]
        return rows

    def _free_slugs(self) -> None:
        """Give each the slug it wishes for, or the next of ``-2``, ``-3``… where that date has it already."""
        days = [self._day(story) for story in self._stories]
        dated = {day for day in days if day}
        taken = self._standing(Publication.slug.in_(set(self._slugs)), Article.address_date.in_(dated))
        whole: set[date] = set()
        for place, day in enumerate(days):
            if day is None:
                continue
            wish, count = self._slugs[place], 1
            if (day, wish) in taken and day not in whole:
                begins = datetime.combine(day, time(), UTC)
                near = Article.first_live_from.between(begins - timedelta(days=1), begins + timedelta(days=2))
                taken |= self._standing(near, Article.address_date == day)
                whole.add(day)
            while (day, self._slugs[place]) in taken:
                count += 1
                self._slugs[place] = f"{wish[: 79 - len(str(count))].rstrip('-')}-{count}"
            taken.add((day, self._slugs[place]))

    def _standing(self, *which: ColumnElement[bool]) -> set[tuple[date | None, str]]:
        """Dates and slugs of addresses that others have."""
        rows = self._session.execute(
            select(Article.address_date, Publication.slug)
            .join(Publication.article)
            .where(Publication.cancelled_at.is_(None), *which)
        )
        return {(day, slug) for day, slug in rows}

    def _keys(self, place: int) -> frozenset[str]:
        of = self._filed[place]
        return frozenset(
            {keys.article(self._public_ids[place]), keys.FRONT}
            | {keys.section(slug) for section in of.sections for slug in section.path.split("/")}
            | {keys.tag(tag.slug) for tag in of.tags}
            | {keys.person(person.slug) for person, _role in of.people}
            | (set() if of.people else self._house())
        )

    def _house(self) -> set[str]:
        """The name that stands on what nobody signed."""
        if self._house_keys is None:
            slugs = self._session.scalars(select(Person.slug).where(Person.house))
            self._house_keys = {keys.person(slug) for slug in slugs}
        return self._house_keys

    _house_keys: set[str] | None = None

    def _put(self, model: type, rows: Iterable[Mapping[str, Any]]) -> None:
        rows = list(rows)
        if rows:
            self._session.execute(insert(model), rows)


_REVISION = ("article_id", "number", "base", "note", "created_at", "author_name", "salt")
