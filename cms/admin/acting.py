"""Carrying out one verb for the person at the form: change, and go on to the next page, or say what is wrong on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from flask import abort, flash, g, make_response, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.web.changing import changing

Errors = Mapping[str, list[str]]
"""What is wrong, by the name of the field."""


def actor() -> Actor:
    """Whoever is signed in; the room lets nobody else in."""
    return cast(Actor, g.actor)


@contextmanager
def said_on(page: Callable[[Errors], str], taken: str | None = None) -> Iterator[None]:
    """What is refused within is answered with the page that says it beside its fields.

    ``taken`` names the field that a conflict is said beside; without it the desk's own page says it.
    """
    try:
        yield
    except Invalid as invalid:
        abort(make_response(page(invalid.errors), 422))
    except Conflict as conflict:
        if taken is None:
            raise
        abort(make_response(page({taken: [f"{conflict.message}."]}), 409))


def carry_out(act: Callable[[Session], Iterable[Event]]) -> None:
    """Commit what ``act`` did in a session that may write."""
    with changing() as (session, events):
        events += act(session)


def refused(
    act: Callable[[Session], Iterable[Event]], page: Callable[[Errors], str], taken: str | None = None
) -> tuple[str, int] | None:
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
