"""The lists that readers turn over, newest first: all of the paper, or what stands in sections, under a tag or by an
author.

A database that is asked for the newest of a section sorts all that the section holds. So the tables that file a text
under its sections, tags and names repeat when its story was first published, in an index of that order (the database
keeps that itself, by triggers): of a list of any length only what is shown is read, and what was passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, cast, func, select, tuple_, union
from sqlalchemy.orm import Session, aliased

from cms.db import UTCDateTime
from cms.domain.articles.model import Article, Publication, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import FOREVER, LIMIT, NOW, on_show, signed_by, visible
from cms.domain.articles.reading import Listed, listed, read_listed


@dataclass(frozen=True)
class Listing:
    """Which stories: all there are, or what ``of`` says of the rows with these ids, or of these days."""

    of: str = "paper"
    ids: tuple[int, ...] = ()
    days: tuple[date, date] | None = None

    @property
    def of_nothing(self) -> bool:
        return self.of in _FILING and not self.ids


PAPER = Listing()


def in_sections(section_ids: Iterable[int]) -> Listing:
    return Listing("section", tuple(section_ids))


def tagged(tag_id: int) -> Listing:
    return Listing("tag", (tag_id,))


def by_author(person_id: int, *, house: bool) -> Listing:
    """What carries the name; the house's also what carries none."""
    return Listing("house" if house else "author", (person_id,))


def dated(first: date, last: date) -> Listing:
    """What has such a day in its address, both included."""
    return Listing("days", days=(first, last))


def newest(
    session: Session,
    listing: Listing,
    now: datetime,
    limit: int,
    *,
    offset: int = 0,
    beyond: tuple[datetime, str] | None = None,
    without: Collection[int] = (),
) -> list[Listed]:
    """The newest of a list, or of what comes in it after the article ``beyond`` (when that was first published, and its
    public id). ``without`` are article ids."""
    start = beyond[0] if beyond else FOREVER
    if listing.of_nothing:
        return []
    given = {"start": start, "limit": limit, "offset": offset, "without": list(without), **_values(listing)}
    if beyond:
        given["last"] = beyond[1]
    if len(listing.ids) > 1:
        given["reach"] = limit + offset
    return listed(session, _newest(listing.of, len(listing.ids), beyond=beyond is not None), now, **given)


def length(session: Session, listing: Listing, now: datetime, most: int, without: Collection[int] = ()) -> int:
    """How many stories the list holds, but for these articles; ``most`` if there are that many or more."""
    if listing.of_nothing:
        return 0
    given = {"now": now, "limit": most, "without": list(without), **_values(listing)}
    return session.connection().scalar(_count(listing.of, len(listing.ids)), given) or 0


# --- The statements, each built once -----------------------------------------------------------------------


def _values(listing: Listing) -> dict[str, Any]:
    days = dict(zip(("first_day", "last_day"), listing.days, strict=True)) if listing.days else {}
    return {f"id{number}": each for number, each in enumerate(listing.ids)} | days


_FILING: dict[str, tuple[Any, str]] = {
    "section": (RevisionSection, "section_id"),
    "tag": (RevisionTag, "tag_id"),
    "author": (RevisionByline, "person_id"),
}


def _filed(publications: Select[Any], of: str, number: int) -> tuple[Select[Any], Any]:
    """Those filed under the id of this number, and the rows by which they are."""
    table, key = _FILING[of]
    filed = aliased(table)
    under = publications.join(filed, filed.revision_id == Publication.revision_id)
    under = under.where(getattr(filed, key) == bindparam(f"id{number}", type_=Integer))
    if of == "author":  # who may have written it and photographed for it
        earlier = aliased(table)
        twice = select(earlier.position).where(
            earlier.revision_id == filed.revision_id,
            earlier.position < filed.position,
            earlier.person_id == filed.person_id,
        )
        under = under.where(~twice.exists())
    return under, filed


def _unfiled(publications: Select[Any], of: str) -> Select[Any]:
    if of == "days":
        return publications.where(Article.address_date.between(bindparam("first_day"), bindparam("last_day")))
    if of == "house":
        return signed_by(publications, bindparam("id0", type_=Integer))
    return publications


@cache
def _count(of: str, many: int) -> Select[Any]:
    """Of several ids, every story that is under any of them counts once. Counting costs a step a story, so it ends
    where nobody needs to know more."""
    if of not in _FILING:
        wanted = _unfiled(on_show(NOW).join(Publication.article) if of == "days" else on_show(NOW), of)
    elif many == 1:
        wanted, _ = _filed(on_show(NOW), of, 0)
    else:
        table, key = _FILING[of]
        ids = [bindparam(f"id{number}", type_=Integer) for number in range(many)]
        within = select(table.revision_id).where(getattr(table, key).in_(ids))
        wanted = on_show(NOW).where(Publication.revision_id.in_(within))
    wanted = wanted.where(Publication.article_id.not_in(bindparam("without", expanding=True)))
    some = wanted.with_only_columns(Publication.id, maintain_column_froms=True).limit(LIMIT).subquery()
    return select(func.count()).select_from(some)


@cache
def _newest(of: str, many: int, *, beyond: bool) -> Select[Any]:
    """Of several ids each list is walked by itself, as far as the page can reach, and then they are put in order."""
    offset = bindparam("offset", type_=Integer)

    def in_order(publications: Select[Any], first: Any) -> Select[Any]:
        return publications.order_by(first.desc(), Article.id.desc())

    def walked(publications: Select[Any], first: Any) -> Select[Any]:
        start = bindparam("start", type_=UTCDateTime)
        wanted = publications.where(first <= start, Article.id.not_in(bindparam("without", expanding=True)))
        if beyond:
            last = select(Article.id).where(Article.public_id == bindparam("last")).scalar_subquery()
            wanted = wanted.where(tuple_(first, Article.id) < tuple_(start, last))
        return in_order(wanted, first)

    if of not in _FILING:
        return read_listed(walked(_unfiled(visible(NOW), of), Article.first_live_from).limit(LIMIT).offset(offset))
    parts = [
        walked(publications, filed.first_live_from)
        for publications, filed in (_filed(visible(NOW), of, n) for n in range(many))
    ]
    if many == 1:
        return read_listed(parts[0].limit(LIMIT).offset(offset))
    reach = cast(bindparam("reach", type_=Integer), Integer)  # see LIMIT
    ids = [part.with_only_columns(Publication.id).limit(reach).subquery() for part in parts]
    among = visible(NOW).where(Publication.id.in_(union(*(select(each.c.id) for each in ids))))
    return read_listed(in_order(among, Article.first_live_from).limit(LIMIT).offset(offset))
