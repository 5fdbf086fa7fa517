"""What stands on a front now: chosen stories that readers may see, and the newest in every slot left over.

No story stands twice. A chosen story that is withdrawn leaves its slot to the newest, and comes back to it when
it is published again: the choice is kept, the page never shows a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session, contains_eager

from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import nearest_in_sections, newest_first, visible
from cms.domain.fronts.slots import FRONT, LEAD, RAIL, SECONDARY, SIZES, Chosen, chosen, key_of, rail_of
from cms.domain.taxonomy.model import Section

LATEST = 8


@dataclass(frozen=True)
class Filled:
    """Publications with their articles and revisions, by where they stand."""

    lead: Publication | None
    secondary: list[Publication]
    latest: list[Publication]
    rails: list[tuple[Section, list[Publication]]]

    @property
    def top(self) -> list[Publication]:
        return ([self.lead] if self.lead else []) + self.secondary

    @property
    def rows(self) -> list[Publication]:
        return self.top + self.latest + [row for _section, rail in self.rails for row in rail]


def fill_front(session: Session, sections: Sequence[Section], now: datetime) -> Filled:
    """The front page, with a rail for each section on top of the tree that has a story left."""
    picks = _Picks(session, FRONT, now)
    newest = _newest(session, now, 1 + SIZES[SECONDARY] + LATEST, without=picks.taken)
    lead = picks.at(LEAD, 0) or _pictured(newest[: 1 + SIZES[SECONDARY]]) or next(iter(newest), None)
    queue = [row for row in newest if row is not lead]
    secondary = picks.fill(SECONDARY, queue)
    latest = queue[:LATEST]
    shown = picks.taken | {row.article_id for row in [*([lead] if lead else []), *secondary, *latest]}
    rails = []
    for section in sections:
        if section.parent_id is None:
            within = [each.id for each in sections if (each.path + "/").startswith(f"{section.path}/")]
            queue = _newest(session, now, SIZES[RAIL], within=within, without=shown)
            rail = picks.fill(rail_of(section), _pictured_first(queue))
            shown |= {row.article_id for row in rail}
            if rail:
                rails.append((section, rail))
    return Filled(lead, secondary, latest, rails)


def chosen_for(session: Session, section: Section, now: datetime) -> dict[tuple[str, int], Publication]:
    """The visible stories that were put into a section's slots; the others are the newest of its list."""
    picks = _Picks(session, key_of(section), now)
    return {slot: row for slot in picks.chosen if (row := picks.at(*slot))}


class _Picks:
    """The stories chosen for one front, those that readers may see."""

    def __init__(self, session: Session, key: str, now: datetime) -> None:
        self.chosen: Chosen = chosen(session, key)
        self._rows: dict[int, Publication] = {}
        if self.chosen:
            wanted = visible(now).where(Article.id.in_(self.chosen.values()))
            self._rows = {row.article_id: row for row in session.scalars(_eager(wanted))}
        self.taken = set(self._rows)

    def at(self, place: str, position: int) -> Publication | None:
        return self._rows.get(self.chosen.get((place, position), -1))

    def fill(self, place: str, queue: list[Publication]) -> list[Publication]:
        """The place's stories; what nobody chose comes off the head of the queue."""
        filled = []
        for position in range(SIZES[place.partition(":")[0]]):
            row = self.at(place, position) or (queue.pop(0) if queue else None)
            if row is not None:
                filled.append(row)
        return filled


def _pictured(rows: Sequence[Publication]) -> Publication | None:
    """A lead is seen before it is read."""
    return next((row for row in rows if row.revision.lead_image), None)


def _pictured_first(rows: list[Publication]) -> list[Publication]:
    first = _pictured(rows)
    return [first, *(row for row in rows if row is not first)] if first else rows


def _newest(
    session: Session, now: datetime, limit: int, *, within: Sequence[int] | None = None, without: set[int]
) -> list[Publication]:
    if within is not None:
        return nearest_in_sections(session, now, within, limit, without=without)
    wanted = visible(now).where(Article.id.not_in(without)) if without else visible(now)
    return list(session.scalars(_eager(newest_first(wanted)).limit(limit)))


def _eager(publications: Select[Any]) -> Select[Any]:
    return publications.options(contains_eager(Publication.article), contains_eager(Publication.revision))
