"""Pages of another site that say something of the paper itself, as standing pages of this one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from cms import reactions
from cms.domain import addresses, origins
from cms.domain.errors import Invalid
from cms.domain.people.staff import SYSTEM
from cms.domain.standing.pages import TAKEN, page_at, write_page
from cms.moving.arriving.former import lead_here
from cms.moving.tally import Tally
from cms.newsroom import Newsroom


class Standing:
    def __init__(self, newsroom: Newsroom, source: str, tally: Tally, *, dry_run: bool) -> None:
        self._newsroom, self._source, self._tally, self._dry_run = newsroom, source, tally, dry_run

    def bring(self, key: str, called: str, slug: str, title: str, html: str, former: Sequence[str]) -> None:
        """One page: new, changed since it was brought in, or as it was. What staff changed here stays as it is."""
        count, room = self._tally.of("pages"), self._newsroom
        digest = hashlib.sha256(json.dumps([title, html, *former]).encode()).hexdigest()
        now = room.clock.now()
        with room.sessions.read() if self._dry_run else room.sessions.write() as session:
            origin = origins.known(session, self._source, origins.PAGE, [key]).get(key)
            if origin is not None and origin.digest == digest:
                count.unchanged += 1
                return
            there = page_at(session, origin.target) if origin else None
            if origin is not None and (there is None or there.version != origin.revision):
                count.skipped += 1
                self._tally.unsupported.append(f"{called} is left as it is here: it was worked on here since")
                return
            if self._dry_run:
                count.created += there is None
                count.changed += there is not None
                return
            own = there.slug if there else _free(session, slug)
            fields = {"slug": own, "title": title, "body_html": html}
            version = there.version if there else 0
            try:
                page, events = write_page(
                    session, SYSTEM, fields, now, slug=there.slug if there else None, base=version
                )
            except Invalid as invalid:
                count.skipped += 1
                why = "; ".join(f"{name}: {' '.join(said)}" for name, said in invalid.errors.items())
                self._tally.errors.append({"kind": "pages", "row": called, "error": why})
                return
            origins.note(session, self._source, origins.PAGE, key, page.slug, digest, page.version, now)
            target = addresses.standing(page.slug)
            note = f"Brought in from {self._source}"
            lead_here(session, dict.fromkeys(former, target), note, now, self._tally.unsupported)
            reactions.commit(session, events, now, room.signal)
        count.created += origin is None
        count.changed += origin is not None


def _free(session: Session, wish: str) -> str:
    """The slug, or the next of ``-2``, ``-3``… where another page or a part of the site stands there."""
    slug, count = wish, 1
    while slug in TAKEN or page_at(session, slug) is not None:
        count += 1
        slug = f"{wish[:75]}-{count}"
    return slug
