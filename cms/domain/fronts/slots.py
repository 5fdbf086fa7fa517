"""Which slots a front has, and which stories editors have put into them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Session

from cms.domain.fronts.model import FrontSlot
from cms.domain.taxonomy.model import Section

FRONT = "front"
LEAD, SECONDARY, RAIL = "lead", "secondary", "rail"
SIZES = {LEAD: 1, SECONDARY: 3, RAIL: 4}
"""How many slots a place has."""

Chosen = dict[tuple[str, int], int]
"""Place and position → article id, for the slots that somebody filled."""


def key_of(section: Section | None) -> str:
    return section.public_id if section else FRONT


def rail_of(section: Section) -> str:
    return f"{RAIL}:{section.public_id}"


def size_of(place: str) -> int:
    return SIZES[place.partition(":")[0]]


def places(key: str, sections: Sequence[Section]) -> list[str]:
    """The places of this front, in the order in which they stand; rails are of the sections on top of the tree."""
    rails = [rail_of(section) for section in sections if section.parent_id is None] if key == FRONT else []
    return [LEAD, SECONDARY, *rails]


def chosen(session: Session, key: str) -> Chosen:
    rows = session.connection().execute(_SLOTS, {"key": key})
    return {(place, position): article_id for place, position, article_id in rows}


_SLOTS = select(FrontSlot.place, FrontSlot.position, FrontSlot.article_id).where(
    FrontSlot.front_key == bindparam("key", type_=String)
)
