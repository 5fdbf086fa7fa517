"""Any verb by anybody at any time, in any order: the newsroom does what an oracle says that knows the documentation.

Compared after every verb: whether it is refused and why, the story's state and revisions, and what readers see of it
now; at the end also what they see at every instant at which that changes, before it and after it. ``RUNS`` and
``STEPS`` say how many stories and how much befalls each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cms import reactions
from cms.clock import SetClock
from cms.domain import keys
from cms.domain.articles import chain, desk
from cms.domain.articles.model import Article, Correction, Revision
from cms.domain.articles.queries import NOW, visible
from cms.domain.articles.reading import stories
from cms.domain.articles.takedowns import taken_down
from cms.domain.errors import Forbidden, Invalid, Refusal
from cms.domain.events import Event
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
    publishing,
    pulling,
)
from cms.newsroom import Newsroom
from tests.desk import Desk, events_of
from tests.endurance.oracle import TICK, Person, Shown, Story
from tests.sizes import SOAKING, size

RUNS = size(500, 20_000, "RUNS")
STEPS = size(9, 25, "STEPS")

DAY = datetime(2026, 3, 27, 14, tzinfo=UTC)
TEN = timedelta(minutes=10)
WHEN = st.integers(0, 8).map(lambda slot: DAY + slot * TEN)
ENDS = st.none() | WHEN
NUMBERS = st.integers(0, 9)
YES = st.booleans()
SELDOM = st.sampled_from([False, False, False, True])
REASONS = st.sampled_from(["A letter", "A letter", "A letter", " "])
NOTICES = st.sampled_from([None, "It was wrong."])
KINDS = st.sampled_from(["correction", "clarification", "update", "editors_note", "retraction", "excuse"])
WORDS = st.sampled_from(["Ferry", "Quay", "Tide"])

STAFF = (
    Person("cora", "contributor"), Person("rex", "reporter"), Person("lea", "editor", limit="news"),
    Person("eva", "editor"), Person("ada", "admin"), Person("ben", "admin"),
)  # fmt: skip
WHO = st.sampled_from([*STAFF[3:], *STAFF, *STAFF[2:5], *STAFF[3:5]])
BEGUN = ("embargoed", "live", "fixed", "held", "changes", "withdrawn", "embargoed", "live", "fixed", "held", "")
PLACES = ("news", "courts", "sport")
TEXTS = st.fixed_dictionaries(
    {},
    optional={"headline": WORDS, "standfirst": WORDS, "sections": st.sampled_from(PLACES), "bylines": st.just("rex")},
)
QUIET = ("ask_erasure", "drop_erasure")
"""The verbs that do not bring a story to the top of the desk's list, since nothing of it has changed."""
FIXES = st.fixed_dictionaries({}, optional={"headline": WORDS, "standfirst": WORDS})


OF_THE_STORY = visible(NOW).where(Article.public_id == bindparam("story"))
ITS_REVISION = OF_THE_STORY.with_only_columns(Revision.number)


class Paper:
    """The newsroom that all the stories of a test are written in, with its staff and its sections."""

    def __init__(self, newsroom: Newsroom, clock: SetClock) -> None:
        self.newsroom, self.clock, self.desk = newsroom, clock, Desk(newsroom)
        self.zone, self.path = newsroom.settings.site_timezone, newsroom.settings.article_path
        self.slugs = count()
        for name in PLACES:
            self.desk.section(name.title(), name, parent="news" if name == "courts" else None)
        with newsroom.sessions.read() as session:
            sections = {section.slug: section.id for section in all_sections(session)}
        self.desk.person("Rex", "rex")
        self.actors = {each: self._hired(each, sections) for each in STAFF}

    def _hired(self, who: Person, sections: dict[str, int]) -> Actor:
        hired = self.desk.actor(who.role, who.name)
        limits = frozenset({sections[who.limit]}) if who.limit else None
        return Actor(hired.user_id, who.name, who.role, 1 if who.name == "rex" else None, limits)


