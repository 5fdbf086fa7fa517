"""Carrying out one verb for the person at the form: open, act, commit, and go on to the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from flask import flash, g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.web.current import newsroom, now

Errors = Mapping[str, list[str]]
"""What is wrong, by the name of the field."""


def actor() -> Actor:
    """Whoever is signed in; the room lets nobody else in."""
    return cast(Actor, g.actor)


def carry_out(act: Callable[[Session], Iterable[Event]]) -> None:
    """Commit what ``act`` did in a session that may write."""
    with newsroom().sessions.write() as session:
        reactions.commit(session, act(session), now(), newsroom().signal)


def refused(
    act: Callable[[Session], Iterable[Event]], page: Callable[[Errors], str], taken: str | None = None
) -> tuple[str, int] | None:
    """Carry out ``act``; where it is refused, the page with what is wrong beside its fields, else nothing.

    ``taken`` names the field that a conflict is said beside; without it the desk's own page says it.
    """
    try:
        carry_out(act)
    except Invalid as invalid:
        return page(invalid.errors), 422
    except Conflict as conflict:
        if taken is None:
            raise
        return page({taken: [f"{conflict.message}."]}), 409
    return None


def done(address: str, told: str) -> BaseResponse:
    """The answer to a form that was carried out: go to this page, which says so."""
    flash(told, "good")
    return redirect(address, code=303)
