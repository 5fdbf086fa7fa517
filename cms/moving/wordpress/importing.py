"""``cms import wxr``: a WordPress site's export, read twice as a stream.

First what its posts lean on (people, categories, attachments, reusable blocks), and whether the file is whole: of a
broken one nothing is brought in. Then its items in their order, each known again by its site and id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cms import reactions
from cms.domain import addresses
from cms.moving.arriving.arrivals import Arrivals, in_batches
from cms.moving.arriving.bodies import plain
from cms.moving.arriving.filing import Filing
from cms.moving.arriving.former import lead_here
from cms.moving.arriving.pictures import Pictures
from cms.moving.arriving.standing import Standing
from cms.moving.arriving.story import Story
from cms.moving.tally import Tally
from cms.moving.wordpress.reading import Item, parts
from cms.moving.wordpress.stories import Stories, called_of, former, slug_of
from cms.moving.wordpress.survey import Survey
from cms.newsroom import Newsroom


class Import:
    """One export on its way in. ``arrivals`` and ``pictures`` are of its site."""

    def __init__(self, newsroom: Newsroom, survey: Survey, arrivals: Arrivals, folder: Path | None) -> None:
        self._newsroom, self._survey, self._arrivals = newsroom, survey, arrivals
        self.tally: Tally = arrivals.tally
        self._pictures = Pictures(newsroom, survey.site, folder, self.tally, dry_run=arrivals.dry_run)
        zone = newsroom.settings.site_timezone
        self._stories = Stories(survey, self._pictures, zone, self.tally.unsupported)
        self._standing = Standing(newsroom, survey.site, self.tally, dry_run=arrivals.dry_run)
        self._left: Counter[str] = Counter()
        self._comments: Counter[str] = Counter()

    def bring(self, path: Path) -> None:
        self._terms()
        self._arrivals.bring(self._posts(path))
        self._report()

    def _terms(self) -> None:
        """Categories, tags and authors, used or not, and their old addresses."""
        survey, room = self._survey, self._newsroom
        root = urlsplit(survey.site).path.rstrip("/")
        now = room.clock.now()
        door = room.sessions.read() if self._arrivals.dry_run else room.sessions.write()
        with door as session:
            filing = Filing(session, self._arrivals.met, now, dry_run=self._arrivals.dry_run)
            filing.people(survey.people.values())
            filing.sections(sorted(survey.categories.values(), key=lambda name: name.parent.count("/")))
            former = {
                f"{root}/author/{login}": f"/author/{filing.person(name).slug}/"
                for login, name in survey.people.items()
            }
            if root:
                former[root] = addresses.front()
            for name in survey.categories.values():
                path = "/".join(part for part in (name.parent, name.slug) if part)
                former[f"{root}/category/{path}"] = addresses.section(filing.section(name).path)
            if not self._arrivals.dry_run:
                lead_here(session, former, f"Brought in from {survey.site}", now, self.tally.unsupported)
                reactions.commit(session, filing.events, now, room.signal)
        for some in in_batches(survey.tags.values(), 1000):
            door = room.sessions.read() if self._arrivals.dry_run else room.sessions.write()
            with door as session:
                filing = Filing(session, self._arrivals.met, now, dry_run=self._arrivals.dry_run)
                filing.named_tags(some)
                if not self._arrivals.dry_run:
                    reactions.commit(session, filing.events, now, room.signal)

    def _posts(self, path: Path) -> Iterator[Story]:
        now = self._newsroom.clock.now()
        for part in parts(path):
            if not isinstance(part, Item):
                continue
            if part.comments:
                self._comments["comments"] += part.comments
                self._comments["stories"] += 1
            if part.too_long:
                self._arrivals.refuse(f"{called_of(part)} (line {part.line})", "it is longer than 8 MB")
            elif not part.id:
                self._arrivals.refuse(f"{called_of(part)} (line {part.line})", "it has no id")
            elif part.kind == "post" and part.text("wp:status") == "auto-draft":
                self._arrivals.leave(called_of(part), "was begun and never written")
            elif part.kind == "post":
                yield self._stories.story(part, now)
            elif part.kind == "page" and part.text("wp:status") == "publish" and not part.text("wp:post_password"):
                self._page(part)
            elif part.kind == "page":
                self._stories.notes.append(f"{called_of(part)} isn't public, so it came in as a draft of a story")
                yield self._stories.story(part, now)
            elif part.kind == "attachment":
                self._attachment(part)
            else:
                self.tally.of(part.kind).skipped += 1
                self._left[part.kind] += 1
                self._arrivals.tell(1)
            self._left.update({f"terms of {t.taxonomy}" for t in part.terms if t.taxonomy not in _KNOWN})

    def _page(self, item: Item) -> None:
        called = called_of(item)
        html = self._stories.body(item, called)
        title = plain(item.text("title"))[:200] or f"Page {item.id}"
        self._standing.bring(item.id, called, slug_of(item, title), title, html, former(item, self._survey.site))
        self._arrivals.tell(1)

    def _attachment(self, item: Item) -> None:
        attachment = self._survey.attachments[item.id]
        if attachment.is_taken:
            self._stories.picture(attachment)
        else:
            self.tally.of("media").skipped += 1
            self.tally.unsupported.append(
                f"{attachment.called}: {attachment.url} is neither picture nor recording, and stays where it is"
            )
        self._arrivals.tell(1)

    def _report(self) -> None:
        for what, number in self._left.items():
            kind = what.startswith("terms of ")
            self.tally.unsupported.append(
                f"{what} were left out, on {number} items"
                if kind
                else f"{number} items of the type {what} were left out"
            )
        if self._comments:
            self.tally.unsupported.append(
                f"{self._comments['comments']} comments on {self._comments['stories']} items were left out: "
                "readers don't comment here"
            )


_KNOWN = ("category", "post_tag", "author", "nav_menu")
