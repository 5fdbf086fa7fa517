"""Who may do what, cell by cell: what the tables say is what the verbs do, and what the documentation says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cms.domain.articles import desk as desk_rows
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.queries import all_sections
from cms.domain.workflow import (
    corrections,
    editing,
    editions,
    embargoes,
    erasing,
    fixing,
    holds,
    noting,
    previews,
    publishing,
    pulling,
)
from cms.domain.workflow.permissions import ANY, PERMISSIONS, RIGHTS, require_right
from cms.domain.workflow.states import STAYING, TRANSITIONS, UNSPIKED, State
from cms.newsroom import Newsroom
from tests.conftest import MORNING
from tests.desk import Desk

PAGE = Path(__file__).parents[2] / "docs" / "workflow.md"
ABOUT_A_STORY = frozenset({
    "see", "edit", "submit", "approve", "return", "spike", "unspike", "publish", "publish_minor", "unschedule",
    "withdraw", "correct", "embargo", "lift_embargo", "hold", "pull", "erase", "preview", "note", "assign",
})  # fmt: skip
SOON = MORNING + timedelta(hours=1)
Verb = Callable[[Session, Actor, Article, Desk], Any]

VERBS: dict[str, tuple[str, Verb]] = {
    "save": ("edit", lambda s, a, row, d: editing.save(s, a, row, row.newest, {"headline": "Other"}, d.now)),
    "restore": ("edit", lambda s, a, row, d: editing.restore(s, a, row, 1, row.newest, d.now)),
    "rebase": ("edit", lambda s, a, row, d: fixing.rebase(s, a, row, row.newest, {}, d.now)),
    "fix": ("publish", lambda s, a, row, d: fixing.fix(s, a, row, row.newest, {"headline": "x"}, d.now, zone=d.zone)),
    **{
        verb: (verb, lambda s, a, row, d, verb=verb: editing.transition(s, a, row, verb, d.now))
        for verb in ("submit", "approve", "return", "unspike")
    },
    "spike": ("spike", lambda s, a, row, d: publishing.spike(s, a, row, d.now, zone=d.zone)),
    "publish": ("publish", lambda s, a, row, d: publishing.publish(s, a, row, d.now, zone=d.zone)),
    "schedule": ("publish", lambda s, a, row, d: publishing.publish(s, a, row, d.now, zone=d.zone, live_from=SOON)),
    "rollback": ("publish", lambda s, a, row, d: editions.rollback(s, a, row, 1, d.now, zone=d.zone)),
    "republish": ("publish", lambda s, a, row, d: editions.republish(s, a, row, d.now, zone=d.zone)),
    "reschedule": ("publish", lambda s, a, row, d: editions.reschedule(s, a, row, 1, SOON, d.now, zone=d.zone)),
    "expire": ("publish", lambda s, a, row, d: editions.expire(s, a, row, 1, SOON, d.now, zone=d.zone)),
    "unschedule": ("unschedule", lambda s, a, row, d: publishing.cancel(s, a, row, 1, d.now, zone=d.zone)),
    "withdraw": ("withdraw", lambda s, a, row, d: publishing.withdraw(s, a, row, d.now, zone=d.zone)),
    "correct": ("correct", lambda s, a, row, d: corrections.correct(s, a, row, "correction", "So.", d.now)),
    "embargo": ("embargo", lambda s, a, row, d: embargoes.set_embargo(s, a, row, SOON, d.now, zone=d.zone)),
    "hold": ("hold", lambda s, a, row, d: holds.hold(s, a, row, "A letter", d.now, zone=d.zone)),
    "lift": ("hold", lambda s, a, row, d: holds.lift(s, a, row, d.now)),
    "pull": ("pull", lambda s, a, row, d: pulling.pull(s, a, row, "Wrong man", d.now, zone=d.zone)),
    "erase": ("erase", lambda s, a, row, d: erasing.ask(s, a, row, "A court order", d.now)),
    "agree": ("erase", lambda s, a, row, d: erasing.agree(s, a, row, d.now, zone=d.zone)),
    "drop": ("erase", lambda s, a, row, d: erasing.drop(s, a, row)),
    "preview": ("preview", lambda s, a, row, d: previews.share(s, a, row, d.now)),
    "note": ("note", lambda s, a, row, d: noting.leave_note(s, a, row, "Look", d.now)),
    "assign": ("assign", lambda s, a, row, d: noting.assign(s, a, row, "", None, d.now)),
}
"""Each verb of the domain, with the right that it takes."""


@pytest.fixture
def limits(newsroom: Newsroom, desk: Desk) -> frozenset[int]:
    """The sections that an editor may be limited to."""
    desk.section("Sport", "sport")
    desk.section("News", "news")
    desk.section("Courts", "courts", parent="news")
    with newsroom.sessions.read() as session:
        ids = {section.slug: section.id for section in all_sections(session)}
    return frozenset({ids["news"]})


def place(desk: Desk, by: Actor, section: str, state: State) -> str:
    article = desk.write("A story", by=by, sections=[section])

    def put(_session: Session, row: Article) -> None:
        row.state = state.value

    desk.act(article, put)
    return article


@pytest.mark.parametrize("role", PERMISSIONS)
def test_every_verb_is_refused_to_whom_and_where_the_tables_say(
    role: str, newsroom: Newsroom, desk: Desk, limits: frozenset[int]
) -> None:
    plain, somebody = desk.actor(role), desk.actor("editor", "Somebody Else")
    limited = Actor(plain.user_id, plain.name, role, sections=limits)
    people = {
        "own": (plain, plain, "sport"),
        "other": (plain, somebody, "sport"),
        "own, beyond the limits": (limited, plain, "sport"),
        "other, within the limits": (limited, somebody, "courts"),
        "other, beyond the limits": (limited, somebody, "sport"),
    }
    wrong = {}
    for (whose, (actor, by, section)), state in product(people.items(), State):
        article = place(desk, by, section, state)
        for name, (right, verb) in VERBS.items():
            expected = refusal(role, right, state, whose)
            with newsroom.sessions.write() as session:
                row = desk_rows.find(session, article)
                came = outcome(lambda verb=verb, s=session, row=row, a=actor: verb(s, a, row, desk))
            if came is not expected and not (expected is None and came in (Conflict, Invalid, NotFound)):
                wrong[name, whose, state.value] = (came, expected)
    assert wrong == {}


def refusal(role: str, right: str, state: State, whose: str) -> type[Refusal] | None:
    """By the tables: what is refused first. None: they allow it, whatever else may stand against it."""
    own = whose.startswith("own")
    see, grant = PERMISSIONS[role]["see"], PERMISSIONS[role].get(right)
    if not own and see.own_only:
        return NotFound
    if grant is None or (grant.own_only and not own) or whose == "other, beyond the limits":
        return Forbidden
    allowed = TRANSITIONS.get(right) or STAYING.get(right)
    return Conflict if allowed is not None and state not in allowed else None


def outcome(verb: Callable[[], Any]) -> type[Refusal] | None:
    try:
        verb()
    except Refusal as refused:
        return type(refused)
    return None


def test_rights_about_no_story_are_refused_by_the_same_table(desk: Desk) -> None:
    for role, right in product(PERMISSIONS, RIGHTS.keys() - ABOUT_A_STORY):
        if right in PERMISSIONS[role]:
            assert PERMISSIONS[role][right] == ANY
            require_right(desk.actor(role), right)
        else:
            with pytest.raises(Forbidden) as refused:
                require_right(desk.actor(role), right)
            assert refused.value.details == {"right": right}


# --- The documentation -------------------------------------------------------------------------------------


def test_the_documentation_tells_the_transitions() -> None:
    rows = table("the verb", "takes a story that is", "and makes it")
    told = {verb: (set(froms.split(", ")), to) for verb, froms, to in rows}
    assert told == {
        verb: ({each.value for each in ways}, next(iter(ways.values())).value) for verb, ways in TRANSITIONS.items()
    }
    assert all(len(set(ways.values())) == 1 for ways in TRANSITIONS.values())
    staying = {verb: set(states.split(", ")) for verb, states in table("the verb", "takes a story that is")}
    assert staying == {verb: {each.value for each in states} for verb, states in STAYING.items()}
    assert all(states == UNSPIKED for states in STAYING.values())


def test_the_documentation_tells_the_rights_of_each_role() -> None:
    told = {row[0]: row[1:] for row in table("the right", *PERMISSIONS)}
    assert told.keys() == RIGHTS.keys()
    for right, cells in told.items():
        assert cells == [said(right, PERMISSIONS[role].get(right)) for role in PERMISSIONS], right


def said(right: str, grant: Any) -> str:
    if grant is None:
        return ""
    if right not in ABOUT_A_STORY:
        return "yes" if grant == ANY else "own"
    return "own" if grant.own_only else "any"


def table(*heading: str) -> list[list[str]]:
    """The rows of the page's table that has these headings."""
    line = re.escape("| " + " | ".join(heading) + " |")
    found = re.search(rf"^{line}\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    assert found, f"there is no table of {heading}"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()]
