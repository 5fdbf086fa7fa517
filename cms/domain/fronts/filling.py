"""What stands on a front now: chosen stories that readers may see, and the newest in every slot left over.

No story stands twice. A chosen story that is withdrawn leaves its slot to the newest, and comes back to it when
it is published again: the choice is kept, the page never shows a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from cms.domain.articles.lists import PAPER, in_sections, newest
from cms.domain.articles.model import Article
from cms.domain.articles.queries import NOW, visible
from cms.domain.articles.reading import Listed, listed, read_listed
from cms.domain.fronts.slots import FRONT, LEAD, RAIL, SECONDARY, SIZES, Chosen, chosen, key_of, rail_of
from cms.domain.taxonomy.model import Section

LATEST = 8


@dataclass(frozen=True)
class Filled:
    """What is on show, by where it stands."""

    lead: Listed | None
    secondary: list[Listed]
    latest: list[Listed]
    rails: list[tuple[Section, list[Listed]]]

    @property
    def top(self) -> list[Listed]:
        return ([self.lead] if self.lead else []) + self.secondary

    @property
    def rows(self) -> list[Listed]:
        return self.top + self.latest + [row for _section, rail in self.rails for row in rail]


def fill_front(session: Session, sections: Sequence[Section], now: datetime) -> Filled:
    """The front page, with a rail for each section on top of the tree that has a story left."""
    picks = _Picks(session, FRONT, now)
    latest = newest(session, PAPER, now, 1 + SIZES[SECONDARY] + LATEST, without=picks.taken)
    lead = picks.at(LEAD, 0) or _pictured(latest[: 1 + SIZES[SECONDARY]]) or next(iter(latest), None)
    queue = [row for row in latest if row is not lead]
    secondary = picks.fill(SECONDARY, queue)
    latest = queue[:LATEST]
    placed = picks.taken | {row.article_id for row in [*([lead] if lead else []), *secondary, *latest]}
    rails = []
    for section in sections:
        if section.parent_id is None:
            within = in_sections(each.id for each in sections if (each.path + "/").startswith(f"{section.path}/"))
            queue = newest(session, within, now, SIZES[RAIL], without=placed)
            rail = picks.fill(rail_of(section), _pictured_first(queue))
            placed |= {row.article_id for row in rail}
            if rail:
                rails.append((section, rail))
    return Filled(lead, secondary, latest, rails)


def chosen_for(session: Session, section: Section, now: datetime) -> dict[tuple[str, int], Listed]:
    """The visible stories that were put into a section's slots; the others are the newest of its list."""
    picks = _Picks(session, key_of(section), now)
    return {slot: row for slot in picks.chosen if (row := picks.at(*slot))}


class _Picks:
    """The stories chosen for one front, those that readers may see."""

    def __init__(self, session: Session, key: str, now: datetime) -> None:
        self.chosen: Chosen = chosen(session, key)
        self._rows: dict[int, Listed] = {}
        if self.chosen:
            self._rows = {row.article_id: row for row in listed(session, _CHOSEN, now, ids=list(self.chosen.values()))}
        self.taken = set(self._rows)

    def at(self, place: str, position: int) -> Listed | None:
        return self._rows.get(self.chosen.get((place, position), -1))

    def fill(self, place: str, queue: list[Listed]) -> list[Listed]:
        """The place's stories; what nobody chose comes off the head of the queue."""
        filled = []
        for position in range(SIZES[place.partition(":")[0]]):
            row = self.at(place, position) or (queue.pop(0) if queue else None)
            if row is not None:
                filled.append(row)
        return filled


def _pictured(rows: Sequence[Listed]) -> Listed | None:
    """A lead is seen before it is read."""
    return next((row for row in rows if row.lead_image), None)


def _pictured_first(rows: list[Listed]) -> list[Listed]:
    first = _pictured(rows)
    return [first, *(row for row in rows if row is not first)] if first else rows


_CHOSEN = read_listed(visible(NOW).where(Article.id.in_(bindparam("ids", expanding=True))))
