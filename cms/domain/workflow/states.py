"""The editorial states of a working copy, and the only ways from one to another."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum

from cms.domain.articles.model import Article
from cms.domain.errors import Conflict


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    READY = "ready"
    SPIKED = "spiked"


WRONG_STATE = "wrong_state"
UNSPIKED = frozenset(State) - {State.SPIKED}


class Visibility(StrEnum):
    """What readers see of an article; derived from its publications and the clock, never stored."""

    NEVER = "never"
    SCHEDULED = "scheduled"
    LIVE = "live"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


# verb: {from: to}
TRANSITIONS: dict[str, dict[State, State]] = {
    "submit": {State.DRAFT: State.IN_REVIEW},
    "approve": {State.IN_REVIEW: State.READY},
    "return": {State.IN_REVIEW: State.DRAFT, State.READY: State.DRAFT},
    "spike": {State.DRAFT: State.SPIKED, State.IN_REVIEW: State.SPIKED, State.READY: State.SPIKED},
    "unspike": {State.SPIKED: State.DRAFT},
}


# Verbs that leave the state as it is, and the states that allow them. Verbs named nowhere here are always allowed.
STAYING: dict[str, frozenset[State]] = {
    "edit": UNSPIKED,
    "publish": UNSPIKED,
    "publish_minor": UNSPIKED,
    "correct": UNSPIKED,
    "preview": UNSPIKED,
}


def moved(article: Article, verb: str) -> State:
    """The state that the verb leads to. ``require`` has seen to it that there is a way."""
    return TRANSITIONS[verb][State(article.state)]


def refuse_unless_possible(state: State, verb: str) -> None:
    """Raise Conflict, with the verbs that are possible, when the state does not allow this one."""
    allowed: Container[State] = TRANSITIONS.get(verb) or STAYING.get(verb) or frozenset(State)
    if state not in allowed:
        raise Conflict(
            f"A story that is {SAID[state]} can't be {PAST[verb]}",
            code=WRONG_STATE,
            state=state.value,
            verbs=possible(state),
        )


def possible(state: State, *, live: bool | None = None) -> list[str]:
    """The verbs that this state allows, whoever asks; where it is known, of a story that is on show or that isn't."""
    verbs = [verb for table in (TRANSITIONS, STAYING) for verb, states in table.items() if state in states]
    return [verb for verb in verbs if live is None or ONLY_WHEN_LIVE.get(verb, live) == live]


ONLY_WHEN_LIVE = {"spike": False, "publish_minor": True, "correct": True}


SAID = {
    State.DRAFT: "a draft",
    State.IN_REVIEW: "in review",
    State.READY: "ready",
    State.SPIKED: "spiked",
}
PAST = {
    "submit": "submitted",
    "approve": "approved",
    "return": "returned",
    "spike": "spiked",
    "unspike": "taken out of the bin",
    "edit": "edited",
    "publish": "published",
    "publish_minor": "published",
    "correct": "corrected",
    "preview": "previewed",
}
