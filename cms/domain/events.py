"""What a verb did, for reactions.commit to record and pass on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from cms.domain.outbox import Errand


class Who(Protocol):
    """Whoever acts: a member of staff, a token's service user, or the system itself."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Event:
    """One act. ``keys`` are the cache keys it touches; ``errands`` what must follow it.

    ``subject`` reads ``kind:public id``, such as ``article:5m2k…``.
    """

    verb: str
    actor: Who
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    errands: tuple[Errand, ...] = ()
    at: datetime | None = None
    """When it happened, where that isn't when it is committed: for what is brought in with a past."""
    pull: str | None = None
    """The public id of the pull it is part of: its outbox rows are then kept as receipts."""


def search_errands(article: str, instants: Iterable[datetime | None], *, purge: bool = False) -> tuple[Errand, ...]:
    """One ``search`` errand for each instant at which what readers may find of the article changes.

    With ``purge`` its text is rid from the index's files at once, not when segments are merged next.
    """
    payload = {"purge": True} if purge else None
    return tuple(Errand("search", article, at, payload) for at in dict.fromkeys(instants) if at is not None)
