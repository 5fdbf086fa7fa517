"""The cache keys: what a page depends on, and what a change touches. Every key there is, is made here."""

from __future__ import annotations

from collections.abc import Iterable

FRONT = "front"  # the newest stories: front page, archive, site feed
SITE = "site"  # what every page shows: name, navigation


def article(public_id: str) -> str:
    return f"article:{public_id}"


def articles(keys: Iterable[str]) -> list[str]:
    """The public ids of the articles among these keys."""
    return [key.removeprefix("article:") for key in keys if key.startswith("article:")]


def related(public_id: str) -> str:
    """The list of stories that are like it, on its page alone."""
    return f"related:{public_id}"


def section(slug: str) -> str:
    return f"section:{slug}"


def tag(slug: str) -> str:
    return f"tag:{slug}"


def person(slug: str) -> str:
    return f"person:{slug}"


def media(public_id: str) -> str:
    return f"media:{public_id}"
