"""What an editor is told with a refusal: who may do it, and what they themselves can do now."""

from __future__ import annotations

from flask import Blueprint, g

from cms.domain.errors import Refusal
from cms.domain.workflow.permissions import PERMISSIONS

# verb of a refusal: (the right that it takes, how a button calls it)
WAYS = {
    "edit": ("edit", "save a change"),
    "submit": ("submit", "submit it for review"),
    "approve": ("approve", "approve it"),
    "return": ("return", "return it to draft"),
    "spike": ("spike", "spike it"),
    "unspike": ("unspike", "take it out of the bin"),
    "publish": ("publish", "publish it"),
    "schedule": ("publish", "schedule it for later"),
    "unschedule": ("unschedule", "call off what is scheduled"),
    "republish": ("publish", "show again what readers saw last"),
    "withdraw": ("withdraw", "withdraw it"),
    "fix": ("publish", "fix it live"),
    "rebase": ("edit", "put the fix into the working copy"),
    "correct": ("correct", "file a correction"),
    "lift_embargo": ("lift_embargo", "lift the embargo"),
    "erase": ("erase", "agree to it or turn it down"),
}


def routes(room: Blueprint) -> None:
    room.context_processor(lambda: {"ways_on": ways_on, "who_may": who_may})


def ways_on(refusal: Refusal) -> str:
    """What this person can do now instead, in words: one thing or another. Nothing for who hasn't signed in."""
    rights = PERMISSIONS[g.actor.role] if "actor" in g else {}
    verbs = [WAYS[verb] for verb in refusal.details.get("verbs", ()) if verb in WAYS]
    return _either([said for right, said in verbs if right in rights])


def who_may(refusal: Refusal) -> str:
    """Who has the right that is missing: an editor or an admin. Nobody when it goes with no role, or with one's own."""
    right = refusal.details.get("right", "")
    roles = [role for role, grants in PERMISSIONS.items() if right in grants and not grants[right].own_only]
    if "actor" in g and g.actor.role in roles:
        return ""
    return _either([("an " if role[0] in "ae" else "a ") + role for role in roles])


def _either(ways: list[str]) -> str:
    return " or ".join([", ".join(ways[:-1]), ways[-1]]) if len(ways) > 1 else "".join(ways)
