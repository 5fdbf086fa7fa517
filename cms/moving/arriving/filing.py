"""The people, sections and tags that arriving stories name: found by slug or name, and started where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import forwards
from cms.domain.articles.slugs import LONGEST_SLUG
from cms.domain.events import Event
from cms.domain.people.hiring import add_person
from cms.domain.people.model import Person
from cms.domain.people.staff import SYSTEM
from cms.domain.taxonomy.filing import forwarded, start_section, term_slug
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.workflow.sections import DEEPEST
from cms.moving.arriving.story import Name, Story
from cms.moving.tally import Tally


class Met:
    """What an import has met so far of each kind, so that each is counted once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._seen: set[tuple[str, str]] = set()

    def note(self, kind: str, slug: str, *, new: bool) -> None:
        if (kind, slug) not in self._seen:
            self._seen.add((kind, slug))
            count = self._tally.of(kind)
            count.created += new
            count.unchanged += not new


class Filing:
    """One batch's names and the rows they stand for. In a dry run nothing is added to the session."""

    def __init__(self, session: Session, met: Met, now: datetime, *, dry_run: bool) -> None:
        self._session, self._met, self._now, self._dry_run = session, met, now, dry_run
        self._people: dict[str, Person] = {}
        self._sections: dict[str, Section] = {}
        self._tags: dict[str, Tag] = {}
        self.events: list[Event] = []

    def file(self, stories: Sequence[Story]) -> None:
        """Find or start whatever these stories name."""
        self.people(byline.person for story in stories for byline in story.bylines)
        self.sections(name for story in stories for name in story.sections)
        self.named_tags(name for story in stories for name in story.tags)

    def person(self, name: Name) -> Person:
        return self._people[name.slug] if name.slug in self._people else self._people[_folded(name.name)]

    def section(self, name: Name) -> Section:
        return self._sections[name.slug] if name.slug in self._sections else self._sections[_folded(name.name)]

    def tag(self, name: Name) -> Tag:
        return self._tags[_tag_slug(name)]

    # --- People ---

    def people(self, names: Iterable[Name]) -> None:
        wanted = dict.fromkeys(names)
        if not wanted:
            return
        for person in self._session.scalars(select(Person).order_by(Person.id.desc())):
            self._people[person.slug] = self._people[_folded(person.name)] = person
        for name in wanted:
            there = self._people.get(name.slug) or self._people.get(_folded(name.name))
            if there is None:
                there = self._hire(name)
                self._people[there.slug] = self._people[_folded(there.name)] = there
                self._met.note("people", there.slug, new=True)
            self._met.note("people", there.slug, new=False)
            for known in {name.slug, _folded(name.name)} - {""}:
                self._people.setdefault(known, there)

    def _hire(self, name: Name) -> Person:
        slug = slugify(name.slug, max_length=76) or None
        printed = (name.name or name.slug.replace("-", " ").title())[:200]
        if self._dry_run:
            return Person(slug=slug or slugify(printed), name=printed)
        if slug and forwards.leads_to(self._session, forwards.PERSON, slug) is not None:
            slug = None
        person, event = add_person(self._session, SYSTEM, name=printed, slug=slug, now=self._now, bio=name.about)
        self.events.append(event)
        return person

    # --- Sections ---

    def sections(self, names: Iterable[Name]) -> None:
        """Each after its parent, where that is among them."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return
        for section in self._session.scalars(select(Section).order_by(Section.id.desc())):
            for known in (section.slug, section.path, _folded(section.name)):
                self._sections[known] = section
        for name in wanted:
            there = self._sections.get(name.slug or _folded(name.name))
            if there is None:
                self._begin_above(name)
                there = self._begin(name)
                for known in (there.slug, there.path, _folded(there.name)):
                    self._sections.setdefault(known, there)
                self._met.note("sections", there.slug, new=True)
            self._met.note("sections", there.slug, new=False)
            for known in {name.slug, _folded(name.name)} - {""}:
                self._sections.setdefault(known, there)

    def _begin_above(self, name: Name) -> None:
        """What a path names on its way, and isn't there."""
        above = ""
        for slug in name.parent.split("/") if name.parent not in self._sections else ():
            if slug:
                self.sections([Name(slug=slug, parent=above)])
                above = slug

    def _begin(self, name: Name) -> Section:
        slug = slugify(name.slug, max_length=LONGEST_SLUG) or term_slug(name.name)
        printed = (name.name or slug.replace("-", " ").capitalize())[:100]
        moved = forwards.leads_to(self._session, forwards.SECTION, slug)
        if moved is not None:
            led = self._session.scalar(select(Section).where(Section.public_id == moved))
            if led is not None:
                return led
        above = self._sections.get(name.parent.rpartition("/")[2]) if name.parent else None
        while above is not None and above.path.count("/") + 2 > DEEPEST:
            above = self._sections.get(above.path.rpartition("/")[0])
        if self._dry_run:
            return Section(slug=slug, name=printed, path=f"{above.path}/{slug}" if above else slug)
        section, event = start_section(
            self._session, SYSTEM, name=printed, slug=slug, parent=above.slug if above else None, now=self._now
        )
        section.introduction = name.about
        self.events.append(event)
        return section

    # --- Tags ---

    def named_tags(self, names: Iterable[Name]) -> None:
        self.tags({_tag_slug(name): name for name in names})

    def tags(self, wanted: dict[str, Name]) -> None:
        """By the slugs that they have or would have."""
        slugs = [slug for slug in wanted if slug not in self._tags]
        for at in range(0, len(slugs), 500):
            some = slugs[at : at + 500]
            self._tags |= {tag.slug: tag for tag in self._session.scalars(select(Tag).where(Tag.slug.in_(some)))}
            self._tags |= forwarded(self._session, [slug for slug in some if slug not in self._tags])
        fresh = {slug: name for slug, name in wanted.items() if slug not in self._tags}
        for slug, name in fresh.items():
            self._tags[slug] = Tag(
                slug=slug, name=(name.name or name.slug)[:100], introduction=name.about, created_at=self._now
            )
        if fresh and not self._dry_run:
            made = [self._tags[slug] for slug in fresh]
            self._session.add_all(made)
            self._session.flush()
            after: dict[str, Any] = {"kind": "tags", "created": len(made)}
            self.events.append(Event("import", SYSTEM, "site:import", after=after))
        for slug in wanted:
            self._met.note("tags", self._tags[slug].slug, new=slug in fresh)


def _folded(name: str) -> str:
    """Names are compared without regard to case and spacing; no slug holds a space in front."""
    return " " + " ".join(name.casefold().split()) if name.strip() else ""


def _tag_slug(name: Name) -> str:
    return slugify(name.slug, max_length=LONGEST_SLUG) or term_slug(name.name)
