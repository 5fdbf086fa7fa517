"""Pages of a list: ``?page=N``, counted from 1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import abort, request

PER_PAGE = 20
COUNTED = 1_000
"""Stories of a list that are always counted, to say how many pages there are."""


@dataclass(frozen=True)
class Paging:
    """Where in a list we are. ``newer`` and ``older`` are the neighbours' addresses, None at the ends."""

    number: int
    last: int
    path: str
    kept: tuple[tuple[str, str], ...] = ()
    to_its_end: bool = True
    """Whether the list was counted to its end; else it goes on beyond ``last``."""

    @property
    def newer(self) -> str | None:
        return self.address(self.number - 1) if self.number > 1 else None

    @property
    def older(self) -> str | None:
        return self.address(self.number + 1) if self.number < self.last else None

    @property
    def here(self) -> str:
        return self.address(self.number)

    def address(self, number: int) -> str:
        """The first page has the list's own address, so that it has only one."""
        query = [*self.kept, *([("page", str(number))] if number > 1 else [])]
        return f"{self.path}?{urlencode(query)}" if query else self.path


def asked_page() -> int:
    """The number in the request; 404 for one that is no page's."""
    asked = request.args.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", asked):
        abort(404)
    return int(asked)


def only_page() -> None:
    """404 where a list that has one page is asked for another."""
    if asked_page() != 1:
        abort(404)


def enough() -> int:
    """How far a long list must be counted to know of the page that is asked for, and whether another comes after it:
    in doublings, so that its deep pages share a few counts."""
    most = COUNTED
    while most <= asked_page() * PER_PAGE:
        most *= 2
    return most


def paging(total: int, path: str, kept: tuple[tuple[str, str], ...] = (), *, to_its_end: bool = True) -> Paging:
    """Where the request stands in a list of ``total``; 404 beyond its end. An empty list has one page."""
    number, last = asked_page(), max(1, -(-total // PER_PAGE))
    if number > last:
        abort(404)
    return Paging(number, last, path, kept, to_its_end)


def offset(number: int) -> int:
    return (number - 1) * PER_PAGE
