"""What the index holds, held against what readers may see: the difference should be nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cms.domain import outbox
from cms.domain.articles.model import Article, Revision
from cms.domain.articles.queries import visible
from cms.interfaces import SearchIndex

Ids = frozenset[str]
_NONE: Ids = frozenset()


@dataclass(frozen=True)
class Drift:
    """Articles that the index lacks, has though readers may not see them, or has in another revision.

    An article with an errand still to be carried out is none of these: the worker is on its way to it.
    """

    missing: Ids = _NONE
    extra: Ids = _NONE
    stale: Ids = _NONE

    def __and__(self, other: Drift) -> Drift:
        return Drift(self.missing & other.missing, self.extra & other.extra, self.stale & other.stale)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.missing | self.extra | self.stale))

    def counts(self) -> dict[str, int]:
        return {"missing": len(self.missing), "extra": len(self.extra), "stale": len(self.stale)}


def drift(session: Session, index: SearchIndex, now: datetime) -> Drift:
    """Two lists compared, no text read: a few tenths of a second for 100,000 stories.

    Nobody may apply anything to the index between the session's snapshot and this. Raises IndexUnusable.
    """
    shown = visible(now).with_only_columns(Article.public_id, Revision.number, maintain_column_froms=True)
    expected: dict[str, int] = {row[0]: row[1] for row in session.execute(shown)}
    waiting = outbox.waiting_subjects(session, outbox.SEARCH, now)
    held = index.holds()
    return Drift(
        missing=Ids(expected.keys() - held.keys() - waiting),
        extra=Ids(held.keys() - expected.keys() - waiting),
        stale=Ids(one for one in expected.keys() & held.keys() - waiting if expected[one] != held[one]),
    )