class StoryMachine(RuleBasedStateMachine):
    paper: Paper
    """Set by the test."""

    # --- Acting, in the newsroom and by the oracle ---

    @property
    def now(self) -> datetime:
        return self.paper.clock.now()

    def act(self, who: Person, expected: set[str], verb: Callable[[Session, Actor, Article], Any]) -> None:
        """Carry out a verb; ``expected`` is all that stands against it, one of which it must be refused for."""
        before, told = self.last, list[Event]()
        with self.paper.newsroom.sessions.write() as session:
            row = desk.find(session, self.article, lock=True)
            try:
                answer = verb(session, self.paper.actors[who], row)
            except Refusal as refusal:
                refused = codes(refusal)
                assert refused <= expected, f"refused for {refused}, not {expected}"
                return
            assert not expected, f"done, though {expected} stand against it"
            told = list(events_of(answer))
            assert row.touched_at == self.now or not told or told[0].verb in QUIET, "the desk's list is not told"
            reactions.commit(session, told, self.now, self.paper.newsroom.signal)
        self.due |= {errand.due_at for each in told for errand in each.errands if errand.topic == "search"}
        self.compare()
        if self.last != before:
            assert keys.article(self.article) in {key for each in told for key in each.keys}, "no cache is told"

    def compare(self) -> None:
        """What the desk and what readers see now is what the oracle says."""
        oracle, text = self.oracle, self.oracle.newest
        with self.paper.newsroom.sessions.read() as session:
            row = desk.find(session, self.article)
            newest = desk.revision(session, row)
            seen = desk.visibility(desk.publications(session, row), newest.id, self.now)
            assert (row.state, row.approved, row.fixed) == (oracle.state, oracle.approved, oracle.fixed)
            assert row.embargo_until == oracle.embargo
            assert (newest.number, newest.base, newest.headline) == (text.number, text.base, text.text["headline"])
            assert seen == oracle.visibility(self.now)
            self.look(session)

    def look(self, session: Session) -> None:
        """What readers see now is what the oracle says."""
        self.last = self.readers_see(session, self.now)
        assert self.last == self.oracle.shown(self.now)
        self.seen[self.now] = self.last and self.last.revision

    def readers_see(self, session: Session, at: datetime) -> Shown | None:
        wanted = OF_THE_STORY.params(now=at, story=self.article)
        shown = [
            Shown(
                story.revision,
                story.headline,
                story.published_at,
                story.modified_at,
                story.live_until,
                [(note.kind, note.text) for note in story.corrections],
            )
            for story in stories(session, wanted, at, self.paper.path)
        ]
        assert len(shown) <= 1
        return shown[0] if shown else None

    # --- The story, and the time ---

    @initialize(who=WHO, place=st.sampled_from(PLACES), begun=st.sampled_from(BEGUN))
    def begin(self, who: Person, place: str, begun: str) -> None:
        paper = self.paper
        paper.clock.set(DAY)
        self.due: set[datetime] = set()
        self.seen: dict[datetime, int | None] = {}
        place = "courts" if who.limit else place
        text = {
            "headline": "Ferry",
            "standfirst": "",
            "sections": place,
            "bylines": "",
            "slug": f"s{next(paper.slugs)}",
        }
        self.oracle = Story(who)
        self.oracle.append(text, None)
        with paper.newsroom.sessions.write() as session:
            article, event = editing.create(session, paper.actors[who], fields_of(text), self.now, language="en")
            self.article = article.public_id
            reactions.commit(session, [event], self.now, paper.newsroom.signal)
        self.compare()
        self.come_so_far(begun)

    def come_so_far(self, begun: str) -> None:
        """Where the interesting begins; else most stories would end before they get there."""
        eva = STAFF[3]
        if begun == "embargoed":
            self.embargo(eva, DAY + 4 * TEN)
        elif begun == "held":
            self.hold(STAFF[4], "A letter")
        elif begun:
            self.publish(eva, 0, None, None, False, False)
            self.pass_time(1)
        if begun in ("changes", "fixed"):
            self.save(eva, True, {"headline": "Quay"})
        if begun == "changes":
            self.publish(eva, 0, DAY + 3 * TEN, None, False, False)
        if begun == "fixed":  # and the working copy could not take it
            self.fix(eva, {"headline": "Tide"}, False, "none", False)
        if begun == "withdrawn":
            self.withdraw(eva, "It was wrong.")

    @rule(steps=st.integers(1, 4))
    def pass_time(self, steps: int) -> None:
        self.turn(self.now + steps * TEN / 2)

    @rule(late=YES)
    def come_to_the_next_change(self, late: bool) -> None:
        ahead = [at for at in self.oracle.instants() if at > self.now]
        if ahead:
            self.turn(ahead[0] if late else max(self.now, ahead[0] - TICK))

    def turn(self, at: datetime) -> None:
        self.paper.clock.set(at)
        with self.paper.newsroom.sessions.read() as session:
            self.look(session)

    # --- The verbs ---

    @rule(who=WHO, newest=st.sampled_from([True, True, True, False]), fields=TEXTS)
    def save(self, who: Person, newest: bool, fields: dict[str, str]) -> None:
        base = len(self.oracle.revisions) - (not newest)
        given = dict(fields)
        if self.oracle.newest.erased:
            given["slug"] = given.get("headline", "").lower()
        self.act(
            who,
            self.oracle.save(who, base, given),
            lambda s, a, row: editing.save(s, a, row, base, fields_of(fields), self.now),
        )

    @rule(who=WHO, number=NUMBERS, newest=st.just(True) | YES)
    def restore(self, who: Person, number: int, newest: bool) -> None:
        number, base = self.one_of(number, self.oracle.revisions), len(self.oracle.revisions) - (not newest)
        expected = self.oracle.restore(who, number, base)
        self.act(who, expected, lambda s, a, row: editing.restore(s, a, row, number, base, self.now))

    @precondition(lambda self: self.oracle.fixed)
    @rule(who=WHO, fields=FIXES, newest=st.sampled_from([True, True, True, False]))
    def rebase(self, who: Person, fields: dict[str, str], newest: bool) -> None:
        base, given = len(self.oracle.revisions) - (not newest), dict(fields)
        if self.oracle.newest.erased:
            given["slug"] = given.get("headline", "").lower()
        expected = self.oracle.rebase(who, base, given)
        self.act(who, expected, lambda s, a, row: fixing.rebase(s, a, row, base, fields_of(fields), self.now))

    @rule(who=WHO, verb=st.sampled_from(["submit", "approve", "return", "unspike"]))
    def move(self, who: Person, verb: str) -> None:
        expected = self.oracle.transition(who, verb)
        self.act(who, expected, lambda s, a, row: editing.transition(s, a, row, verb, self.now))

    @rule(who=WHO)
    def spike(self, who: Person) -> None:
        expected = self.oracle.spike(who, self.now)
        self.act(who, expected, lambda s, a, row: publishing.spike(s, a, row, self.now, zone=self.paper.zone))

    @rule(who=WHO, revision=st.just(0) | NUMBERS, live_from=ENDS, live_until=st.none() | ENDS, minor=YES, knowingly=YES)
    def publish(
        self,
        who: Person,
        revision: int,
        live_from: datetime | None,
        live_until: datetime | None,
        minor: bool,
        knowingly: bool,
    ) -> None:
        given: dict[str, Any] = {
            "revision": self.one_of(revision, self.oracle.revisions) if revision else None,
            "live_from": live_from,
            "live_until": live_until,
            "minor": minor,
            "knowingly": knowingly,
        }
        expected = self.oracle.publish(who, self.now, **given)
        self.act(
            who, expected, lambda s, a, row: publishing.publish(s, a, row, self.now, zone=self.paper.zone, **given)
        )

    @rule(who=WHO)
    def publish_at_once(self, who: Person) -> None:
        self.publish(who, 0, None, None, False, False)

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, n=NUMBERS)
    def cancel(self, who: Person, n: int) -> None:
        n = self.one_of(n, self.oracle.publications)
        expected = self.oracle.cancel(who, n, self.now)
        self.act(who, expected, lambda s, a, row: publishing.cancel(s, a, row, n, self.now, zone=self.paper.zone))

    @precondition(lambda self: self.oracle.coming(self.now))
    @rule(who=WHO, n=NUMBERS, to=WHEN, knowingly=SELDOM)
    def reschedule(self, who: Person, n: int, to: datetime, knowingly: bool) -> None:
        n, zone = self.one_of(n, self.oracle.publications), self.paper.zone
        expected = self.oracle.reschedule(who, n, to, self.now, knowingly=knowingly)
        self.act(
            who,
            expected,
            lambda s, a, row: editions.reschedule(s, a, row, n, to, self.now, zone=zone, knowingly=knowingly),
        )

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, n=NUMBERS, until=ENDS)
    def expire(self, who: Person, n: int, until: datetime | None) -> None:
        n, zone = self.one_of(n, self.oracle.publications), self.paper.zone
        expected = self.oracle.expire(who, n, until, self.now)
        self.act(who, expected, lambda s, a, row: editions.expire(s, a, row, n, until, self.now, zone=zone))

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, notice=NOTICES)
    def withdraw(self, who: Person, notice: str | None) -> None:
        expected = self.oracle.withdraw(who, notice, self.now)
        self.act(
            who,
            expected,
            lambda s, a, row: publishing.withdraw(s, a, row, self.now, zone=self.paper.zone, notice=notice),
        )

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, n=NUMBERS, minor=YES, knowingly=SELDOM)
    def rollback(self, who: Person, n: int, minor: bool, knowingly: bool) -> None:
        n = self.one_of(n, self.oracle.publications)
        given = {"minor": minor, "knowingly": knowingly}
        expected = self.oracle.rollback(who, n, self.now, **given)
        self.act(
            who, expected, lambda s, a, row: editions.rollback(s, a, row, n, self.now, zone=self.paper.zone, **given)
        )

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, until=st.none() | ENDS, knowingly=SELDOM)
    def republish(self, who: Person, until: datetime | None, knowingly: bool) -> None:
        expected = self.oracle.republish(who, until, self.now, knowingly=knowingly)
        given: dict[str, Any] = {"live_until": until, "knowingly": knowingly}
        self.act(
            who, expected, lambda s, a, row: editions.republish(s, a, row, self.now, zone=self.paper.zone, **given)
        )

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, fields=FIXES, minor=YES, keep=st.sampled_from(["none", "none", "all", "wrong"]), stale=SELDOM)
    def fix(self, who: Person, fields: dict[str, str], minor: bool, keep: str, stale: bool) -> None:
        live, later = self.oracle.live(self.now), [each.n for each in self.oracle.coming(self.now)]
        base = live.revision if live and not stale else len(self.oracle.revisions)
        kept = {"none": [], "all": later, "wrong": [99]}[keep]
        expected = self.oracle.fix(who, base, fields, self.now, minor=minor, keep=kept)
        given: dict[str, Any] = {"zone": self.paper.zone, "minor": minor, "keep": kept}
        self.act(who, expected, lambda s, a, row: fixing.fix(s, a, row, base, fields_of(fields), self.now, **given))

    @rule(who=WHO, until=ENDS)
    def embargo(self, who: Person, until: datetime | None) -> None:
        expected = self.oracle.set_embargo(who, until, self.now)
        zone = self.paper.zone
        self.act(who, expected, lambda s, a, row: embargoes.set_embargo(s, a, row, until, self.now, zone=zone))

    @rule(who=WHO, reason=REASONS)
    def hold(self, who: Person, reason: str) -> None:
        expected = self.oracle.hold(who, reason.strip(), self.now)
        self.act(who, expected, lambda s, a, row: holds.hold(s, a, row, reason, self.now, zone=self.paper.zone))

    @precondition(lambda self: self.oracle.holder)
    @rule(who=WHO, holder=YES)
    def lift_hold(self, who: Person, holder: bool) -> None:
        who = self.oracle.holder or who if holder else who
        self.act(who, self.oracle.lift_hold(who), lambda s, a, row: holds.lift(s, a, row, self.now))

    @rule(who=WHO, reason=REASONS, notice=NOTICES)
    def pull(self, who: Person, reason: str, notice: str | None) -> None:
        expected = self.oracle.pull(who, reason.strip(), notice, self.now)
        zone = self.paper.zone
        self.act(who, expected, lambda s, a, row: pulling.pull(s, a, row, reason, self.now, zone=zone, notice=notice))

    @precondition(lambda self: self.oracle.publications)
    @rule(who=WHO, kind=KINDS, text=st.sampled_from(["It was Tuesday.", "It was Tuesday.", " "]))
    def correct(self, who: Person, kind: str, text: str) -> None:
        expected = self.oracle.correct(who, kind, text.strip(), self.now)
        self.act(who, expected, lambda s, a, row: corrections.correct(s, a, row, kind, text, self.now))

    @precondition(lambda self: self.oracle.notes)
    @rule(who=WHO, number=NUMBERS, kind=KINDS)
    def amend(self, who: Person, number: int, kind: str) -> None:
        number %= len(self.oracle.notes)
        text = f"It was {kind}."
        expected = self.oracle.amend(who, number, kind, text)
        self.act(
            who, expected, lambda s, a, row: corrections.amend(s, a, row, filed(s, row, number), kind, text, self.now)
        )

    @precondition(lambda self: self.oracle.notes)
    @rule(who=WHO, number=NUMBERS)
    def remove(self, who: Person, number: int) -> None:
        number %= len(self.oracle.notes)
        expected = self.oracle.remove(who, number)
        self.act(who, expected, lambda s, a, row: corrections.remove(s, a, row, filed(s, row, number), self.now))

    @rule(who=WHO, reason=REASONS, numbers=st.none() | st.none() | st.sets(NUMBERS, min_size=1, max_size=2))
    def ask_erasure(self, who: Person, reason: str, numbers: set[int] | None) -> None:
        chosen = numbers and {self.one_of(number, self.oracle.revisions) for number in numbers}
        expected = self.oracle.ask_erasure(who, reason.strip(), chosen, self.now)
        self.act(who, expected, lambda s, a, row: erasing.ask(s, a, row, reason, self.now, revisions=chosen))

    @precondition(lambda self: self.oracle.asked)
    @rule(who=st.sampled_from(STAFF[3:]))
    def agree_to_erase(self, who: Person) -> None:
        expected = self.oracle.agree_to_erase(who, self.now)
        self.act(who, expected, lambda s, a, row: erasing.agree(s, a, row, self.now, zone=self.paper.zone))

    @precondition(lambda self: self.oracle.asked)
    @rule(who=WHO)
    def drop_erasure(self, who: Person) -> None:
        self.act(who, self.oracle.drop_erasure(who), lambda s, a, row: erasing.drop(s, a, row))

    def one_of(self, number: int, rows: list[Any]) -> int:
        """A number among these rows, or seldom the one after the last."""
        return number % (len(rows) + 1) + 1 if number == 9 else number % max(len(rows), 1) + 1

    # --- Looking back ---

    def teardown(self) -> None:
        if not hasattr(self, "oracle"):
            return
        oracle = self.oracle
        changes = [at for at in oracle.instants() if revision(oracle, at) != revision(oracle, at - TICK)]
        assert set(changes) <= self.due, "the search index is not told of an instant at which a text comes or goes"
        for at, seen in self.seen.items():
            assert seen in (None, revision(oracle, at)), "the past has changed"
        with self.paper.newsroom.sessions.read() as session:
            for change in oracle.instants():
                for at in (change - TICK, change, change + TICK):
                    came = session.scalars(ITS_REVISION, {"now": at, "story": self.article}).all()
                    assert came == [each for each in [revision(oracle, at)] if each], at
                assert self.readers_see(session, change) == oracle.shown(change), change
            row = desk.find(session, self.article)
            revisions = desk.revisions(session, row, below=row.newest + 1, limit=1000)
            assert chain.first_bad_link(self.article, reversed(revisions)) is None
            down = [each.article for each in taken_down(session, self.now)]
        assert (self.article in down) == oracle.taken_down(self.now)


