"""The editorial states of a working copy, and the only ways from one to another."""

from __future__ import annotations

from enum import StrEnum


from cms.domain.articles.model import Article
from cms.domain.errors import Conflict


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    READY = "ready"
    SPIKED = "spiked"


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


def moved(article: Article, verb: str) -> State:
    """The state that the verb leads to. Raises Conflict where the table has no way."""
    ways = TRANSITIONS[verb]
    state = State(article.state)
    if state not in ways:
        raise Conflict(
            f"A story that is {said(state)} can't be {PAST[verb]}",
            state=state.value,
            verbs=possible(state),
        )
    return ways[state]


def possible(state: State) -> list[str]:
    """The verbs that this state allows, whoever asks."""
    return [verb for verb, ways in TRANSITIONS.items() if state in ways] + _ALSO[state]


def said(state: State) -> str:
    return {"draft": "a draft", "in_review": "in review", "ready": "ready", "spiked": "spiked"}[state.value]


PAST = {
    "submit": "submitted",
    "approve": "approved",
    "return": "returned",
    "spike": "spiked",
    "unspike": "taken out of the bin",
}

_ALSO: dict[State, list[str]] = {
    State.DRAFT: ["save", "publish"],
    State.IN_REVIEW: ["save", "publish"],
    State.READY: ["save", "publish"],
    State.SPIKED: [],
}
