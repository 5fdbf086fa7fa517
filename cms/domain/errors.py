"""Refusals. Each carries a sentence an editor can act on; the surfaces only choose its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):
    """A verb that was not carried out. ``code`` is for machines, the message for people."""

    code = "refused"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class NotFound(Refusal):
    """It isn't there, or this person may not know that it is."""

    code = "not_found"


class Forbidden(Refusal):
    """They may see it but not act on it; ``right`` names what is missing."""

    code = "forbidden"

    def __init__(self, message: str, right: str) -> None:
        super().__init__(message, right=right)


class Conflict(Refusal):
    """The state of things does not allow it; ``state`` and the ``verbs`` now possible are told."""

    code = "conflict"

    def __init__(self, message: str, *, code: str = "conflict", **details: Any) -> None:
        super().__init__(message, **details)
        self.code = code


class StaleBase(Conflict):
    """The save names a revision that is no longer the newest. Nothing typed is lost: both texts are here."""

    def __init__(self, *, base: int | None, newest: int, saved_by: str, saved_at: str) -> None:
        super().__init__(
            f"{saved_by} saved revision {newest} at {saved_at}, after the one you started from",
            code="stale_base",
            base=base,
            newest=newest,
        )


class Invalid(Refusal):
    """Fields that can't be taken: each named, with what it takes."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("Some fields can't be taken: " + ", ".join(sorted(errors)))
        self.errors = {name: list(sentences) for name, sentences in errors.items()}
