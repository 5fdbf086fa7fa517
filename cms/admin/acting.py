"""Who is at the form, and its answers: on to the next page, or the same with what is wrong beside its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from flask import abort, flash, g, make_response, redirect
from werkzeug.wrappers import Response as BaseResponse

from cms.domain.errors import Conflict, Invalid
from cms.domain.people.staff import Actor
from cms.domain.workflow.walltime import OddTime

Errors = Mapping[str, list[str]]
"""What is wrong, by the name of the field."""


def actor() -> Actor:
    """Whoever is signed in; the room lets nobody else in."""
    return cast(Actor, g.actor)


@contextmanager
def said_on(page: Callable[[Errors], str], taken: str | None = None) -> Iterator[None]:
    """What is refused within is answered with the page that says it beside its fields.

    ``taken`` names the field that a conflict is said beside; without it the desk's own page says it. Which of two times
    is meant is asked on a page of its own.
    """
    try:
        yield
    except OddTime:
        raise
    except Invalid as invalid:
        abort(make_response(page(invalid.errors), 422))
    except Conflict as conflict:
        if taken is None:
            raise
        abort(make_response(page({taken: [f"{conflict.message}."]}), 409))


def done(address: str, told: str) -> BaseResponse:
    """The answer to a form that was carried out: go to this page, which says so."""
    flash(told, "good")
    return redirect(address, code=303)
