"""Carrying out one verb for the person at the form: open, act, commit, and go on to the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from flask import flash, g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from cms import reactions
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.web.current import newsroom, now


def actor() -> Actor:
    """Whoever is signed in; the room lets nobody else in."""
    return cast(Actor, g.actor)


def carry_out(act: Callable[[Session], Iterable[Event]]) -> None:
    """Commit what ``act`` did in a session that may write."""
    with newsroom().sessions.write() as session:
        reactions.commit(session, act(session), now(), newsroom().signal)


def done(address: str, told: str) -> BaseResponse:
    """The answer to a form that was carried out: go to this page, which says so."""
    flash(told, "good")
    return redirect(address, code=303)
