"""Turning a feed's pages: ``?page=N`` by number, and ``next_url`` by the last item read.

A reader who follows ``next_url`` meets every older story once, whatever is published or taken down meanwhile:
the address names where the last page ended (``before``), and the number only counts along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import abort, request

PER_PAGE = 20

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9a-z]{16})")


@dataclass(frozen=True)
class Turn:
    """Which page is asked for. With ``before``, the items after that one; without, by counting."""

    number: int
    before: tuple[datetime, str] | None

    @property
    def offset(self) -> int:
        return 0 if self.before else (self.number - 1) * PER_PAGE

    @property
    def query(self) -> str:
        """What stands behind the address of this very page."""
        if self.number == 1:
            return ""
        return f"?page={self.number}" + (f"&before={cursor(*self.before)}" if self.before else "")

    def after(self, at: datetime, public_id: str) -> Turn:
        """The page that follows when this one ends with that item."""
        return Turn(self.number + 1, (at, public_id))


def turn() -> Turn:
    """What the request asks for; 404 for what is no page."""
    number, before = request.args.get("page", "1"), request.args.get("before", "")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", number):
        abort(404)
    if not before or number == "1":
        return Turn(int(number), None)
    found = _CURSOR.fullmatch(before)
    if not found:
        abort(404)
    return Turn(int(number), (_EPOCH + timedelta(microseconds=int(found[1])), found[2]))


def cursor(at: datetime, public_id: str) -> str:
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{public_id}"
