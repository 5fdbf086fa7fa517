"""Names, slugs and addresses as requests bring them, checked all at once before anything is opened for writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cms.domain.articles.slugs import check_slug
from cms.domain.errors import Invalid
from cms.domain.text import plain

Check = Callable[[Any], Any]


def checked(fields: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """The given texts as they may be stored; null is as if it were not given. Raises Invalid, naming each that can't
    be taken."""
    taken: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in fields.items():
        if value is None:
            continue
        try:
            taken[name] = checks[name](value)
        except ValueError as refused:
            errors[name] = [str(refused)]
    if errors:
        raise Invalid(errors)
    return taken


def name(most: int) -> Check:
    def check(value: str) -> str:
        line = plain(value, most)
        if not line:
            raise ValueError(f"Takes 1 to {most} characters.")
        return line

    return check


def text(most: int) -> Check:
    return lambda value: plain(value, most)


def email(value: str) -> str:
    line = plain(value, 320)
    before, at, after = line.partition("@")
    if line and (not (before and at and after) or " " in line):
        raise ValueError("Takes an e-mail address.")
    return line


def one_of(*known: str) -> Check:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"Takes one of {', '.join(known)}.")
        return value

    return check


slug: Check = check_slug