def revision(oracle: Story, at: datetime) -> int | None:
    live = oracle.live(at)
    return live and live.revision


def fields_of(text: dict[str, str]) -> dict[str, Any]:
    """A text as the newsroom takes it."""
    said: dict[str, Any] = dict(text)
    if "sections" in said:
        said["sections"] = [said["sections"]]
    if "bylines" in said:
        said["bylines"] = [{"person": said["bylines"], "role": "writer"}] if said["bylines"] else []
    return said


def filed(session: Session, article: Article, number: int) -> Correction:
    """The article's corrections are numbered as they were filed."""
    rows = session.scalars(select(Correction).where(Correction.article_id == article.id).order_by(Correction.id)).all()
    return rows[number]


def codes(refusal: Refusal) -> set[str]:
    """What a refusal says to machines, with the field or the right that it names."""
    if isinstance(refusal, Invalid):
        return {f"invalid:{field}" for field in refusal.errors}
    if isinstance(refusal, Forbidden):
        return {f"forbidden:{refusal.details['right']}"}
    return {refusal.code}


@pytest.mark.timeout(0 if SOAKING else 120)
def test_whatever_anybody_does_the_newsroom_does_what_its_documentation_says(
    newsroom: Newsroom, clock: SetClock
) -> None:
    class Machine(StoryMachine):
        paper = Paper(newsroom, clock)

    sync_no_more(newsroom)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            database=None,
            derandomize=not SOAKING,
            phases=[Phase.generate, Phase.shrink] if SOAKING else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def sync_no_more(newsroom: Newsroom) -> None:
    """Nothing here is about a power cut, and the disk's time would be most of it."""
    connection = newsroom.sessions.write_engine.raw_connection()
    connection.cursor().execute("PRAGMA synchronous=OFF")
    connection.close()
